//! The phase of the dominant cycle, which `ht_dcphase`, `ht_sine` and `ht_trendmode` read.

use std::f64::consts::TAU;

use crate::indicators::cycle::hilbert::Cycle;
use crate::indicators::cycle::recent::{Recent, whole_bars};

/// Where in the cycle the price stands.
#[derive(Clone)]
pub struct Phase {
    prices: Recent,
    degrees: f64,
}

impl Phase {
    pub fn new() -> Self {
        Self { prices: Recent::new(), degrees: 0.0 }
    }

    /// Takes the next bar's cycle and gives the phase in degrees, from -45 to 315: that of the
    /// period's own wave in the prices of the last cycle, which has fifty bars at most.
    #[inline(always)]
    pub fn next(&mut self, cycle: Cycle) -> f64 {
        self.prices.push(cycle.price);
        let [real, imaginary] = self.wave(whole_bars(cycle.period));
        let mut degrees = if imaginary != 0.0 {
            (real / imaginary).atan().to_degrees()
        } else if real != 0.0 {
            self.degrees + 90.0_f64.copysign(real)
        } else {
            self.degrees
        };
        // The second term makes up for the bar that the smoothed price is late.
        degrees += 90.0 + 360.0 / cycle.period;
        if imaginary < 0.0 {
            degrees += 180.0;
        }
        if degrees > 315.0 {
            degrees -= 360.0;
        }
        self.degrees = degrees;
        degrees
    }

    /// The sums of the last prices times the sine and the cosine of one cycle over them.
    #[inline(always)]
    fn wave(&self, bars: usize) -> [f64; 2] {
        let (step_sine, step_cosine) = (TAU / bars as f64).sin_cos();
        let (mut sine, mut cosine) = (0.0, 1.0);
        let mut sums = [0.0; 2];
        for price in self.prices.last(bars) {
            sums[0] += sine * price;
            sums[1] += cosine * price;
            // The angle sum instead of two calls for each bar: fifty steps lose no digit that counts.
            (sine, cosine) = (sine * step_cosine + cosine * step_sine, cosine * step_cosine - sine * step_sine);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::cycle::hilbert::{Hilbert, WarmUp};

    #[test]
    fn moves_by_a_bar_of_the_cycle_on_each_bar() {
        let (mut engine, mut phase) = (Hilbert::new(WarmUp::LONG), Phase::new());
        let price = |bar: i32| 100.0 + 5.0 * (TAU * f64::from(bar) / 20.0).sin();
        let phases: Vec<f64> =
            (0..400).filter_map(|bar| engine.next(price(bar))).map(|cycle| phase.next(cycle)).collect();
        for pair in phases[200..].windows(2) {
            let step = (pair[1] - pair[0]).rem_euclid(360.0);
            assert!((step - 18.0).abs() < 6.0, "{step}");
        }
        let turn = (phases[360] - phases[200]).rem_euclid(360.0);
        assert!(turn.min(360.0 - turn) < 1.0, "eight cycles end where they began: {turn}");
    }

    #[test]
    fn the_wave_is_the_sum_that_its_name_says() {
        let mut phase = Phase::new();
        let prices: Vec<f64> = (0..50).map(|bar| f64::from(bar * 7919 % 101)).collect();
        prices.iter().for_each(|price| phase.prices.push(*price));
        for bars in [1, 6, 17, 50] {
            let angle = |ago: usize| TAU * ago as f64 / bars as f64;
            let newest_first = || prices.iter().rev().take(bars).enumerate();
            let real: f64 = newest_first().map(|(ago, price)| angle(ago).sin() * price).sum();
            let imaginary: f64 = newest_first().map(|(ago, price)| angle(ago).cos() * price).sum();
            let wave = phase.wave(bars);
            assert!((wave[0] - real).abs() < 1e-10 && (wave[1] - imaginary).abs() < 1e-10, "{bars}: {wave:?}");
        }
        assert_eq!(phase.wave(0), [0.0; 2]);
    }
}
