//! When bars close, in every calendar, with daylight saving.

use proptest::prelude::*;
use timeweave::time::{Calendar, Timestamp};

use super::{instant, new_york, session, timeframe};

fn assert_closes(calendar: &Calendar, rows: &[(&str, &str, &str)]) {
    for (at, open, close) in rows {
        let found = calendar.close_instant(timeframe(at), instant(open));
        assert_eq!(found.to_string(), *close, "{calendar}: the {at} bar that opens at {open}");
    }
}

#[test]
fn weekdays() {
    assert_closes(
        &Calendar::Weekdays,
        &[
            ("5m", "2013-03-01 14:30", "2013-03-01 14:35"),
            ("1d", "2013-03-01", "2013-03-02"),
            // A Saturday's own bar closes at the end of its date.
            ("1d", "2013-03-02", "2013-03-03"),
            // A day that opens at ten in the evening before is not complete at midnight.
            ("1d", "2013-02-28 22:00", "2013-03-01 22:00"),
            ("1wk", "2013-02-25", "2013-03-02"),
            ("1wk", "2013-02-27", "2013-03-02"),
            // What is dated on a weekend belongs to the week that follows.
            ("1wk", "2013-03-03", "2013-03-09"),
            ("1mo", "2013-02-01", "2013-03-01"),
            // The last weekday of March 2013 is Friday the 29th, that of June Friday the 28th.
            ("1mo", "2013-03-01", "2013-03-30"),
            ("1mo", "2013-06-01", "2013-06-29"),
            ("2d", "2013-03-01", "2013-03-05"),
            ("2wk", "2013-02-25", "2013-03-09"),
            ("3mo", "2013-01-01", "2013-03-30"),
            ("12mo", "2011-01-03", "2011-12-31"),
        ],
    );
}

#[test]
fn around_the_clock() {
    assert_closes(
        &Calendar::Continuous,
        &[
            ("5m", "2024-02-29 23:55", "2024-03-01"),
            ("1d", "2024-03-02", "2024-03-03"),
            ("1wk", "2024-02-26", "2024-03-04"),
            ("1mo", "2024-02-01", "2024-03-01"),
            ("3mo", "2023-12-01", "2024-03-01"),
            // A month that opens off the grid lasts as long.
            ("1mo", "2024-02-15 08:00", "2024-03-15 08:00"),
        ],
    );
}

#[test]
fn new_yorks_hours_move_with_daylight_saving() {
    assert_closes(
        &new_york(),
        &[
            // Standard time until 2024-03-10, daylight saving time until 2024-11-03.
            ("1h", "2024-03-08 14:30", "2024-03-08 15:30"),
            ("1h", "2024-03-08 20:30", "2024-03-08 21:00"),
            ("1h", "2024-03-11 19:30", "2024-03-11 20:00"),
            ("1h", "2024-11-01 19:30", "2024-11-01 20:00"),
            ("1h", "2024-11-04 20:30", "2024-11-04 21:00"),
            ("4h", "2024-03-11 17:30", "2024-03-11 20:00"),
            // After hours belong to the next session, on Monday.
            ("4h", "2024-03-08 21:00", "2024-03-09 01:00"),
            ("1d", "2024-03-08 14:30", "2024-03-08 21:00"),
            ("1d", "2024-03-11 13:30", "2024-03-11 20:00"),
            // A bare date is the date of the session.
            ("1d", "2024-03-11", "2024-03-11 20:00"),
            ("1wk", "2024-03-04 14:30", "2024-03-08 21:00"),
            ("1wk", "2024-03-11", "2024-03-15 20:00"),
            ("1mo", "2024-03-01 14:30", "2024-03-29 20:00"),
            ("1mo", "2024-11-01 13:30", "2024-11-29 21:00"),
        ],
    );
    // Tokyo has no daylight saving; its session opens at midnight UTC.
    let tokyo = session("Asia/Tokyo", "09:00-15:00");
    assert_closes(&tokyo, &[("1h", "2024-03-11 05:00", "2024-03-11 06:00"), ("1d", "2024-03-11", "2024-03-11 06:00")]);
}

