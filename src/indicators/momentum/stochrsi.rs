//! `stochrsi`: the stochastic relative strength index.

use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::momentum::rsi::Rsi;
use crate::indicators::momentum::stoch::FastK;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "stochrsi",
        family: "momentum",
        doc: "Where the rsi stands in its own range, 0 to 100.",
        formula: "fastk = 100 * (rsi - lowest(rsi)) / (highest(rsi) - lowest(rsi)) over fastk_period bars, 0 where the range is 0; fastd = ma(fastk, fastd_period)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 14, 2, "The period of the rsi, in bars."),
            Parameter::length("fastk_period", 5, 1, "The bars of the range."),
            Parameter::length("fastd_period", 3, 1, "The bars that fastd is smoothed over."),
            AverageKind::parameter("fastd_matype", AverageKind::Simple, "The kind of average for fastd."),
        ],
        outputs: &["fastk", "fastd"],
        example: "stochrsi(close).fastk < 20",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994; TA-Lib's STOCHRSI.",
    },
    lookback: |arguments| {
        let fastd = AverageKind::of(arguments, "fastd_matype")?.lookback(arguments.length("fastd_period")?);
        Ok(arguments.length("timeperiod")? + arguments.length("fastk_period")? - 1 + fastd)
    },
    machine: |arguments| {
        Ok(Box::new(StochasticRsi {
            rsi: Rsi::new(arguments.length("timeperiod")?),
            fastk: FastK::new(arguments.length("fastk_period")?),
            fastd: MovingAverage::new(AverageKind::of(arguments, "fastd_matype")?, arguments.length("fastd_period")?),
        }))
    },
};

#[derive(Clone)]
struct StochasticRsi {
    rsi: Rsi,
    fastk: FastK,
    fastd: MovingAverage,
}

impl Machine for StochasticRsi {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        let rsi = self.rsi.next(value);
        if rsi.is_nan() {
            return [f64::NAN; 2];
        }
        let fastk = self.fastk.next([rsi; 3]);
        let fastd = self.fastd.follow(fastk);
        if fastd.is_nan() { [f64::NAN; 2] } else { [fastk, fastd] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_100_at_a_new_high_of_the_rsi() {
        let parameters = [("timeperiod", 2.into()), ("fastk_period", 2.into()), ("fastd_period", 1.into())];
        let values = run(&NODE, &[&[10.0, 13.0, 12.0, 14.0, 11.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, NAN, 100.0, 0.0]);
    }
}
