//! Instruments beside each other: what `rank`, `top` and the like give is what their definition says, whatever the
//! calendars, the beginnings and the order of the instruments.

mod universes;

use proptest::prelude::*;
use timeweave::data::{Bars, Catalog, Column, Instrument};
use timeweave::pipeline::{self, MarketData, evaluate_on, load};
use timeweave::plan::Plan;
use timeweave::run::{ClosedBar, Evaluation, InstrumentBars, Keep, Known, Stream, evaluate, known};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::random::universe;

/// Every function, of a column that is not known on many bars.
const PLOTS: [(&str, &str); 9] = [
    ("rank", "rank(day.score)"),
    ("percent", "percent_rank_across(day.score)"),
    ("z", "zscore_across(day.score)"),
    ("demean", "demean(day.score)"),
    ("mean", "mean_across(day.score)"),
    ("sum", "sum_across(day.score)"),
    ("count", "count_across(day.score)"),
    ("top", "select(top(2, day.score), 1, 0)"),
    ("bottom", "select(bottom(2, day.score), 1, 0)"),
];

fn plan(plots: &[(&str, &str)]) -> Plan {
    let registry = standard_registry().unwrap();
    let plots: Vec<String> = plots.iter().map(|(name, series)| format!("{name}: {series}")).collect();
    let text = format!(
        "let day = bars(\"1d\"); let week = bars(\"1wk\");
         strategy(#{{ universe: \"made/*\", long: #{{ enter: day.close > 0 }}, plot: #{{ {} }} }})",
        plots.join(", ")
    );
    let strategy = compile(&text, "across.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    Plan::new(&strategy, &registry).unwrap()
}

fn run(plan: &Plan, universe: &[InstrumentBars]) -> Evaluation {
    evaluate(plan, universe.to_vec(), Keep::Results, |_, _| unreachable!("there is no model")).unwrap()
}

fn plotted(plan: &Plan, run: &Evaluation, instrument: usize, name: &str) -> Column {
    let (_, id) = plan.plot.iter().find(|(plot, _)| plot == name).unwrap();
    run.instruments[instrument].numbers(*id, plan.base).unwrap()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }).collect()
}

/// Daily bars on some days since 1970, with a score each.
fn scored(name: &str, calendar: &Calendar, days: &[i64], scores: &[f64]) -> InstrumentBars {
    let opens = days.iter().map(|day| day * Timestamp::DAY).collect();
    let price = vec![1.0; days.len()];
    let columns = [price.clone(), price.clone(), price.clone(), price.clone(), price];
    let bars = Bars::new(Timeframe::DAY, calendar, opens, columns).unwrap();
    let bars = bars.with_column("score", scores.to_vec()).unwrap();
    InstrumentBars::new(format!("made/{name}").parse().unwrap(), [bars])
}

/// The session of New York, whose days end at its close and not at midnight.
fn new_york() -> Calendar {
    Calendar::new("09:30-16:00", Calendar::timezone_called("America/New_York").unwrap()).unwrap()
}

/// Instruments of three calendars, each with days of its own and scores that are whole numbers, so that many
/// are equal, or not known.
fn universes() -> impl Strategy<Value = Vec<InstrumentBars>> {
    let score = prop_oneof![3 => (-3..4_i32).prop_map(f64::from), 1 => Just(f64::NAN), 1 => -1.0..1.0_f64];
    // How many days lie between two bars: now and then a pause longer than any holiday.
    let step = prop_oneof![12 => Just(1_i64), 3 => 2..5_i64, 1 => 9..25_i64];
    let instrument = (0..30_i64, proptest::collection::vec((step, score), 0..40));
    proptest::collection::vec(instrument, 1..6).prop_map(|instruments| {
        let names = ["M", "Z", "A", "K", "B"];
        let calendars = [Calendar::Weekdays, Calendar::Continuous, new_york()];
        let build = |(index, (begins, rows)): (usize, (i64, Vec<(i64, f64)>))| {
            let mut day = begins;
            let calendar = &calendars[index % 3];
            let mut days = Vec::new();
            let mut scores = Vec::new();
            for (step, score) in rows {
                day += step;
                // 1970-01-01 was a Thursday.
                let weekend = matches!(day.rem_euclid(7), 2 | 3);
                if !(weekend && index % 3 != 1) {
                    days.push(day);
                    scores.push(score);
                }
            }
            scored(names[index], calendar, &days, &scores)
        };
        instruments.into_iter().enumerate().map(build).collect()
    })
}

