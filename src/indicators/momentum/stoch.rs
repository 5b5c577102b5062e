//! `stoch`: the stochastic oscillator.

use crate::data::Field;
use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::overlap::Sma;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "stoch",
        family: "momentum",
        doc: "Stochastic oscillator: where the close stands between the lowest low and the highest high, 0 to 100.",
        formula: "k = 100 * (close - lowest(low)) / (highest(high) - lowest(low)) over fastk_period bars, 0 where the \
                  range is 0; slowk = ma(k, slowk_period); slowd = ma(slowk, slowd_period)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("fastk_period", 5, 1, "The bars of the range."),
            Parameter::length("slowk_period", 3, 1, "The bars that slowk is smoothed over."),
            AverageKind::parameter("slowk_matype", AverageKind::Simple, "The kind of average for slowk."),
            Parameter::length("slowd_period", 3, 1, "The bars that slowd is smoothed over."),
            AverageKind::parameter("slowd_matype", AverageKind::Simple, "The kind of average for slowd."),
        ],
        outputs: &["slowk", "slowd"],
        example: "stoch(day, #{ fastk_period: 14 }).slowk < 20",
        source: "George Lane, 1950s; TA-Lib's STOCH.",
    },
    lookback: |arguments| {
        let slowk = AverageKind::of(arguments, "slowk_matype")?.lookback(arguments.length("slowk_period")?);
        let slowd = AverageKind::of(arguments, "slowd_matype")?.lookback(arguments.length("slowd_period")?);
        Ok(arguments.length("fastk_period")? - 1 + slowk + slowd)
    },
    machine: |arguments| {
        let fastk = FastK::new(arguments.length("fastk_period")?);
        let (slowk, slowd) = (arguments.length("slowk_period")?, arguments.length("slowd_period")?);
        let kinds = (AverageKind::of(arguments, "slowk_matype")?, AverageKind::of(arguments, "slowd_matype")?);
        Ok(match kinds {
            // The usual choice gets a machine of its own, without a choice on each bar.
            (AverageKind::Simple, AverageKind::Simple) => {
                Box::new(Stochastic { fastk, slowk: Sma::new(slowk), slowd: Sma::new(slowd) })
            }
            (k, d) => {
                Box::new(Stochastic { fastk, slowk: MovingAverage::new(k, slowk), slowd: MovingAverage::new(d, slowd) })
            }
        })
    },
};

/// Where the last value stands between the extremes of a window, 0 to 100.
#[derive(Clone)]
pub struct FastK(Sliding<(Max, Min)>);

impl FastK {
    pub fn new(length: usize) -> Self {
        Self(Sliding::new(length))
    }

    /// Takes the next bar; NaN until the window is full, 0 where it has no range.
    #[inline(always)]
    pub fn next(&mut self, [high, low, close]: [f64; 3]) -> f64 {
        let Some((highest, lowest)) = self.0.push((high, low)) else {
            return f64::NAN;
        };
        let range = highest.0 - lowest.0;
        if range == 0.0 { 0.0 } else { 100.0 * (close - lowest.0) / range }
    }
}

#[derive(Clone)]
struct Stochastic<A> {
    fastk: FastK,
    slowk: A,
    slowd: A,
}

impl<A: Average> Machine for Stochastic<A> {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let fastk = self.fastk.next(bar);
        let slowk = self.slowk.follow(fastk);
        let slowd = self.slowd.follow(slowk);
        if slowd.is_nan() { [f64::NAN; 2] } else { [slowk, slowd] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_place_in_the_range_smoothed_twice() {
        let high = [10.0, 12.0, 11.0, 14.0, 10.0];
        let low = [8.0, 9.0, 8.0, 10.0, 10.0];
        let close = [9.0, 11.0, 8.0, 13.0, 10.0];
        let parameters = [("fastk_period", 2.into()), ("slowk_period", 2.into()), ("slowd_period", 2.into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        // fastk: -, 75, 0, 250/3, 0
        let slowk = [37.5, 125.0 / 3.0, 125.0 / 3.0];
        assert_close(&values[0], &[NAN, NAN, NAN, slowk[1], slowk[2]]);
        assert_close(&values[1], &[NAN, NAN, NAN, (slowk[0] + slowk[1]) / 2.0, slowk[1]]);
    }

    #[test]
    fn is_0_where_there_is_no_range() {
        let flat = [5.0; 12];
        assert_eq!(run(&NODE, &[&flat, &flat, &flat], &[])[0][8..], [0.0; 4]);
    }
}
