//! External series: what is seen of them, and from when on.

mod check;
mod files;
mod runs;

use std::collections::BTreeMap;

use proptest::prelude::*;
use timeweave::data::{Bars, Column, External, ExternalSource, Instrument, Releases, Revisions};
use timeweave::expr::BarsRef;
use timeweave::pipeline::{self, Evaluated, MarketData, evaluate_on};
use timeweave::plan::Plan;
use timeweave::run::{ClosedBar, InstrumentBars, Keep, Rows, Stream, evaluate};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::strategy::Strategy as Declared;
use timeweave::time::{Calendar, Span, Timeframe, Timestamp};

const DAY: i64 = Timestamp::DAY;

/// A release: what it is about, from when on it is known (both in days), and its figure.
type Row = (i64, i64, f64);

fn releases(rows: &[Row]) -> Releases {
    let days = |of: fn(&Row) -> i64| rows.iter().map(|row| of(row) * DAY).collect();
    let values: Vec<f64> = rows.iter().map(|row| row.2).collect();
    Releases::new(days(|row| row.0), days(|row| row.1), vec![("value".into(), values.into())]).unwrap()
}

fn external(rows: &[Row], revisions: Revisions, max_age: Option<&str>) -> External {
    let max_age: Option<Span> = max_age.map(|age| age.parse().unwrap());
    External::new(releases(rows), revisions, max_age).unwrap()
}

/// Bars of as many days from day 0 on: that of day n closes at n + 1. Each opens and closes at 1 + n.
fn days(count: usize) -> Bars {
    let timestamps = (0..count as i64).map(|day| day * DAY).collect();
    let price: Vec<f64> = (0..count).map(|day| 1.0 + day as f64).collect();
    let fields = [price.clone(), price.clone(), price.clone(), price, vec![1.0; count]];
    Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, fields).unwrap()
}

/// A strategy that plots what `lines` declare as `plots`.
fn declared(universe: &str, lines: &str, plots: &[&str]) -> Declared {
    let registry = standard_registry().unwrap();
    let plots: Vec<String> = plots.iter().map(|name| format!("{name}: {name}")).collect();
    let text = format!(
        r#"let day = bars("1d"); {lines}
        strategy(#{{ universe: {universe}, long: #{{ enter: day.close > 0 }}, plot: #{{ {} }} }})"#,
        plots.join(", ")
    );
    compile(&text, "external.rhai", &Options { registry: &registry, settings: &[] }).unwrap()
}

fn run(strategy: Declared, instruments: Vec<InstrumentBars>) -> Evaluated {
    let registry = standard_registry().unwrap();
    let market = MarketData::from_bars(instruments);
    evaluate_on(strategy, &registry, market, &pipeline::Options::default(), &mut |_| {}).unwrap()
}

fn plotted(run: &Evaluated, instrument: usize, name: &str) -> Column {
    let (_, id) = run.plan.plot.iter().find(|(plot, _)| plot == name).unwrap();
    run.evaluation.instruments[instrument].numbers(*id, run.plan.base).unwrap()
}

/// What an expression comes to on daily bars, with `x` the series `macro/x`.
fn seen(expression: &str, x: External, count: usize) -> Column {
    let own = InstrumentBars::new("made/OWN".parse().unwrap(), [days(count)]);
    let own = own.with_external("macro/x".parse().unwrap(), x);
    let lines = format!("let x = external(\"macro/x\"); let it = {expression};");
    plotted(&run(declared("\"made/OWN\"", &lines, &["it"]), vec![own]), 0, "it")
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }).collect()
}

const NAN: f64 = f64::NAN;

#[test]
fn a_figure_is_seen_from_its_release_on_and_holds_until_the_next() {
    // Of day 0, known at 2: on the bar that closes then. Of day 1, known at 5.
    let x = external(&[(0, 2, 10.0), (1, 5, 20.0)], Revisions::Known, None);
    assert_eq!(bits(&seen("x", x, 6)), bits(&[NAN, 10.0, 10.0, 10.0, 20.0, 20.0]));
}

#[test]
fn a_revision_changes_the_past_that_is_looked_back_upon() {
    // Day 0 is 10, and 12 from 6 on; day 1 is 20, day 2 is 30 from 7 on.
    let rows = [(0, 2, 10.0), (1, 4, 20.0), (0, 6, 12.0), (2, 7, 30.0)];
    let x = |revisions| external(&rows, revisions, None);
    // The latest date counts: the revision of an older one does not show.
    assert_eq!(bits(&seen("x", x(Revisions::Known), 8)), bits(&[NAN, 10.0, 10.0, 20.0, 20.0, 20.0, 30.0, 30.0]));
    let before = seen("x[1]", x(Revisions::Known), 8);
    assert_eq!(bits(&before), bits(&[NAN, NAN, NAN, 10.0, 10.0, 12.0, 20.0, 20.0]));
    assert_eq!(seen("x[2]", x(Revisions::Known), 8)[6..], [12.0, 12.0]);
    assert_eq!(seen("sma(x, 2)", x(Revisions::Known), 8)[3..], [15.0, 15.0, 16.0, 25.0, 25.0]);
    assert_eq!(seen("x[1]", x(Revisions::First), 8)[3..], [10.0, 10.0, 10.0, 20.0, 20.0]);
    assert_eq!(seen("x[2]", x(Revisions::First), 8)[6..], [10.0, 10.0]);
}

