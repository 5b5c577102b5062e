//! The New York Stock Exchange's days, against what it published and against the days on which it traded.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use timeweave::data::{Adjust, Catalog, Manifest};
use timeweave::time::{Calendar, Session, Timeframe, Timestamp};

use super::{bars_at, instant, session, timeframe};

fn exchange() -> Calendar {
    Calendar::new("XNYS", Calendar::timezone_called("UTC").unwrap()).unwrap()
}

fn date(year: i32, (month, day): (u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn weekdays(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |date| *date <= last).filter(|date| date.weekday().num_days_from_monday() < 5)
}

/// The date and the hour in New York at which the session closes that a bare date belongs to.
fn close(date: NaiveDate) -> (NaiveDate, String) {
    let close = exchange().close_instant(Timeframe::DAY, Timestamp::midnight(date));
    let local = chrono::DateTime::from_timestamp_micros(close.0).unwrap().with_timezone(&chrono_tz::America::New_York);
    (local.date_naive(), local.format("%H:%M").to_string())
}

/// A year, its holidays and its early closes, as months and days.
type Year = (i32, &'static [(u32, u32)], &'static [(u32, u32)]);

/// As the exchange published them, and closed out of turn.
const PUBLISHED: [Year; 19] = [
    (1994, &[(2, 21), (4, 1), (4, 27), (5, 30), (7, 4), (9, 5), (11, 24), (12, 26)], &[(11, 25)]),
    (
        1997,
        &[(1, 1), (2, 17), (3, 28), (5, 26), (7, 4), (9, 1), (11, 27), (12, 25)],
        &[(7, 3), (11, 28), (12, 24), (12, 26)],
    ),
    (
        2001,
        &[
            (1, 1),
            (1, 15),
            (2, 19),
            (4, 13),
            (5, 28),
            (7, 4),
            (9, 3),
            (9, 11),
            (9, 12),
            (9, 13),
            (9, 14),
            (11, 22),
            (12, 25),
        ],
        &[(7, 3), (11, 23), (12, 24)],
    ),
    (
        2012,
        &[(1, 2), (1, 16), (2, 20), (4, 6), (5, 28), (7, 4), (9, 3), (10, 29), (10, 30), (11, 22), (12, 25)],
        &[(7, 3), (11, 23), (12, 24)],
    ),
    (
        2013,
        &[(1, 1), (1, 21), (2, 18), (3, 29), (5, 27), (7, 4), (9, 2), (11, 28), (12, 25)],
        &[(7, 3), (11, 29), (12, 24)],
    ),
    (
        2014,
        &[(1, 1), (1, 20), (2, 17), (4, 18), (5, 26), (7, 4), (9, 1), (11, 27), (12, 25)],
        &[(7, 3), (11, 28), (12, 24)],
    ),
    (2015, &[(1, 1), (1, 19), (2, 16), (4, 3), (5, 25), (7, 3), (9, 7), (11, 26), (12, 25)], &[(11, 27), (12, 24)]),
    (2016, &[(1, 1), (1, 18), (2, 15), (3, 25), (5, 30), (7, 4), (9, 5), (11, 24), (12, 26)], &[(11, 25)]),
    (2017, &[(1, 2), (1, 16), (2, 20), (4, 14), (5, 29), (7, 4), (9, 4), (11, 23), (12, 25)], &[(7, 3), (11, 24)]),
    (
        2018,
        &[(1, 1), (1, 15), (2, 19), (3, 30), (5, 28), (7, 4), (9, 3), (11, 22), (12, 5), (12, 25)],
        &[(7, 3), (11, 23), (12, 24)],
    ),
    (
        2019,
        &[(1, 1), (1, 21), (2, 18), (4, 19), (5, 27), (7, 4), (9, 2), (11, 28), (12, 25)],
        &[(7, 3), (11, 29), (12, 24)],
    ),
    (2020, &[(1, 1), (1, 20), (2, 17), (4, 10), (5, 25), (7, 3), (9, 7), (11, 26), (12, 25)], &[(11, 27), (12, 24)]),
    (2021, &[(1, 1), (1, 18), (2, 15), (4, 2), (5, 31), (7, 5), (9, 6), (11, 25), (12, 24)], &[(11, 26)]),
    (2022, &[(1, 17), (2, 21), (4, 15), (5, 30), (6, 20), (7, 4), (9, 5), (11, 24), (12, 26)], &[(11, 25)]),
    (
        2023,
        &[(1, 2), (1, 16), (2, 20), (4, 7), (5, 29), (6, 19), (7, 4), (9, 4), (11, 23), (12, 25)],
        &[(7, 3), (11, 24)],
    ),
    (
        2024,
        &[(1, 1), (1, 15), (2, 19), (3, 29), (5, 27), (6, 19), (7, 4), (9, 2), (11, 28), (12, 25)],
        &[(7, 3), (11, 29), (12, 24)],
    ),
    (
        2025,
        &[(1, 1), (1, 9), (1, 20), (2, 17), (4, 18), (5, 26), (6, 19), (7, 4), (9, 1), (11, 27), (12, 25)],
        &[(7, 3), (11, 28), (12, 24)],
    ),
    (
        2026,
        &[(1, 1), (1, 19), (2, 16), (4, 3), (5, 25), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25)],
        &[(11, 27), (12, 24)],
    ),
    (2027, &[(1, 1), (1, 18), (2, 15), (3, 26), (5, 31), (6, 18), (7, 5), (9, 6), (11, 25), (12, 24)], &[(11, 26)]),
];

