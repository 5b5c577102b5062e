//! No coarser value is seen before its bar is complete, and none is seen later than it need be.

use proptest::prelude::*;
use timeweave::data::{Bars, Field};
use timeweave::time::{Alignment, Calendar, Timeframe, Timestamp};

use super::{bars_at, days, instant, new_york, session, timeframe};

fn calendars() -> [Calendar; 7] {
    let exchange = session("America/New_York", "XNYS");
    let shifted = Calendar::Weekdays.with_days_from("22:00").unwrap();
    let [tokyo, futures] = [session("Asia/Tokyo", "09:00-15:00"), session("America/Chicago", "17:00-16:00")];
    [Calendar::Weekdays, Calendar::Continuous, new_york(), tokyo, exchange, shifted, futures]
}

const TIMEFRAMES: [&str; 11] = ["15m", "1h", "4h", "12h", "1d", "2d", "3d", "1wk", "2wk", "1mo", "3mo"];

/// A bar's figures, its adjusted close included.
fn figures(bars: &Bars, bar: usize) -> (i64, Vec<u64>) {
    let fields = Field::ALL.iter().map(|field| bars.field(*field)).chain(bars.extra().iter().map(|(_, c)| c));
    (bars.timestamp(bar).0, fields.map(|column| column[bar].to_bits()).collect())
}

/// Bars of a timeframe made of `source`, or `source` itself.
fn at(source: &Bars, timeframe: Timeframe, calendar: &Calendar) -> Bars {
    if timeframe == source.timeframe() { source.clone() } else { source.resample(timeframe, calendar).unwrap() }
}

/// What is seen on each base bar must follow from the source bars that are complete by then.
fn assert_causal(opens: &[i64], source: Timeframe, base: Timeframe, coarse: Timeframe, calendar: &Calendar) {
    let source = bars_at(source, calendar, opens);
    let (base, coarse) = (at(&source, base, calendar), at(&source, coarse, calendar));
    let alignment = Alignment::new(coarse.close_instants(), base.close_instants());
    assert_eq!(alignment.len(), base.len());
    for (bar, visible) in alignment.iter().enumerate() {
        let now = base.close_instants()[bar];
        if let Some(visible) = visible {
            let known = source.close_instants().partition_point(|close| *close <= now);
            let then = at(&bars_at(source.timeframe(), calendar, &opens[..known]), coarse.timeframe(), calendar);
            assert!(visible < then.len(), "{calendar}: bar {bar} sees a {} bar of the future", coarse.timeframe());
            assert_eq!(figures(&then, visible), figures(&coarse, visible), "{calendar}: bar {bar}");
        }
        let next = visible.map_or(0, |visible| visible + 1);
        if let Some(close) = coarse.close_instants().get(next) {
            assert!(*close > now, "{calendar}: bar {bar} could see {} bar {next} already", coarse.timeframe());
        }
    }
}

