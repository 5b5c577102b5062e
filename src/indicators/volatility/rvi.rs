//! `rvi`: the relative volatility index.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::overlap::Rma;
use crate::indicators::window::{Moments, Sliding};
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "rvi",
        family: "volatility",
        doc: "Relative volatility index: the part of recent volatility that came with rising prices, 0 to 100.",
        formula: "100 * u / (u + d), where u and d are Wilder's averages over timeperiod of stddev(close, stddevperiod) on bars that rise \
                  and on bars that fall, 0 on the others; 50 where nothing has moved",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 14, 1, "The period of Wilder's averages, in bars."),
            Parameter::length("stddevperiod", 10, 2, "The bars of the standard deviation."),
        ],
        outputs: &["rvi"],
        example: "rvi(close) > 50",
        source: "Donald Dorsey, Stocks & Commodities, June 1993; TA-Lib's RVI.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? + arguments.length("stddevperiod")? - 2),
    machine: |arguments| {
        let average = Rma::new(arguments.length("timeperiod")?);
        Ok(Box::new(RelativeVolatility {
            previous: f64::NAN,
            window: Sliding::new(arguments.length("stddevperiod")?),
            rising: average.clone(),
            falling: average,
        }))
    },
};

#[derive(Clone)]
struct RelativeVolatility {
    previous: f64,
    window: Sliding<Moments>,
    rising: Rma,
    falling: Rma,
}

impl Average for RelativeVolatility {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let change = value - mem::replace(&mut self.previous, value);
        let length = self.window.length();
        let Some(moments) = self.window.push(value) else {
            return f64::NAN;
        };
        let deviation = moments.variance(length).sqrt();
        let rising = self.rising.next(if change > 0.0 { deviation } else { 0.0 });
        let falling = self.falling.next(if change < 0.0 { deviation } else { 0.0 });
        let all = rising + falling;
        if all == 0.0 { 50.0 } else { 100.0 * rising / all }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_volatility_that_came_with_rising_prices() {
        let parameters = [("timeperiod", 2.into()), ("stddevperiod", 2.into())];
        // deviations 1, 2, 0, 3: rising, falling, neither, rising
        let values = run(&NODE, &[&[10.0, 12.0, 8.0, 8.0, 14.0]], &parameters);
        let next = (0.25 + 3.0) / 2.0;
        assert_close(&values[0], &[NAN, NAN, 100.0 / 3.0, 100.0 / 3.0, 100.0 * next / (next + 0.25)]);
    }

    #[test]
    fn is_50_where_nothing_moves() {
        assert_eq!(run(&NODE, &[&[5.0; 24]], &[])[0][22..], [50.0; 2]);
    }
}
