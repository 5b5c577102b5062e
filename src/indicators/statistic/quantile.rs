//! `quantile`: the value below which a fraction of a window lies.

use crate::indicators::average::Average;
use crate::indicators::window::{Sorted, quantile};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "quantile",
        family: "statistic",
        doc: "The value below which a fraction of the last values lies. A bar costs O(log timeperiod) comparisons and a move in memory.",
        formula: "sorted(close)[fraction * (timeperiod - 1)], on a straight line between neighbours",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 100, 1, "How many bars are looked at."),
            Parameter::number("fraction", 0.5, 0.0, 1.0, "The part of the values that lies below, 0 to 1."),
        ],
        outputs: &["quantile"],
        example: "natr(day, 14) < quantile(natr(day, 14), 250, 0.2)",
        source: "Definition 7 of R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American Statistician 50, 1996; NumPy's and pandas' default.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let window = Sorted::new(arguments.length("timeperiod")?);
        Ok(Box::new(Quantile { window, fraction: arguments.number("fraction")? }))
    },
};

#[derive(Clone)]
struct Quantile {
    window: Sorted,
    fraction: f64,
}

impl Average for Quantile {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        let fraction = self.fraction;
        self.window.push(value).map_or(f64::NAN, |sorted| quantile(sorted, fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn lies_between_its_neighbours() {
        let parameters = [("timeperiod", 3.into()), ("fraction", 0.75.into())];
        let values = run(&NODE, &[&[5.0, 1.0, 2.0, 10.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 3.5, 6.0]);
    }
}
