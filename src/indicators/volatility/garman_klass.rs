//! `garman_klass`: Garman and Klass's volatility.

use std::f64::consts::LN_2;

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "garman_klass",
        family: "volatility",
        doc: "Volatility of the last bars by open, high, low and close: a fraction a bar, as the deviation of log returns is. It takes the price to have no drift; gaps between bars do not count.",
        formula: "sqrt(mean(0.5 * ln(high / low)² - (2 * ln(2) - 1) * ln(close / open)²))",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 20, 1, "How many bars are looked at.")],
        outputs: &["garman_klass"],
        example: "garman_klass(day, 20) * sqrt(252) < 0.3",
        source: "Mark Garman and Michael Klass, On the Estimation of Security Price Volatilities from Historical Data, Journal of Business 53, 1980: the practical form of their estimator.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(GarmanKlass(Sliding::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct GarmanKlass(Sliding<Sum>);

impl Machine for GarmanKlass {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [open, high, low, close]: [f64; 4]) -> [f64; 1] {
        let (range, change) = ((high / low).ln(), (close / open).ln());
        let variance = 0.5 * range * range - (2.0 * LN_2 - 1.0) * change * change;
        let count = self.0.length() as f64;
        [self.0.push(variance).map_or(f64::NAN, |sum| (sum.0 / count).sqrt())]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn takes_the_change_off_the_range() {
        // ln 2 up from open to close, which are the extremes; then a range of ln 4 and no change
        let bars = [[1.0, 2.0], [2.0, 4.0], [1.0, 1.0], [2.0, 2.0]];
        let values = run(&NODE, &bars.each_ref().map(|column| &column[..]), &[("timeperiod", 2.into())]);
        let square = 2f64.ln().powi(2);
        let first = (0.5 - (2.0 * 2f64.ln() - 1.0)) * square;
        assert_close(&values[0], &[NAN, ((first + 2.0 * square) / 2.0).sqrt()]);
    }
}
