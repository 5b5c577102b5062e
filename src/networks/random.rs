//! Random numbers that a seed fixes, whatever else runs in the process.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers of one purpose, so that a change in how many one purpose draws does
/// not shift those of another.
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

/// What random numbers are for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The networks' first parameters.
    Initialisation,
    /// The order of samples, and which of them a tree is grown on.
    Shuffling,
    /// The masks of dropout.
    Dropout,
    /// Whose window a sample is shown, to see what an input is worth.
    Importance,
}

impl Random {
    /// The stream of `seed` for a purpose in the phase of training, or for the input, with this number.
    pub fn new(seed: u64, purpose: Purpose, phase: usize) -> Self {
        Self::of_epoch(seed, purpose, phase, 0)
    }

    /// The stream of `seed` for a purpose in one epoch of a phase.
    pub fn of_epoch(seed: u64, purpose: Purpose, phase: usize, epoch: usize) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let phase = phase as u64;
        let stream = match purpose {
            // It came later: the streams of training stay what they were.
            Purpose::Importance => u64::MAX - phase,
            Purpose::Initialisation | Purpose::Shuffling | Purpose::Dropout => phase * 3 + purpose as u64,
        };
        generator.set_stream(stream.wrapping_add((epoch as u64) << 32));
        Self(generator)
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `count` numbers uniform in [-bound, bound).
    pub fn symmetric(&mut self, count: usize, bound: f64) -> Vec<f32> {
        (0..count).map(|_| ((2.0 * self.uniform() - 1.0) * bound) as f32).collect()
    }

    /// Puts items into random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            // 53 random bits over at most 2³² items: the bias is below 2⁻²¹.
            let other = (self.uniform() * (last + 1) as f64) as usize;
            items.swap(last, other);
        }
    }

    /// Puts items into random order so that none stays where it was, unless it is alone (Sattolo 1986).
    pub fn displace<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = (self.uniform() * last as f64) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_a_stream_and_purposes_differ() {
        let first = |purpose| Random::new(7, purpose, 0).uniform();
        assert_eq!(first(Purpose::Shuffling), first(Purpose::Shuffling));
        assert_ne!(first(Purpose::Shuffling), first(Purpose::Dropout));
        assert_ne!(first(Purpose::Shuffling), Random::new(7, Purpose::Shuffling, 1).uniform());
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_every_place_is_as_likely() {
        let mut random = Random::new(1, Purpose::Shuffling, 0);
        let mut landed = [[0_u32; 4]; 4];
        for _ in 0..8_000 {
            let mut items = [0, 1, 2, 3];
            random.shuffle(&mut items);
            for (place, item) in items.into_iter().enumerate() {
                landed[item][place] += 1;
            }
        }
        // The count is binomial (8000, 1/4): six standard deviations are 232.
        assert!(landed.iter().flatten().all(|count| count.abs_diff(2_000) < 232), "{landed:?}");
    }

    #[test]
    fn nothing_stays_where_it_was_and_every_other_place_is_as_likely() {
        let mut random = Random::new(1, Purpose::Importance, 0);
        let mut landed = [[0_u32; 4]; 4];
        for _ in 0..6_000 {
            let mut items = [0, 1, 2, 3];
            random.displace(&mut items);
            for (place, item) in items.into_iter().enumerate() {
                landed[item][place] += 1;
            }
        }
        for (item, places) in landed.iter().enumerate() {
            // The counts are binomial (6000, 1/3): six standard deviations are 219.
            let expected =
                |place: usize, count: u32| if place == item { count == 0 } else { count.abs_diff(2_000) < 219 };
            assert!(places.iter().enumerate().all(|(place, count)| expected(place, *count)), "{landed:?}");
        }
        let mut alone = [7];
        random.displace(&mut alone);
        assert_eq!(alone, [7]);
    }
}
