//! `stochf`: the fast stochastic oscillator.

use crate::data::Field;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::momentum::stoch::FastK;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "stochf",
        family: "momentum",
        doc: "Fast stochastic oscillator: where the close stands between the lowest low and the highest high, 0 to 100.",
        formula: "fastk = 100 * (close - lowest(low)) / (highest(high) - lowest(low)) over fastk_period bars, 0 where the range is 0; fastd = ma(fastk, fastd_period)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("fastk_period", 5, 1, "The bars of the range."),
            Parameter::length("fastd_period", 3, 1, "The bars that fastd is smoothed over."),
            AverageKind::parameter("fastd_matype", AverageKind::Simple, "The kind of average for fastd."),
        ],
        outputs: &["fastk", "fastd"],
        example: "stochf(day, 14, 3).fastk < 20",
        source: "George Lane, 1950s; TA-Lib's STOCHF.",
    },
    lookback: |arguments| {
        let fastd = AverageKind::of(arguments, "fastd_matype")?.lookback(arguments.length("fastd_period")?);
        Ok(arguments.length("fastk_period")? - 1 + fastd)
    },
    machine: |arguments| {
        let fastd = MovingAverage::new(AverageKind::of(arguments, "fastd_matype")?, arguments.length("fastd_period")?);
        Ok(Box::new(FastStochastic { fastk: FastK::new(arguments.length("fastk_period")?), fastd }))
    },
};

#[derive(Clone)]
struct FastStochastic {
    fastk: FastK,
    fastd: MovingAverage,
}

impl Machine for FastStochastic {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let fastk = self.fastk.next(bar);
        let fastd = self.fastd.follow(fastk);
        if fastd.is_nan() { [f64::NAN; 2] } else { [fastk, fastd] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_place_in_the_range_and_its_average() {
        let (high, low) = ([10.0, 12.0, 11.0, 14.0], [8.0, 9.0, 8.0, 10.0]);
        let parameters = [("fastk_period", 2.into()), ("fastd_period", 2.into())];
        let values = run(&NODE, &[&high, &low, &[9.0, 11.0, 8.0, 13.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 0.0, 250.0 / 3.0]);
        assert_close(&values[1], &[NAN, NAN, 37.5, 125.0 / 3.0]);
    }
}
