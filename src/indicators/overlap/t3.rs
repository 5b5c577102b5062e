//! `t3`: Tillson's moving average.

use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::window::Cascade;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "t3",
        family: "overlap",
        doc: "Tillson's moving average: six emas in a row, combined so that little lag is left.",
        formula: "-v³ e6 + (3v² + 3v³) e5 + (-6v² - 3v - 3v³) e4 + (1 + 3v + v³ + 3v²) e3, \
                  where e1 = ema(close), e2 = ema(e1), … and v = vfactor",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 5, 1, "The period of each ema, in bars."),
            Parameter::number("vfactor", T3::VOLUME_FACTOR, 0.0, 1.0, "How much of the lag is taken out, 0 to 1."),
        ],
        outputs: &["t3"],
        example: "t3(close, 5, 0.7)",
        source: "Tim Tillson, Stocks & Commodities, January 1998; TA-Lib's T3.",
    },
    lookback: |arguments| Ok(6 * (arguments.length("timeperiod")? - 1)),
    machine: |arguments| Ok(Box::new(T3::new(arguments.length("timeperiod")?, arguments.number("vfactor")?))),
};

/// Six averages in a row.
#[derive(Clone)]
pub struct T3 {
    averages: Cascade<6>,
    factors: [f64; 4],
}

impl T3 {
    /// The usual volume factor.
    pub const VOLUME_FACTOR: f64 = 0.7;

    pub fn new(length: usize, volume_factor: f64) -> Self {
        let v = volume_factor;
        let (square, cube) = (v * v, v * v * v);
        let factors =
            [1.0 + 3.0 * v + cube + 3.0 * square, -6.0 * square - 3.0 * (v + cube), 3.0 * (square + cube), -cube];
        Self { averages: Cascade::new(length, Ema::weight(length)), factors }
    }
}

impl Average for T3 {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let [_, _, third, fourth, fifth, sixth] = self.averages.next(value);
        let [a, b, c, d] = self.factors;
        third * a + fourth * b + fifth * c + sixth * d
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::overlap::ema;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn without_a_volume_factor_it_is_three_averages_in_a_row() {
        let series: Vec<f64> = (0..30).map(|i| f64::from(i * i % 17)).collect();
        let values = run(&NODE, &[&series], &[("timeperiod", 3.into()), ("vfactor", 0.0.into())]);
        let average = |series: &[f64]| {
            let ema = run(&ema::NODE, &[series], &[("timeperiod", 3.into())]);
            ema.into_iter().flatten().collect::<Vec<f64>>()
        };
        let mut expected = average(&average(&average(&series)));
        expected[..12].fill(NAN);
        assert_close(&values[0], &expected);
    }
}
