//! `ht_dcperiod`: the period of the dominant cycle.

use crate::indicators::average::Average;
use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::node::{IndicatorNode, Inputs, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_dcperiod",
        family: "cycle",
        doc: "Hilbert transform, dominant cycle period: how many bars the cycle in the price has, 50 at most.",
        formula: "the angle that the phasor of ht_phasor turns by from bar to bar, as bars for a full turn, smoothed; \
                  it depends on every bar since the first",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["ht_dcperiod"],
        example: "ht_dcperiod(close) < 20",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 7; TA-Lib's HT_DCPERIOD.",
    },
    lookback: |_| Ok(WarmUp::SHORT.lookback),
    machine: |_| Ok(Box::new(DominantPeriod(Hilbert::new(WarmUp::SHORT)))),
};

#[derive(Clone)]
struct DominantPeriod(Hilbert);

impl Average for DominantPeriod {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        self.0.next(value).filter(|cycle| cycle.settled).map_or(f64::NAN, |cycle| cycle.period)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn follows_a_cycle_that_grows_longer() {
        let mut angle = 0.0;
        let series: Vec<f64> = (0..600)
            .map(|bar| {
                angle += TAU / if bar < 300 { 12.0 } else { 30.0 };
                50.0 + f64::sin(angle)
            })
            .collect();
        let values = &run(&NODE, &[&series], &[])[0];
        assert!(values[31].is_nan() && !values[32].is_nan());
        assert!((values[299] - 12.0).abs() < 0.6, "{}", values[299]);
        assert!((values[599] - 30.0).abs() < 1.5, "{}", values[599]);
    }
}