#[test]
fn its_year_is_as_published() {
    for (year, holidays, early) in PUBLISHED {
        let days = |days: &[(u32, u32)]| days.iter().map(|day| date(year, *day)).collect::<BTreeSet<_>>();
        let all = || weekdays(date(year, (1, 1)), date(year, (12, 31)));
        let closed: BTreeSet<_> = all().filter(|date| close(*date).0 != *date).collect();
        assert_eq!(closed, days(holidays), "{year}");
        let short: BTreeSet<_> = all().filter(|date| close(*date) == (*date, "13:00".into())).collect();
        assert_eq!(short, days(early), "{year}");
        let full = all().filter(|date| close(*date) == (*date, "16:00".into())).count();
        assert_eq!(full + closed.len() + short.len(), all().count(), "{year}: another hour");
    }
}

#[test]
fn it_is_open_on_the_days_on_which_its_shares_have_bars() {
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let traded: BTreeSet<NaiveDate> = ["AAPL", "MSFT"]
        .iter()
        .flat_map(|symbol| {
            let instrument = format!("us_equities/{symbol}").parse().unwrap();
            let bars = catalog.bars(&instrument, Timeframe::DAY, Adjust::None).unwrap();
            bars.timestamps().iter().map(|open| Timestamp(*open).date()).collect::<Vec<_>>()
        })
        .collect();
    let (first, last) = (*traded.first().unwrap(), *traded.last().unwrap());
    let wrong: Vec<_> =
        weekdays(first, last).filter(|date| (close(*date).0 == *date) != traded.contains(date)).collect();
    assert_eq!(wrong, []);
}

#[test]
fn what_it_has_not_published_is_known_late() {
    // The last weekday of a month, a holiday or not.
    assert_eq!(close(date(2028, (12, 25))), (date(2028, (12, 25)), "16:00".into()));
    assert_eq!(close(date(1989, (12, 25))), (date(1989, (12, 25)), "16:00".into()));
}

#[test]
fn a_week_closes_on_its_last_session() {
    let calendar = exchange();
    let closes = |at: &str, open: &str| calendar.close_instant(timeframe(at), instant(open)).to_string();
    // Good Friday, and the week of the hurricane, which began on a Wednesday.
    assert_eq!(closes("1wk", "2013-03-25"), "2013-03-28 20:00");
    assert_eq!(closes("1mo", "2013-03-01"), "2013-03-28 20:00");
    assert_eq!(calendar.period_start(Timeframe::WEEK, instant("2012-11-01")).to_string(), "2012-10-31 13:30");
    // The Friday after Thanksgiving closes at 13:00.
    assert_eq!(closes("1wk", "2012-11-19"), "2012-11-23 18:00");
    assert_eq!(closes("1d", "2012-11-23"), "2012-11-23 18:00");
}

/// The hours of a date's session, and when each closes.
fn hours(calendar: &Calendar, first: &str, count: i64) -> Vec<(String, String)> {
    let opens: Vec<i64> = (0..count).map(|hour| instant(first).0 + hour * 3600 * Timestamp::SECOND).collect();
    let closes = calendar.close_instants(timeframe("1h"), &opens);
    let time = |instant: i64| Timestamp(instant).to_string()[11..].to_owned();
    opens.into_iter().zip(closes).map(|(open, close)| (time(open), time(close))).collect()
}

