//! Naive forecasts: what a model must beat to have learned anything.

use crate::models::configuration::{Configuration, Group};
use crate::models::quality::figures::mean_squared_error;
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::inputs::ModelInputs;
use crate::models::samples::scalers::Scalers;
use crate::networks::{NormalEquations, Ridge};

/// Their names: nothing will change; the mean of the training range; the last label that was known
/// by then; a straight line through the same features.
pub const BASELINES: [&str; 4] = ["zero", "training_mean", "last_value", "ridge"];

/// The penalties of the ridge of which validation chooses one, as parts of a scaled feature's variance.
const PENALTIES: [f64; 6] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// For each bar the label of the last bar whose label is known by the bar's close; NaN where there is
/// none yet.
pub fn last_values(data: &InstrumentData) -> Vec<f64> {
    let known = |bar: &usize| data.target[*bar].is_finite();
    let mut coming: Vec<usize> = (0..data.target.len()).filter(known).collect();
    coming.sort_by_key(|bar| data.known_at[*bar]);
    let mut coming = coming.into_iter().peekable();
    let mut last: Option<usize> = None;
    let mut value = |instant: &i64| {
        while let Some(bar) = coming.next_if(|bar| data.known_at[*bar] <= *instant) {
            last = last.max(Some(bar));
        }
        last.map_or(f64::NAN, |bar| data.target[bar])
    };
    data.instants.iter().map(&mut value).collect()
}

/// A straight line through what the networks see last.
pub struct Line<'a> {
    configuration: &'a Configuration,
    scalers: &'a Scalers,
    inputs: ModelInputs,
    ridge: Option<Ridge>,
}

impl<'a> Line<'a> {
    /// A ridge regression of the scaled target on the last row of each group's window, scaled as for the
    /// networks. It is fitted to the training range alone; of [`PENALTIES`] the one with the smallest squared
    /// error on the validation range is taken, the smallest of equal ones.
    pub fn fit(
        configuration: &'a Configuration,
        scalers: &'a Scalers,
        data: &[InstrumentData],
        train: &[Sample],
        validation: &[Sample],
    ) -> Self {
        let inputs = ModelInputs::new(configuration, scalers, data);
        let mut line = Self { configuration, scalers, inputs, ridge: None };
        let width = configuration.groups.iter().map(|group| group.features.len()).sum();
        let target = |sample: &Sample| data[sample.instrument].target[sample.bar];
        let rows: Vec<f64> = train.iter().flat_map(|sample| line.row(*sample)).collect();
        let scaled =
            train.iter().filter_map(|sample| Some(scalers.of(sample.instrument)?.target.apply(target(sample))));
        let equations = NormalEquations::new(&rows, width, &scaled.collect::<Vec<_>>());
        let outcomes: Vec<f64> = validation.iter().map(target).collect();
        let solved = PENALTIES.iter().filter_map(|penalty| equations.as_ref()?.solve(*penalty));
        let mut best = f64::INFINITY;
        for ridge in solved.collect::<Vec<_>>() {
            let ridge = line.ridge.replace(ridge);
            let forecasts: Vec<f64> = validation.iter().map(|sample| line.forecast(*sample)).collect();
            match mean_squared_error(&forecasts, &outcomes) {
                Some(error) if error < best => best = error,
                _ => line.ridge = ridge,
            }
        }
        line
    }

    /// Its forecast for a sample, in units of the target: the training mean where no line could be fitted.
    pub fn forecast(&self, sample: Sample) -> f64 {
        let Some(scaler) = self.scalers.of(sample.instrument) else { return f64::NAN };
        let line = |ridge: &Ridge| scaler.target.undo(ridge.forecast(&self.row(sample)));
        self.ridge.as_ref().map_or(scaler.target_mean, line)
    }

    /// The last row of each group's window, one after the other.
    fn row(&self, sample: Sample) -> Vec<f64> {
        let last = |(index, group): (usize, &Group)| {
            let window = self.inputs.window(index, sample);
            window[window.len().saturating_sub(group.features.len())..].iter().map(|value| f64::from(*value))
        };
        self.configuration.groups.iter().enumerate().flat_map(last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_is_one_whose_outcome_is_known() {
        let data = |known_at: Vec<i64>| InstrumentData {
            name: "made/UP".into(),
            groups: Vec::new(),
            given: Vec::new(),
            target: vec![1.0, 2.0, 3.0, 4.0, f64::NAN],
            instants: vec![10, 20, 30, 40, 50],
            known_at,
        };
        // Two bars ahead: at the third bar's close, the first label is known, and no other.
        let values = last_values(&data(vec![30, 40, 50, 60, i64::MAX]));
        assert!(values[0].is_nan() && values[1].is_nan());
        assert_eq!(values[2..], [1.0, 2.0, 3.0]);
        // Labels that end at different times: the last bar's counts, not the last that came to be known.
        let values = last_values(&data(vec![50, 30, 40, 60, i64::MAX]));
        assert_eq!(values[2..], [2.0, 3.0, 3.0]);
    }
}