#[test]
fn periods() {
    let rows = [
        (Calendar::Weekdays, "15m", "2013-03-01 14:44", "2013-03-01 14:30", "2013-03-01 14:45"),
        // Counted from midnight: the last one of a day is short.
        (Calendar::Weekdays, "5h", "2013-03-01 23:00", "2013-03-01 20:00", "2013-03-02"),
        (Calendar::Weekdays, "1d", "2013-03-02 10:00", "2013-03-02", "2013-03-03"),
        (Calendar::Weekdays, "1wk", "2013-03-02", "2013-03-04", "2013-03-09"),
        (Calendar::Weekdays, "1mo", "2000-04-03", "2000-04-01", "2000-04-29"),
        // Five weekdays from a Monday are a week.
        (Calendar::Weekdays, "5d", "2013-03-01", "2013-02-25", "2013-03-02"),
        (Calendar::Continuous, "1wk", "2013-03-03 23:59", "2013-02-25", "2013-03-04"),
        (Calendar::Continuous, "3mo", "2013-03-31", "2013-01-01", "2013-04-01"),
        (Calendar::Continuous, "1d", "1969-12-31 23:59", "1969-12-31", "1970-01-01"),
        (new_york(), "4h", "2024-03-11 18:00", "2024-03-11 17:30", "2024-03-11 20:00"),
        // Before the open, periods are counted from Friday's close at 21:00 UTC.
        (new_york(), "4h", "2024-03-11 13:10", "2024-03-11 13:00", "2024-03-11 13:30"),
        (new_york(), "1d", "2024-03-11 15:00", "2024-03-11 13:30", "2024-03-11 20:00"),
        (new_york(), "1wk", "2024-03-08 21:00", "2024-03-11 13:30", "2024-03-15 20:00"),
        // The 1st of June 2024 is a Saturday: the first session of the month is on the 3rd.
        (new_york(), "1mo", "2024-06-10", "2024-06-03 13:30", "2024-06-28 20:00"),
    ];
    for (calendar, at, time, start, end) in rows {
        let found = calendar.period(timeframe(at), instant(time));
        let found = (found.start.to_string(), found.end.to_string());
        assert_eq!(found, (start.into(), end.into()), "{calendar}: the {at} of {time}");
    }
}

#[test]
fn what_is_no_calendar_is_said() {
    let utc = Calendar::timezone_called("UTC").unwrap();
    for (name, says) in [
        ("weekday", "`weekday` is no calendar"),
        ("NYSE", "`NYSE` is no calendar"),
        ("9.30-16.00", "is no time of the day"),
    ] {
        let error = Calendar::new(name, utc).unwrap_err();
        assert!(error.message().contains(says), "{error}");
    }
    let typo = Calendar::timezone_called("America/New_Yrok").unwrap_err();
    assert_eq!(typo.help(), Some("did you mean `America/New_York`?"));
    let zone = Calendar::timezone_called("America/New_York").unwrap();
    assert!(Calendar::new("weekdays", zone).unwrap_err().message().contains("UTC"));
}

fn every_kind() -> [Calendar; 6] {
    let exchange = session("America/New_York", "XNYS");
    let shifted = Calendar::Continuous.with_days_from("22:00").unwrap();
    [Calendar::Weekdays, Calendar::Continuous, new_york(), exchange, shifted, session("America/Chicago", "17:00-16:00")]
}

proptest! {
    #[test]
    fn a_column_of_closes_is_its_bars_one_by_one(
        mut opens in prop::collection::vec(-4_000_000_000_000_000_i64..4_000_000_000_000_000, 1..60),
        at in prop::sample::select(vec!["1s", "1m", "1h", "7h", "1d", "3d", "1wk", "1mo", "5mo"]), calendar in 0..6_usize,
    ) {
        let calendar = every_kind()[calendar].clone();
        opens.sort_unstable();
        let column = calendar.close_instants(timeframe(at), &opens);
        prop_assert!(column.is_sorted());
        let mut latest = i64::MIN;
        for (open, close) in opens.iter().zip(column) {
            latest = latest.max(calendar.close_instant(timeframe(at), Timestamp(*open)).0);
            prop_assert_eq!(close, latest);
            prop_assert!(close > *open, "a bar cannot be complete before it opens");
        }
    }

    #[test]
    fn no_instant_is_too_far_away(
        open in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)],
        at in prop::sample::select(vec!["1s", "1m", "10000h", "1d", "10000d", "1wk", "10000wk", "1mo", "10000mo"]),
        calendar in 0..6_usize,
    ) {
        let calendar = every_kind()[calendar].clone();
        calendar.close_instants(timeframe(at), &[open]);
        calendar.period(timeframe(at), Timestamp(open));
    }
}
