//! What reaches a rule through the whole of a script: levels of the last closed week, columns of the
//! clock, the session's average.

use std::collections::BTreeMap;

use chrono::{Datelike, TimeZone, Timelike};
use timeweave::data::{Bars, Column, Field};
use timeweave::plan::Plan;
use timeweave::run::{InstrumentBars, Keep, evaluate};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::walk;

/// What a script plots, by name, at its base timeframe.
fn plotted(plots: &str, bars: Vec<Bars>) -> BTreeMap<String, Column> {
    let registry = standard_registry().unwrap();
    let text = format!("strategy(#{{ universe: \"made/UP\", long: #{{ enter: true }}, plot: #{{ {plots} }} }})");
    let strategy = compile(&text, "plots.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let plan = Plan::new(&strategy, &registry).unwrap();
    let made = InstrumentBars::new("made/UP".parse().unwrap(), bars);
    let evaluation = evaluate(&plan, vec![made], Keep::Every, |_, _| unreachable!("there is no model")).unwrap();
    let values = &evaluation.instruments[0];
    plan.plot.iter().map(|(name, id)| (name.clone(), values.numbers(*id, plan.base).unwrap())).collect()
}

fn bars(timeframe: &str, calendar: &Calendar, opens: Vec<i64>) -> Bars {
    let market = walk(8, opens.len());
    let fields = Field::ALL.map(|field| market.column(field).to_vec());
    Bars::new(timeframe.parse().unwrap(), calendar, opens, fields).unwrap()
}

#[test]
fn a_days_pivots_are_those_of_the_last_week_that_has_closed() {
    // Monday 2012-01-02 and on: a week is days 5 * n to 5 * n + 4.
    let monday = "2012-01-02".parse::<Timestamp>().unwrap();
    let days = (0..140).filter(|day| day % 7 < 5).map(|day| monday.0 + day * Timestamp::DAY).collect();
    let day = bars("1d", &Calendar::Weekdays, days);
    let week = day.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    let plots = r#"r1: pivot(bars("1wk")).r1 + bars("1d").close * 0, s3: pivot(bars("1wk")).s3"#;
    let plots = plotted(plots, vec![day.clone(), week]);
    let [high, low, close] = [Field::High, Field::Low, Field::Close].map(|field| day.field(field).to_vec());
    for (bar, (r1, s3)) in plots["r1"].iter().zip(plots["s3"].iter()).enumerate() {
        // Friday's close is its week's.
        let Some(ended) = ((bar + 1) / 5).checked_sub(1) else {
            assert!(r1.is_nan() && s3.is_nan());
            continue;
        };
        let days = 5 * ended..5 * ended + 5;
        let (high, low) = (super::highest(&high[days.clone()]), super::lowest(&low[days.clone()]));
        let pivot = (high + low + close[days.end - 1]) / 3.0;
        assert!((r1 - (2.0 * pivot - low)).abs() < 1e-9, "r1 on bar {bar}");
        assert!((s3 - (low - 2.0 * (high - pivot))).abs() < 1e-9, "s3 on bar {bar}");
    }
    assert_eq!(plots["r1"].len(), 100);
}

#[test]
fn minutes_know_their_exchanges_clock_and_average_their_own_session() {
    let zone = Calendar::timezone_called("America/New_York").unwrap();
    let calendar = Calendar::new("09:30-16:00", zone).unwrap();
    // Ten dates around the change to daylight saving on Sunday 2013-03-10, half-hours from 09:30 to 16:00.
    let mut opens = Vec::new();
    let mut clock = Vec::new();
    for date in [4, 5, 6, 7, 8, 11, 12, 13, 14, 15] {
        for half_hour in 19..32 {
            let open = zone.with_ymd_and_hms(2013, 3, date, half_hour / 2, 30 * (half_hour % 2), 0).unwrap();
            opens.push(open.timestamp_micros());
            clock.push(open);
        }
    }
    let half_hours = bars("30m", &calendar, opens);
    let plots = r#"
        hour: bars("30m").hour, minute: bars("30m").minute, weekday: bars("30m").weekday, day: bars("30m").day,
        month: bars("30m").month, year: bars("30m").year, session: bars("30m").session,
        vwap: session_vwap(typprice(bars("30m")), bars("30m").volume, bars("30m").session).vwap,
        opening: anchored_vwap(
            bars("30m").close, bars("30m").volume, select(bars("30m").hour == 9 and bars("30m").weekday == 1, 1, 0)
        ).vwap
    "#;
    let plots = plotted(plots, vec![half_hours.clone()]);
    for (bar, open) in clock.iter().enumerate() {
        let expected = [
            ("hour", open.hour()),
            ("minute", open.minute()),
            ("weekday", open.weekday().number_from_monday()),
            ("day", open.day()),
            ("month", 3),
            ("year", 2013),
        ];
        for (name, expected) in expected {
            assert_eq!(plots[name][bar], f64::from(expected), "{name} at {open}");
        }
        assert_eq!(plots["session"][bar] - plots["session"][0], f64::from(open.day() - 4), "{open}");
        let volume = half_hours.field(Field::Volume);
        let average = |begin: usize, price: &dyn Fn(usize) -> f64| {
            let sum = |of: &dyn Fn(usize) -> f64| (begin..=bar).map(|bar| volume[bar] * of(bar)).sum::<f64>();
            sum(price) / sum(&|_| 1.0)
        };
        let close = |bar: usize| half_hours.field(Field::Close)[bar];
        let typical =
            |bar: usize| (half_hours.field(Field::High)[bar] + half_hours.field(Field::Low)[bar] + close(bar)) / 3.0;
        assert!((plots["vwap"][bar] - average(bar - bar % 13, &typical)).abs() < 1e-9, "{open}");
        // Anchored on the first half-hour of each Monday.
        assert!((plots["opening"][bar] - average(bar - bar % 65, &close)).abs() < 1e-9, "{open}");
    }
}

#[test]
fn a_column_of_the_file_goes_before_the_clock() {
    let opens = (0..5).map(|day| day * Timestamp::DAY).collect();
    let day = bars("1d", &Calendar::Continuous, opens).with_column("session", vec![7.0; 5]).unwrap();
    let plots = plotted(r#"session: bars("1d").session, weekday: bars("1d").weekday"#, vec![day]);
    assert_eq!(plots["session"].to_vec(), [7.0; 5]);
    // 1970-01-01 was a Thursday.
    assert_eq!(plots["weekday"].to_vec(), [4.0, 5.0, 6.0, 7.0, 1.0]);
}