#[test]
fn a_figure_that_comes_late_takes_its_place_in_the_past() {
    // Day 1 is known after day 2.
    let x = external(&[(0, 1, 1.0), (2, 3, 3.0), (1, 5, 2.0)], Revisions::Known, None);
    assert_eq!(seen("x", x.clone(), 6)[..], [1.0, 1.0, 3.0, 3.0, 3.0, 3.0]);
    assert_eq!(seen("x[1]", x, 6)[2..], [1.0, 1.0, 2.0, 2.0]);
}

#[test]
fn a_restated_quarter_is_what_was_known_of_it_then() {
    // Earnings of four quarters; the second is restated from 1.2 to 0.2 after the third came out.
    let rows = [(0, 40, 1.0), (90, 130, 1.2), (180, 220, 1.4), (90, 250, 0.2), (270, 310, 1.6)];
    let x = || external(&rows, Revisions::Known, None);
    let growth = seen("x / x[1] - 1", x(), 320);
    let on = |day: usize| growth[day - 1];
    assert_eq!(
        (on(220), on(249), on(250), on(309)),
        (1.4 / 1.2 - 1.0, 1.4 / 1.2 - 1.0, 1.4 / 0.2 - 1.0, 1.4 / 0.2 - 1.0)
    );
    assert_eq!(on(310), 1.6 / 1.4 - 1.0);
    // A year of them, as it was known at each time.
    let year = seen("sum(x, 4)", x(), 320);
    assert!(year[308].is_nan() && (year[309] - (1.0 + 0.2 + 1.4 + 1.6)).abs() < 1e-12);
}