/// What an instrument's bars showed at an instant, by the definition.
fn shown(bars: &InstrumentBars, now: i64) -> f64 {
    let bars = bars.at(Timeframe::DAY).unwrap();
    let last = (0..bars.len()).rev().find(|bar| bars.close_instants()[*bar] <= now);
    match last {
        Some(bar) if now - bars.close_instants()[bar] <= 11 * Timestamp::DAY => bars.column("score").unwrap()[bar],
        _ => f64::NAN,
    }
}

/// Every function for one instrument at an instant, slowly: from all pairs.
fn slowly(universe: &[InstrumentBars], own: usize, now: i64) -> [f64; 9] {
    let mut all: Vec<(String, f64)> =
        universe.iter().map(|bars| (bars.instrument.symbol.clone(), shown(bars, now))).collect();
    let (name, value) = all[own].clone();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.retain(|(_, other)| !other.is_nan());
    let count = all.len() as f64;
    let is_known = if value.is_nan() { f64::NAN } else { 0.0 };
    let sum: f64 = if all.is_empty() { f64::NAN } else { all.iter().map(|(_, other)| *other).sum() };
    let mean = sum / count;
    let spread = (all.iter().map(|(_, other)| (other - mean).powi(2)).sum::<f64>() / count).sqrt();
    let flat = all.iter().all(|(_, other)| *other == all[0].1);
    let halves: f64 = all.iter().map(|(_, other)| if *other < value { 2.0 } else { f64::from(*other == value) }).sum();
    let rank = (halves + 1.0) / 2.0 + is_known;
    let before = |first: &dyn Fn(f64) -> bool| {
        all.iter().filter(|(other, its)| first(*its) || (*its == value && *other < name)).count()
    };
    let picked = |first: &dyn Fn(f64) -> bool| f64::from(!value.is_nan() && before(first) < 2);
    [
        rank,
        rank / count,
        if flat { f64::NAN } else { (value - mean) / spread },
        value - mean,
        mean,
        sum,
        count,
        picked(&|other| other > value),
        picked(&|other| other < value),
    ]
}

