//! The engine of the cycle family: Ehlers' Hilbert transformer and the period that it measures.

use std::mem;

/// How long the engine waits before it measures, and before its measurements are handed on.
#[derive(Clone, Copy)]
pub struct WarmUp {
    /// The first bar that is measured.
    begin: usize,
    /// The first bar whose measurement is handed on: the lookback.
    pub lookback: usize,
}

impl WarmUp {
    /// Of what reads the period or the phasor.
    pub const SHORT: WarmUp = WarmUp { begin: 12, lookback: 32 };
    /// Of what adds up a whole cycle.
    pub const LONG: WarmUp = WarmUp { begin: 37, lookback: 63 };
}

/// What is known of the cycle on one bar.
#[derive(Clone, Copy)]
pub struct Cycle {
    /// The price, smoothed over four bars.
    pub price: f64,
    /// The component in phase with the cycle: the detrended price of three bars ago.
    pub in_phase: f64,
    /// The component a quarter of a cycle behind it.
    pub quadrature: f64,
    /// The smoothed period in bars, at most 50.
    pub period: f64,
    /// Whether the warm-up is over.
    pub settled: bool,
}

/// Measures the dominant cycle of a price, bar by bar.
///
/// The price is smoothed, detrended and split into two components a quarter of a cycle apart. How
/// fast the pair turns (a discriminator of the product with the conjugate of the bar before) is the
/// period. The filters are tuned with the period of the bar before, so everything depends on all
/// bars since the first: two series that begin on different bars agree only after some time.
#[derive(Clone)]
pub struct Hilbert {
    warm_up: WarmUp,
    /// How many bars have passed, as far as the warm-up counts.
    bars: usize,
    /// The last three prices, the newest first.
    prices: [f64; 3],
    detrender: Transformer,
    quadrature: Transformer,
    in_phase_advance: Transformer,
    quadrature_advance: Transformer,
    /// The detrended prices of the last three bars, the newest first.
    detrended: [f64; 3],
    /// The smoothed components of the bar before.
    phasor: [f64; 2],
    /// The smoothed real and imaginary parts of the turn.
    turn: [f64; 2],
    period: f64,
    smoothed_period: f64,
}

impl Hilbert {
    pub fn new(warm_up: WarmUp) -> Self {
        Self {
            warm_up,
            bars: 0,
            prices: [0.0; 3],
            detrender: Transformer::default(),
            quadrature: Transformer::default(),
            in_phase_advance: Transformer::default(),
            quadrature_advance: Transformer::default(),
            detrended: [0.0; 3],
            phasor: [0.0; 2],
            turn: [0.0; 2],
            period: 0.0,
            smoothed_period: 0.0,
        }
    }

    /// Takes the next price and gives the cycle; none on the first bars, which are not measured.
    #[inline(always)]
    pub fn next(&mut self, price: f64) -> Option<Cycle> {
        let [first, second, third] = self.prices;
        self.prices = [price, first, second];
        let bar = self.bars;
        self.bars = self.warm_up.lookback.min(bar + 1);
        if bar < self.warm_up.begin {
            return None;
        }
        let price = (4.0 * price + 3.0 * first + 2.0 * second + third) * 0.1;
        let gain = 0.075 * self.period + 0.54;
        let detrended = self.detrender.next(price, gain);
        let quadrature = self.quadrature.next(detrended, gain);
        let [newest, middle, in_phase] = self.detrended;
        self.detrended = [detrended, newest, middle];
        let in_phase_advance = self.in_phase_advance.next(in_phase, gain);
        let quadrature_advance = self.quadrature_advance.next(quadrature, gain);
        self.measure([in_phase - quadrature_advance, quadrature + in_phase_advance]);
        let settled = bar >= self.warm_up.lookback;
        Some(Cycle { price, in_phase, quadrature, period: self.smoothed_period, settled })
    }

    /// Takes the phasor of this bar and measures the period by how far it has turned.
    #[inline(always)]
    fn measure(&mut self, phasor: [f64; 2]) {
        let [i, q] = [0, 1].map(|part| 0.2 * phasor[part] + 0.8 * self.phasor[part]);
        let [last_i, last_q] = mem::replace(&mut self.phasor, [i, q]);
        let turn = [i * last_i + q * last_q, i * last_q - q * last_i];
        self.turn = [0, 1].map(|part| 0.2 * turn[part] + 0.8 * self.turn[part]);
        let last = self.period;
        let [real, imaginary] = self.turn;
        let measured =
            if real == 0.0 || imaginary == 0.0 { last } else { 360.0 / (imaginary / real).atan().to_degrees() };
        // One bar changes the period by half at most, and no cycle is shorter than 6 or longer than 50.
        let measured = measured.min(1.5 * last).max(0.67 * last).clamp(6.0, 50.0);
        self.period = 0.2 * measured + 0.8 * last;
        self.smoothed_period = 0.33 * self.period + 0.67 * self.smoothed_period;
    }
}

/// A Hilbert transformer of seven taps: what it gives is a quarter of a cycle behind what it takes,
/// three bars late.
#[derive(Clone, Default)]
struct Transformer {
    /// What it took before, the newest first.
    past: [f64; 6],
}

impl Transformer {
    /// `gain` makes up for the loss at the period that was measured last.
    #[inline(always)]
    fn next(&mut self, value: f64, gain: f64) -> f64 {
        let [one, two, three, four, five, six] = self.past;
        self.past = [value, one, two, three, four, five];
        (0.0962 * (value - six) + 0.5769 * (two - four)) * gain
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn the_period_of_a_sine_is_found_and_its_components_are_a_quarter_apart() {
        for period in [10.0, 16.0, 20.0, 30.0, 40.0] {
            let mut engine = Hilbert::new(WarmUp::SHORT);
            let price = |bar: i32| 100.0 + 5.0 * (TAU * f64::from(bar) / period).sin();
            let cycles: Vec<Cycle> = (0..400).filter_map(|bar| engine.next(price(bar))).collect();
            let last = &cycles[300..];
            let mean = last.iter().map(|cycle| cycle.period).sum::<f64>() / last.len() as f64;
            assert!((mean - period).abs() < 0.05 * period, "{mean} is not {period}");
            let product = last.iter().map(|cycle| cycle.in_phase * cycle.quadrature).sum::<f64>();
            let square = last.iter().map(|cycle| cycle.in_phase * cycle.in_phase).sum::<f64>();
            assert!(product.abs() < 0.1 * square, "{product} of {square} over {period}");
        }
    }

    #[test]
    fn the_warm_up_is_counted_from_the_first_bar() {
        for warm_up in [WarmUp::SHORT, WarmUp::LONG] {
            let mut engine = Hilbert::new(warm_up);
            let cycles: Vec<Option<Cycle>> = (0..80).map(|bar| engine.next(f64::from(bar))).collect();
            assert_eq!(cycles.iter().position(Option::is_some), Some(warm_up.begin));
            let settled = cycles.iter().position(|cycle| cycle.is_some_and(|cycle| cycle.settled));
            assert_eq!(settled, Some(warm_up.lookback));
        }
    }
}