#[test]
fn a_figure_that_is_too_old_is_not_known() {
    // Known at 2, two days long: the bars that close at 2, 3 and 4 see it.
    let x = external(&[(0, 2, 10.0), (1, 7, 20.0)], Revisions::Known, Some("2d"));
    assert_eq!(bits(&seen("x", x.clone(), 8)), bits(&[NAN, 10.0, 10.0, 10.0, NAN, NAN, 20.0, 20.0]));
    assert_eq!(seen("select(day.close > 0 and x > 5, 1, 0)", x, 8)[..], [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    // A revision of an older date does not make the latest one younger.
    let rows = [(0, 1, 1.0), (1, 2, 2.0), (0, 4, 9.0)];
    let x = external(&rows, Revisions::Known, Some("2d"));
    assert_eq!(bits(&seen("x", x, 6)), bits(&[1.0, 2.0, 2.0, 2.0, NAN, NAN]));
}

#[test]
fn instants_count_to_the_microsecond() {
    let just = |known: i64| {
        let score = vec![("value".into(), vec![0.5].into())];
        External::new(Releases::new(vec![DAY], vec![known], score).unwrap(), Revisions::Known, None).unwrap()
    };
    assert_eq!(bits(&seen("x", just(3 * DAY), 4)), bits(&[NAN, NAN, 0.5, 0.5]));
    assert_eq!(bits(&seen("x", just(3 * DAY + 1), 4)), bits(&[NAN, NAN, NAN, 0.5]));
}

#[test]
fn where_two_series_meet_each_is_seen_from_the_bars() {
    let own = InstrumentBars::new("made/OWN".parse().unwrap(), [days(6)])
        .with_external("macro/x".parse().unwrap(), external(&[(0, 1, 10.0), (1, 4, 20.0)], Revisions::Known, None))
        .with_external("macro/y".parse().unwrap(), external(&[(0, 2, 1.0), (1, 5, 2.0)], Revisions::Known, None));
    let lines = r#"let spread = external("macro/x") - external("macro/y"); let before = spread[1];"#;
    let run = run(declared("\"made/OWN\"", lines, &["spread", "before"]), vec![own]);
    assert_eq!(bits(&plotted(&run, 0, "spread")), bits(&[NAN, 9.0, 9.0, 19.0, 18.0, 18.0]));
    assert_eq!(bits(&plotted(&run, 0, "before")), bits(&[NAN, NAN, 9.0, 9.0, 19.0, 18.0]));
}

#[test]
fn each_instrument_reads_its_own_and_they_can_be_compared() {
    let source: ExternalSource = "fundamentals/{symbol}".parse().unwrap();
    let of = |name: &str, rows: &[Row]| {
        InstrumentBars::new(format!("made/{name}").parse().unwrap(), [days(5)])
            .with_external(source.clone(), external(rows, Revisions::Known, None))
    };
    let universe = vec![of("A", &[(0, 1, 3.0)]), of("B", &[(0, 2, 5.0), (1, 4, 1.0)])];
    let lines =
        r#"let x = external("fundamentals/{symbol}"); let place = rank(x); let first = select(top(1, x), 1, 0);"#;
    let run = run(declared(r#"["made/A", "made/B"]"#, lines, &["x", "place", "first"]), universe);
    assert_eq!(bits(&plotted(&run, 0, "x")), bits(&[3.0; 5]));
    assert_eq!(bits(&plotted(&run, 1, "x")), bits(&[NAN, 5.0, 5.0, 1.0, 1.0]));
    assert_eq!(bits(&plotted(&run, 0, "place")), bits(&[1.0, 1.0, 1.0, 2.0, 2.0]));
    assert_eq!(bits(&plotted(&run, 1, "place")), bits(&[NAN, 2.0, 2.0, 1.0, 1.0]));
    assert_eq!(plotted(&run, 1, "first")[..], [0.0, 1.0, 1.0, 0.0, 0.0]);
}

/// What was known at an instant, the oldest first: the slow way, from the releases alone.
fn past(rows: &[Row], now: i64) -> Vec<f64> {
    let mut known: BTreeMap<i64, (i64, f64)> = BTreeMap::new();
    for (about, at, value) in rows.iter().filter(|row| row.1 <= now) {
        let newest = known.entry(*about).or_insert((*at, *value));
        if *at >= newest.0 {
            *newest = (*at, *value);
        }
    }
    known.into_values().map(|(_, value)| value).collect()
}

/// A script's expression of `x`, and the same by hand on the past as it was known.
type Checked = (&'static str, fn(&[f64]) -> f64);

fn ago(past: &[f64], count: usize) -> f64 {
    past.len().checked_sub(count + 1).map_or(NAN, |place| past[place])
}

/// A number for what holds; none before there is any row.
fn truth(past: &[f64], holds: bool) -> f64 {
    if past.is_empty() { NAN } else { f64::from(holds) }
}

const CHECKED: [Checked; 8] = [
    ("x", |past| ago(past, 0)),
    ("x[2]", |past| ago(past, 2)),
    ("x / x[1] - 1", |past| ago(past, 0) / ago(past, 1) - 1.0),
    ("sum(x, 3)", |past| ago(past, 0) + ago(past, 1) + ago(past, 2)),
    ("highest(x[1], 2)", |past| ago(past, 1).max(ago(past, 2)) + 0.0 * ago(past, 2)),
    ("select(crosses_above(x, 3), 1, 0)", |past| truth(past, ago(past, 1) <= 3.0 && ago(past, 0) > 3.0)),
    ("scan(x, |last| (last + x) / 2)", |past| {
        let first = past.first().copied().unwrap_or(NAN);
        past.iter().skip(1).fold(first, |last, value| (last + value) / 2.0)
    }),
    ("select(x > x[1], 1, 0)", |past| truth(past, ago(past, 0) > ago(past, 1))),
];

/// Up to 14 releases about days 0 to 9, each known up to 8 days later, none twice at once.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..10_i64, 0..8_i64, 1..6_i32);
    let rows =
        prop::collection::vec(row.prop_map(|(about, wait, value)| (about, about + wait, f64::from(value))), 1..14);
    rows.prop_map(|rows| {
        let once: BTreeMap<(i64, i64), f64> = rows.into_iter().map(|(about, at, value)| ((about, at), value)).collect();
        once.into_iter().map(|((about, at), value)| (about, at, value)).collect()
    })
}

/// Compares what is computed with what was known, on every bar, over columns in both ways and bar by bar;
/// says where they differ.
fn compare(rows: &[Row], x: External, count: usize) -> Result<(), String> {
    let registry = standard_registry().unwrap();
    let names: Vec<String> = (0..CHECKED.len()).map(|index| format!("it{index}")).collect();
    let lines = CHECKED.iter().zip(&names).map(|((expression, _), name)| format!("let {name} = {expression};"));
    let lines = format!("let x = external(\"macro/x\"); {}", lines.collect::<String>());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = Plan::new(&declared("\"made/OWN\"", &lines, &names), &registry).unwrap();
    let own = InstrumentBars::new("made/OWN".parse().unwrap(), [days(count)]);
    let own = own.with_external("macro/x".parse().unwrap(), x);
    let streamed = streamed(&plan, &own);
    let columns = [Keep::Results, Keep::Every]
        .map(|keep| evaluate(&plan, vec![own.clone()], keep, |_, _| unreachable!("there is no model")).unwrap());
    for (index, (expression, by_hand)) in CHECKED.iter().enumerate() {
        assert_eq!(streamed[index].len(), count);
        let (_, id) = plan.plot[index];
        for (bar, bar_by_bar) in streamed[index].iter().copied().enumerate() {
            let expected = by_hand(&past(rows, bar as i64 + 1));
            let [fused, single] = columns.each_ref().map(|all| all.instruments[0].numbers(id, plan.base).unwrap()[bar]);
            for (way, found) in [("fused", fused), ("single", single), ("bar by bar", bar_by_bar)] {
                if bits(&[found]) != bits(&[expected]) {
                    return Err(format!("{expression}, {way}, at {}: {found}, not {expected}", bar + 1));
                }
            }
        }
    }
    Ok(())
}

/// The plots of a plan on each base bar, from a stream that is given each row as it becomes known.
fn streamed(plan: &Plan, own: &InstrumentBars) -> Vec<Vec<f64>> {
    let sources: Vec<BarsRef> = own.external.keys().map(|source| BarsRef::External(source.clone())).collect();
    let bars = own.bars.iter().map(|(of, bars)| (of, Rows::from(bars)));
    let all = bars.chain(sources.iter().zip(own.external.values().map(|external| Rows::External(external))));
    let mut instants: BTreeMap<i64, Vec<ClosedBar<'_>>> = BTreeMap::new();
    for (of, rows) in all {
        for (index, at) in rows.close_instants().iter().enumerate() {
            // In any order: the later row of an instant first.
            instants.entry(*at).or_default().insert(0, ClosedBar { instrument: 0, of, rows, index });
        }
    }
    let mut stream = Stream::new(plan, &["made/OWN".parse::<Instrument>().unwrap()]).unwrap();
    let mut values = vec![Vec::new(); plan.plot.len()];
    for closed in instants.values() {
        stream.bars_closed(closed).unwrap();
        if closed.iter().any(|bar| *bar.of == BarsRef::new(plan.base)) {
            plan.plot.iter().zip(&mut values).for_each(|((_, id), values)| values.push(stream.number(0, *id)));
        }
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_computed_is_what_was_known_then(rows in rows()) {
        compare(&rows, external(&rows, Revisions::Known, None), 20).unwrap();
    }

    #[test]
    fn first_releases_are_as_if_nothing_had_been_revised(rows in rows()) {
        let mut first: Vec<Row> = Vec::new();
        let mut by_release = rows.clone();
        by_release.sort_by_key(|row| (row.1, row.0));
        for row in by_release {
            if !first.iter().any(|known| known.0 == row.0) {
                first.push(row);
            }
        }
        compare(&first, external(&rows, Revisions::First, None), 20).unwrap();
    }

    #[test]
    fn what_comes_later_changes_nothing_before(rows in rows(), until in 0..18_i64, wait in 1..9_i64) {
        let whole = external(&rows, Revisions::Known, Some("3d"));
        let cut = whole.known_by(until * DAY).unwrap();
        // The releases after an instant come later still.
        let late: Vec<Row> =
            rows.iter().map(|row| if row.1 > until { (row.0, row.1 + wait, row.2) } else { *row }).collect();
        let late = external(&late, Revisions::Known, Some("3d"));
        for (expression, _) in CHECKED {
            let [all, some, other] = [&whole, &cut, &late].map(|x| bits(&seen(expression, x.clone(), 20)));
            let bars = until as usize;
            prop_assert_eq!(&all[..bars], &some[..bars], "{}", expression);
            prop_assert_eq!(&all[..bars], &other[..bars], "{}", expression);
        }
    }
}

/// What goes by the timestamp, the classical mistake, is caught by the comparison above.
#[test]
fn going_by_what_a_figure_is_about_is_caught() {
    let rows = [(0, 3, 1.0), (1, 4, 4.0), (2, 6, 2.0)];
    let at_once: Vec<Row> = rows.iter().map(|(about, _, value)| (*about, *about, *value)).collect();
    compare(&rows, external(&rows, Revisions::Known, None), 10).unwrap();
    let caught = compare(&rows, external(&at_once, Revisions::Known, None), 10).unwrap_err();
    assert_eq!(caught, "x, fused, at 1: 4, not NaN");
    // And so is one that forgets the first release when it learns of the second.
    let revised = [(0, 1, 1.0), (1, 2, 4.0), (0, 5, 2.0)];
    let caught = compare(&revised, external(&[(0, 1, 2.0), (1, 2, 4.0)], Revisions::Known, None), 10).unwrap_err();
    assert_eq!(caught, "x, fused, at 1: 2, not 1");
}
