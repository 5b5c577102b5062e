//! What a reader must know before believing the figures: ranges, assumptions, doubts.

use crate::models::Range;
use crate::pipeline::{Fitted, Outcome};
use crate::report::format::{count, percent};
use crate::strategy::{Fill, Intrabar};
use crate::time::Timestamp;

/// The ranges that trained, validated and tested each model, and the range that was traded, a line
/// each.
pub fn ranges(outcome: &Outcome) -> Vec<String> {
    let mut lines: Vec<String> = outcome.models.iter().map(model).collect();
    if let (Some(first), Some(last)) = (outcome.backtest.timestamps.first(), outcome.backtest.timestamps.last()) {
        let sample = match (outcome.models.is_empty(), outcome.is_out_of_sample()) {
            (true, _) => "",
            (false, true) => ", out of sample",
            (false, false) => ", IN SAMPLE",
        };
        let bars = count(outcome.backtest.timestamps.len());
        lines.push(format!("traded {first} to {last} ({bars} bars){sample}"));
    }
    lines
}

fn model(model: &Fitted) -> String {
    let ranges = &model.trained.ranges;
    let day = |instant: i64| Timestamp(instant - 1).date();
    let of = |range: &Range| format!("{} to {} ({})", day(range.from), day(range.to), count(range.samples));
    let (train, validation, test) = (of(&ranges.train), of(&ranges.validation), of(&ranges.test));
    format!("trained on {train}, validated on {validation}, tested on {test}")
}

/// What could make the figures wrong or mean less than they seem to, a sentence each.
pub fn warnings(outcome: &Outcome) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |text: String| warnings.push(text);
    if !outcome.is_out_of_sample() {
        warn(
            "IN SAMPLE: the models were trained on bars that were traded. These figures say nothing about the future."
                .into(),
        );
    }
    if outcome.strategy.fill == Fill::SameClose {
        warn("Orders fill at the close of the bar that gave the signal: this assumes that one can know a close and still trade at it.".into());
    }
    let ambiguity = &outcome.ambiguity;
    if ambiguity.trades > 0 {
        let assumed = match outcome.strategy.intrabar {
            Intrabar::StopFirst => "the stop is taken to come first",
            Intrabar::TargetFirst => "the target is taken to come first",
            Intrabar::NearestExtreme => "the extreme nearer to the open is taken to come first",
        };
        warn(format!(
            "{} of {} trades hung on the order of events inside a bar ({assumed}): total return {} had the stop always come first, {} had the target.",
            ambiguity.trades,
            outcome.backtest.trades.len(),
            percent(ambiguity.stop_first),
            percent(ambiguity.target_first)
        ));
    }
    for model in &outcome.models {
        let forecasts: Vec<_> = model.quality.forecasts.iter().collect();
        let best = forecasts.iter().filter(|forecast| model.quality.beats_baselines(forecast)).count();
        if best == 0 {
            warn(
                "No forecast beats both baselines on the test range: the model has learned nothing that held there."
                    .into(),
            );
        }
    }
    for (reason, times) in &outcome.backtest.refused {
        warn(format!("{} refused: {reason}.", plural(*times, "order")));
    }
    if (1..30).contains(&outcome.backtest.trades.len()) {
        warn(format!("{} are too few to tell skill from luck.", plural(outcome.backtest.trades.len(), "trade")));
    }
    warnings
}

fn plural(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", count(number)) }
}
