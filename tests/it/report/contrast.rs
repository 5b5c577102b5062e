//! Colours of report.html and compare.html: texts stand out as WCAG 2.2 AA asks, lines too, and the colour-blind can
//! tell them apart.

use std::path::Path;

use serde_json::json;
use timeweave::pipeline::Outcome;
use timeweave::report::{self, Comparison, KeptRun, report_html};

use super::browser::seen;
use super::{two_instruments, with_model};

/// Runs last: it looks at every colour.
const LOOK: &str = include_str!("contrast.js");

/// The page that compares two runs.
pub fn compared(outcomes: [&Outcome; 2]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let kept = |(name, outcome): (&str, &Outcome)| {
        let path = folder.path().join(name);
        report::write(outcome, &path).unwrap();
        KeptRun::read(Path::new(&path)).unwrap()
    };
    let runs = ["first", "second"].into_iter().zip(outcomes).map(kept).collect();
    Comparison::of(runs).unwrap().html().unwrap()
}

/// `texts` and `lines` are how many there are at least.
fn check(html: &str, texts: u64, lines: u64) {
    let Some(seen) = seen(html, LOOK) else {
        println!("skipped: there is no chromium in PATH");
        return;
    };
    assert_eq!(seen["faults"], json!([]));
    for theme in ["light", "dark"] {
        let found = &seen[theme];
        assert_eq!(found["low"], json!([]), "in {theme}: {:#}", found["low"]);
        assert!(found["texts"].as_u64().unwrap() >= texts && found["lines"].as_u64().unwrap() >= lines, "{found}");
    }
}

#[test]
fn browser_contrast_of_a_report_is_enough_in_light_and_in_dark() {
    check(&report_html(&with_model()).unwrap(), 500, 20);
    check(&report_html(&two_instruments()).unwrap(), 500, 10);
}

#[test]
fn browser_contrast_of_a_comparison_is_enough_in_light_and_in_dark() {
    check(&compared([&with_model(), &two_instruments()]), 60, 2);
}
