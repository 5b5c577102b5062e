//! Data: calendars, alignment, resampling, files in and out, and what bad files are told.

// Helpers may fail a test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod adjustment;
mod alignment;
mod bad_files;
mod calendars;
mod check;
mod exchanges;
#[cfg(feature = "fetch")]
mod fetch;
mod files;
mod importing;
mod merging;
mod mutants;
mod ranges;
mod resampling;
mod streams;
mod synth;
mod visibility;

use chrono::NaiveDate;
use timeweave::data::Bars;
use timeweave::time::{Calendar, Timeframe, Timestamp};

fn timeframe(text: &str) -> Timeframe {
    text.parse().unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn session(timezone: &str, hours: &str) -> Calendar {
    Calendar::new(hours, Calendar::timezone_called(timezone).unwrap()).unwrap()
}

fn new_york() -> Calendar {
    session("America/New_York", "09:30-16:00")
}

/// Bars at these instants, whose figures differ from bar to bar and are told by the instant alone.
fn bars_at(timeframe: Timeframe, calendar: &Calendar, opens: &[i64]) -> Bars {
    let noise = |open: i64, salt: i64| ((open / 60_000_000 * 7919 + salt * 104_729).rem_euclid(1009)) as f64 / 8.0;
    let column = |salt: i64, base: f64| opens.iter().map(|&open| base + noise(open, salt)).collect::<Vec<f64>>();
    let fields = [column(1, 200.0), column(2, 400.0), column(3, 50.0), column(4, 200.0), column(5, 1000.0)];
    let bars = Bars::new(timeframe, calendar, opens.to_vec(), fields).unwrap();
    bars.with_column("adj_close", column(6, 10.0)).unwrap()
}

/// Midnights UTC from one date on, for so many days.
fn days(first: &str, count: i64) -> impl Iterator<Item = i64> {
    let first = Timestamp::midnight(first.parse::<NaiveDate>().unwrap()).0;
    (0..count).map(move |day| first + day * Timestamp::DAY)
}
