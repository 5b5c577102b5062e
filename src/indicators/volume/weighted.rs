//! The mean of prices and their deviation, weighed by volume, from an anchor on.

/// Weighed sums that do not lose digits: each price moves the mean (D. H. D. West, Updating Mean and
/// Variance Estimates, 1979).
#[derive(Clone, Default)]
pub struct Weighted {
    volume: f64,
    mean: f64,
    squares: f64,
}

impl Weighted {
    /// Takes the next price and gives the mean, and the lines so many deviations above and below;
    /// NaN as long as nothing has been traded.
    #[inline(always)]
    pub fn next(&mut self, price: f64, volume: f64, factor: f64) -> [f64; 3] {
        self.volume += volume;
        if self.volume == 0.0 {
            return [f64::NAN; 3];
        }
        let distance = price - self.mean;
        self.mean += distance * (volume / self.volume);
        self.squares += volume * distance * (price - self.mean);
        let width = factor * (self.squares / self.volume).max(0.0).sqrt();
        [self.mean, self.mean + width, self.mean - width]
    }
}
