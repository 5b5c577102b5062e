//! The ranges of a run: which bars trained, validated and tested its models, and which were traded.

use serde::Serialize;

use crate::models::{self, Ranges};
use crate::pipeline::{Fitted, Outcome};
use crate::report::format::count;
use crate::time::Timestamp;

/// A range of bars and what was done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// What was done: `trained`, `validated`, `tested`, `traded`; with the model's number where there
    /// are several.
    pub name: String,
    /// The date of its first bar; with the time of day where bars are shorter than a day.
    pub from: String,
    /// The same of its last bar.
    pub to: String,
    /// How many `unit` it holds.
    pub count: usize,
    /// `sample` of a model, or `bar` that was traded.
    pub unit: &'static str,
    /// What that means for whoever reads the figures.
    pub meaning: &'static str,
}

impl Range {
    /// How much it holds: `1,557 samples`.
    pub fn size(&self) -> String {
        sized(self.count, self.unit)
    }
}

/// The ranges of each model, in order, and last the one that was traded.
pub fn ranges(outcome: &Outcome) -> Vec<Range> {
    let models = outcome.models.iter().enumerate();
    let mut ranges: Vec<Range> = models.flat_map(|(number, model)| of_model(outcome, number, model)).collect();
    let instants = &outcome.backtest.timestamps;
    if let (Some(first), Some(last)) = (instants.first(), instants.last()) {
        let meaning = match (outcome.models.is_empty(), outcome.is_out_of_sample()) {
            (true, _) => "no model",
            (false, true) => "out of sample",
            (false, false) => "IN SAMPLE",
        };
        ranges.push(Range {
            name: "traded".into(),
            from: first.to_string(),
            to: last.to_string(),
            count: instants.len(),
            unit: "bar",
            meaning,
        });
    }
    ranges
}

fn of_model(outcome: &Outcome, number: usize, model: &Fitted) -> [Range; 3] {
    let one = outcome.models.len() == 1;
    let named = |what: &str| if one { what.to_owned() } else { format!("model {} {what}", number + 1) };
    let fits = &model.trained.fits;
    // Of several fits, from where the first range begins to where the last one ends.
    let range = |what, of: fn(&Ranges) -> models::Range, meaning| {
        let all = || fits.iter().map(|fit| of(&fit.ranges));
        Range {
            name: named(what),
            from: bar_date(outcome, all().map(|range| range.from).min().unwrap_or_default()),
            to: bar_date(outcome, all().map(|range| range.to).max().unwrap_or_default()),
            count: all().map(|range| range.samples).sum(),
            unit: "sample",
            meaning,
        }
    };
    let (fitted, stopped, unseen) = match fits.len() {
        1 => ("fitted", "said when to stop", "seen by neither"),
        _ => ("fitted, fold after fold", "said when to stop", "each fold's comes after all that it saw"),
    };
    [
        range("trained", |ranges| ranges.train, fitted),
        range("validated", |ranges| ranges.validation, stopped),
        range("tested", |ranges| ranges.test, unseen),
    ]
}

/// The date of a bar that closes at an instant (µs, UTC). Where bars are shorter than a day, the instant at which it
/// opens, as everywhere else in a report. A day's bar closes at midnight after it, or at its session's close.
pub(super) fn bar_date(outcome: &Outcome, close: i64) -> String {
    let base = outcome.plan.base;
    if !base.is_intraday() {
        return Timestamp(close - 1).date().to_string();
    }
    let opened = outcome.evaluation.instruments.iter().find_map(|values| {
        let bars = values.bars.at(base).ok()?;
        let bar = bars.close_instants().binary_search(&close).ok()?;
        bars.timestamps().get(bar).copied()
    });
    Timestamp(opened.unwrap_or(close)).to_string()
}

/// A number of things: `1 bar`, `1,312 bars`.
pub(super) fn sized(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", count(number)) }
}
