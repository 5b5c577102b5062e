//! `kdj`: the stochastic oscillator with its overshoot.

use crate::data::Field;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::momentum::stoch::FastK;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "kdj",
        family: "momentum",
        doc: "Stochastic oscillator smoothed by Wilder, with the line j that shows what k is ahead of d.",
        formula: "as stoch, with k for slowk and d for slowd; j = 3 * k - 2 * d",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("fastk_period", 9, 1, "The bars of the range."),
            Parameter::length("slowk_period", 3, 1, "The bars that k is smoothed over."),
            AverageKind::parameter("slowk_matype", AverageKind::Wilder, "The kind of average for k."),
            Parameter::length("slowd_period", 3, 1, "The bars that d is smoothed over."),
            AverageKind::parameter("slowd_matype", AverageKind::Wilder, "The kind of average for d."),
        ],
        outputs: &["k", "d", "j"],
        example: "kdj(day).j < 0",
        source: "TA-Lib's KDJ.",
    },
    lookback: |arguments| {
        let k = AverageKind::of(arguments, "slowk_matype")?.lookback(arguments.length("slowk_period")?);
        let d = AverageKind::of(arguments, "slowd_matype")?.lookback(arguments.length("slowd_period")?);
        Ok(arguments.length("fastk_period")? - 1 + k + d)
    },
    machine: |arguments| {
        let average =
            |kind, period| Ok(MovingAverage::new(AverageKind::of(arguments, kind)?, arguments.length(period)?));
        Ok(Box::new(Kdj {
            fastk: FastK::new(arguments.length("fastk_period")?),
            k: average("slowk_matype", "slowk_period")?,
            d: average("slowd_matype", "slowd_period")?,
        }))
    },
};

#[derive(Clone)]
struct Kdj {
    fastk: FastK,
    k: MovingAverage,
    d: MovingAverage,
}

impl Machine for Kdj {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 3] {
        let fastk = self.fastk.next(bar);
        let k = self.k.follow(fastk);
        let d = self.d.follow(k);
        if d.is_nan() { [f64::NAN; 3] } else { [k, d, 3.0 * k - 2.0 * d] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn j_overshoots() {
        let (high, low) = ([10.0, 12.0, 11.0], [8.0, 9.0, 8.0]);
        let parameters = [("fastk_period", 2.into()), ("slowk_period", 1.into()), ("slowd_period", 2.into())];
        let values = run(&NODE, &[&high, &low, &[9.0, 11.0, 8.0]], &parameters);
        // k: 75, 0; d: their mean
        assert_close(&values[0], &[NAN, NAN, 0.0]);
        assert_close(&values[1], &[NAN, NAN, 37.5]);
        assert_close(&values[2], &[NAN, NAN, -75.0]);
    }
}
