//! Resampling is exact: the same as the slow and obvious way.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::America::New_York;
use proptest::prelude::*;
use timeweave::data::{Adjust, Bars, Field};
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{bars_at, days, instant, new_york, timeframe};

/// A bar's stamp, its five fields, and its `adj_close`.
type Figures = (i64, [f64; 5], f64);

fn figures(bars: &Bars) -> Vec<Figures> {
    let adjusted = bars.column("adj_close").unwrap();
    let row = |bar: usize| Field::ALL.map(|field| bars.field(field)[bar]);
    (0..bars.len()).map(|bar| (bars.timestamp(bar).0, row(bar), adjusted[bar])).collect()
}

/// Groups bars by the stamp that `stamp` gives each, and takes them one by one.
fn slowly(bars: &Bars, stamp: impl Fn(Timestamp) -> i64) -> Vec<Figures> {
    let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for bar in 0..bars.len() {
        groups.entry(stamp(bars.timestamp(bar))).or_default().push(bar);
    }
    let value = |field, bar: &usize| bars.field(field)[*bar];
    let one = |(stamp, group): (i64, Vec<usize>)| {
        let (first, last) = (group.first().unwrap(), group.last().unwrap());
        let high = group.iter().map(|bar| value(Field::High, bar)).reduce(f64::max).unwrap();
        let low = group.iter().map(|bar| value(Field::Low, bar)).reduce(f64::min).unwrap();
        let mut volume = 0.0;
        group.iter().for_each(|bar| volume += value(Field::Volume, bar));
        let row = [value(Field::Open, first), high, low, value(Field::Close, last), volume];
        (stamp, row, bars.column("adj_close").unwrap()[*last])
    };
    groups.into_iter().map(one).collect()
}

fn date(instant: Timestamp) -> NaiveDate {
    DateTime::from_timestamp_micros(instant.0).unwrap().date_naive()
}

fn monday(date: NaiveDate) -> NaiveDate {
    date.week(chrono::Weekday::Mon).first_day()
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap()
}

/// Weekdays without weekends, with holes.
fn weekdays() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop::bool::weighted(0.9), 400).prop_map(|kept| {
        let weekday = |day: &i64| date(Timestamp(*day)).weekday().num_days_from_monday() < 5;
        let kept_days = days("1969-06-01", 400).zip(kept).filter_map(|(day, kept)| kept.then_some(day));
        kept_days.filter(weekday).collect()
    })
}

/// Minutes with holes, from a Friday on.
fn minutes() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![9 => 1_i64..4, 1 => 100_i64..900], 1..300).prop_map(|steps| {
        let mut minute = instant("2024-03-08 12:00").0;
        let next = |step| {
            minute += step * 60 * Timestamp::SECOND;
            minute
        };
        steps.into_iter().map(next).collect()
    })
}

proptest! {
    #[test]
    fn weeks_and_months_of_days(opens in weekdays()) {
        for calendar in [Calendar::Weekdays, Calendar::Continuous] {
            let daily = bars_at(Timeframe::DAY, &calendar, &opens);
            let weekly = daily.resample(Timeframe::WEEK, &calendar).unwrap();
            let by_week = slowly(&daily, |open| Timestamp::midnight(monday(date(open))).0);
            prop_assert_eq!(figures(&weekly), by_week);
            let monthly = daily.resample(Timeframe::MONTH, &calendar).unwrap();
            let by_month = slowly(&daily, |open| Timestamp::midnight(first_of_month(date(open))).0);
            prop_assert_eq!(figures(&monthly), by_month);
            let quarterly = daily.resample(timeframe("3mo"), &calendar).unwrap();
            let by_quarter = slowly(&daily, |open| {
                let first = first_of_month(date(open));
                Timestamp::midnight(first.with_month(first.month0() / 3 * 3 + 1).unwrap()).0
            });
            prop_assert_eq!(figures(&quarterly), by_quarter);
        }
    }

    #[test]
    fn hours_and_days_of_minutes(opens in minutes()) {
        let minutely = bars_at(timeframe("1m"), &Calendar::Continuous, &opens);
        for (coarse, length) in [("15m", 15), ("1h", 60), ("4h", 240), ("1d", 1440)] {
            let length = length * 60 * Timestamp::SECOND;
            let fast = minutely.resample(timeframe(coarse), &Calendar::Continuous).unwrap();
            prop_assert_eq!(figures(&fast), slowly(&minutely, |open| open.0 - open.0.rem_euclid(length)));
        }
    }

    #[test]
    fn days_of_a_session_across_a_clock_change(opens in minutes()) {
        // Regular hours only, told by New York's clocks.
        let clock = |open: i64| DateTime::from_timestamp_micros(open).unwrap().with_timezone(&New_York);
        let regular = |open: &i64| {
            let time = clock(*open);
            time.weekday().num_days_from_monday() < 5 && ("09:30".."16:00").contains(&time.format("%H:%M").to_string().as_str())
        };
        let opens: Vec<i64> = opens.into_iter().filter(regular).collect();
        let minutely = bars_at(timeframe("1m"), &new_york(), &opens);
        let daily = minutely.resample(Timeframe::DAY, &new_york()).unwrap();
        let by_date = slowly(&minutely, |open| {
            let open = clock(open.0).date_naive().and_hms_opt(9, 30, 0).unwrap().and_local_timezone(New_York).unwrap();
            open.timestamp_micros()
        });
        prop_assert_eq!(figures(&daily), by_date);
    }

    #[test]
    fn by_way_of_another_timeframe_is_the_same(opens in minutes()) {
        for calendar in [Calendar::Weekdays, Calendar::Continuous, new_york()] {
            let minutely = bars_at(timeframe("1m"), &calendar, &opens);
            let direct = minutely.resample(Timeframe::DAY, &calendar).unwrap();
            let by_way = minutely.resample(timeframe("30m"), &calendar).unwrap().resample(Timeframe::DAY, &calendar);
            prop_assert_eq!(figures(&direct), figures(&by_way.unwrap()));
        }
    }
}

