//! Exponential averages: they forget a part of what they know with each bar.

use std::array;

/// Exponential averages of so many series side by side; each begins as the mean of its first values, all
/// on the same bar.
///
/// Written as it is defined, `average = average * keep + value * weight`, each bar would wait for a
/// multiplication and an addition to the bar before. So a scaled sum is kept instead, which waits for
/// the addition alone: over a few bars, `keepⁱ * (keep * average + Σ value * weight / keepⁱ)` is the
/// same, with powers that are known beforehand. The sum is scaled back when they are used up.
#[derive(Clone)]
pub struct Smoothing<const N: usize> {
    lengths: [usize; N],
    longest: usize,
    seen: usize,
    keep: [f64; N],
    weights: [f64; N],
    powers: Box<[Powers<N>]>,
    /// Which powers are next; all are used up while it begins.
    position: usize,
    sums: [f64; N],
    /// What scales the sums back.
    renewal: [f64; N],
}

/// `weight / keepⁱ` and `keepⁱ` of each series.
#[derive(Clone, Copy)]
struct Powers<const N: usize> {
    grown: [f64; N],
    shrunk: [f64; N],
}

impl<const N: usize> Smoothing<N> {
    /// How many powers are known beforehand.
    const POWERS: i32 = 32;

    /// Each begins as the mean of `length` values, then gives each new value the weight `weight`.
    pub fn new(length: usize, weight: f64) -> Self {
        Self::together([length; N], [weight; N])
    }

    /// The same with a length and a weight for each. A shorter one sits out the first bars.
    pub fn together(lengths: [usize; N], weights: [f64; N]) -> Self {
        let keep = weights.map(|weight| 1.0 - weight);
        // The powers of what keeps next to nothing would leave the range of numbers.
        let count = if keep.iter().any(|keep| *keep < 0.25) { 1 } else { Self::POWERS };
        let powers = |i: i32| {
            let shrunk = keep.map(|keep| keep.powi(i));
            Powers { grown: array::from_fn(|lane| weights[lane] / shrunk[lane]), shrunk }
        };
        Self {
            lengths,
            longest: lengths.into_iter().max().unwrap_or(0),
            seen: 0,
            keep,
            weights,
            powers: (0..count).map(powers).collect(),
            position: count as usize,
            sums: [0.0; N],
            renewal: keep.map(|keep| keep.powi(count)),
        }
    }

    /// Takes the next value of each series and gives the averages; NaN before the longest has begun. While
    /// it begins, what is not known yet is passed over.
    #[inline(always)]
    pub fn next(&mut self, values: [f64; N]) -> [f64; N] {
        let Some(powers) = self.powers.get(self.position) else {
            return self.renew(values);
        };
        self.position += 1;
        for ((sum, value), grown) in self.sums.iter_mut().zip(values).zip(powers.grown) {
            *sum += value * grown;
        }
        let mut averages = self.sums;
        for (average, shrunk) in averages.iter_mut().zip(powers.shrunk) {
            *average *= shrunk;
        }
        averages
    }

    /// Takes values when the powers are used up.
    #[inline(always)]
    fn renew(&mut self, values: [f64; N]) -> [f64; N] {
        if self.seen >= self.longest {
            self.position = 1;
            for (((sum, value), renewal), weight) in
                self.sums.iter_mut().zip(values).zip(self.renewal).zip(self.weights)
            {
                *sum = *sum * renewal + value * weight;
            }
            return self.sums;
        }
        if values.iter().any(|value| value.is_nan()) {
            return [f64::NAN; N];
        }
        self.seen += 1;
        for ((sum, value), length) in self.sums.iter_mut().zip(values).zip(self.lengths) {
            if self.seen + length > self.longest {
                *sum += value;
            }
        }
        if self.seen < self.longest {
            return [f64::NAN; N];
        }
        let means: [f64; N] = array::from_fn(|lane| self.sums[lane] / self.lengths[lane] as f64);
        self.position = 0;
        self.sums = array::from_fn(|lane| means[lane] * self.keep[lane]);
        means
    }
}

/// Exponential averages in a row, all of one weight: the second is that of the first, and so on. Each
/// begins as the mean of the first values of the one before.
///
/// Here the definition is quick enough: while one average waits for itself, the others go on.
#[derive(Clone)]
pub struct Cascade<const N: usize> {
    length: usize,
    keep: f64,
    weight: f64,
    averages: [f64; N],
    /// How many values were taken, until all have begun.
    seen: usize,
}

impl<const N: usize> Cascade<N> {
    /// Each begins as the mean of `length` values, at least one, then gives each new value the weight `weight`.
    pub fn new(length: usize, weight: f64) -> Self {
        Self { length: length.max(1), keep: 1.0 - weight, weight, averages: [0.0; N], seen: 0 }
    }

    /// Takes the next value and gives all averages; NaN where one has not begun.
    #[inline(always)]
    pub fn next(&mut self, value: f64) -> [f64; N] {
        if self.seen < N * (self.length - 1) + 1 {
            return self.begin(value);
        }
        let mut input = value;
        for average in &mut self.averages {
            *average = *average * self.keep + input * self.weight;
            input = *average;
        }
        self.averages
    }

    /// Takes the values of the beginning: an average is a sum until it begins.
    #[inline(always)]
    fn begin(&mut self, value: f64) -> [f64; N] {
        let bar = self.seen;
        self.seen += 1;
        let mut outputs = [f64::NAN; N];
        let mut input = value;
        for (place, (average, output)) in self.averages.iter_mut().zip(&mut outputs).enumerate() {
            let first = (place + 1) * (self.length - 1);
            if bar > first {
                *average = *average * self.keep + input * self.weight;
            } else {
                *average += input;
                if bar < first {
                    break;
                }
                *average /= self.length as f64;
            }
            (input, *output) = (*average, *average);
        }
        outputs
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

    #[test]
    fn averages_of_several_lengths_begin_together_and_go_their_own_ways() {
        let mut pair = Smoothing::together([2, 3], [0.5, 0.25]);
        let given: Vec<[f64; 2]> = [9.0, 1.0, 5.0, 4.0].into_iter().map(|value| pair.next([value; 2])).collect();
        assert!(given[..2].iter().flatten().all(|average| average.is_nan()));
        assert_eq!(given[2..], [[3.0, 5.0], [3.5, 4.75]]);
    }

    #[test]
    fn averages_in_a_row_are_each_that_of_the_one_before() {
        for length in [1, 2, 5] {
            let mut cascade = Cascade::<3>::new(length, 0.3);
            let mut row = [(); 3].map(|()| Smoothing::<1>::new(length, 0.3));
            for bar in 0..200 {
                let given = cascade.next(f64::from(bar * 7919 % 101));
                let mut input = f64::from(bar * 7919 % 101);
                for (average, given) in row.iter_mut().zip(given) {
                    if !input.is_nan() {
                        [input] = average.next([input]);
                    }
                    assert!(if input.is_nan() { given.is_nan() } else { (given - input).abs() < 1e-12 });
                }
            }
        }
    }
}
