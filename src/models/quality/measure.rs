//! How good a model's forecasts are on its test range, beside naive ones.

use serde::Serialize;

use crate::error::Result;
use crate::models::configuration::Configuration;
use crate::models::prediction::Prediction;
use crate::models::quality::baselines::BASELINES;
use crate::models::quality::figures::Figures;
use crate::models::quality::importance::{Importance, Predict};
use crate::models::quality::tested::{Tested, forecast_names};
use crate::models::quality::verdict::Verdict;
use crate::models::quality::weights::MeanWeight;
use crate::models::samples::columns::InstrumentData;
use crate::models::samples::fold::Range;
use crate::models::trained::{Fit, Trained};

/// The figures of every forecast on the bars of the test range whose label is known; of several folds, on
/// their test ranges one after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Whether the model forecasts at all, in words.
    pub verdict: Option<Verdict>,
    /// Each group's, then the score's where there is one.
    pub forecasts: Vec<Figures>,
    /// The naive ones: zero, the mean of the target over the training range, the last label that was known,
    /// and a ridge regression on the same features.
    pub baselines: Vec<Figures>,
    /// How many bars a label looks ahead, in the mean: so many times fewer are the independent samples.
    pub label_bars: f64,
    /// The same of each fold, where there are several.
    pub folds: Vec<FoldQuality>,
    /// What each input is worth.
    pub importance: Option<Importance>,
    /// How much each group counted; empty without weights.
    pub weights: Vec<MeanWeight>,
}

/// The figures of one fold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoldQuality {
    /// The bars that it is judged on.
    pub tested: Range,
    /// Each group's, then the score's where there is one.
    pub forecasts: Vec<Figures>,
    /// The naive ones.
    pub baselines: Vec<Figures>,
}

impl Quality {
    /// Measures the forecasts that a model gave.
    ///
    /// # Errors
    /// Where the columns do not fit the model.
    pub fn new(trained: &Trained, data: &[InstrumentData], predictions: &[Prediction]) -> Result<Self> {
        Self::of(&trained.configuration, &trained.fits, data, predictions, &|data| trained.predict(data, false))
    }

    /// Measures the forecasts of several fits, each of which forecast the bars from its start to its end.
    /// `predict` is asked what the model forecasts for other columns on the same bars.
    ///
    /// # Errors
    /// Where the columns do not fit the model.
    pub fn of(
        configuration: &Configuration,
        fits: &[Fit],
        data: &[InstrumentData],
        predictions: &[Prediction],
        predict: &Predict<'_>,
    ) -> Result<Self> {
        let tested = fits.iter().map(|fit| Tested::new(configuration, fit, data, predictions));
        let tested = tested.collect::<Result<Vec<_>>>()?;
        let figures = |tested: &Tested| {
            let forecasts = tested.figures(forecast_names(configuration), &tested.forecasts);
            (forecasts, tested.figures(BASELINES.into_iter(), &tested.baselines))
        };
        let numbers = fold_numbers(fits);
        let last = numbers.iter().copied().max().unwrap_or(0);
        // The only fold is the whole.
        let folds = (0..=last).filter(|_| last > 0).map(|number| {
            let own = numbers.iter().zip(&tested).filter(|(of, _)| **of == number).map(|(_, tested)| tested);
            let fold = Tested::joined(own);
            let (forecasts, baselines) = figures(&fold);
            FoldQuality { tested: fold.range(), forecasts, baselines }
        });
        let folds = folds.collect();
        let whole = Tested::joined(tested.iter());
        let importance = Importance::of(configuration, data, &whole.samples, whole.reference(), predict)?;
        let (forecasts, baselines) = figures(&whole);
        let weights = configuration.groups.iter().zip(&whole.weights);
        Ok(Self {
            verdict: Verdict::of(&whole, &forecasts, &baselines, configuration.weighting.is_some()),
            forecasts,
            baselines,
            label_bars: whole.span(),
            folds,
            importance,
            weights: weights.map(|(group, values)| MeanWeight::of(&group.name, values, &whole.instants)).collect(),
        })
    }

    /// Whether a forecast has a smaller squared error than every naive one.
    pub fn beats_baselines(&self, forecast: &Figures) -> bool {
        let error = forecast.mean_squared_error.unwrap_or(f64::INFINITY);
        self.baselines.iter().all(|baseline| baseline.mean_squared_error.is_some_and(|naive| error < naive))
    }
}

/// The fold that each fit belongs to: the first of an instrument to the first, the second to the second.
fn fold_numbers(fits: &[Fit]) -> Vec<usize> {
    let before = |(place, fit): (usize, &Fit)| fits[..place].iter().filter(|o| o.instrument == fit.instrument).count();
    fits.iter().enumerate().map(before).collect()
}
