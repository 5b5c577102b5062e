//! `mavp`: a moving average whose period is a series.

use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::window::{History, sum_of};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

/// How long a period may be: most kinds have an average of its own for every period between the bounds.
const LONGEST: i64 = 1000;

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mavp",
        family: "overlap",
        doc: "Moving average with variable period: on each bar, the average over as many bars as `periods` says.",
        formula: "ma(close, periods), where periods is rounded down and kept between minperiod and maxperiod (in either order); \
                  all averages have their first value on one bar. A bar costs periods steps for a simple average, \
                  and for the others a step for each period between the bounds",
        inputs: Inputs::Series(&["close", "periods"]),
        parameters: &[
            Parameter::integer("minperiod", 2, 1, LONGEST, "The shortest period, in bars."),
            Parameter::integer("maxperiod", 30, 1, LONGEST, "The longest period, in bars."),
            AverageKind::parameter("matype", AverageKind::Simple, "The kind of the average."),
        ],
        outputs: &["mavp"],
        example: "mavp(close, ht_dcperiod(close), 6, 50)",
        source: "TA-Lib's MAVP.",
    },
    lookback: |arguments| Ok(AverageKind::of(arguments, "matype")?.lookback(Bounds::of(arguments)?.longest)),
    machine: |arguments| {
        let bounds = Bounds::of(arguments)?;
        let kind = AverageKind::of(arguments, "matype")?;
        if kind == AverageKind::Simple {
            return Ok(Box::new(VariableMean { bounds, recent: History::new(bounds.longest) }));
        }
        let late = |length: usize| Late {
            wait: kind.lookback(bounds.longest) - kind.lookback(length),
            average: MovingAverage::new(kind, length),
        };
        Ok(Box::new(VariableAverage { bounds, averages: (bounds.shortest..=bounds.longest).map(late).collect() }))
    },
};

/// The periods that are allowed.
#[derive(Clone, Copy)]
struct Bounds {
    shortest: usize,
    longest: usize,
}

impl Bounds {
    fn of(arguments: &Arguments) -> Result<Self> {
        let (one, other) = (arguments.length("minperiod")?, arguments.length("maxperiod")?);
        Ok(Self { shortest: one.min(other), longest: one.max(other) })
    }

    /// The allowed period that is nearest, in whole bars.
    #[inline(always)]
    fn keep(self, period: f64) -> usize {
        period.clamp(self.shortest as f64, self.longest as f64) as usize
    }
}

/// The mean of the last values: it depends on nothing else, so one memory serves all periods.
#[derive(Clone)]
struct VariableMean {
    bounds: Bounds,
    recent: History,
}

impl Machine for VariableMean {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [value, period]: [f64; 2]) -> [f64; 1] {
        self.recent.push(value);
        let last = self.recent.last(self.bounds.keep(period));
        [last.map_or(f64::NAN, |values| sum_of(values, |value| value) / values.len() as f64)]
    }
}

/// An average that sits out its first bars, so that its first value comes when the longest has one.
#[derive(Clone)]
struct Late {
    wait: usize,
    average: MovingAverage,
}

/// An average for each period, all of which go on whichever is read.
#[derive(Clone)]
struct VariableAverage {
    bounds: Bounds,
    averages: Box<[Late]>,
}

impl Machine for VariableAverage {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [value, period]: [f64; 2]) -> [f64; 1] {
        let chosen = self.bounds.keep(period) - self.bounds.shortest;
        let mut result = f64::NAN;
        for (place, late) in self.averages.iter_mut().enumerate() {
            if late.wait > 0 {
                late.wait -= 1;
                continue;
            }
            let average = late.average.next(value);
            if place == chosen {
                result = average;
            }
        }
        [result]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    const SERIES: [f64; 6] = [1.0, 3.0, 8.0, 4.0, 6.0, 5.0];

    #[test]
    fn takes_the_period_of_the_bar_within_its_bounds() {
        let periods = [2.0, 2.0, 2.9, 3.0, -7.0, 1e300];
        let values = run(&NODE, &[&SERIES, &periods], &[("minperiod", 1.into()), ("maxperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 5.5, 5.0, 6.0, 5.0]);
        let swapped = run(&NODE, &[&SERIES, &periods], &[("minperiod", 3.into()), ("maxperiod", 1.into())]);
        assert_close(&swapped[0], &values[0]);
    }

    #[test]
    fn averages_that_remember_all_begin_together() {
        let parameters = [("minperiod", 2.into()), ("maxperiod", 4.into()), ("matype", "ema".into())];
        let values = run(&NODE, &[&SERIES, &[2.0; 6]], &parameters);
        // the ema over 2 begins as the mean of 8 and 4
        let next = 6.0 / 3.0 + 6.0 * 2.0 / 3.0;
        assert_close(&values[0], &[NAN, NAN, NAN, 6.0, next, next / 3.0 + 5.0 * 2.0 / 3.0]);
    }
}
