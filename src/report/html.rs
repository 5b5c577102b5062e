//! report.html: one file that opens offline, with charts, figures and trades.

use serde_json::{Value, json};

use crate::backtest::Trade;
use crate::data::{Bars, Field};
use crate::error::{Diagnostic, Result};
use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::plan::StepId;
use crate::report::format::{money, percent, ratio, share, significant};
use crate::report::tables::reason;
use crate::report::{figures, ranges, warnings};
use crate::time::Timestamp;

const TEMPLATE: &str = include_str!("assets/report.html");
const LIBRARY: &str = include_str!("assets/lightweight-charts.js");

/// How many points a line or a row of candles may have; longer ones are thinned out, keeping highs,
/// lows and last values of what is drawn together.
const POINTS: usize = 20_000;

/// The report of a run. Names from scripts and data are data here, never markup.
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub fn report_html(outcome: &Outcome) -> Result<String> {
    let data = serde_json::to_string(&data(outcome)?)
        .map_err(|e| Diagnostic::new(format!("the report could not be written: {e}")))?;
    // Inside a script element only `<` could end the data early.
    let data = data.replace('<', "\\u003c");
    let title = outcome.strategy.name.replace('&', "&amp;").replace('<', "&lt;");
    let mut html = String::with_capacity(TEMPLATE.len() + LIBRARY.len() + data.len());
    let mut rest = TEMPLATE;
    for (mark, text) in [("{{title}}", title.as_str()), ("{{data}}", &data), ("{{library}}", LIBRARY)] {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        html.push_str(before);
        html.push_str(text);
        rest = after;
    }
    html.push_str(rest);
    Ok(html)
}

fn data(outcome: &Outcome) -> Result<Value> {
    let backtest = &outcome.backtest;
    let universe: Vec<String> = outcome.strategy.universe.iter().map(ToString::to_string).collect();
    let timeframes: Vec<String> = outcome.plan.timeframes().iter().map(ToString::to_string).collect();
    let instants: Vec<i64> = backtest.timestamps.iter().map(|time| time.0).collect();
    let first = &outcome.evaluation.instruments[0];
    let bars = first.bars.at(outcome.plan.base)?;
    let from = instants.first().map_or(0, |first| bars.timestamps().partition_point(|time| time < first));
    let mut inputs: Vec<(String, String)> = Vec::new();
    if let Some(source) = &outcome.strategy.source {
        inputs.push((format!("script {}", source.file), outcome.script_hash(source)));
    }
    inputs.extend(outcome.strategy.parameters.iter().map(|p| (p.name.clone(), p.value.to_string())));
    inputs.extend(outcome.inputs.iter().map(|input| (input.file.clone(), input.sha256.clone())));
    Ok(json!({
        "title": outcome.strategy.name,
        "subtitle": format!("{} at {}", universe.join(", "), timeframes.join(", ")),
        "notes": ranges(outcome),
        "warnings": warnings(outcome),
        "intraday": outcome.plan.base.is_intraday(),
        "spacing": outcome.plan.base.seconds(),
        "candles": candles(bars, from),
        "markers": markers(outcome),
        "equity": line(&instants, &backtest.equity),
        "buy_and_hold": line(&instants, &backtest.buy_and_hold),
        "drawdown": line(&instants, &drawdown(&backtest.equity, backtest.initial_cash)),
        "plots": plots(outcome, from)?,
        "figures": figures(&outcome.metrics).iter().map(|figure| json!({
            "name": figure.name,
            "strategy": figure.strategy,
            "buy_and_hold": figure.buy_and_hold,
            "meaning": figure.meaning,
        })).collect::<Vec<_>>(),
        "models": outcome.models.iter().map(forecasts).collect::<Vec<_>>(),
        "trades": backtest.trades.iter().enumerate().map(|(number, trade)| row(outcome, number, trade)).collect::<Vec<_>>(),
        "inputs": inputs,
    }))
}

fn seconds(instant: i64) -> i64 {
    instant.div_euclid(Timestamp::SECOND)
}

fn candles(bars: &Bars, from: usize) -> Vec<Value> {
    let [open, high, low, close] = [Field::Open, Field::High, Field::Low, Field::Close].map(|field| bars.field(field));
    let step = (bars.len() - from).div_ceil(POINTS).max(1);
    let together = |first: usize| {
        let range = first..(first + step).min(bars.len());
        let highest = high[range.clone()].iter().copied().fold(f64::MIN, f64::max);
        let lowest = low[range.clone()].iter().copied().fold(f64::MAX, f64::min);
        json!({ "time": seconds(bars.timestamps()[first]), "open": open[first], "high": highest, "low": lowest, "close": close[range.end - 1] })
    };
    (from..bars.len()).step_by(step).map(together).collect()
}

