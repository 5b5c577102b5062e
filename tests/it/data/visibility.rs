//! A coarse value shows on the first base bar that ends with its period or later, and on none before: every
//! timeframe in every other, in every kind of calendar, against a schedule that is written out by hand.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use timeweave::data::{Bars, Field};
use timeweave::time::{Alignment, Calendar, Session, Timeframe, Timestamp, Unit};

use super::{bars_at, timeframe};

const TIMEFRAMES: [&str; 15] =
    ["1s", "5s", "30s", "1m", "15m", "1h", "4h", "12h", "1d", "2d", "5d", "1wk", "2wk", "1mo", "3mo"];

/// A day of trading, from one instant to another.
#[derive(Clone, Copy, Debug)]
struct Day {
    date: NaiveDate,
    open: i64,
    close: i64,
}

/// A kind of calendar, and every day of some months in it.
struct Kind {
    name: &'static str,
    calendar: Calendar,
    days: Vec<Day>,
    weekdays_only: bool,
}

const HOLIDAYS: [&str; 4] = ["2012-10-29", "2012-10-30", "2012-11-22", "2012-12-25"];
const SHORT: [&str; 2] = ["2012-11-23", "2012-12-24"];

fn dates(weekdays_only: bool) -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2012, 9, 24).unwrap();
    first.iter_days().take(120).filter(move |date| !weekdays_only || date.weekday().num_days_from_monday() < 5)
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

/// Days from a time of the day, UTC, on `days_before` their date, to the same a day later.
fn around_the_clock(weekdays_only: bool, starts: &str, days_before: u64) -> Vec<Day> {
    let day = |date: NaiveDate| {
        let first = date.checked_sub_days(chrono::Days::new(days_before)).unwrap();
        let open = first.and_time(time(starts)).and_utc().timestamp_micros();
        Day { date, open, close: open + Timestamp::DAY }
    };
    dates(weekdays_only).map(day).collect()
}

/// Sessions between two times of the day in a timezone.
fn sessions(zone: Tz, hours: [&str; 2], closed: &[&str], short: &[&str]) -> Vec<Day> {
    let at =
        |date: NaiveDate, text: &str| zone.from_local_datetime(&date.and_time(time(text))).unwrap().timestamp_micros();
    let [open, close] = hours;
    let named = |list: &[&str], date: &NaiveDate| list.contains(&date.to_string().as_str());
    let open_dates = dates(true).filter(|date| !named(closed, date));
    let day = |date: NaiveDate| Day {
        date,
        open: at(if open < close { date } else { date.pred_opt().unwrap() }, open),
        close: at(date, if named(short, &date) { "13:00" } else { close }),
    };
    open_dates.map(day).collect()
}

fn kinds() -> Vec<Kind> {
    let zoned = |hours: &str, zone: Tz| Calendar::new(hours, zone).unwrap();
    let new_york = Tz::America__New_York;
    let given = || {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let plain = Session::new(new_york, "09:30", "16:00").unwrap().with_holidays(HOLIDAYS.map(date));
        let session = SHORT.iter().fold(plain, |all, day| all.with_early_close(date(day), "13:00").unwrap());
        Calendar::Session(session)
    };
    let from = |calendar: Calendar, start: &str| calendar.with_days_from(start).unwrap();
    let kind = |name, calendar, weekdays_only, days| Kind { name, calendar, days, weekdays_only };
    // New Year and Martin Luther King's day end the months looked at.
    let published = [&HOLIDAYS[..], &["2013-01-01", "2013-01-21"]].concat();
    vec![
        kind("weekdays", Calendar::Weekdays, true, around_the_clock(true, "00:00", 0)),
        kind("24x7", Calendar::Continuous, false, around_the_clock(false, "00:00", 0)),
        kind("weekdays from 22:00", from(Calendar::Weekdays, "22:00"), true, around_the_clock(true, "22:00", 1)),
        kind("24x7 from 08:00", from(Calendar::Continuous, "08:00"), false, around_the_clock(false, "08:00", 0)),
        kind("a session", zoned("09:30-16:00", new_york), true, sessions(new_york, ["09:30", "16:00"], &[], &[])),
        kind("holidays given", given(), true, sessions(new_york, ["09:30", "16:00"], &HOLIDAYS, &SHORT)),
        kind("XNYS", zoned("XNYS", Tz::UTC), true, sessions(new_york, ["09:30", "16:00"], &published, &SHORT)),
        kind(
            "through midnight",
            zoned("17:00-16:00", Tz::America__Chicago),
            true,
            sessions(Tz::America__Chicago, ["17:00", "16:00"], &[], &[]),
        ),
    ]
}

