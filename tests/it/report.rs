//! What a run leaves: the terminal page, the files, and what they say of odd runs.

mod access;
mod browser;
mod contrast;
mod documented;
mod files;
mod html;
mod page;
mod schema;

pub use documented::are_what_the_schemas_say;

use timeweave::data::Bars;
use timeweave::error::Result;
use timeweave::expr::{Argument, BarsRef, Entry, Given, Level};
use timeweave::node::Registry;
use timeweave::pipeline::{MarketData, Options, Outcome, evaluate_on};
use timeweave::run::InstrumentBars;
use timeweave::script;
use timeweave::standard_registry;
use timeweave::strategy::{Selection, Strategy};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Daily bars of weekdays whose closes go up and down between 100 and 120, `offset` bars apart from
/// those of another instrument.
fn bars(count: usize, offset: usize) -> Bars {
    let weekdays = (0..).filter(|day| (day + 3) % 7 < 5).take(count);
    let timestamps = weekdays.map(|day: i64| day * Timestamp::DAY).collect();
    let close = |bar: usize| 100.0 + 20_usize.abs_diff((bar + offset) * 3 % 40) as f64;
    let closes: Vec<f64> = (1..=count).map(close).collect();
    let opens: Vec<f64> = (0..count).map(close).collect();
    let extreme =
        |pick: fn(f64, f64) -> f64, by: f64| opens.iter().zip(&closes).map(|(a, b)| pick(*a, *b) + by).collect();
    let columns = [opens.clone(), extreme(f64::max, 1.5), extreme(f64::min, -1.5), closes.clone(), vec![1e6; count]];
    Bars::new(Timeframe::DAY, &Calendar::Weekdays, timestamps, columns).unwrap()
}

fn market(strategy: &Strategy, bars_of: impl Fn(usize) -> Bars) -> MarketData {
    let instrument = |(index, selection): (usize, &Selection)| {
        InstrumentBars::new(selection.what.to_string().parse().unwrap(), [bars_of(index)])
    };
    MarketData::from_bars(strategy.universe.iter().enumerate().map(instrument).collect())
}

fn run(strategy: Strategy, registry: &Registry, market: MarketData) -> Result<Outcome> {
    evaluate_on(strategy, registry, market, &Options::default(), &mut |_| {})?.backtest(registry)
}

fn entry(name: &str, value: impl Into<Argument>) -> Entry {
    Entry { name: name.into(), given: value.into().into() }
}

/// Buys above an average, with a stop and a target so near that one bar may touch both.
fn crossing(registry: &Registry) -> Strategy {
    let day = BarsRef::new(Timeframe::DAY);
    let average = registry.series("sma", [day.close().into(), 5.into()]).unwrap();
    let rules = vec![entry("enter", day.close().gt(&average)), entry("exit", day.close().lt(&average))];
    let near = |node: &str| registry.call(node, [Level::Percent(0.01).into()], None).unwrap();
    let record = vec![
        entry("universe", "made_up/WAVE"),
        entry("long", rules),
        entry("exits", vec![Given::from(near("stop_loss")), near("take_profit").into()]),
        entry("costs", Argument::record([("commission", Argument::Percent(0.001))])),
        entry("plot", Argument::record([("average", &average)])),
    ];
    Strategy::declare(registry, "crossing", record, None).unwrap()
}

fn crossing_outcome() -> Outcome {
    let registry = standard_registry().unwrap();
    let strategy = crossing(&registry);
    let market = market(&strategy, |_| bars(60, 0));
    run(strategy, &registry, market).unwrap()
}

/// The outcome of a script on so many bars of each instrument.
fn scripted(text: &str, count: usize) -> Outcome {
    let registry = standard_registry().unwrap();
    let strategy =
        script::compile(text, "made_up.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
    let market = market(&strategy, |index| bars(count, index * 7));
    run(strategy, &registry, market).unwrap()
}

/// Two instruments, and plots with names that the tables use themselves.
fn two_instruments() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        strategy(#{
            universe: ["made_up/A", "made_up/B"],
            long: #{ enter: day.close > 110, exit: day.close < 105 },
            size: percent(40),
            plot: #{ instrument: day.close / 100, timestamp: day.close - day.open, average: sma(day.close, 3) },
        })"#,
        80,
    )
}

fn no_trades() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        strategy(#{
            universe: "made_up/A",
            long: #{ enter: day.close > 1e9 },
            plot: #{ never: sma(day.close, 500), always: day.close },
        })"#,
        40,
    )
}

fn one_bar() -> Outcome {
    let text = r#"let day = bars("1d"); strategy(#{ universe: "made_up/A", long: #{ enter: day.close > 0 } })"#;
    scripted(text, 1)
}

/// A small model, trained in a moment.
fn with_model() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        let forecast = lstm(#{
            inputs: #{ near: #{ change: returns(day.close) }, far: #{ place: day.close / sma(day.close, 20) - 1 } },
            target: future_return(day.close, 2),
            lookback: 4, hidden: 2, epochs: 3, batch: 64, split: #{ train: 0.6, validation: 0.2 }, seed: 1,
        });
        let blend = dynamic_weight(forecast, #{ given: [natr(day, 5)] });
        let threshold = param("threshold", 0.0, #{ min: 0.0, max: 1.0 });
        strategy(#{
            universe: "made_up/A",
            long: #{ enter: blend.score > threshold, exit: blend.score < 0 },
            plot: #{ weights: blend.weights, score: blend.score },
        })"#,
        300,
    )
}
