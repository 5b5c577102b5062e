//! `ht_dcphase`: the phase of the dominant cycle.

use crate::indicators::average::Average;
use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::indicators::cycle::phase::Phase;
use crate::node::{IndicatorNode, Inputs, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_dcphase",
        family: "cycle",
        doc: "Hilbert transform, dominant cycle phase: where in its cycle the price stands, in degrees from -45 to 315.",
        formula: "the phase of the wave of ht_dcperiod's period in the smoothed prices of the last period. \
                  The sum runs over 50 bars at most. On a flat price it is made of rounding and says nothing",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["ht_dcphase"],
        example: "ht_dcphase(close) > 180",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 9; TA-Lib's HT_DCPHASE.",
    },
    lookback: |_| Ok(WarmUp::LONG.lookback),
    machine: |_| Ok(Box::new(DominantPhase { engine: Hilbert::new(WarmUp::LONG), phase: Phase::new() })),
};

#[derive(Clone)]
struct DominantPhase {
    engine: Hilbert,
    phase: Phase,
}

impl Average for DominantPhase {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let Some(cycle) = self.engine.next(value) else {
            return f64::NAN;
        };
        let phase = self.phase.next(cycle);
        if cycle.settled { phase } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn passes_zero_where_a_sine_rises_through_its_middle() {
        let series: Vec<f64> = (0..400).map(|bar| 50.0 + (TAU * f64::from(bar) / 24.0).sin()).collect();
        let values = &run(&NODE, &[&series], &[])[0];
        for bar in (240..400).step_by(24) {
            assert!(values[bar].abs() < 8.0, "bar {bar}: {}", values[bar]);
            assert!((values[bar + 6] - 90.0).abs() < 8.0, "bar {}: {}", bar + 6, values[bar + 6]);
        }
    }
}
