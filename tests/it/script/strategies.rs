//! The example strategies: each is read without a complaint, and is what its comment says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use timeweave::expr::Argument;
use timeweave::script::{Options, compile, load};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::Timeframe;

fn strategies() -> BTreeMap<String, Strategy> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "rhai"));
    let registry = standard_registry().unwrap();
    let read = |path: &Path| load(path, &Options { registry: &registry, settings: &[] }).unwrap();
    scripts.map(|path| read(&path)).map(|strategy| (strategy.name.clone(), strategy)).collect()
}

#[test]
fn each_opens_with_a_lesson_and_trades_at_a_cost() {
    let strategies = strategies();
    assert!(strategies.len() >= 4);
    for (name, strategy) in &strategies {
        assert!(strategy.source.as_ref().unwrap().text.starts_with("// Lesson "), "{name}");
        assert!(strategy.costs.commission > 0.0 && strategy.costs.slippage > 0.0, "{name}");
        assert!(!strategy.plot.is_empty(), "{name}");
    }
}

#[test]
fn the_example_in_the_spec_of_each_node_is_a_line_of_script() {
    let registry = standard_registry().unwrap();
    let options = Options { registry: &registry, settings: &[] };
    let mut wrong = Vec::new();
    for spec in registry.specs() {
        // A sizer's example is the entry of the record that it stands in.
        let (line, entry) = match registry.sizer(spec.name) {
            Some(_) => ("0", spec.example),
            None => (spec.example, ""),
        };
        let script = format!(
            "let day = bars(\"1d\"); let week = bars(\"1wk\"); let month = bars(\"1mo\");
             let open = day.open; let high = day.high; let low = day.low; let close = day.close; let volume = day.volume;
             let forecast = lstm(#{{ inputs: #{{ day: #{{ change: returns(close) }} }}, target: future_return(close, 5) }});
             let example = {line};
             strategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: true }}, {entry} }})"
        );
        if let Err(error) = compile(&script, spec.name, &options) {
            wrong.push(format!("{}: {}: {error}", spec.name, spec.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn weekly_trend_daily_entry_mixes_a_week_and_a_day() {
    let strategies = strategies();
    let strategy = &strategies["weekly_trend_daily_entry"];
    let rules = strategy.long.as_ref().unwrap();
    assert_eq!(rules.enter.timeframe(), Some(Timeframe::DAY));
    assert_eq!(rules.exit.as_ref().unwrap().timeframe(), Some(Timeframe::WEEK));
}

#[test]
fn mtf_lstm_reads_three_timeframes_in_order() {
    let strategies = strategies();
    let strategy = &strategies["mtf_lstm"];
    assert!(strategy.short.is_some());
    let names: Vec<&str> = strategy.plot.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["weights.day", "weights.month", "weights.week", "score"]);
    assert_eq!(
        strategy.exits.iter().map(|exit| exit.node.as_str()).collect::<Vec<_>>(),
        ["stop_loss", "trailing_stop", "time_stop"]
    );
    assert!(matches!(strategy.exits[1].arguments.get("level"), Some(Argument::Level(_))));
    assert_eq!(strategy.parameters.len(), 1);
}
