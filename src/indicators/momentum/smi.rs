//! `smi`: the stochastic momentum index.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "smi",
        family: "momentum",
        doc: "Stochastic momentum index: how far the close is from the middle of its range, smoothed twice, -100 to 100.",
        formula: "smi = 100 * s(close - (h + l) / 2) / (s(h - l) / 2), where h and l are the highest high and the lowest low of \
                  timeperiod bars and s(x) = ema(ema(x, slowperiod), fastperiod), 0 where the range is 0; \
                  smisignal = ema(smi, signalperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 13, 2, "The bars of the range."),
            Parameter::length("fastperiod", 2, 2, "The period of the second ema, in bars."),
            Parameter::length("slowperiod", 25, 2, "The period of the first ema, in bars."),
            Parameter::length("signalperiod", 9, 2, "The period of the signal line, in bars."),
        ],
        outputs: &["smi", "smisignal"],
        example: "smi(day).smi > smi(day).smisignal",
        source: "William Blau, Stocks & Commodities, January 1993; TA-Lib's SMI.",
    },
    lookback: |arguments| {
        let range = arguments.length("timeperiod")?;
        let averages = arguments.length("slowperiod")? + arguments.length("fastperiod")?;
        Ok(range + averages + arguments.length("signalperiod")? - 4)
    },
    machine: |arguments| {
        let (slow, fast) = (arguments.length("slowperiod")?, arguments.length("fastperiod")?);
        let twice = Twice { first: Ema::new(slow), second: Ema::new(fast) };
        Ok(Box::new(StochasticMomentum {
            window: Sliding::new(arguments.length("timeperiod")?),
            distance: twice.clone(),
            range: twice,
            signal: Ema::new(arguments.length("signalperiod")?),
        }))
    },
};

/// An average of an average.
#[derive(Clone)]
struct Twice {
    first: Ema,
    second: Ema,
}

impl Average for Twice {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let first = self.first.next(value);
        self.second.follow(first)
    }
}

#[derive(Clone)]
struct StochasticMomentum {
    window: Sliding<(Max, Min)>,
    distance: Twice,
    range: Twice,
    signal: Ema,
}

impl Machine for StochasticMomentum {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 2] {
        let Some((highest, lowest)) = self.window.push((high, low)) else {
            return [f64::NAN; 2];
        };
        let distance = self.distance.next(close - (highest.0 + lowest.0) / 2.0);
        let range = self.range.next(highest.0 - lowest.0);
        let index = if range == 0.0 { 0.0 } else { 100.0 * distance / (range / 2.0) };
        let signal = self.signal.follow(index);
        if signal.is_nan() { [f64::NAN; 2] } else { [index, signal] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_distance_from_the_middle_smoothed_twice() {
        let (high, low) = ([4.0, 6.0, 6.0, 8.0, 10.0, 10.0], [2.0, 2.0, 4.0, 4.0, 6.0, 8.0]);
        let close = [3.0, 5.0, 4.0, 8.0, 6.0, 9.0];
        let parameters = ["timeperiod", "fastperiod", "slowperiod", "signalperiod"].map(|name| (name, 2.into()));
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        // from the second bar on, the distances are 1, 0, 2, -1, 1 and the ranges 4, 4, 4, 6, 4
        let smooth = |values: [f64; 5]| {
            let ema = |values: &[f64]| -> Vec<f64> {
                let mut last = (values[0] + values[1]) / 2.0;
                let rest = values[2..].iter().map(|value| {
                    last = last / 3.0 + value * 2.0 / 3.0;
                    last
                });
                let rest: Vec<f64> = rest.collect();
                [&[(values[0] + values[1]) / 2.0], &rest[..]].concat()
            };
            ema(&ema(&values))
        };
        let (distance, range) = (smooth([1.0, 0.0, 2.0, -1.0, 1.0]), smooth([4.0, 4.0, 4.0, 6.0, 4.0]));
        let index: Vec<f64> = distance.iter().zip(&range).map(|(d, r)| 200.0 * d / r).collect();
        let first = (index[0] + index[1]) / 2.0;
        assert_close(&values[0], &[NAN, NAN, NAN, NAN, index[1], index[2]]);
        assert_close(&values[1], &[NAN, NAN, NAN, NAN, first, first / 3.0 + index[2] * 2.0 / 3.0]);
    }

    #[test]
    fn is_0_where_there_is_no_range() {
        let flat = [5.0; 50];
        assert_eq!(run(&NODE, &[&flat, &flat, &flat], &[])[0][45..], [0.0; 5]);
    }
}