#[test]
fn an_hours_bars_are_counted_from_the_open_and_cut_off_at_the_close() {
    let calendar = exchange();
    let pair = |(open, close): &(String, String)| format!("{open}-{close}");
    let told = |first, count| hours(&calendar, first, count).iter().map(pair).collect::<Vec<_>>().join(" ");
    // The last day of winter time and the first of summer time, and back.
    let winter = "14:30-15:30 15:30-16:30 16:30-17:30 17:30-18:30 18:30-19:30 19:30-20:30 20:30-21:00";
    let summer = "13:30-14:30 14:30-15:30 15:30-16:30 16:30-17:30 17:30-18:30 18:30-19:30 19:30-20:00";
    assert_eq!(told("2012-03-09 14:30", 7), winter);
    assert_eq!(told("2012-03-12 13:30", 7), summer);
    assert_eq!(told("2012-11-02 13:30", 7), summer);
    assert_eq!(told("2012-11-05 14:30", 7), winter);
    assert_eq!(told("2012-11-23 14:30", 4), "14:30-15:30 15:30-16:30 16:30-17:30 17:30-18:00");
    // What trades after a short day's close goes on the account of the Monday after.
    let monday = calendar.period(Timeframe::DAY, instant("2012-11-23 18:30"));
    assert_eq!(
        (monday.start.to_string(), monday.end.to_string()),
        ("2012-11-26 14:30".into(), "2012-11-26 21:00".into())
    );
}

#[test]
fn seconds_are_stored_and_coarser_bars_made_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("ticks/X")).unwrap();
    std::fs::write(Manifest::path(&folder.path().join("ticks")), "calendar = \"XNYS\"\n").unwrap();
    // The last hour of a short day, from 12:00 to 13:00 in New York.
    let opens: Vec<i64> = (0..3600).map(|second| instant("2012-11-23 17:00").0 + second * Timestamp::SECOND).collect();
    let bars = bars_at(timeframe("1s"), &exchange(), &opens);
    bars.write_parquet(&folder.path().join("ticks/X/1s.parquet")).unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let at = |text: &str| {
        let bars = catalog.bars(&"ticks/X".parse().unwrap(), timeframe(text), Adjust::None).unwrap();
        let ends = [bars.timestamps()[0], bars.close_instants()[bars.len() - 1]].map(|end| Timestamp(end).to_string());
        (bars.len(), ends[0].clone(), ends[1].clone(), bars.last_complete())
    };
    let row = |count, first: &str, last: &str| (count, first.to_owned(), last.to_owned(), true);
    assert_eq!(at("1s"), row(3600, "2012-11-23 17:00", "2012-11-23 18:00"));
    assert_eq!(at("5s"), row(720, "2012-11-23 17:00", "2012-11-23 18:00"));
    // Counted from the open at 14:30, so that the first holds half an hour and the last is cut off at 18:00.
    assert_eq!(at("1h"), row(2, "2012-11-23 16:30", "2012-11-23 18:00"));
    assert_eq!(at("1wk"), row(1, "2012-11-19 14:30", "2012-11-23 18:00"));
}

#[test]
fn a_session_may_go_through_midnight() {
    let futures = session("America/Chicago", "17:00-16:00");
    let rows = [
        // Sunday evening is Monday's, before and after the clocks change.
        ("1d", "2024-03-08 12:00", "2024-03-07 23:00", "2024-03-08 22:00"),
        ("1d", "2024-03-10 22:00", "2024-03-10 22:00", "2024-03-11 21:00"),
        ("1d", "2024-03-08 22:00", "2024-03-10 22:00", "2024-03-11 21:00"),
        ("4h", "2024-03-11 03:00", "2024-03-11 02:00", "2024-03-11 06:00"),
        // The hour in which it rests.
        ("4h", "2024-03-11 21:30", "2024-03-11 21:00", "2024-03-11 22:00"),
        ("1wk", "2024-03-12 10:00", "2024-03-10 22:00", "2024-03-15 21:00"),
        ("1mo", "2024-03-12 10:00", "2024-02-29 23:00", "2024-03-29 21:00"),
    ];
    for (at, time, start, end) in rows {
        let found = futures.period(timeframe(at), instant(time));
        assert_eq!((found.start.to_string(), found.end.to_string()), (start.into(), end.into()), "the {at} of {time}");
    }
    // A bare date is that of the close.
    assert_eq!(futures.close_instant(Timeframe::DAY, instant("2024-03-11")).to_string(), "2024-03-11 21:00");
    // Currencies trade around the clock from Sunday, 17:00 in New York.
    let currencies = session("America/New_York", "17:00-17:00");
    let monday = currencies.period(Timeframe::DAY, instant("2024-03-11 12:00"));
    assert_eq!(
        (monday.start.to_string(), monday.end.to_string()),
        ("2024-03-10 21:00".into(), "2024-03-11 21:00".into())
    );
}