#[test]
fn the_last_bar_is_incomplete_where_the_data_end_before_it_does() {
    let weekly = |count| {
        // From Monday 2013-02-25.
        let opens: Vec<i64> = days("2013-02-25", count).collect();
        bars_at(Timeframe::DAY, &Calendar::Weekdays, &opens).resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap()
    };
    assert!(!weekly(4).last_complete());
    assert!(weekly(5).last_complete());
    let monthly = |calendar: &Calendar, count| {
        let opens: Vec<i64> = days("2024-02-01", count).collect();
        bars_at(Timeframe::DAY, calendar, &opens).resample(Timeframe::MONTH, calendar).unwrap().last_complete()
    };
    assert!(!monthly(&Calendar::Continuous, 28));
    assert!(monthly(&Calendar::Continuous, 29));
    assert!(!monthly(&new_york(), 28));
    assert!(monthly(&new_york(), 29));
}

#[test]
fn one_bar_and_none() {
    let none = bars_at(Timeframe::DAY, &Calendar::Weekdays, &[]);
    let coarse = none.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    assert!(coarse.is_empty() && coarse.last_complete() && coarse.column("adj_close").unwrap().is_empty());
    let one = bars_at(Timeframe::DAY, &Calendar::Weekdays, &[instant("2013-03-01").0]);
    let coarse = one.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    assert_eq!(figures(&coarse), [(instant("2013-02-25").0, figures(&one)[0].1, figures(&one)[0].2)]);
    assert!(coarse.last_complete(), "Friday is the last day of its week");
}

#[test]
fn finer_bars_cannot_be_made() {
    let daily = bars_at(Timeframe::DAY, &Calendar::Weekdays, &[0]);
    let error = daily.resample(timeframe("1h"), &Calendar::Weekdays).unwrap_err();
    assert_eq!(error.message(), "1h bars cannot be made of 1d bars");
    let weekly = daily.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    assert!(weekly.resample(Timeframe::MONTH, &Calendar::Weekdays).is_err(), "weeks cross months");
}

#[test]
fn adjusted_prices_keep_their_proportions_and_their_volume() {
    let bars =
        Bars::new(Timeframe::DAY, &Calendar::Weekdays, vec![0], [[8.0], [12.0], [6.0], [10.0], [700.0]].map(Vec::from));
    let bars = bars.unwrap().with_column("adj_close", vec![2.5]).unwrap();
    let row = |bars: &Bars| Field::ALL.map(|field| bars.field(field)[0]);
    assert_eq!(row(&Adjust::Total.apply(bars.clone()).unwrap()), [2.0, 3.0, 1.5, 2.5, 700.0]);
    let twice = Adjust::Total.apply(Adjust::Total.apply(bars.clone()).unwrap()).unwrap();
    assert_eq!(row(&twice), [2.0, 3.0, 1.5, 2.5, 700.0]);
    assert_eq!(row(&Adjust::None.apply(bars).unwrap()), [8.0, 12.0, 6.0, 10.0, 700.0]);
}
