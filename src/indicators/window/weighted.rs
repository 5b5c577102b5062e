//! Sums over the last so many bars whose weights lie on a straight line.

use std::mem;

/// What each value of a window weighs, from 1, the oldest, to the newest: `first + step * place`, all
/// divided by `divisor`. The step is not zero.
#[derive(Clone, Copy)]
pub struct LinearWeights {
    pub first: f64,
    pub step: f64,
    pub divisor: f64,
    /// What all weights come to, divided: 1 for a mean, 0 for a slope.
    pub total: f64,
}

/// The weighted sum of the last `length` values.
///
/// As [`Sliding`](super::Sliding), block by block and without subtracting what goes: the weighted sum of
/// every end of the last block is prepared when it is complete, and that of the beginning grows.
/// A bar takes one step of weight from all that is in the beginning.
#[derive(Clone)]
pub struct Weighted {
    /// What the oldest and the newest value of a window weigh, and what a bar of age takes from each.
    oldest: f64,
    newest: f64,
    step: f64,
    /// What all weights come to.
    total: f64,
    /// For each bar of a block but the last, one after the other: up to `position` its value, from there on the
    /// weighted sum of the last block's values that are still in the window when it comes.
    slots: Box<[f64]>,
    /// The weighted sum of this block.
    beginning: f64,
    /// What a bar adds to it by ageing: less than nothing where the newest value weighs most.
    ageing: f64,
    position: usize,
    /// The last value of the last block: sums are of the differences from it, and begin with what it comes to
    /// itself.
    reference: f64,
}

impl Weighted {
    /// Of `length` values, at least one.
    pub fn new(length: usize, weights: LinearWeights) -> Self {
        let length = length.max(1);
        // Divided once: a division a bar would take longer than all the rest.
        let weight = |place: usize| (weights.first + weights.step * place as f64) / weights.divisor;
        Self {
            oldest: weight(1),
            newest: weight(length),
            step: weights.step / weights.divisor,
            total: weights.total,
            slots: vec![f64::NAN; length - 1].into(),
            beginning: 0.0,
            ageing: 0.0,
            position: 0,
            reference: 0.0,
        }
    }

    /// Takes the next value and gives the weighted sum of the window; NaN until it is full.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> f64 {
        let Some(slot) = self.slots.get_mut(self.position) else {
            (self.reference, self.position, self.ageing) = (value, 0, 0.0);
            self.beginning = self.total * value;
            return weigh_ends(&mut self.slots, self.oldest, self.step, value) + self.beginning;
        };
        self.position += 1;
        let end = mem::replace(slot, value);
        let difference = value - self.reference;
        self.beginning += difference * self.newest + self.ageing;
        self.ageing -= difference * self.step;
        end + self.beginning
    }
}

/// Puts into the place of each value of a block the weighted sum of those after it, the oldest of which weighs
/// `oldest`, and gives that of all. The block's last value, which is the reference, adds nothing to them.
#[inline(always)]
fn weigh_ends(slots: &mut [f64], oldest: f64, step: f64, reference: f64) -> f64 {
    let (mut end, mut ageing) = (0.0, 0.0);
    // Two at a time, so that the next two wait for one addition, not for two.
    let mut pairs = slots.rchunks_exact_mut(2);
    for pair in pairs.by_ref() {
        if let [older, newer] = pair {
            let differences = [*older - reference, *newer - reference];
            let steps = [differences[0] * step, differences[1] * step];
            let of_newer = differences[1] * oldest + ageing;
            let of_older = differences[0] * oldest + (ageing + steps[1]);
            (*older, *newer) = (end + of_newer, end);
            end += of_newer + of_older;
            ageing += steps[0] + steps[1];
        }
    }
    if let [oldest_slot] = pairs.into_remainder() {
        let of_oldest = (*oldest_slot - reference) * oldest + ageing;
        *oldest_slot = end;
        end += of_oldest;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighs_each_window_by_age_whatever_was_before_it() {
        let values: Vec<f64> =
            (0..60).map(|i| f64::from(i * 7919 % 101) + if (20..25).contains(&i) { 1e9 } else { 0.0 }).collect();
        for length in [1, 2, 3, 7, 16] {
            let count = length as f64;
            let total = 5.0 * count - count * (count + 1.0);
            let weights = LinearWeights { first: 5.0, step: -2.0, divisor: 4.0, total: total / 4.0 };
            let mut sum = Weighted::new(length, weights);
            for (bar, value) in values.iter().enumerate() {
                let sum = sum.push(*value);
                assert_eq!(sum.is_nan(), bar + 1 < length);
                if !sum.is_nan() {
                    let window = values[bar + 1 - length..=bar].iter().enumerate();
                    let expected = window.map(|(i, v)| (5.0 - 2.0 * (i + 1) as f64) * v).sum::<f64>() / 4.0;
                    assert!((sum - expected).abs() <= 1e-15 * count * values[bar].max(1e9), "{sum} {expected}");
                }
            }
        }
    }
}
