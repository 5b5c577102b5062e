//! Snapshots: what a strategy does, as text that is kept beside it and compared.

use std::fmt::Write;

use serde_json::Value;

use crate::error::{Diagnostic, Result};
use crate::models::{Figures, Quality};
use crate::pipeline::Outcome;
use crate::plan::PlannedRules;
use crate::report::format::significant;
use crate::report::ranges::bar_date;
use crate::report::{ranges, warnings};

/// How many digits of a figure a snapshot keeps.
const DIGITS: usize = 6;

/// A run as text: plan, counts, figures rounded to six significant digits, trades.
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub fn snapshot(outcome: &Outcome) -> Result<String> {
    let mut text = String::new();
    let universe: Vec<String> = outcome.backtest.universe.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "{} on {}", outcome.strategy.name, universe.join(", "));
    for parameter in &outcome.strategy.parameters {
        let _ = writeln!(text, "{} = {}", parameter.name, parameter.value);
    }
    let _ = writeln!(text, "\n{}", outcome.plan.explain());
    for range in ranges(outcome) {
        let _ = writeln!(text, "{} {} to {}: {}, {}", range.name, range.from, range.to, range.size(), range.meaning);
    }
    for warning in warnings(outcome) {
        let _ = writeln!(text, "! {warning}");
    }
    counts(&mut text, outcome)?;
    figures(&mut text, outcome)?;
    let _ = writeln!(text, "\ntrades");
    for (number, trade) in outcome.backtest.trades.iter().enumerate() {
        let _ = writeln!(
            text,
            "{:>4} {} {} {} {} at {} to {} at {}: {} ({})",
            number + 1,
            outcome.backtest.universe[trade.instrument],
            trade.side.name(),
            significant(trade.units, DIGITS),
            trade.entry_time,
            significant(trade.entry_price, DIGITS),
            trade.exit_time,
            significant(trade.exit_price, DIGITS),
            significant(trade.profit, DIGITS),
            trade.reason.name(),
        );
    }
    Ok(text)
}

fn counts(text: &mut String, outcome: &Outcome) -> Result<()> {
    let plan = &outcome.plan;
    let _ = writeln!(text, "\nsignals");
    for (side, rules) in [("long", plan.long), ("short", plan.short)] {
        let Some(PlannedRules { enter, exit, .. }) = rules else { continue };
        for (rule, id) in [("enter", Some(enter)), ("exit", exit)] {
            let Some(id) = id else { continue };
            let mut bars = 0;
            for instrument in &outcome.evaluation.instruments {
                bars += instrument.truths(id, plan.base)?.iter().filter(|holds| **holds).count();
            }
            let _ = writeln!(text, "{side}.{rule}: {bars} bars");
        }
    }
    if let Some(weights) = &plan.weights {
        let (mut long, mut short) = (0, 0);
        for instrument in &outcome.evaluation.instruments {
            let Some(share) = weights.share_of(&instrument.bars.instrument) else { continue };
            let shares = instrument.numbers(share, plan.base)?;
            long += shares.iter().filter(|share| **share > 0.0).count();
            short += shares.iter().filter(|share| **share < 0.0).count();
        }
        let _ = writeln!(text, "weights: above 0 on {long} bars, below 0 on {short}");
    }
    Ok(())
}

fn figures(text: &mut String, outcome: &Outcome) -> Result<()> {
    let failed = |e: serde_json::Error| Diagnostic::new(format!("the figures could not be written: {e}"));
    let _ = writeln!(text, "\nfigures");
    write_value(text, "", &serde_json::to_value(&outcome.metrics).map_err(failed)?);
    outcome.models.iter().try_for_each(|model| quality(text, outcome, &model.quality).map_err(failed))
}

fn quality(text: &mut String, outcome: &Outcome, quality: &Quality) -> serde_json::Result<()> {
    let _ = writeln!(text, "\nforecasts");
    if let Some(verdict) = &quality.verdict {
        write_value(text, "verdict", &serde_json::to_value(verdict)?);
    }
    let write = |text: &mut String, prefix: &str, figures: &Figures| -> serde_json::Result<()> {
        let mut value = serde_json::to_value(figures)?;
        // It stands before each figure.
        value.as_object_mut().and_then(|fields| fields.shift_remove("name"));
        write_value(text, &format!("{prefix}{}", figures.name), &value);
        Ok(())
    };
    write_value(text, "label_bars", &serde_json::to_value(quality.label_bars)?);
    for figures in quality.forecasts.iter().chain(&quality.baselines) {
        write(text, "", figures)?;
    }
    for figures in &quality.forecasts {
        for (number, tenth) in figures.calibration.iter().enumerate() {
            let [said, came] = [tenth.mean_forecast, tenth.mean_outcome].map(|mean| significant(mean, DIGITS));
            let name = format!("{}.calibration.{}", figures.name, number + 1);
            let _ = writeln!(text, "{name}: {} samples, forecast {said}, came {came}", tenth.samples);
        }
    }
    for (number, fold) in quality.folds.iter().enumerate() {
        let [from, to] = [fold.tested.from, fold.tested.to].map(|instant| bar_date(outcome, instant));
        let _ = writeln!(text, "fold {}: {from} to {to}", number + 1);
        for figures in fold.forecasts.iter().chain(&fold.baselines) {
            write(text, &format!("fold {}.", number + 1), figures)?;
        }
    }
    for weight in &quality.weights {
        write_value(text, &format!("weights.{}", weight.group), &serde_json::to_value(weight)?);
        for year in &weight.by_year {
            let _ = writeln!(text, "weights.{}.{}: {}", weight.group, year.year, significant(year.mean, DIGITS));
        }
    }
    if let Some(importance) = &quality.importance {
        let _ = writeln!(text, "importance.samples: {}", importance.samples);
        for input in &importance.inputs {
            let fall = input.r_squared_fall.map_or_else(|| "null".to_owned(), |fall| significant(fall, DIGITS));
            let rise = significant(input.error_rise, DIGITS);
            let _ = writeln!(text, "importance.{}: R² falls by {fall}, error rises by {rise}", input.input);
        }
    }
    Ok(())
}

fn write_value(text: &mut String, name: &str, value: &Value) {
    let _ = match value {
        Value::Object(fields) => {
            let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
            fields.iter().for_each(|(field, value)| write_value(text, &format!("{prefix}{field}"), value));
            return;
        }
        // Lists repeat what the trades below and the figures above say already.
        Value::Array(_) => return,
        Value::Number(number) => {
            writeln!(text, "{name}: {}", number.as_f64().map_or_else(|| number.to_string(), |n| significant(n, DIGITS)))
        }
        Value::String(string) => writeln!(text, "{name}: {string}"),
        other => writeln!(text, "{name}: {other}"),
    };
}

/// A snapshot in insta's file format, so that `cargo insta review` reads it too. `source` is the
/// script's path.
pub fn snapshot_file(source: &str, text: &str) -> String {
    format!("---\nsource: {source}\nexpression: runner snapshot\n---\n{}\n", text.trim_end())
}