/// Instants on a quarter of an hour with gaps, in long stretches: weekends, nights and clock changes
/// are among them.
fn quarters() -> impl Strategy<Value = Vec<i64>> {
    let start = prop::sample::select(vec!["2024-02-26", "2024-03-07", "2024-10-28", "2023-12-28", "1969-12-29"]);
    let step = prop_oneof![8 => 1_i64..3, 2 => 3_i64..40, 1 => 40_i64..700];
    (start, prop::collection::vec(step, 2..150)).prop_map(|(start, steps)| {
        let mut quarter = instant(start).0;
        let mut opens = vec![quarter];
        for step in steps {
            quarter += step * 15 * 60 * Timestamp::SECOND;
            opens.push(quarter);
        }
        opens
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_pair_of_timeframes_sees_the_future_intraday(
        opens in quarters(), base in 0..TIMEFRAMES.len(), coarse in 0..TIMEFRAMES.len(), calendar in 0..7_usize,
    ) {
        let (base, coarse) = (TIMEFRAMES[base.min(coarse)], TIMEFRAMES[base.max(coarse)]);
        assert_causal(&opens, timeframe("15m"), timeframe(base), timeframe(coarse), &calendars()[calendar]);
    }

    #[test]
    fn no_pair_of_timeframes_sees_the_future_from_days(
        kept in prop::collection::vec(prop::bool::weighted(0.8), 150),
        base in 4..TIMEFRAMES.len(), coarse in 4..TIMEFRAMES.len(), calendar in 0..7_usize,
    ) {
        // Bare dates, weekends among them.
        let opens: Vec<i64> = days("2023-12-20", 150).zip(kept).filter_map(|(day, kept)| kept.then_some(day)).collect();
        // In a calendar of sessions a weekend's bar goes on Monday's account and nests in no other day.
        let (base, coarse) = (TIMEFRAMES[base.min(coarse)], TIMEFRAMES[base.max(coarse)]);
        assert_causal(&opens, Timeframe::DAY, timeframe(base), timeframe(coarse), &calendars()[calendar]);
    }

    #[test]
    fn what_is_made_can_be_stored_and_is_a_period_of_its_own(opens in quarters(), calendar in 0..7_usize) {
        let calendar = calendars()[calendar].clone();
        let source = bars_at(timeframe("15m"), &calendar, &opens);
        for name in &TIMEFRAMES[1..] {
            let coarse = source.resample(timeframe(name), &calendar).unwrap();
            for open in coarse.timestamps().iter().copied().map(Timestamp) {
                prop_assert_eq!(calendar.period_start(timeframe(name), open), open);
            }
            let batch = coarse.to_record_batch().unwrap();
            let stored = Bars::from_record_batch(timeframe(name), &calendar, &batch, name);
            prop_assert!(stored.is_ok(), "{} {}: {}", calendar, name, stored.unwrap_err());
        }
    }

    #[test]
    fn alignment_is_its_definition(
        mut coarse in prop::collection::vec(-50_i64..50, 0..30), mut base in prop::collection::vec(-50_i64..50, 0..60),
    ) {
        coarse.sort_unstable();
        base.sort_unstable();
        let alignment = Alignment::new(&coarse, &base);
        for (bar, now) in base.iter().enumerate() {
            let slow = (0..coarse.len()).rev().find(|&bar| coarse[bar] <= *now);
            prop_assert_eq!(alignment.get(bar), slow);
        }
        let column: Vec<f64> = (0..coarse.len()).map(|bar| bar as f64).collect();
        let spread = alignment.spread(&column);
        for (seen, value) in alignment.iter().zip(spread) {
            prop_assert_eq!(seen.map(|bar| bar as f64), (!value.is_nan()).then_some(value));
        }
    }
}

/// The close instants at which a coarse bar is first seen, by the base bar's opening instant.
fn first_seen(calendar: &Calendar, source: &Bars, coarse: &str) -> Vec<String> {
    let coarse = source.resample(timeframe(coarse), calendar).unwrap();
    let alignment = Alignment::new(coarse.close_instants(), source.close_instants());
    let first = |bar: usize| alignment.iter().position(|seen| seen == Some(bar));
    let stamp = |bar: usize| source.timestamp(bar).to_string();
    (0..coarse.len()).map(|bar| first(bar).map_or("never".into(), stamp)).collect()
}

#[test]
fn fridays_bar_sees_its_own_week_and_the_last_weekday_its_own_month() {
    // March 2013: the 1st is a Friday; Good Friday is the 29th, the last weekday of the month.
    let holiday = instant("2013-03-29").0;
    let weekdays = days("2013-02-25", 45).filter(|day| (day / Timestamp::DAY + 3) % 7 < 5 && *day != holiday);
    let opens: Vec<i64> = weekdays.collect();
    let daily = bars_at(Timeframe::DAY, &Calendar::Weekdays, &opens);
    let weeks = first_seen(&Calendar::Weekdays, &daily, "1wk");
    // The week and the month that end on the holiday are seen a session later.
    assert_eq!(weeks[..6], ["2013-03-01", "2013-03-08", "2013-03-15", "2013-03-22", "2013-04-01", "2013-04-05"]);
    assert_eq!(first_seen(&Calendar::Weekdays, &daily, "1mo"), ["2013-02-28", "2013-04-01", "never"]);
}

#[test]
fn around_the_clock_a_period_is_seen_on_the_bar_that_ends_it() {
    let hours: Vec<i64> = (0..24 * 32).map(|hour| instant("2024-02-26").0 + hour * 3600 * Timestamp::SECOND).collect();
    let hourly = bars_at(timeframe("1h"), &Calendar::Continuous, &hours);
    let seen = |coarse| first_seen(&Calendar::Continuous, &hourly, coarse);
    assert_eq!(seen("4h")[..2], ["2024-02-26 03:00", "2024-02-26 07:00"]);
    assert_eq!(seen("1d")[..2], ["2024-02-26 23:00", "2024-02-27 23:00"]);
    assert_eq!(seen("1wk")[..2], ["2024-03-03 23:00", "2024-03-10 23:00"]);
    assert_eq!(seen("1mo"), ["2024-02-29 23:00", "never"]);
}

#[test]
fn the_last_bar_of_a_session_sees_its_day() {
    // 09:30 to 15:30 in New York, in standard time and in daylight saving time.
    let opens: Vec<i64> = ["2024-03-08 14:30", "2024-03-11 13:30"]
        .iter()
        .flat_map(|first| (0..7).map(|hour| instant(first).0 + hour * 3600 * Timestamp::SECOND))
        .collect();
    let hourly = bars_at(timeframe("1h"), &new_york(), &opens);
    assert_eq!(first_seen(&new_york(), &hourly, "1d"), ["2024-03-08 20:30", "2024-03-11 19:30"]);
    assert_eq!(first_seen(&new_york(), &hourly, "1wk"), ["2024-03-08 20:30", "never"]);
}

#[test]
fn a_week_waits_for_a_bar_that_runs_past_its_end() {
    // Four hours from Friday 22:00 on: the week's last trade may be at 02:00 on Saturday.
    let opens: Vec<i64> =
        (0..7).map(|bar| instant("2013-02-28 22:00").0 + bar * 4 * 3600 * Timestamp::SECOND).collect();
    let bars = bars_at(timeframe("4h"), &Calendar::Weekdays, &opens);
    let week = bars.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    assert_eq!(week.timestamp(0).to_string(), "2013-02-25");
    assert_eq!(Timestamp(week.close_instants()[0]).to_string(), "2013-03-02 02:00");
}
