//! Running a node over a few values, for the tests of indicators.

use crate::data::Column;
use crate::expr::{Argument, Entry};
use crate::node::{IndicatorNode, Registry, bind_record};

/// The output columns of `node`, one slice an input.
pub fn run(node: &IndicatorNode, inputs: &[&[f64]], parameters: &[(&'static str, Argument)]) -> Vec<Vec<f64>> {
    let entries =
        parameters.iter().map(|(name, value)| Entry { name: (*name).into(), given: value.clone().into() }).collect();
    let arguments = bind_record(&Registry::new(), node.spec.name, node.spec.parameters, entries).unwrap();
    let inputs: Vec<Column> = inputs.iter().map(|values| Column::from(values.to_vec())).collect();
    (node.machine)(&arguments).unwrap().columns(&inputs).iter().map(|column| column.to_vec()).collect()
}

/// Asserts that the values are those expected to 1e-12 relative, NaN where NaN is expected.
pub fn assert_close(values: &[f64], expected: &[f64]) {
    assert_eq!(values.len(), expected.len());
    for (bar, (value, expected)) in values.iter().zip(expected).enumerate() {
        let same = value.is_nan() && expected.is_nan() || (value - expected).abs() <= 1e-12 * expected.abs().max(1e-3);
        assert!(same, "bar {bar}: {value} is not {expected} in {values:?}");
    }
}

/// Not (yet) known.
pub const NAN: f64 = f64::NAN;