/// What tells a coarse bar from the others of its timeframe: the day and its part, or the number of the period.
fn period(kind: &Kind, coarse: Timeframe, day: &Day, open: i64) -> (i64, i64) {
    let count = i64::from(coarse.count());
    let number = Timestamp::midnight(day.date).0 / Timestamp::DAY;
    let (week, weekday) = ((number - 4).div_euclid(7), (number - 4).rem_euclid(7));
    match coarse.unit() {
        Unit::Second | Unit::Minute | Unit::Hour => {
            (number, (open - day.open) / (coarse.seconds() * Timestamp::SECOND))
        }
        Unit::Day if kind.weekdays_only => ((week * 5 + weekday).div_euclid(count), 0),
        Unit::Day => ((number - 4).div_euclid(count), 0),
        Unit::Week => (week.div_euclid(count), 0),
        Unit::Month => ((i64::from(day.date.year()) * 12 + i64::from(day.date.month0())).div_euclid(count), 0),
    }
}

/// When a coarse bar ends that a base bar of a day is part of: with its part of the day, or with the last day of its
/// period, whether that has bars or not.
fn end(kind: &Kind, coarse: Timeframe, day: &Day, open: i64) -> i64 {
    let own = period(kind, coarse, day, open);
    if coarse.is_intraday() {
        let span = coarse.seconds() * Timestamp::SECOND;
        return day.close.min(day.open + (own.1 + 1) * span);
    }
    let of_period = kind.days.iter().filter(|other| period(kind, coarse, other, other.open) == own);
    of_period.map(|other| other.close).max().unwrap()
}

fn figures(bars: &Bars, bar: usize) -> [f64; 5] {
    Field::ALL.map(|field| bars.field(field)[bar])
}

fn check(kind: &Kind, base: &str, coarse: &str, picked: &[(usize, usize)], bare: bool) {
    let (base, coarse) = (timeframe(base), timeframe(coarse));
    let mut rows: BTreeMap<i64, &Day> = BTreeMap::new();
    let span = base.seconds() * Timestamp::SECOND;
    for &(day, part) in picked {
        // The last months are there to say when periods end.
        let day = &kind.days[day % (kind.days.len() / 2)];
        let parts = ((day.close - day.open) as u64).div_ceil(span as u64) as usize;
        let open = if base.is_intraday() { day.open + (part % parts) as i64 * span } else { day.open };
        rows.insert(open, day);
    }
    let bare = bare && !base.is_intraday() && matches!(kind.calendar, Calendar::Session(_));
    let stamps: Vec<i64> =
        rows.iter().map(|(open, day)| if bare { Timestamp::midnight(day.date).0 } else { *open }).collect();
    let bars = bars_at(base, &kind.calendar, &stamps);
    let made = bars.resample(coarse, &kind.calendar).unwrap();
    let alignment = Alignment::new(made.close_instants(), bars.close_instants());

    let mut groups: Vec<((i64, i64), i64, Vec<usize>)> = Vec::new();
    for (bar, (open, day)) in rows.iter().enumerate() {
        let own = period(kind, coarse, day, *open);
        match groups.last_mut() {
            Some((last, _, members)) if *last == own => members.push(bar),
            _ => groups.push((own, end(kind, coarse, day, *open), vec![bar])),
        }
    }
    let told = |what: &str| format!("{}: {coarse} of {base}: {what}", kind.name);
    assert_eq!(made.len(), groups.len(), "{}", told("how many"));
    for (bar, (_, _, members)) in groups.iter().enumerate() {
        let [open, mut high, mut low, mut close, mut volume] = figures(&bars, members[0]);
        for member in &members[1..] {
            let [_, member_high, member_low, member_close, member_volume] = figures(&bars, *member);
            (high, low, close) = (high.max(member_high), low.min(member_low), member_close);
            volume += member_volume;
        }
        assert_eq!(figures(&made, bar), [open, high, low, close, volume], "{}", told("figures"));
    }
    for (bar, (open, day)) in rows.iter().enumerate() {
        let now = if base.is_intraday() { day.close.min(open + span) } else { day.close };
        assert_eq!(bars.close_instants()[bar], now, "{}", told(&format!("when {} is complete", Timestamp(*open))));
        let seen = groups.iter().rposition(|(_, end, _)| *end <= now);
        assert_eq!(alignment.get(bar), seen, "{}", told(&format!("what {} sees", Timestamp(*open))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_timeframe_in_every_other(
        picked in prop::collection::vec((0_usize..1000, 0_usize..100_000), 1..120),
        near in prop::collection::vec((20_usize..50, 0_usize..8), 0..60), bare: bool,
        base in 0..9_usize, kind in 0..8_usize,
    ) {
        let kind = &kinds()[kind];
        let picked = [picked, near].concat();
        let base = TIMEFRAMES[base];
        for coarse in TIMEFRAMES {
            if timeframe(base).nests_in(timeframe(coarse)) {
                check(kind, base, coarse, &picked, bare);
            }
        }
    }
}
