//! Proofs that nothing looks ahead: honest strategies hold, and nodes that cheat are found.

mod cheats;
mod prices;
mod runner;

use timeweave::data::{Bars, Catalog};
use timeweave::models::{FeatureScale, Scalers};
use timeweave::node::Registry;
use timeweave::pipeline::{Evaluated, MarketData, Options, evaluate, evaluate_on};
use timeweave::proof::{Proof, prove};
use timeweave::report::{proof_json, proof_page};
use timeweave::run::{InstrumentBars, Keep};
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// A script evaluated on the datasets of the repository.
fn evaluated(text: &str, registry: &Registry) -> Evaluated {
    let strategy = compile(text, "proof.rhai", &script::Options { registry, settings: &[] }).unwrap();
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let options = Options { keep: Keep::Every, ..Options::default() };
    evaluate(strategy, registry, &catalog, &options, &mut |_| {}).unwrap()
}

fn proof(text: &str, registry: &Registry, prefixes: u16) -> Proof {
    prove(&evaluated(text, registry), registry, prefixes, &mut |_, _| {}).unwrap()
}

/// A page without its counts, which another way of computing the same may change.
fn uncounted(page: &str) -> String {
    let counts = |line: &str| line.starts_with("strategy") || line.starts_with("compared");
    let hidden = |line: &str| line.replace(|c: char| c.is_ascii_digit() || c == ',', "").replace("  ", " ");
    page.lines().map(|line| if counts(line) { hidden(line) } else { line.into() } + "\n").collect()
}

/// Two timeframes, two instruments, both sides, exits and a size that read series.
const RULES: &str = r#"
    let day = bars("1d");
    let week = bars("1wk");
    let month = bars("1mo");
    let market = bars("1wk", "us_equities/MSFT");
    let calm = natr(market, 5) < 8;
    let line = scan(day.close, |before| max(before * 0.99, day.close - 2 * atr(day, 10)));
    let uptrend = week.close > ema(week.close, 10) and month.close > month.close[3];
    strategy(#{
        universe: ["us_equities/FB", "us_equities/GOOG"],
        long: #{ enter: uptrend and calm and crosses_above(rsi(day.close, 3), 20), exit: rsi(day.close, 3) > 70 },
        short: #{ enter: not(uptrend) and rsi(day.close, 3) > 85, exit: rsi(day.close, 3) < 40 },
        exits: [exit_when(position.bars_held > 3 and position.profit < 0 and day.close < line), stop_loss(atr(day, 14) * 2), take_profit(atr(week, 5)), trailing_stop(percent(8)), time_stop(10)],
        size: risk(percent(1)),
        costs: #{ commission: bps(5), slippage: bps(2) },
        plot: #{ week: week.close },
    })
"#;

/// A small model over two timeframes.
const MODEL: &str = r#"
    let day = bars("1d");
    let week = bars("1wk");
    let forecast = lstm(#{
        inputs: #{
            day: #{ change: FEATURE, strength: rsi(day.close, 5) / 100 },
            week: #{ change: returns(week.close) },
        },
        target: future_return(day.close, 3),
        lookback: #{ day: 6, week: 3 }, hidden: 4, epochs: 2, batch: 16,
    });
    let blend = dynamic_weight(forecast, #{ given: [natr(day, 5), rsi(week.close, 4)], hidden: 4 });
    strategy(#{
        universe: "us_equities/FB",
        long: #{ enter: blend.score > 0, exit: blend.score < 0 },
        short: #{ enter: blend.score < 0, exit: blend.score > 0 },
        exits: [time_stop(5)],
    })
"#;

#[test]
fn rules_over_several_timeframes_and_instruments_hold() {
    let registry = standard_registry().unwrap();
    let full = evaluated(RULES, &registry);
    let proof = prove(&full, &registry, 40, &mut |_, _| {}).unwrap();
    assert_eq!(proof.differences, []);
    assert_eq!((proof.nodes, proof.models, proof.rules), (full.plan.steps.len(), 0, 4));
    let trades = full.simulate(&registry).unwrap().trades.len();
    assert!(proof.trades == trades && trades > 30 && proof.trades_compared > 20 * trades as u64, "{trades}");
    // The whole, and 40 prefixes, most of them once more with a week or a month that had begun.
    let unfinished = proof.runs.iter().filter(|run| run.unfinished).count();
    assert_eq!(proof.runs.iter().filter(|run| !run.whole && !run.unfinished).count(), 40);
    assert!(proof.runs[0].whole && unfinished > 25, "{unfinished}");
    assert!(proof.runs[1..].is_sorted());
    assert!(proof.values > 1_000_000, "{}", proof.values);
}

#[test]
fn orders_that_fill_at_their_own_close_hold() {
    let registry = standard_registry().unwrap();
    let proof = proof(&RULES.replace("plot:", "fill: \"same_close\", plot:"), &registry, 60);
    assert_eq!(proof.differences, []);
    assert!(proof.trades_compared > 500);
}

