//! Gains and losses: how often and how much a column of returns, or of trades' profits, won and lost.

use crate::metrics::defined;
use crate::metrics::sums::sums;

/// What of a column of values lies above zero and what below.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gains {
    /// How many values there are.
    pub count: usize,
    /// How many lie above zero.
    pub winning: usize,
    /// How many lie below zero.
    pub losing: usize,
    /// The sum of those above zero.
    pub gains: f64,
    /// The sum of those below zero, as a magnitude.
    pub losses: f64,
    /// The sum of the squares of those below zero.
    pub squared_losses: f64,
    /// The most values in a row above zero.
    pub longest_winning: usize,
    /// The most values in a row below zero.
    pub longest_losing: usize,
}

impl Gains {
    /// The gains and losses of a column.
    pub fn of(values: &[f64]) -> Self {
        let [gains, losses, squared_losses] = sums(values, |value| {
            let loss = (-value).max(0.0);
            [value.max(0.0), loss, loss * loss]
        });
        Self {
            count: values.len(),
            winning: values.iter().filter(|value| **value > 0.0).count(),
            losing: values.iter().filter(|value| **value < 0.0).count(),
            gains,
            losses,
            squared_losses,
            longest_winning: longest_run(values, |value| value > 0.0),
            longest_losing: longest_run(values, |value| value < 0.0),
        }
    }

    /// Share of the values above zero, from 0 to 1 (as backtesting.py). None without values.
    pub fn win_rate(&self) -> Option<f64> {
        defined(self.winning as f64 / self.count as f64)
    }

    /// Share of those above zero among those that are not zero, from 0 to 1 (quantstats' `win_rate`).
    /// None where all are zero.
    pub fn hit_rate(&self) -> Option<f64> {
        defined(self.winning as f64 / (self.winning + self.losing) as f64)
    }

    /// Sum of the gains over that of the losses, from 0 on; of returns also the omega ratio at a required
    /// return of zero. None without a loss.
    pub fn profit_factor(&self) -> Option<f64> {
        defined(self.gains / self.losses)
    }

    /// Sum of all values over that of the losses, from -1 on: the profit factor less one. None without a
    /// loss.
    pub fn gain_to_pain(&self) -> Option<f64> {
        defined((self.gains - self.losses) / self.losses)
    }

    /// The mean of the values above zero. None without one.
    pub fn average_gain(&self) -> Option<f64> {
        defined(self.gains / self.winning as f64)
    }

    /// The mean of the values below zero, as a magnitude. None without one.
    pub fn average_loss(&self) -> Option<f64> {
        defined(self.losses / self.losing as f64)
    }

    /// The average gain over the average loss. None without both.
    pub fn payoff_ratio(&self) -> Option<f64> {
        defined(self.average_gain()? / self.average_loss()?)
    }

    /// Root of the mean square of the losses, over all values. None without values.
    pub fn downside_deviation(&self) -> Option<f64> {
        defined((self.squared_losses / self.count as f64).sqrt())
    }
}

/// The fraction to bet on a game that wins so often and pays so many times what it takes:
/// `win_rate - (1 - win_rate) / payoff_ratio`. At most 1; below zero where the game loses.
pub fn kelly(win_rate: f64, payoff_ratio: f64) -> Option<f64> {
    defined(win_rate - (1.0 - win_rate) / payoff_ratio)
}

/// How many values in a row hold at most. A run that is longer than the longest so far holds at its own end,
/// so that is where to look first: most values are never looked at.
fn longest_run(values: &[f64], holds: impl Fn(f64) -> bool) -> usize {
    let (mut longest, mut start) = (0, 0);
    while let Some(needed) = values.get(start..=start + longest) {
        start += match needed.iter().rposition(|value| !holds(*value)) {
            Some(place) => place + 1,
            None => {
                longest = values[start..].iter().take_while(|value| holds(**value)).count();
                longest
            }
        };
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gains_by_hand() {
        let gains = Gains::of(&[2.0, 4.0, 0.0, -1.0, -1.0, -2.0, 6.0, -4.0]);
        assert_eq!((gains.count, gains.winning, gains.losing), (8, 3, 4));
        assert_eq!((gains.gains, gains.losses, gains.squared_losses), (12.0, 8.0, 22.0));
        assert_eq!((gains.longest_winning, gains.longest_losing), (2, 3));
        assert_eq!((gains.win_rate(), gains.hit_rate()), (Some(3.0 / 8.0), Some(3.0 / 7.0)));
        assert_eq!((gains.profit_factor(), gains.gain_to_pain()), (Some(1.5), Some(0.5)));
        assert_eq!(
            (gains.average_gain(), gains.average_loss(), gains.payoff_ratio()),
            (Some(4.0), Some(2.0), Some(2.0))
        );
        assert_eq!(gains.downside_deviation(), Some(2.75_f64.sqrt()));
        assert_eq!(kelly(0.5, 2.0), Some(0.25));
    }

    proptest! {
        #[test]
        fn runs_are_those_that_are_counted(values in prop::collection::vec(-1_i32..3, 0..60)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut longest = 0;
            let mut run = 0;
            for value in &values {
                run = if *value > 0.0 { run + 1 } else { 0 };
                longest = longest.max(run);
            }
            prop_assert_eq!(longest_run(&values, |value| value > 0.0), longest);
        }
    }

    #[test]
    fn without_losses_no_ratio_to_them() {
        let gains = Gains::of(&[1.0, 0.0]);
        assert_eq!((gains.profit_factor(), gains.gain_to_pain(), gains.payoff_ratio()), (None, None, None));
        assert_eq!(Gains::of(&[]).win_rate(), None);
        assert_eq!(Gains::of(&[0.0]).hit_rate(), None);
        assert_eq!(kelly(0.0, 0.0), None);
    }
}
