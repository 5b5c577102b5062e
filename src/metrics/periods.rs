//! Periods per year: how many bars a year of trading holds, told from the timestamps.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::metrics::calendar::spans;
use crate::time::Timestamp;

/// How many bars a year holds. None for fewer than two bars.
///
/// The median gap between bars decides. A gap of a day: 252, or 365 where there are bars on
/// Saturdays. Weeks: 52. Months: 12; quarters: 4; years: 1. Less than a day: the median number of
/// bars a date (of the dates between the first and the last, which may be cut off), times 252 or
/// 365 as above. Anything else: a year's days over the gap.
pub fn periods_per_year(timestamps: &[Timestamp]) -> Option<f64> {
    let gap = median_gap(timestamps)?;
    let dates: Vec<(NaiveDate, Range<usize>)> = spans(timestamps, |date| date.succ_opt()).collect();
    let trades_weekends = dates.iter().any(|(date, _)| date.weekday() == Weekday::Sat);
    let days_a_year = if trades_weekends { 365.0 } else { 252.0 };
    let days = gap as f64 / Timestamp::DAY as f64;
    Some(match gap {
        _ if days < 1.0 => {
            let mut counts: Vec<i64> = dates.into_iter().map(|(_, bars)| bars.len() as i64).collect();
            if counts.len() > 2 {
                counts.pop();
                counts.remove(0);
            }
            median(&mut counts)? as f64 * days_a_year
        }
        Timestamp::DAY => days_a_year,
        _ if days >= 28.0 => 12.0 / (days / 30.436_875).round(),
        _ if gap % (7 * Timestamp::DAY) == 0 => 52.0 / (days / 7.0),
        _ => 365.25 / days,
    })
}

/// The median gap between bars. Nearly always most gaps are alike: then that one is it, and none is moved.
fn median_gap(timestamps: &[Timestamp]) -> Option<i64> {
    let gaps = || timestamps.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let (mut candidate, mut votes) = (0, 0_usize);
    for gap in gaps() {
        if votes == 0 {
            candidate = gap;
        }
        votes = if gap == candidate { votes + 1 } else { votes - 1 };
    }
    if 2 * gaps().filter(|gap| *gap == candidate).count() > timestamps.len() {
        return Some(candidate);
    }
    median(&mut gaps().collect::<Vec<_>>())
}

fn median(values: &mut [i64]) -> Option<i64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(minutes: i64, count: i64, keep: impl Fn(i64) -> bool) -> Option<f64> {
        let minute = 60 * Timestamp::SECOND;
        let instants = (0..count).map(|index| index * minutes).filter(|m| keep(*m)).map(|m| Timestamp(m * minute));
        periods_per_year(&instants.collect::<Vec<_>>())
    }

    #[test]
    fn calendars_are_told_apart() {
        let day = 24 * 60;
        let is_weekday = |minute: i64| !matches!((minute / (24 * 60)) % 7, 2 | 3);
        assert_eq!(every(day, 100, is_weekday), Some(252.0));
        assert_eq!(every(day, 100, |_| true), Some(365.0));
        assert_eq!(every(7 * day, 100, |_| true), Some(52.0));
        assert_eq!(every(60, 24 * 30, |_| true), Some(24.0 * 365.0));
        let session = |minute: i64| is_weekday(minute) && (570..960).contains(&(minute % (24 * 60)));
        assert_eq!(every(1, 30 * 24 * 60, session), Some(390.0 * 252.0));
        assert_eq!(every(day, 1, |_| true), None);
    }

    #[test]
    fn months_and_quarters() {
        let dates = |step: u32| -> Vec<Timestamp> {
            let months = (0..48).step_by(step as usize);
            let date = |m| NaiveDate::from_ymd_opt(2000 + m / 12, (m % 12) as u32 + 1, 1).unwrap();
            months.map(|m| Timestamp::midnight(date(m))).collect()
        };
        assert_eq!(periods_per_year(&dates(1)), Some(12.0));
        assert_eq!(periods_per_year(&dates(3)), Some(4.0));
        assert_eq!(periods_per_year(&dates(12)), Some(1.0));
    }
}
