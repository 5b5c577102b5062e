//! `massi`: the mass index.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::overlap::Ema;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "massi",
        family: "volatility",
        doc: "Mass index: how much the ranges widen; a bulge announces a turn.",
        formula: "sum(e / ema(e, fastperiod), slowperiod), where e = ema(high - low, fastperiod); a quotient is 0 where its divisor is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("fastperiod", 9, 1, "The period of both averages, in bars."),
            Parameter::length("slowperiod", 25, 1, "How many quotients are added up."),
        ],
        outputs: &["massi"],
        example: "massi(day) > 27",
        source: "Donald Dorsey, Stocks & Commodities, June 1992; TA-Lib's MASSI.",
    },
    lookback: |arguments| Ok(2 * (arguments.length("fastperiod")? - 1) + arguments.length("slowperiod")? - 1),
    machine: |arguments| {
        let fast = arguments.length("fastperiod")?;
        let quotients = Sliding::new(arguments.length("slowperiod")?);
        Ok(Box::new(Mass { first: Ema::new(fast), second: Ema::new(fast), quotients }))
    },
};

#[derive(Clone)]
struct Mass {
    first: Ema,
    second: Ema,
    quotients: Sliding<Sum>,
}

impl Machine for Mass {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        let first = self.first.next(high - low);
        let second = self.second.follow(first);
        if second.is_nan() {
            return [f64::NAN];
        }
        let quotient = if second == 0.0 { 0.0 } else { first / second };
        [self.quotients.push(quotient).map_or(f64::NAN, |sum| sum.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_bars_where_the_ranges_stay() {
        let values = run(&NODE, &[&[3.0; 5], &[1.0; 5]], &[("fastperiod", 2.into()), ("slowperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, 2.0, 2.0]);
    }
}