#[test]
fn a_new_dataset_toml_says_all_of_its_calendar() {
    let london = Session::new(chrono_tz::Europe::London, "08:00", "16:30").unwrap();
    let days = [date(2012, (12, 26)), date(2012, (6, 5))];
    let london = london.with_holidays(days).with_early_close(date(2012, (12, 24)), "12:30").unwrap();
    let Calendar::Session(new_york) = exchange() else { panic!("the exchange has sessions") };
    let stormy = new_york.clone().with_early_close(date(1994, (2, 11)), "14:30").unwrap();
    let shifted = Calendar::Continuous.with_days_from("22:00").unwrap();
    let calendars = [london, stormy, new_york].map(Calendar::Session);
    for calendar in calendars.into_iter().chain([shifted, Calendar::Weekdays]) {
        let folder = tempfile::tempdir().unwrap();
        let plain = Manifest::parse("calendar = \"weekdays\"", "plain").unwrap();
        Manifest { calendar: calendar.clone(), ..plain }.write(folder.path()).unwrap();
        let text = std::fs::read_to_string(Manifest::path(folder.path())).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap().calendar, calendar, "{text}");
        let given = calendar.definition();
        assert_eq!(given.contains("closed 2012-12-26"), text.contains("holidays = [\"2012-06-05\", \"2012-12-26\"]"));
        assert_eq!(given.contains("until 14:30 on 1994-02-11"), text.contains("{ \"1994-02-11\" = \"14:30\" }"));
    }
}

#[test]
fn days_may_start_at_another_time_than_midnight() {
    let from = |calendar: Calendar, time| calendar.with_days_from(time).unwrap();
    let rows = [
        (from(Calendar::Continuous, "08:00"), "1d", "2024-03-05 07:59", "2024-03-04 08:00", "2024-03-05 08:00"),
        (from(Calendar::Continuous, "08:00"), "4h", "2024-03-05 07:59", "2024-03-05 04:00", "2024-03-05 08:00"),
        (from(Calendar::Continuous, "08:00"), "1mo", "2024-03-01 07:59", "2024-02-01 08:00", "2024-03-01 08:00"),
        (from(Calendar::Continuous, "22:00"), "1mo", "2024-02-29 22:00", "2024-02-29 22:00", "2024-03-31 22:00"),
        (from(Calendar::Weekdays, "22:00"), "1d", "2024-03-03 23:00", "2024-03-03 22:00", "2024-03-04 22:00"),
        (from(Calendar::Weekdays, "22:00"), "1wk", "2024-03-05 12:00", "2024-03-03 22:00", "2024-03-08 22:00"),
        (from(Calendar::Weekdays, "22:00"), "12h", "2024-03-05 12:00", "2024-03-05 10:00", "2024-03-05 22:00"),
    ];
    for (calendar, at, time, start, end) in rows {
        let found = calendar.period(timeframe(at), instant(time));
        let (start, end) = (instant(start), instant(end));
        assert_eq!((found.start, found.end), (start, end), "{}: the {at} of {time}", calendar.definition());
        assert_eq!(calendar.close_instant(timeframe(at), start), end, "{}: the {at} of {time}", calendar.definition());
    }
    assert_eq!(from(Calendar::Continuous, "00:00"), Calendar::Continuous);
    assert_eq!(from(Calendar::Continuous, "22:00").definition(), "24x7 from 22:00 UTC");
    assert!(exchange().with_days_from("22:00").unwrap_err().message().contains("when it opens"));
}