/// The indices of a universe, shuffled by a number.
fn shuffled(count: usize, mut number: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..count).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        order.push(left.remove(number % left.len()));
        number /= 3;
    }
    order
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_function_is_what_its_definition_says(universe in universes()) {
        let plan = plan(&PLOTS);
        let evaluation = run(&plan, &universe);
        for (instrument, bars) in universe.iter().enumerate() {
            let closes = bars.at(Timeframe::DAY).unwrap().close_instants().clone();
            let columns = PLOTS.map(|(name, _)| plotted(&plan, &evaluation, instrument, name));
            for (bar, now) in closes.iter().enumerate() {
                let expected = slowly(&universe, instrument, *now);
                for (index, (name, _)) in PLOTS.iter().enumerate() {
                    let (is, should) = (columns[index][bar], expected[index]);
                    let same = (is.is_nan() && should.is_nan()) || (is - should).abs() <= 1e-12;
                    prop_assert!(same, "{} of {} on bar {}: {} not {}", name, bars.instrument, bar, is, should);
                }
            }
        }
    }

    /// In whichever order the universe names its instruments, each gets the same bits; so it does where
    /// comparisons nest.
    #[test]
    fn the_order_of_the_universe_changes_nothing(universe in universes(), number in any::<usize>()) {
        let nested = [
            ("nested", "rank(demean(zscore_across(day.score) + mean_across(day.score) / 3))"),
            ("averaged", "sma(percent_rank_across(ema(day.score, 2)), 3)"),
        ];
        let plots = [&PLOTS[..], &nested].concat();
        let plan = plan(&plots);
        let order = shuffled(universe.len(), number);
        let other: Vec<InstrumentBars> = order.iter().map(|index| universe[*index].clone()).collect();
        let (as_named, shuffled) = (run(&plan, &universe), run(&plan, &other));
        for (place, instrument) in order.into_iter().enumerate() {
            for (name, _) in &plots {
                let [a, b] = [(&as_named, instrument), (&shuffled, place)].map(|(run, at)| bits(&plotted(&plan, run, at, name)));
                prop_assert_eq!(a, b, "{} of {}", name, universe[instrument].instrument);
            }
        }
    }

    /// What has closed by an instant is compared the same whether more follows or not; and a stream that is given
    /// each bar as it closes comes to the same bits.
    #[test]
    fn what_follows_changes_nothing_that_was(universe in universes(), share in 0.0..1.0_f64) {
        let plan = plan(&PLOTS);
        let day = Timeframe::DAY.into();
        let mut instants: Vec<(i64, usize, usize)> = Vec::new();
        for (instrument, bars) in universe.iter().enumerate() {
            let closes = bars.at(Timeframe::DAY).unwrap().close_instants();
            instants.extend(closes.iter().enumerate().map(|(bar, close)| (*close, instrument, bar)));
        }
        instants.sort_unstable();
        let Some((until, ..)) = instants.get((share * instants.len() as f64) as usize).copied() else { return Ok(()) };
        let cut = |bars: &InstrumentBars| {
            let all = bars.at(Timeframe::DAY).unwrap();
            let closed = all.close_instants().partition_point(|close| *close <= until);
            InstrumentBars::new(bars.instrument.clone(), [all.slice(0..closed)])
        };
        let (all, some) = (run(&plan, &universe), run(&plan, &universe.iter().map(cut).collect::<Vec<_>>()));
        for (instrument, _) in universe.iter().enumerate() {
            for (name, _) in PLOTS {
                let [all, some] = [&all, &some].map(|run| bits(&plotted(&plan, run, instrument, name)));
                prop_assert_eq!(&all[..some.len()], &some[..], "{}", name);
            }
        }
        let names: Vec<Instrument> = universe.iter().map(|bars| bars.instrument.clone()).collect();
        let mut stream = Stream::new(&plan, &names).unwrap();
        for closed in instants.chunk_by(|a, b| a.0 == b.0) {
            let bar = |(_, instrument, index): &(i64, usize, usize)| ClosedBar {
                instrument: *instrument,
                of: &day,
                rows: universe[*instrument].at(Timeframe::DAY).unwrap().into(),
                index: *index,
            };
            stream.bars_closed(&closed.iter().map(bar).collect::<Vec<_>>()).unwrap();
            for (_, instrument, index) in closed {
                for (name, id) in &plan.plot {
                    let (is, should) = (stream.number(*instrument, *id), plotted(&plan, &all, *instrument, name)[*index]);
                    prop_assert_eq!(bits(&[is]), bits(&[should]), "{}", name);
                }
            }
        }
    }
}

/// A day in New York ends at four in the afternoon, before midnight in UTC: what is seen is what has closed.
#[test]
fn an_instrument_whose_bar_closes_later_counts_with_the_bar_before() {
    let late = scored("LATE", &Calendar::Weekdays, &[4, 5, 6], &[1.0, 20.0, 3.0]);
    let early = scored("EARLY", &new_york(), &[4, 5, 6], &[10.0, 2.0, 30.0]);
    let plan = plan(&[("rank", "rank(day.score)"), ("sum", "sum_across(day.score)")]);
    let run = run(&plan, &[late, early]);
    assert_eq!(plotted(&plan, &run, 0, "rank")[..], [1.0, 2.0, 1.0]);
    assert_eq!(plotted(&plan, &run, 0, "sum")[..], [11.0, 22.0, 33.0]);
    // At its close on the second day the other is at 1, on the third at 20.
    assert_eq!(plotted(&plan, &run, 1, "rank")[..], [1.0, 2.0, 2.0]);
    assert_eq!(plotted(&plan, &run, 1, "sum")[..], [10.0, 3.0, 50.0]);
}

#[test]
fn who_is_not_listed_yet_has_ended_or_pauses_is_left_out() {
    let days: Vec<i64> = (0..40).collect();
    let whole = scored("WHOLE", &Calendar::Continuous, &days, &[1.0; 40]);
    // Its first bar closes at 6, the third of them at 8; the next one at 31.
    let pauses = scored("PAUSES", &Calendar::Continuous, &[5, 6, 7, 30, 31], &[1.0; 5]);
    let plan = plan(&[("count", "count_across(day.score)")]);
    let count = plotted(&plan, &run(&plan, &[whole, pauses]), 0, "count");
    // A bar of a day counts for a day and ten days after its close: to that at 19.
    let expected = |bar: usize| if (5..=18).contains(&bar) || bar >= 30 { 2.0 } else { 1.0 };
    for bar in 0..40 {
        assert_eq!(count[bar], expected(bar), "bar {bar}");
    }
}

