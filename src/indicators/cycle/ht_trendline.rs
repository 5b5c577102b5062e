//! `ht_trendline`: the price without its dominant cycle.

use crate::indicators::average::Average;
use crate::indicators::cycle::hilbert::{Cycle, Hilbert, WarmUp};
use crate::indicators::cycle::recent::{Recent, whole_bars};
use crate::node::{IndicatorNode, Inputs, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ht_trendline",
        family: "cycle",
        doc: "Hilbert transform, instantaneous trendline: the price averaged over its own cycle, which takes the cycle out.",
        formula: "(4 m + 3 m[1] + 2 m[2] + m[3]) / 10, where m is the mean of the last ht_dcperiod prices, 50 at most",
        inputs: Inputs::Series(&["close"]),
        parameters: &[],
        outputs: &["ht_trendline"],
        example: "close > ht_trendline(close)",
        source: "John Ehlers, Rocket Science for Traders, 2001, chapter 10; TA-Lib's HT_TRENDLINE.",
    },
    lookback: |_| Ok(WarmUp::LONG.lookback),
    machine: |_| Ok(Box::new(InstantaneousTrend { engine: Hilbert::new(WarmUp::LONG), trendline: Trendline::new() })),
};

/// The mean price of the last cycle, smoothed over four bars.
#[derive(Clone)]
pub struct Trendline {
    prices: Recent,
    /// The means of the last three bars, the newest first.
    means: [f64; 3],
}

impl Trendline {
    pub fn new() -> Self {
        Self { prices: Recent::new(), means: [0.0; 3] }
    }

    /// Takes the next price and the cycle that was measured with it; NaN where none was.
    #[inline(always)]
    pub fn next(&mut self, price: f64, cycle: Option<Cycle>) -> f64 {
        self.prices.push(price);
        let Some(cycle) = cycle else {
            return f64::NAN;
        };
        let bars = whole_bars(cycle.period);
        // The first cycle that is measured is shorter than a bar.
        let mean = self.prices.last(bars).sum::<f64>() / bars.max(1) as f64;
        let [first, second, third] = self.means;
        self.means = [mean, first, second];
        (4.0 * mean + 3.0 * first + 2.0 * second + third) / 10.0
    }
}

#[derive(Clone)]
struct InstantaneousTrend {
    engine: Hilbert,
    trendline: Trendline,
}

impl Average for InstantaneousTrend {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let cycle = self.engine.next(value);
        let trendline = self.trendline.next(value, cycle);
        if cycle.is_some_and(|cycle| cycle.settled) { trendline } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::NODE;
    use crate::indicators::testing::run;

    #[test]
    fn takes_the_cycle_out() {
        let series: Vec<f64> = (0..400).map(|bar| 50.0 + 3.0 * (TAU * f64::from(bar) / 20.0).sin()).collect();
        let values = &run(&NODE, &[&series], &[])[0];
        assert!(values[200..].iter().all(|value| (value - 50.0).abs() < 0.3), "{:?}", &values[380..]);
    }

    #[test]
    fn lies_on_a_flat_price() {
        let values = &run(&NODE, &[&[7.0; 70]], &[])[0];
        assert!(values[63..].iter().all(|value| (value - 7.0).abs() < 1e-14));
    }
}
