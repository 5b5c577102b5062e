//! A plan explained: the tree, the graph, and from when on values are known.

mod dot;
mod known;
mod tree;

use std::fs;

use timeweave::plan::Plan;
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;

/// Scans, another instrument, a rule over the position, and two timeframes.
const EVERYTHING: &str = r#"
let day = bars("1d");
let week = bars("1wk");
let other = bars("1d", "us_equities/GOOG");
let width = 2 * atr(day, 14);
let trail = scan(day.close, |prev| select(day.close > prev, max(prev, day.close - width), day.close + width));
let band = scan(#{ level: day.close, count: 0 }, |prev| {
    let level = prev.level + 0.1 * (day.close - prev.level);
    #{ level: level, count: select(day.close > level, prev.count + 1, 0) }
});
let speed = macd(day.close);
strategy(#{
    universe: ["us_equities/AAPL", "us_equities/MSFT"],
    long: #{
        enter: day.close > trail and other.close > sma(other.close, 50) and band.count > 3,
        exit:  speed.macd < speed.macdsignal or crosses_below(week.close, sma(week.close, 10)),
    },
    exits: [
        exit_when(position.bars_held > 5 and position.profit < 0 or day.close < position.highest - width),
        stop_loss(percent(5)),
    ],
    size: percent(50),
    plot: #{ level: band.level },
})
"#;

fn strategy(text: &str) -> Strategy {
    let registry = standard_registry().unwrap();
    compile(text, "explained.rhai", &Options { registry: &registry, settings: &[] }).unwrap()
}

fn plan(text: &str) -> Plan {
    Plan::new(&strategy(text), &standard_registry().unwrap()).unwrap()
}

/// The example strategies and one with everything in it.
fn scripts() -> Vec<String> {
    let names = ["mtf_lstm", "rsi_reversion", "sma_cross", "weekly_trend_daily_entry"];
    let examples = names.map(|name| fs::read_to_string(format!("strategies/{name}.rhai")).unwrap());
    examples.into_iter().chain([EVERYTHING.to_owned()]).collect()
}

#[test]
fn what_a_model_depends_on_includes_the_insides_of_scans() {
    let model = |rate: &str| {
        let plan = plan(&format!(
            r#"let day = bars("1d");
            let level = scan(day.close, |prev| prev + {rate} * (day.close - prev));
            let forecast = lstm(#{{ inputs: #{{ day: #{{ level: day.close / level }} }}, target: future_return(day.close, 5) }});
            strategy(#{{ universe: "us_equities/AAPL", long: #{{ enter: forecast.day > 0 }} }})"#
        ));
        plan.explain_model(&plan.models[0])
    };
    assert_eq!(model("0.1"), model("0.10"));
    assert_ne!(model("0.1"), model("0.2"), "a model would be used again that was trained on other features");
}
