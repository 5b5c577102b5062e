//! `mama`: the MESA adaptive moving average.

use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mama",
        family: "cycle",
        doc: "MESA adaptive moving average: fast where the phase of the cycle turns back, and fama, which follows it at half the speed.",
        formula: "mama = a close + (1 - a) mama[1]; fama = a/2 mama + (1 - a/2) fama[1]; a = fastlimit / step, slowlimit at least, \
                  where step is how many degrees, 1 at least, the phase of ht_phasor falls by; both begin at 0 on the 13th bar",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::number("fastlimit", 0.5, 0.01, 0.99, "The largest weight of a new value."),
            Parameter::number("slowlimit", 0.05, 0.01, 0.99, "The least weight of a new value."),
        ],
        outputs: &["mama", "fama"],
        example: "mama(close).mama > mama(close).fama",
        source: "John Ehlers, MESA Adaptive Moving Averages, Stocks & Commodities, September 2001; TA-Lib's MAMA.",
    },
    lookback: |_| Ok(WarmUp::SHORT.lookback),
    machine: |arguments| {
        Ok(Box::new(Mesa {
            engine: Hilbert::new(WarmUp::SHORT),
            fast_limit: arguments.number("fastlimit")?,
            slow_limit: arguments.number("slowlimit")?,
            phase: 0.0,
            mama: 0.0,
            fama: 0.0,
        }))
    },
};

#[derive(Clone)]
struct Mesa {
    engine: Hilbert,
    fast_limit: f64,
    slow_limit: f64,
    /// The phase of the bar before, in degrees.
    phase: f64,
    mama: f64,
    fama: f64,
}

impl Mesa {
    /// The weight of a new value after the phase has fallen by so many degrees. The slow limit is no
    /// bound for a phase that stands still or rises: TA-Lib's rule, seen where it is above the fast one.
    #[inline(always)]
    fn weight(&self, fall: f64) -> f64 {
        if fall > 1.0 { (self.fast_limit / fall).max(self.slow_limit) } else { self.fast_limit }
    }
}

impl Machine for Mesa {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        let Some(cycle) = self.engine.next(value) else {
            return [f64::NAN; 2];
        };
        let phase = if cycle.in_phase == 0.0 { 0.0 } else { (cycle.quadrature / cycle.in_phase).atan().to_degrees() };
        let weight = self.weight(self.phase - phase);
        self.phase = phase;
        self.mama = weight * value + (1.0 - weight) * self.mama;
        self.fama = 0.5 * weight * self.mama + (1.0 - 0.5 * weight) * self.fama;
        if cycle.settled { [self.mama, self.fama] } else { [f64::NAN; 2] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn on_a_flat_price_both_come_closer_at_the_fast_limit() {
        let values = run(&NODE, &[&[8.0; 62]], &[("fastlimit", 0.05.into()), ("slowlimit", 0.01.into())]);
        let (mut mama, mut fama) = (values[0][59], values[1][59]);
        for bar in 60..62 {
            mama += 0.05 * (8.0 - mama);
            fama += 0.025 * (mama - fama);
            assert_close(&values[0][bar..=bar], &[mama]);
            assert_close(&values[1][bar..=bar], &[fama]);
        }
        assert!(fama < mama && mama < 7.9);
        assert!(values[0][31].is_nan() && !values[0][32].is_nan());
    }

    #[test]
    fn never_moves_by_less_than_the_slow_limit() {
        let series: Vec<f64> = (0..200).map(|bar| 100.0 + f64::from(bar * 7919 % 101)).collect();
        let values = run(&NODE, &[&series], &[("fastlimit", 0.5.into()), ("slowlimit", 0.2.into())]);
        for bar in 33..200 {
            let weight = (values[0][bar] - values[0][bar - 1]) / (series[bar] - values[0][bar - 1]);
            assert!((0.2 - 1e-9..=0.5 + 1e-9).contains(&weight), "bar {bar}: {weight}");
        }
    }
}
