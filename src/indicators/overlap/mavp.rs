//! `mavp`: a moving average whose period is a series.

use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

/// How long a period may be: every period between the bounds has an average of its own.
const LONGEST: i64 = 1000;

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mavp",
        family: "overlap",
        doc: "Moving average with variable period: on each bar, the average over as many bars as `periods` says.",
        formula: "ma(close, periods), where periods is rounded down and kept between minperiod and maxperiod (in either order); \
                  all averages have their first value on one bar. A bar costs as many steps as there are periods between the bounds",
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
    lookback: |arguments| Ok(AverageKind::of(arguments, "matype")?.lookback(bounds(arguments)?[1])),
    machine: |arguments| {
        let [shortest, longest] = bounds(arguments)?;
        let kind = AverageKind::of(arguments, "matype")?;
        let late = |length: usize| Late {
            wait: kind.lookback(longest) - kind.lookback(length),
            average: MovingAverage::new(kind, length),
        };
        Ok(Box::new(VariablePeriod { shortest, longest, averages: (shortest..=longest).map(late).collect() }))
    },
};

/// The shortest and the longest period.
fn bounds(arguments: &Arguments) -> Result<[usize; 2]> {
    let (one, other) = (arguments.length("minperiod")?, arguments.length("maxperiod")?);
    Ok([one.min(other), one.max(other)])
}

/// An average that sits out its first bars, so that its first value comes when the longest has one.
#[derive(Clone)]
struct Late {
    wait: usize,
    average: MovingAverage,
}

#[derive(Clone)]
struct VariablePeriod {
    shortest: usize,
    longest: usize,
    averages: Box<[Late]>,
}

impl Machine for VariablePeriod {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [value, period]: [f64; 2]) -> [f64; 1] {
        let chosen = period.clamp(self.shortest as f64, self.longest as f64) as usize - self.shortest;
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
