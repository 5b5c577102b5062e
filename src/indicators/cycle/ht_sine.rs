//! `ht_sine`: the sine wave indicator.

use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::indicators::cycle::phase::Phase;
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_sine",
        family: "cycle",
        doc: "Hilbert transform, sine wave: the sine of the cycle's phase, and the same an eighth of a cycle ahead, -1 to 1.",
        formula: "sine = sin(ht_dcphase); leadsine = sin(ht_dcphase + 45°); they cross ahead of the cycle's turns",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["sine", "leadsine"],
        example: "crosses_above(ht_sine(close).leadsine, ht_sine(close).sine)",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 9; TA-Lib's HT_SINE.",
    },
    lookback: |_| Ok(WarmUp::LONG.lookback),
    machine: |_| Ok(Box::new(SineWave { engine: Hilbert::new(WarmUp::LONG), phase: Phase::new() })),
};

/// The sine of a phase in degrees, and that of the phase an eighth of a cycle ahead.
#[inline(always)]
pub fn waves(phase: f64) -> [f64; 2] {
    [phase.to_radians().sin(), (phase + 45.0).to_radians().sin()]
}

#[derive(Clone)]
struct SineWave {
    engine: Hilbert,
    phase: Phase,
}

impl Machine for SineWave {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        let Some(cycle) = self.engine.next(value) else {
            return [f64::NAN; 2];
        };
        let phase = self.phase.next(cycle);
        if cycle.settled { waves(phase) } else { [f64::NAN; 2] }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn is_the_wave_of_a_sine_and_leads_it_by_an_eighth() {
        let wave = |bar: f64| (TAU * bar / 24.0).sin();
        let series: Vec<f64> = (0..400).map(|bar| 50.0 + wave(f64::from(bar))).collect();
        let values = run(&NODE, &[&series], &[]);
        for (bar, (sine, lead)) in values[0].iter().zip(&values[1]).enumerate().skip(240) {
            assert!((sine - wave(bar as f64)).abs() < 0.15, "bar {bar}: {sine}");
            assert!((lead - wave(bar as f64 + 3.0)).abs() < 0.15, "bar {bar}: {lead}");
        }
    }
}
