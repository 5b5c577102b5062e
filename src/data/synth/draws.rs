//! Random draws that are the same on every machine.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers: one seed has many, which do not depend on one another.
///
/// Logarithms and angles are those of the crate `libm`: a system's own differ in the last bit.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    generator: ChaCha8Rng,
    /// The second normal number of a pair.
    spare: Option<f64>,
}

impl Draws {
    /// The stream of a seed with this number.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self { generator, spare: None }
    }

    /// Uniform in (0, 1], in steps of 2⁻⁵³: its logarithm is finite.
    pub fn uniform(&mut self) -> f64 {
        ((self.generator.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Normal with mean 0 and variance 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let (sine, cosine) = libm::sincos(TAU * self.uniform());
        self.spare = Some(radius * sine);
        radius * cosine
    }

    /// How many events there are where `mean` are expected (Poisson), by the times between them.
    pub fn events(&mut self, mean: f64) -> usize {
        let mut events = 0;
        let mut passed = -libm::log(self.uniform());
        while passed < mean {
            events += 1;
            passed -= libm::log(self.uniform());
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of so many draws.
    fn moments(count: usize, mut draw: impl FnMut() -> f64) -> [f64; 4] {
        let draws: Vec<f64> = (0..count).map(|_| draw()).collect();
        let about =
            |power: i32, centre: f64| draws.iter().map(|x| (x - centre).powi(power)).sum::<f64>() / count as f64;
        let mean = about(1, 0.0);
        let variance = about(2, mean);
        [mean, variance, about(3, mean) / variance.powf(1.5), about(4, mean) / variance.powi(2)]
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_law() {
        let mut draws = Draws::new(3, 0);
        let [mean, variance, skew, kurtosis] = moments(200_000, || draws.normal());
        // Four standard errors: 1, √2, √6 and √24 over √200,000.
        assert!(mean.abs() < 0.009 && (variance - 1.0).abs() < 0.0127, "{mean} {variance}");
        assert!(skew.abs() < 0.022 && (kurtosis - 3.0).abs() < 0.044, "{skew} {kurtosis}");
    }

    #[test]
    fn events_have_the_mean_and_variance_that_are_expected() {
        for expected in [0.02, 0.7, 5.0] {
            let mut draws = Draws::new(4, 0);
            let [mean, variance, ..] = moments(100_000, || draws.events(expected) as f64);
            let error = 4.0 * (expected / 100_000.0_f64).sqrt();
            assert!((mean - expected).abs() < error, "{mean} for {expected}");
            // The variance of the sample variance of a Poisson law is (λ + 2λ²) / n.
            let error = 4.0 * ((expected + 2.0 * expected * expected) / 100_000.0_f64).sqrt();
            assert!((variance - expected).abs() < error, "{variance} for {expected}");
        }
    }

    #[test]
    fn streams_of_a_seed_differ_and_repeat() {
        let first = |seed, stream| Draws::new(seed, stream).uniform();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(1, 3));
        assert_ne!(first(1, 2), first(2, 2));
    }
}