#[test]
fn coarser_bars_are_compared_when_they_close() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let text = r#"
        let day = bars("1d"); let month = bars("1mo");
        let strongest = top(2, roc(month.close, 6));
        strategy(#{
            universe: "us_equities/*",
            long: #{ enter: strongest, exit: not(strongest) },
            plot: #{ close: day.close, change: roc(month.close, 6), held: select(strongest, 1, 0), rank: rank(roc(month.close, 6)) },
        })"#;
    let strategy = compile(text, "months.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let plan = Plan::new(&strategy, &registry).unwrap();
    let market = load(&plan, &strategy, &catalog).unwrap();
    let run = run(&plan, &market.instruments);
    let days = |instrument: usize| run.instruments[instrument].bars.at(Timeframe::DAY).unwrap().clone();
    let (mut several, mut changes) = (0, 0);
    let mut before = Vec::new();
    for (bar, close) in days(0).close_instants().iter().enumerate().skip(2_000) {
        let mut seen = Vec::new();
        for instrument in 0..4 {
            let Ok(bar) = days(instrument).close_instants().binary_search(close) else { continue };
            let at = |name: &str| plotted(&plan, &run, instrument, name)[bar];
            seen.push((at("change"), at("held"), at("rank")));
        }
        let known = seen.iter().filter(|(change, ..)| !change.is_nan()).count();
        let held: Vec<usize> = (0..seen.len()).filter(|index| seen[*index].1 == 1.0).collect();
        assert_eq!(held.len(), known.min(2), "bar {bar}");
        for index in &held {
            let higher = seen.iter().filter(|(change, ..)| *change > seen[*index].0).count();
            assert!(higher < 2 && seen[*index].2 == (known - higher) as f64, "bar {bar}");
        }
        several += usize::from(known == 4);
        changes += usize::from(held != before);
        before = held;
    }
    assert!(several > 20 && (5..60).contains(&changes), "{several} {changes}");
}

#[test]
fn from_when_on_a_comparison_is_known() {
    let days: Vec<i64> = (0..20).collect();
    let unknown = f64::NAN;
    let late: Vec<f64> = (0..20).map(|bar| if bar < 7 { unknown } else { 1.0 }).collect();
    let universe = [
        scored("EARLY", &Calendar::Continuous, &days, &[2.0; 20]),
        scored("LATE", &Calendar::Continuous, &days, &late),
    ];
    let plan = plan(&[
        ("rank", "rank(day.score)"),
        ("z", "zscore_across(day.score)"),
        ("mean", "mean_across(sma(day.score, 3))"),
        ("count", "count_across(day.score)"),
        ("share", "mean_across(select(day.score > sma(day.score, 4), 1, 0))"),
    ]);
    let all = known(&plan, &universe).unwrap();
    let of = |instrument: usize, name: &str| {
        let (_, id) = plan.plot.iter().find(|(plot, _)| plot == name).unwrap();
        all[instrument][id.index()]
    };
    assert_eq!([of(0, "rank"), of(1, "rank")], [Known::From(0), Known::From(7)]);
    // Alone, there is no spread.
    assert_eq!([of(0, "z"), of(1, "z")], [Known::From(7), Known::From(7)]);
    // The other's is enough.
    assert_eq!([of(0, "mean"), of(1, "mean")], [Known::From(2), Known::From(2)]);
    // A comparison with what is not known is false, but means nothing.
    assert_eq!([of(0, "share"), of(1, "share")], [Known::From(3), Known::From(3)]);
    assert_eq!([of(0, "count"), of(1, "count")], [Known::From(0), Known::From(0)]);
}

