//! `yang_zhang`: Yang and Zhang's volatility.

use std::mem;

use crate::data::Field;
use crate::indicators::volatility::rogers_satchell::variance;
use crate::indicators::window::{Moments, Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "yang_zhang",
        family: "volatility",
        doc: "Volatility of the last bars, whatever their drift and with the gaps between them, by open, high, low and close: a fraction a bar, as the deviation of log returns is.",
        formula: "sqrt(o + k * c + (1 - k) * r): o and c are the variances, of a sample, of ln(open / close[1]) and ln(close / open), r = rogers_satchell², k = 0.34 / (1.34 + (timeperiod + 1) / (timeperiod - 1))",
        inputs: Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 20, 2, "How many bars are looked at.")],
        outputs: &["yang_zhang"],
        example: "yang_zhang(day, 20) * sqrt(252) < 0.3",
        source: "Dennis Yang and Qiang Zhang, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close Prices, Journal of Business 73, 2000.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let window = Sliding::new(arguments.length("timeperiod")?);
        Ok(Box::new(YangZhang { last_close: f64::NAN, window }))
    },
};

#[derive(Clone)]
struct YangZhang {
    last_close: f64,
    window: Sliding<(Moments, (Moments, Sum))>,
}

impl Machine for YangZhang {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let [open, _, _, close] = bar;
        let last_close = mem::replace(&mut self.last_close, close);
        if last_close.is_nan() {
            return [f64::NAN];
        }
        let count = self.window.length();
        let values = ((open / last_close).ln(), ((close / open).ln(), variance(bar)));
        let Some((gaps, (changes, within))) = self.window.push(values) else {
            return [f64::NAN];
        };
        let n = count as f64;
        let sample = |moments: Moments| moments.variance(count) * n / (n - 1.0);
        let k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));
        [(sample(gaps) + k * sample(changes) + (1.0 - k) * within.0 / n).sqrt()]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn adds_the_gaps_the_changes_and_what_lies_within() {
        // gaps of ln 2 and 0; changes of 0 and ln 2; a straight way within each bar
        let (open, close) = ([1.0, 2.0, 2.0], [1.0, 2.0, 4.0]);
        let values = run(&NODE, &[&open, &close, &open, &close], &[("timeperiod", 2.into())]);
        let k: f64 = 0.34 / (1.34 + 3.0);
        assert_close(&values[0], &[NAN, NAN, ((1.0 + k) / 2.0).sqrt() * 2f64.ln()]);
    }
}
