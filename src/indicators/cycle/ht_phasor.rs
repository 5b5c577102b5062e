//! `ht_phasor`: the phasor of the dominant cycle.

use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};
use crate::node::{IndicatorNode, Inputs, Machine, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_phasor",
        family: "cycle",
        doc: "Hilbert transform, phasor: two components of the price a quarter of a cycle apart, in price units.",
        formula: "inphase = d[3]; quadrature = h(d), where d = h((4 close + 3 close[1] + 2 close[2] + close[3]) / 10) and \
                  h(x) = (0.0962 (x - x[6]) + 0.5769 (x[2] - x[4])) * (0.075 p + 0.54) with the period p of the bar before",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["inphase", "quadrature"],
        example: "ht_phasor(close).quadrature > 0",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 6; TA-Lib's HT_PHASOR.",
    },
    lookback: |_| Ok(WarmUp::SHORT.lookback),
    machine: |_| Ok(Box::new(Phasor(Hilbert::new(WarmUp::SHORT)))),
};

#[derive(Clone)]
struct Phasor(Hilbert);

impl Machine for Phasor {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        let cycle = self.0.next(value).filter(|cycle| cycle.settled);
        cycle.map_or([f64::NAN; 2], |cycle| [cycle.in_phase, cycle.quadrature])
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn goes_round_once_a_cycle() {
        let series: Vec<f64> = (0..400).map(|bar| 50.0 + (TAU * f64::from(bar) / 20.0).sin()).collect();
        let values = run(&NODE, &[&series], &[]);
        let angle = |bar: usize| values[1][bar].atan2(values[0][bar]).to_degrees();
        for bar in 200..399 {
            let step = (angle(bar + 1) - angle(bar)).rem_euclid(360.0);
            assert!((step - 18.0).abs() < 2.0 || (step - 342.0).abs() < 2.0, "bar {bar}: {step}");
        }
    }

    #[test]
    fn is_zero_on_a_flat_price() {
        let values = run(&NODE, &[&[7.0; 60]], &[]);
        assert!(values.iter().all(|output| output[32..].iter().all(|value| value.abs() < 1e-14)));
    }
}
