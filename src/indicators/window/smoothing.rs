//! Exponential averages: they forget a part of what they know with each bar.

/// Exponential averages of so many series side by side, alike in weight and length; they begin as the
/// mean of the first values.
///
/// Written as it is defined, `average = average * keep + value * weight`, each bar would wait for a
/// multiplication and an addition to the bar before. So a scaled sum is kept instead, which waits for
/// the addition alone: over a few bars, `keepⁱ * (keep * average + Σ value * weight / keepⁱ)` is the
/// same, with powers that are known beforehand. The sum is scaled back when they are used up.
#[derive(Clone)]
pub struct Smoothing<const N: usize> {
    length: usize,
    seen: usize,
    keep: f64,
    weight: f64,
    /// `weight / keepⁱ` and `keepⁱ`.
    powers: Box<[[f64; 2]]>,
    /// Which powers are next; all are used up while it begins.
    position: usize,
    sums: [f64; N],
    /// What scales the sums back.
    renewal: f64,
}

impl<const N: usize> Smoothing<N> {
    /// How many powers are known beforehand.
    const POWERS: i32 = 32;

    /// Begins as the mean of `length` values, then gives each new value the weight `weight`.
    pub fn new(length: usize, weight: f64) -> Self {
        let keep = 1.0 - weight;
        // The powers of what keeps next to nothing would leave the range of numbers.
        let count = if keep < 0.25 { 1 } else { Self::POWERS };
        let powers = (0..count).map(|i| [weight / keep.powi(i), keep.powi(i)]).collect();
        let renewal = keep.powi(count);
        Self { length, seen: 0, keep, weight, powers, position: count as usize, sums: [0.0; N], renewal }
    }

    /// Takes the next value of each series and gives the averages; NaN before there are `length`.
    #[inline(always)]
    pub fn next(&mut self, values: [f64; N]) -> [f64; N] {
        let Some([grown, shrunk]) = self.powers.get(self.position) else {
            return self.renew(values);
        };
        self.position += 1;
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += value * grown;
        }
        self.sums.map(|sum| sum * shrunk)
    }

    /// Takes values when the powers are used up.
    #[inline(always)]
    fn renew(&mut self, values: [f64; N]) -> [f64; N] {
        if self.seen >= self.length {
            self.position = 1;
            for (sum, value) in self.sums.iter_mut().zip(values) {
                *sum = *sum * self.renewal + value * self.weight;
            }
            return self.sums;
        }
        self.seen += 1;
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += value;
        }
        if self.seen < self.length {
            return [f64::NAN; N];
        }
        let means = self.sums.map(|sum| sum / self.length as f64);
        self.position = 0;
        self.sums = means.map(|mean| mean * self.keep);
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_recurrence_that_defines_it() {
        let values: Vec<[f64; 2]> =
            (0..1000_u32).map(|i| [f64::from(i * 7919 % 101), -f64::from(i * i % 13)]).collect();
        for (length, weight) in [(1, 1.0), (1, 0.15), (2, 2.0 / 3.0), (3, 0.5), (14, 1.0 / 14.0), (200, 2.0 / 201.0)] {
            let mut smoothing = Smoothing::new(length, weight);
            let mut averages = [0.0; 2];
            for (bar, row) in values.iter().enumerate() {
                let given = smoothing.next(*row);
                for i in 0..2 {
                    averages[i] += if bar < length { row[i] / length as f64 } else { (row[i] - averages[i]) * weight };
                    let same = (given[i] - averages[i]).abs() <= 1e-13 * averages[i].abs().max(1.0);
                    assert!(if bar + 1 < length { given[i].is_nan() } else { same }, "{length}, bar {bar}: {given:?}");
                }
            }
        }
    }
}
