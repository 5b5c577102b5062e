//! report.html and compare.html for a keyboard and a screen reader, and on paper.

use std::fs;

use serde_json::{Value, json};
use timeweave::report::report_html;

use super::browser::{printed, seen};
use super::contrast::compared;
use super::{no_trades, two_instruments, with_model};

/// Runs last: it looks for what those who do not see or point need.
const LOOK: &str = include_str!("access.js");

fn check(html: &str) -> Option<Value> {
    let Some(seen) = seen(html, LOOK) else {
        println!("skipped: there is no chromium in PATH");
        return None;
    };
    let none = ["faults", "without_caption", "without_scope", "rows_without_name", "without_name", "landmarks"];
    for name in none.into_iter().chain(["without_outline"]) {
        assert_eq!(seen[name], json!([]), "{name}: {:#}", seen[name]);
    }
    assert_eq!((&seen["levels"], &seen["charts_unmarked"]), (&json!(0), &json!(0)), "{seen}");
    assert_eq!((&seen["skip"], &seen["skip_shown"]), (&json!(true), &json!(true)), "{seen}");
    assert_eq!(seen["moves"], json!([[20, 60], [28, 52], [26, 50], [20, 56], [20, 56]]));
    assert_eq!((&seen["printed"], &seen["after"]), (&json!("light"), &json!("dark")));
    Some(seen)
}

fn labels(seen: &Value) -> Vec<&str> {
    seen["charts"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect()
}

#[test]
fn browser_reads_a_report_to_those_who_do_not_see_it() {
    let outcome = with_model();
    let Some(seen) = check(&report_html(&outcome).unwrap()) else { return };
    assert!(seen["tables"].as_u64().unwrap() >= 12, "{seen}");
    let labels = labels(&seen);
    let trades = outcome.backtest.trades.len();
    assert!(labels[0].starts_with(&format!("made_up/A with {trades} trades over time. Equity came to ")), "{labels:?}");
    // A chart says in words what it draws: each small one from where to where.
    assert!(labels.len() > 4 && labels[1..].iter().all(|label| label.contains(" from ") && label.contains(" to ")));
    check(&report_html(&two_instruments()).unwrap());
    check(&report_html(&no_trades()).unwrap());
}

#[test]
fn browser_reads_a_comparison_to_those_who_do_not_see_it() {
    let Some(seen) = check(&compared([&with_model(), &two_instruments()])) else { return };
    assert!(seen["tables"].as_u64().unwrap() >= 2, "{seen}");
    assert!(labels(&seen)[0].contains("At the end: first ") && labels(&seen)[0].contains(", second "), "{seen}");
}

#[test]
fn browser_prints_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.pdf");
    let html = report_html(&with_model()).unwrap();
    if !printed(&html, &page) {
        return;
    }
    let bytes = fs::read(&page).unwrap();
    assert!(bytes.starts_with(b"%PDF") && bytes.len() > 50_000, "{}", bytes.len());
    // As wide as the charts, in points: 3/4 of 1330.
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("/MediaBox [0 0 997."), "{:?}", text.find("/MediaBox").map(|at| &text[at..at + 40]));
}
