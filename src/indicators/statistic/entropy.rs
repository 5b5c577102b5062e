//! `entropy`: how evenly a window is spread.

use crate::indicators::average::Average;
use crate::indicators::window::{History, Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "entropy",
        family: "statistic",
        doc: "Shannon's entropy of the last values, in bits: 0 where all are in one bin, log2(bins) where each bin has as many. It costs O(timeperiod) a bar: the bins move with the extremes.",
        formula: "-sum(p * log2(p)) over equal bins from the lowest to the highest value, p = the part of the values in the bin; 0 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 100, 2, "How many bars are looked at."),
            Parameter::integer("bins", 10, 2, 1000, "How many bins the range is cut into."),
        ],
        outputs: &["entropy"],
        example: "entropy(returns(close), 100, 10) < 2.5",
        source: "Claude Shannon, A Mathematical Theory of Communication, Bell System Technical Journal 27, 1948, of a histogram.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let (extremes, recent) = (Sliding::new(length), History::new(length));
        Ok(Box::new(Entropy { extremes, recent, counts: vec![0; arguments.length("bins")?].into() }))
    },
};

#[derive(Clone)]
struct Entropy {
    extremes: Sliding<(Min, Max)>,
    recent: History,
    counts: Box<[u32]>,
}

impl Average for Entropy {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        let (Min(lowest), Max(highest)) = self.extremes.slide((value, value));
        let Some(values) = self.recent.push(value) else {
            return f64::NAN;
        };
        let (range, bins) = (highest - lowest, self.counts.len());
        if range == 0.0 {
            return 0.0;
        }
        self.counts.fill(0);
        for value in values {
            let bin = ((value - lowest) / range * bins as f64) as usize;
            self.counts[bin.min(bins - 1)] += 1;
        }
        let length = values.len() as f64;
        let parts = self.counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
        parts.map(|part| -part * part.log2()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_the_bits_of_a_histogram() {
        let parameters = [("timeperiod", 4.into()), ("bins", 4.into())];
        let values = run(&NODE, &[&[7.0, 7.0, 7.0, 7.0, 3.0, 5.9, 4.0]], &parameters);
        // all in one; 3 and 1 of 4; 2, 1 and 1 of 4; one in each
        let three_to_one = 0.75 * (4.0_f64 / 3.0).log2() + 0.5;
        assert_close(&values[0], &[NAN, NAN, NAN, 0.0, three_to_one, 1.5, 2.0]);
    }
}