#[test]
fn a_model_holds_with_its_inputs_and_its_scaler() {
    let registry = standard_registry().unwrap();
    let full = evaluated(&MODEL.replace("FEATURE", "returns(day.close)"), &registry);
    let proof = prove(&full, &registry, 12, &mut |_, _| {}).unwrap();
    assert_eq!(proof.differences, []);
    assert_eq!(proof.models, 1);
    // One prefix ends where the last label of the training range is known, three days after the range.
    let ranges = full.models[0].trained.fits[0].ranges;
    let closes = full.evaluation.instruments[0].bars.at(full.plan.base).unwrap().close_instants();
    let last = closes.iter().position(|close| *close == ranges.train.to).unwrap();
    assert!(proof.runs.iter().any(|run| run.until.0 == closes[last + 3]));
    assert!(closes[last + 3] < ranges.validation.from);
}

#[test]
fn a_scaler_of_more_than_the_training_range_is_found() {
    let registry = standard_registry().unwrap();
    let mut full = evaluated(&MODEL.replace("FEATURE", "returns(day.close)"), &registry);
    let Scalers::Joint(scaler) = &mut full.models[0].trained.fits[0].scalers else { panic!("one for all") };
    let FeatureScale::Linear(scale) = &mut scaler.groups[1][0] else { panic!("no line") };
    scale.spread *= 1.01;
    let proof = prove(&full, &registry, 3, &mut |_, _| {}).unwrap();
    let found: Vec<&str> = proof.differences.iter().map(|difference| difference.what.as_str()).collect();
    assert!(found.contains(&"lstm: the scaler's spread of `week.change`"), "{found:?}");
}

#[test]
fn the_instants_do_not_change_from_run_to_run() {
    let registry = standard_registry().unwrap();
    let full = evaluated(RULES, &registry);
    let of = |prefixes| prove(&full, &registry, prefixes, &mut |_, _| {}).unwrap();
    let (first, second) = (of(7), of(7));
    assert_eq!(proof_json(&first).unwrap(), proof_json(&second).unwrap());
    assert_eq!(proof_page(&first), proof_page(&second));
    // One alone is cut before the last bar: what peeks a bar ahead shows there.
    let bars = full.evaluation.instruments[0].bars.at(full.plan.base).unwrap();
    assert_eq!(of(1).runs[1].until.0, bars.close_instants()[bars.len() - 2]);
}

#[test]
fn a_prefix_may_be_shorter_than_everything_that_is_read() {
    let registry = standard_registry().unwrap();
    let full = evaluated(RULES, &registry);
    let proof = prove(&full, &registry, 2, &mut |_, _| {}).unwrap();
    let bars = full.evaluation.instruments[1].bars.at(full.plan.base).unwrap();
    assert_eq!(proof.runs[1].until.0, bars.close_instants()[0], "one day of one instrument, no week");
    assert!(proof.holds());
}

/// Where one instrument's day lasts from 00:00 to 24:00 and another's opens at 14:30, a position in the second
/// is sized by what the first one was worth when its day began.
#[test]
fn no_size_hangs_on_a_later_close_of_another_calendar() {
    let registry = standard_registry().unwrap();
    let text = r#"
        let day = bars("1d");
        strategy(#{
            universe: ["made/COIN", "made/STOCK"],
            long: #{ enter: day.close > day.close[1], exit: day.close < day.close[1] },
            size: percent(40),
        })
    "#;
    let strategy = compile(text, "two.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
    let zone = Calendar::timezone_called("America/New_York").unwrap();
    let session = Calendar::new("09:30-16:00", zone).unwrap();
    let bars = |name: &str, calendar: Calendar, open: i64, seed: u64| {
        let days = (4..400_i64).filter(|day| calendar == Calendar::Continuous || !matches!(day.rem_euclid(7), 2 | 3));
        let timestamps: Vec<i64> = days.map(|day| day * Timestamp::DAY + open).collect();
        let wave = |bar: usize| 100.0 + 10.0 * ((bar as f64 * (1.0 + seed as f64)).sin());
        let open: Vec<f64> = (0..timestamps.len()).map(wave).collect();
        let close: Vec<f64> = (0..timestamps.len()).map(|bar| wave(bar + 1)).collect();
        let [high, low] = [f64::max, f64::min].map(|of| open.iter().zip(&close).map(|(a, b)| of(*a, *b)).collect());
        let fields = [open, high, low, close, vec![1.0; timestamps.len()]];
        let bars = Bars::new(Timeframe::DAY, &calendar, timestamps, fields).unwrap();
        InstrumentBars::new(name.parse().unwrap(), [bars])
    };
    let hours = 3_600 * Timestamp::SECOND;
    let coin = bars("made/COIN", Calendar::Continuous, 0, 1);
    let stock = bars("made/STOCK", session, 14 * hours + hours / 2, 2);
    let market = MarketData::from_bars(vec![coin, stock]);
    let full = evaluate_on(strategy, &registry, market, &Options::default(), &mut |_| {}).unwrap();
    let proof = prove(&full, &registry, 40, &mut |_, _| {}).unwrap();
    assert!(proof.holds() && proof.trades > 100, "{}", proof_page(&proof));
}
