//! `connors_rsi`: Connors' RSI.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::momentum::rsi::Rsi;
use crate::indicators::window::Sorted;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "connors_rsi",
        family: "momentum",
        doc: "Connors' RSI, 0 to 100: the mean of a short rsi, the rsi of the streak of rises or falls, and the rank of the last return. A bar costs O(log rankperiod) comparisons and a move in memory.",
        formula: "(rsi(close, rsiperiod) + rsi(streak, streakperiod) + rank) / 3; streak = how many bars in a row have risen, below 0 fallen, 0 after a bar that has not moved; rank = the percentage of the rankperiod returns before this one that are lower",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("rsiperiod", 3, 2, "The period of the rsi of the close, in bars."),
            Parameter::length("streakperiod", 2, 2, "The period of the rsi of the streak, in bars."),
            Parameter::length("rankperiod", 100, 1, "How many returns this one is compared with."),
        ],
        outputs: &["connors_rsi"],
        example: "connors_rsi(close) < 10",
        source: "Connors Research (Larry Connors, Cesar Alvarez), An Introduction to ConnorsRSI, 2nd edition, 2012.",
    },
    lookback: |arguments| {
        let [rsi, streak, rank] =
            [arguments.length("rsiperiod")?, arguments.length("streakperiod")?, arguments.length("rankperiod")?];
        Ok(rsi.max(streak).max(rank + 1))
    },
    machine: |arguments| {
        Ok(Box::new(ConnorsRsi {
            last: f64::NAN,
            of_close: Rsi::new(arguments.length("rsiperiod")?),
            streak: 0.0,
            of_streak: Rsi::new(arguments.length("streakperiod")?),
            returns: Sorted::new(arguments.length("rankperiod")?),
        }))
    },
};

#[derive(Clone)]
struct ConnorsRsi {
    last: f64,
    of_close: Rsi,
    streak: f64,
    of_streak: Rsi,
    returns: Sorted,
}

impl Average for ConnorsRsi {
    #[inline]
    fn next(&mut self, close: f64) -> f64 {
        let last = mem::replace(&mut self.last, close);
        let of_close = self.of_close.next(close);
        self.streak = if close > last {
            self.streak.max(0.0) + 1.0
        } else if close < last {
            self.streak.min(0.0) - 1.0
        } else {
            0.0
        };
        let of_streak = self.of_streak.next(self.streak);
        if last.is_nan() {
            return f64::NAN;
        }
        let change = if last == 0.0 { 0.0 } else { close / last - 1.0 };
        let rank = self.returns.values().map_or(f64::NAN, |returns| {
            let lower = returns.partition_point(|other| *other < change);
            100.0 * lower as f64 / returns.len() as f64
        });
        self.returns.push(change);
        (of_close + of_streak + rank) / 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_of_its_three_parts() {
        // changes 3, -1, 2; streaks 0, 1, -1, 1; returns 30 %, -7.7 %, 16.7 %
        let parameters = [("rsiperiod", 2.into()), ("streakperiod", 2.into()), ("rankperiod", 2.into())];
        let values = run(&NODE, &[&[10.0, 13.0, 12.0, 14.0]], &parameters);
        // the streak gains 1, 0, 2: 0.5, then 1.25; it loses 0, 2, 0: 1, then 0.5
        let of_streak = 100.0 * 1.25 / 1.75;
        assert_close(&values[0], &[NAN, NAN, NAN, (87.5 + of_streak + 50.0) / 3.0]);
    }
}
