//! The New York Stock Exchange: its holidays and early closes, by its rules and as they were.
//!
//! Source: NYSE Rule 7.2, the exchange's list of special closings, and the holidays and early closings
//! that it has published, which go to 2027. A table that guessed would close bars early where the
//! exchange decides otherwise; after its last year only weekends are known, and bars close late.

use std::sync::{Arc, LazyLock};

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};

use crate::time::Timestamp;
use crate::time::day::{self, Day};
use crate::time::exceptions::Exceptions;

/// The exchange's market identifier code (ISO 10383).
pub(super) const CODE: &str = "XNYS";
/// The years of its table.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2027;

/// Closed out of turn: funerals of presidents, the attacks of 2001, the hurricane of 2012.
const CLOSED: [(i32, u32, u32); 11] = [
    (1994, 4, 27),
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];

/// Fridays after Christmas that closed at 13:00.
const AFTER_CHRISTMAS: [(i32, u32, u32); 2] = [(1997, 12, 26), (2003, 12, 26)];

/// What is known of 1990 to 2027. Early closes that nobody announced (storms, breakdowns) are not in it.
pub(super) fn exceptions() -> Arc<Exceptions> {
    static TABLE: LazyLock<Arc<Exceptions>> = LazyLock::new(|| Arc::new(table()));
    TABLE.clone()
}

fn table() -> Exceptions {
    let mut table = Exceptions::default();
    let date = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
    table.holidays.extend(CLOSED.into_iter().filter_map(date).map(number));
    for year in YEARS {
        table.holidays.extend(holidays(year).into_iter().flatten().map(number));
    }
    let one_o_clock = |date| (date, 13);
    let after_christmas = AFTER_CHRISTMAS.into_iter().filter_map(date).map(one_o_clock);
    for (date, hour) in YEARS.flat_map(early_closes).chain(after_christmas) {
        if let Some(time) = NaiveTime::from_hms_opt(hour, 0, 0)
            && table.is_open(number(date))
        {
            table.early_closes.insert(number(date), time);
        }
    }
    table
}

fn number(date: NaiveDate) -> Day {
    day::of(Timestamp::midnight(date))
}

/// The holidays of a year, where it kept them, as they are observed.
fn holidays(year: i32) -> [Option<NaiveDate>; 10] {
    use Weekday::{Mon, Sat, Sun, Thu};
    let date = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let nth = |month, weekday, number| NaiveDate::from_weekday_of_month_opt(year, month, weekday, number);
    let observed = |date: NaiveDate| match date.weekday() {
        Sat => date - Duration::days(1),
        Sun => date + Duration::days(1),
        _ => date,
    };
    let last_monday_of_may = nth(5, Mon, 5).or_else(|| nth(5, Mon, 4));
    [
        // On a Saturday it would be observed in the old year, which it is not: the books are closed then.
        date(1, 1).filter(|date| date.weekday() != Sat).map(observed),
        nth(1, Mon, 3).filter(|_| year >= 1998),
        nth(2, Mon, 3),
        easter(year).map(|sunday| sunday - Duration::days(2)),
        last_monday_of_may,
        date(6, 19).filter(|_| year >= 2022).map(observed),
        date(7, 4).map(observed),
        nth(9, Mon, 1),
        nth(11, Thu, 4),
        date(12, 25).map(observed),
    ]
}

/// The early closes of a year that are no holidays, and their hours.
fn early_closes(year: i32) -> Vec<(NaiveDate, u32)> {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let date = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let hour = if year < 1993 { 14 } else { 13 };
    let thanksgiving = NaiveDate::from_weekday_of_month_opt(year, 11, Thu, 4);
    let after_thanksgiving = thanksgiving.map(|date| date + Duration::days(1)).filter(|_| year >= 1992);
    let christmas_eve = date(12, 24).filter(|date| !matches!(date.weekday(), Fri | Weekday::Sat | Weekday::Sun));
    // Before a Thursday's holiday it closed late and took the Friday after short instead, until 2012.
    let independence_eve = date(7, 3).filter(|date| match date.weekday() {
        Mon | Tue | Thu => year >= 1995,
        Wed => year >= 2013,
        _ => false,
    });
    let after_independence = date(7, 5).filter(|date| date.weekday() == Fri && (1995..2013).contains(&year));
    let days = [after_thanksgiving, christmas_eve, independence_eve, after_independence];
    days.into_iter().flatten().map(|date| (date, hour)).collect()
}

/// Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, rest) = (year.div_euclid(100), year.rem_euclid(100));
    let corrected = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - corrected + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let march = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(march / 31).ok()?, u32::try_from(march % 31 + 1).ok()?)
}
