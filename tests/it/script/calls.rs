//! Calls of the real nodes with a mistake each: the message names the nearest function and its signature,
//! and marks the place.

use std::fmt::Write;

use timeweave::error::render;
use timeweave::script::{Options, compile};
use timeweave::standard_registry;

#[test]
fn a_wrong_call_is_told_how_the_node_is_called() {
    let registry = standard_registry().unwrap();
    let mut drawn = String::new();
    for call in [
        "rsii(close)",
        "RSI(close)",
        "bollinger(close)",
        "moving_average(close)",
        "relative_strength_index(close)",
        "volume(close)",
        "crosses(close, 3)",
        "lsmt(close)",
        "nonsense(close)",
        "rsi()",
        "rsi",
        "rsi(14, close)",
        "rsi(5, 14)",
        "rsi(close, 0)",
        "rsi(close, 14.5)",
        "rsi(close, \"14\")",
        "rsi(close, close)",
        "rsi(close, 14, 3)",
        "rsi(close, 14, 3, 4, 5, 6)",
        "rsi(close > 3)",
        "rsi(macd(close))",
        "rsi(close, #{ period: 14 })",
        "rsi(close, #{ timeperiod: 0 })",
        "rsi(close, timeperiod: 14)",
        "rsi(close, timeperiod = 14)",
        "rsi(close, 14, #{ timeperiod: 14 })",
        "atr(close)",
        "atr()",
        "atr(14)",
        "atr(close, 14, 3)",
        "atr(day, 14, 3)",
        "obv(day, 14)",
        "atr(select(true, 1, 2), select(true, 1, 2), select(true, 1, 2))",
        "atr(day.high, day.low, close > 3)",
        "correl(close)",
        "sma(day, 20)",
        "close.sma(0)",
        "macd(close).signal",
        "macd(close).hist",
        "macd(close).macdhis",
        "macd(close).nonsense",
        "macd(close, 12, 26, 9.5).macd",
        "ma(close, 20, \"exponential\")",
        "stop_loss(8)",
    ] {
        let text = format!(
            "let day = bars(\"1d\");\nlet close = day.close;\nlet x = {call};\n\
             strategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: x > 3 }} }})\n"
        );
        let options = Options { registry: &registry, settings: &[] };
        let error = compile(&text, "call.rhai", &options).err().unwrap_or_else(|| panic!("{call} is not refused"));
        assert_eq!(error.origin().map(|origin| origin.line), Some(3), "{call}: {error}");
        // The lines around it are the same every time.
        let told = render(&error, |_| Some(text.clone()));
        let told: Vec<&str> = told.lines().filter(|line| !line.contains(" 2 │") && !line.contains(" 4 │")).collect();
        let _ = writeln!(drawn, "{}\n", told.join("\n"));
    }
    insta::assert_snapshot!("calls", drawn);
}