/// A line; what is not known is a gap.
fn line(instants: &[i64], values: &[f64]) -> Vec<Value> {
    let step = values.len().div_ceil(POINTS).max(1);
    let point = |(instants, values): (&[i64], &[f64])| match values.iter().rev().find(|value| value.is_finite()) {
        Some(value) => json!({ "time": seconds(instants[0]), "value": value }),
        None => json!({ "time": seconds(instants[0]) }),
    };
    instants.chunks(step).zip(values.chunks(step)).map(point).collect()
}

/// How far equity stands below its highest so far, in percent.
fn drawdown(equity: &[f64], initial: f64) -> Vec<f64> {
    let mut highest = initial;
    let mut fall = |value: &f64| {
        highest = highest.max(*value);
        (value / highest - 1.0) * 100.0
    };
    equity.iter().map(&mut fall).collect()
}

/// Entries and exits of the first instrument, whose bars are drawn.
fn markers(outcome: &Outcome) -> Vec<Value> {
    let mut markers = Vec::new();
    for trade in outcome.backtest.trades.iter().filter(|trade| trade.instrument == 0) {
        let long = trade.side.sign() > 0.0;
        let (below, above) = ("belowBar", "aboveBar");
        let colour = if trade.profit > 0.0 { "#1a9a78" } else { "#d1512d" };
        let entry = if long { (below, "arrowUp") } else { (above, "arrowDown") };
        let exit = if long { above } else { below };
        let label = if long { "L" } else { "S" };
        markers.push((trade.entry_time.0, json!({ "time": seconds(trade.entry_time.0), "position": entry.0, "shape": entry.1, "color": colour, "text": label })));
        markers.push((trade.exit_time.0, json!({ "time": seconds(trade.exit_time.0), "position": exit, "shape": "square", "color": colour, "size": 0.6 })));
    }
    markers.sort_by_key(|(time, _)| *time);
    markers.into_iter().map(|(_, marker)| marker).collect()
}

/// The series of `plot`; those named `group.name` are drawn together.
fn plots(outcome: &Outcome, from: usize) -> Result<Vec<Value>> {
    let first = &outcome.evaluation.instruments[0];
    let bars = first.bars.at(outcome.plan.base)?;
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for (name, id) in &outcome.plan.plot {
        let id: StepId = *id;
        let values = first.numbers(id, outcome.plan.base)?;
        let (group, label) = name.split_once('.').unwrap_or((name, name));
        let series = json!({ "name": label, "points": line(&bars.timestamps()[from..], &values[from..]) });
        match groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, members)) => members.push(series),
            None => groups.push((group.to_owned(), vec![series])),
        }
    }
    Ok(groups.into_iter().map(|(name, series)| json!({ "name": name, "series": series })).collect())
}

fn row(outcome: &Outcome, number: usize, trade: &Trade) -> Value {
    let instrument = outcome.backtest.universe[trade.instrument].to_string();
    json!({
        "cells": [
            (number + 1).to_string(),
            instrument,
            trade.side.name(),
            significant(trade.units, 6),
            trade.entry_time.to_string(),
            significant(trade.entry_price, 6),
            trade.exit_time.to_string(),
            significant(trade.exit_price, 6),
            money(trade.profit),
            percent(trade.profit_fraction),
            reason(&trade.reason),
        ],
        "good": trade.profit > 0.0,
        "from": seconds(trade.entry_time.0),
        "to": seconds(trade.exit_time.0),
    })
}

fn forecasts(model: &Fitted) -> Value {
    let cell = |value: Option<f64>, write: fn(f64) -> String| value.map_or_else(|| "n/a".to_owned(), write);
    let row = |figures: &Figures| {
        vec![
            figures.name.replace('_', " "),
            cell(figures.r_squared, |value| format!("{value:+.4}")),
            cell(figures.hit_rate, share),
            cell(figures.information_coefficient, ratio),
            cell(figures.mean_squared_error, |value| significant(value, 4)),
        ]
    };
    let rows: Vec<Vec<String>> = model.quality.forecasts.iter().chain(&model.quality.baselines).map(row).collect();
    json!({
        "title": "Forecasts on the test range",
        "notes": ["R² above 0 beats the mean of the training range. `zero` and `training mean` are what needs no model."],
        "head": ["forecast", "R²", "hit rate", "information coefficient", "mean squared error"],
        "rows": rows,
    })
}
