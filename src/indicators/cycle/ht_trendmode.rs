//! `ht_trendmode`: whether the price trends or swings.

use std::mem;

use crate::indicators::average::Average;
use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::indicators::cycle::ht_sine::waves;
use crate::indicators::cycle::ht_trendline::Trendline;
use crate::indicators::cycle::phase::Phase;
use crate::node::{IndicatorNode, Inputs, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_trendmode",
        family: "cycle",
        doc: "Hilbert transform, trend or cycle: 1 where the price trends, 0 where it swings.",
        formula: "0 in the half cycle after the waves of ht_sine have crossed, and where ht_dcphase moves at 0.67 to 1.5 times \
                  the speed of the period; 1 elsewhere, and wherever the smoothed price is 1.5 % or more off ht_trendline",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["ht_trendmode"],
        example: "ht_trendmode(close) == 1",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 11; TA-Lib's HT_TRENDMODE.",
    },
    lookback: |_| Ok(WarmUp::LONG.lookback),
    machine: |_| {
        Ok(Box::new(TrendMode {
            engine: Hilbert::new(WarmUp::LONG),
            phase: Phase::new(),
            trendline: Trendline::new(),
            degrees: 0.0,
            waves: [0.0; 2],
            bars: 0.0,
        }))
    },
};

#[derive(Clone)]
struct TrendMode {
    engine: Hilbert,
    phase: Phase,
    trendline: Trendline,
    /// The phase of the bar before.
    degrees: f64,
    /// The waves of the bar before.
    waves: [f64; 2],
    /// How many bars have passed since the waves crossed.
    bars: f64,
}

impl Average for TrendMode {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let cycle = self.engine.next(value);
        let trendline = self.trendline.next(value, cycle);
        let Some(cycle) = cycle else {
            return f64::NAN;
        };
        let degrees = self.phase.next(cycle);
        let step = degrees - mem::replace(&mut self.degrees, degrees);
        let [sine, lead] = waves(degrees);
        let [last_sine, last_lead] = mem::replace(&mut self.waves, [sine, lead]);
        let crossed = (sine > lead && last_sine <= last_lead) || (sine < lead && last_sine >= last_lead);
        self.bars = if crossed { 1.0 } else { self.bars + 1.0 };
        let recent = crossed || self.bars < 0.5 * cycle.period;
        let pace = 360.0 / cycle.period;
        let in_step = step > 0.67 * pace && step < 1.5 * pace;
        let away = trendline != 0.0 && ((cycle.price - trendline) / trendline).abs() >= 0.015;
        if cycle.settled { f64::from(away || !(recent || in_step)) } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn tells_a_cycle_from_a_trend() {
        let cycle: Vec<f64> = (0..300).map(|bar| 100.0 + 0.5 * (TAU * f64::from(bar) / 20.0).sin()).collect();
        assert!(run(&NODE, &[&cycle], &[])[0][150..].iter().all(|mode| *mode == 0.0));
        let trend: Vec<f64> = (0..300).map(|bar| 100.0 * 1.01_f64.powi(bar)).collect();
        assert!(run(&NODE, &[&trend], &[])[0][150..].iter().all(|mode| *mode == 1.0));
    }
}