#[test]
fn bars_out_of_their_turn_are_refused() {
    let universe = [
        scored("A", &Calendar::Continuous, &[1, 2], &[1.0, 2.0]),
        scored("B", &Calendar::Continuous, &[1, 2], &[1.0, 2.0]),
    ];
    let plan = plan(&PLOTS);
    let day = Timeframe::DAY.into();
    let names: Vec<Instrument> = universe.iter().map(|bars| bars.instrument.clone()).collect();
    let bar = |instrument: usize, index: usize| ClosedBar {
        instrument,
        of: &day,
        rows: universe[instrument % 2].at(Timeframe::DAY).unwrap().into(),
        index,
    };
    let mut stream = Stream::new(&plan, &names).unwrap();
    stream.bars_closed(&[]).unwrap();
    stream.bars_closed(&[bar(0, 0), bar(1, 0)]).unwrap();
    let told = |result: timeweave::error::Result<()>| result.unwrap_err().message().to_owned();
    assert_eq!(told(stream.bars_closed(&[bar(1, 0)])), "a bar that closes at 1970-01-03 is given out of its turn");
    assert_eq!(
        told(Stream::new(&plan, &names).unwrap().bars_closed(&[bar(0, 0), bar(1, 1)])),
        "a bar that closes at 1970-01-04 is given out of its turn"
    );
    assert_eq!(told(stream.bars_closed(&[bar(2, 1)])), "a bar of instrument 2 is given, but there are 2");
    assert_eq!(told(stream.bars_closed(&[bar(0, 2)])), "bar 2 is given, but there are 2");
}

/// What models read and forecast, what exits and sizes read: comparisons stand wherever a series may.
#[test]
fn comparisons_are_inputs_of_models_exits_and_sizes() {
    let registry = standard_registry().unwrap();
    let text = r#"
        let day = bars("1d");
        let forecast = lstm(#{
            inputs: #{ day: #{ score: zscore_across(day.score), rank: rank(demean(day.score)) } },
            target: future_return(day.close, 3), lookback: 3, epochs: 1,
        });
        strategy(#{ universe: "made/*", long: #{ enter: top(1, forecast.day) and top(3, sma(rank(day.score), 2)) } })"#;
    let strategy = compile(text, "model.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let plan = Plan::new(&strategy, &registry).unwrap();
    let days: Vec<i64> = (0..20).collect();
    let scores = |seed: i64| -> Vec<f64> { days.iter().map(|day| ((day * seed) % 7) as f64).collect() };
    let universe: Vec<InstrumentBars> = [("B", 3), ("A", 5), ("C", 2)]
        .map(|(name, seed)| scored(name, &Calendar::Continuous, &days, &scores(seed)))
        .into();
    let mut fitted = 0;
    let run = evaluate(&plan, universe, Keep::Results, |model, values| {
        fitted += 1;
        let features: Vec<_> = model.groups.iter().flat_map(|group| &group.features).collect();
        assert!(features.len() == 2 && features.iter().all(|(_, id)| values.iter().all(|values| values.has(*id))));
        // From the tenth day on A's forecast is the highest, until then B's and C's are, and A comes first.
        let forecast = |bar: usize, instrument: usize| if bar < 10 { 1.0 } else { [0.0, 2.0, 1.0][instrument] };
        let column =
            |instrument| (0..20).map(|bar| if bar < 2 { f64::NAN } else { forecast(bar, instrument) }).collect();
        Ok((0..3).map(|instrument| vec![column(instrument)]).collect())
    });
    let run = run.unwrap();
    assert_eq!(fitted, 1);
    let enter = |instrument: usize| run.instruments[instrument].truths(plan.long.unwrap().enter, plan.base).unwrap();
    let expected: Vec<bool> = (0..20).map(|bar| bar >= 2).collect();
    assert_eq!(enter(1)[..], expected[..]);
    assert!(!enter(0).contains(&true) && !enter(2).contains(&true));
}

#[test]
fn comparisons_are_read_while_a_position_is_open() {
    let registry = standard_registry().unwrap();
    let text = r#"
        let day = bars("1d");
        strategy(#{
            universe: "made/{MIDDLE,DOWN,UP}",
            long: #{ enter: top(1, roc(day.close, 5)) },
            exits: [exit_when(rank(roc(day.close, 5)) < 2 and position.bars_held > 1), stop_loss(zscore_across(day.close) + 5)],
            size: exposure(percent_rank_across(day.close) / count_across(day.close)),
        })"#;
    let strategy = compile(text, "open.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let mut bars = universe(5, 200, 3);
    bars.sort_by_key(|bars| bars.instrument.clone());
    let run = evaluate_on(strategy, &registry, MarketData::from_bars(bars), &pipeline::Options::default(), &mut |_| {});
    let outcome = run.unwrap().backtest(&registry).unwrap();
    assert!(outcome.metrics.trading.trades > 20, "{}", outcome.metrics.trading.trades);
    outcome.backtest.check_books().unwrap();
}
