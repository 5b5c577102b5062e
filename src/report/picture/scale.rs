//! Scales of a picture: from values to places, and where lines are drawn.

use crate::time::Timestamp;

/// From the lowest value to the highest.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// The scale of some values; of one value, or none, a stretch around it.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let known = values.filter(|value| value.is_finite());
        let (low, high) = known.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        match high - low {
            height if height > 0.0 => Self { low, high },
            _ if high >= low => Self { low: low - low.abs().max(1.0) * 0.05, high: high + high.abs().max(1.0) * 0.05 },
            _ => Self { low: 0.0, high: 1.0 },
        }
    }

    /// Where a value stands, from 0 at the lowest to 1 at the highest.
    pub fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Round values on the scale, about so many: steps of 1, 2 or 5 times a power of ten.
    pub fn ticks(&self, about: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / about.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(power * 10.0);
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        (first..=last).map(|number| number as f64 * step).collect()
    }
}

/// The places at which years begin, with the years: at most so many, evenly left out; of less than two years the dates
/// of the first and the last instant.
pub(super) fn years(instants: &[i64], most: usize) -> Vec<(usize, String)> {
    let text = |place: usize| Timestamp(instants[place]).to_string();
    let year = |place: usize| text(place).chars().take(4).collect::<String>();
    let begins: Vec<(usize, String)> = (1..instants.len())
        .filter(|place| instants[*place] / Timestamp::DAY != instants[*place - 1] / Timestamp::DAY)
        .filter(|place| year(*place) != year(*place - 1))
        .map(|place| (place, year(place)))
        .collect();
    if begins.len() < 2 {
        let date = |place: usize| (place, text(place).chars().take(10).collect::<String>());
        let last = instants.len().checked_sub(1);
        return [last.map(|_| 0), last.filter(|last| *last > 0)].into_iter().flatten().map(date).collect();
    }
    let step = begins.len().div_ceil(most.max(1));
    begins.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_drawn_at_round_values() {
        assert_eq!(Scale::of([3.0, 97.0].into_iter()).ticks(5), [20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Scale::of([-0.31, 0.0].into_iter()).ticks(3), [-0.2, 0.0]);
        let flat = Scale::of([100.0, 100.0].into_iter());
        assert!(flat.ticks(5).contains(&100.0) && (flat.share(100.0) - 0.5).abs() < 1e-9);
        assert!(!Scale::of([f64::NAN].into_iter()).ticks(5).is_empty());
    }

    #[test]
    fn years_are_marked_where_they_begin() {
        let days: Vec<i64> = (0..1_500).map(|day| day * Timestamp::DAY).collect();
        let found: Vec<(usize, String)> =
            vec![(365, "1971".into()), (730, "1972".into()), (1_096, "1973".into()), (1_461, "1974".into())];
        assert_eq!(years(&days, 12), found);
        assert_eq!(years(&days, 2).len(), 2);
        assert_eq!(years(&days[..2], 12), [(0, "1970-01-01".to_owned()), (1, "1970-01-02".to_owned())]);
        assert_eq!((years(&days[..1], 12).len(), years(&[], 12).len()), (1, 0));
    }
}
