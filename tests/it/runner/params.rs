//! `runner params`, and what `--set` refuses.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Desk;

#[test]
fn the_parameters_of_a_script_are_listed() {
    let desk = Desk::new();
    desk.write(
        "open.rhai",
        "let low = param(\"low\", 0.5, #{ min: -1.0 });\n\
         let half = param(\"half\", 2.0, #{ min: 0.5, max: 3 });\n\
         let any = param(\"any\", -3);\n\
         strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: bars(\"1d\").close > low * half * any } })\n",
    );
    desk.write("none.rhai", "strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: bars(\"1d\").close > 3 } })");
    let mut all = String::new();
    for line in [
        "params strategies/sma_cross.rhai",
        "params strategies/sma_cross.rhai --set slow=50",
        "params strategies/sma_cross.rhai --json --set slow=50",
        "params open.rhai",
        "params none.rhai",
        "params none.rhai --json",
    ] {
        let told = desk.done(line);
        assert_eq!(told.stderr, "", "runner {line}");
        let _ = writeln!(all, "$ runner {line}\n{}", told.stdout);
    }
    insta::assert_snapshot!("params", all);

    let told: Value = serde_json::from_str(&desk.done("params open.rhai --json").stdout).unwrap();
    assert_eq!(told[0]["max"], Value::Null);
    assert_eq!(told[0]["default"], json!(0.5));
    assert_eq!((&told[2]["default"], &told[2]["whole"], &told[2]["line"]), (&json!(-3), &json!(true), &json!(3)));
    assert!(!desk.path("runs").exists());
}

#[test]
fn what_does_not_fit_is_refused_as_in_a_run() {
    let desk = Desk::new();
    let mut all = String::new();
    for set in ["fsat=10", "nonsense=10", "fast=1", "fast=10.5", "slow=1000"] {
        let line = format!("params strategies/sma_cross.rhai --set {set}");
        let told = desk.refused(&line, 1);
        assert_eq!(told, desk.refused(&format!("strategies/sma_cross.rhai --set {set}"), 1));
        let _ = writeln!(all, "$ runner {line}\n{told}");
    }
    for set in ["fast=ten", "fast=", "fast"] {
        let line = format!("params strategies/sma_cross.rhai --set {set}");
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(&line, 2));
    }
    insta::assert_snapshot!("refused", all);
}
