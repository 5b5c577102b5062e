//! Naive forecasts: what a model must beat to have learned anything.

use crate::models::configuration::Configuration;
use crate::models::networks::ridge::{NormalEquations, Ridge};
use crate::models::quality::figures::mean_squared_error;
use crate::models::samples::columns::{InstrumentData, Sample};
use crate::models::samples::inputs::ModelInputs;

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

/// A ridge regression on what the networks see last: the last row of each group's window, scaled as
/// for them. It is fitted to the training range alone; of [`PENALTIES`] the one with the smallest squared error
/// on the validation range is taken, the smallest of equal ones. None where no penalty gives a line.
pub fn ridge(
    configuration: &Configuration,
    inputs: &ModelInputs,
    data: &[InstrumentData],
    train: &[Sample],
    validation: &[Sample],
) -> Option<Ridge> {
    let width = configuration.groups.iter().map(|group| group.features.len()).sum();
    let target = |samples: &[Sample]| samples.iter().map(|of| data[of.instrument].target[of.bar]).collect::<Vec<_>>();
    let rows: Vec<f64> = train.iter().flat_map(|sample| last_rows(configuration, inputs, *sample)).collect();
    let equations = NormalEquations::new(&rows, width, &target(train))?;
    let validated: Vec<Vec<f64>> = validation.iter().map(|sample| last_rows(configuration, inputs, *sample)).collect();
    let outcomes = target(validation);
    let fit = |penalty: &f64| {
        let ridge = equations.solve(*penalty)?;
        let forecasts: Vec<f64> = validated.iter().map(|row| ridge.forecast(row)).collect();
        Some((mean_squared_error(&forecasts, &outcomes)?, ridge))
    };
    let fitted = PENALTIES.iter().filter_map(fit);
    fitted.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, ridge)| ridge)
}

/// The last row of each group's window, one after the other.
pub fn last_rows(configuration: &Configuration, inputs: &ModelInputs, sample: Sample) -> Vec<f64> {
    let mut row = Vec::new();
    for (index, group) in configuration.groups.iter().enumerate() {
        let window = inputs.window(index, sample);
        row.extend(window[window.len().saturating_sub(group.features.len())..].iter().map(|value| f64::from(*value)));
    }
    row
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
