//! What the charts of report.html draw, as JSON: columns of numbers, thinned out where there are too
//! many for a browser.

use serde_json::{Value, json};

use crate::backtest::Trade;
use crate::data::{Column, Field};
use crate::error::Result;
use crate::metrics::{returns, rolling_sharpe};
use crate::models::Epoch;
use crate::pipeline::{Fitted, Outcome, Role};
use crate::plan::{Operation, Plan, StepId};
use crate::run::InstrumentValues;
use crate::time::Timestamp;

/// How many points all lines of a kind may have, over all instruments.
const POINTS: usize = 20_000;

/// How many an instrument may have, however many instruments there are.
const LEAST: usize = 500;

/// A plotted series is drawn over the price where it lies within this factor of the close on nearly
/// all bars: an average does, an oscillator does not.
const NEAR: f64 = 2.0;

/// Series that are drawn together.
struct Pane {
    title: String,
    place: Place,
    labels: Vec<String>,
    /// For each series, its columns for each instrument.
    columns: Vec<Vec<Column>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Over the candles.
    Price,
    /// Stacked: their sum is 1.
    Weights,
    /// In a pane of their own.
    Own,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Price => "price",
            Place::Weights => "weights",
            Place::Own => "own",
        }
    }
}

/// `timeline` (equity, drawdown, and the Sharpe ratio of the last half year), `panes` (names of what is drawn) and `instruments` (bars, lines
/// in the order of the panes, trades).
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub fn charts(outcome: &Outcome) -> Result<[(&'static str, Value); 3]> {
    let panes = panes(outcome)?;
    let instruments = outcome.evaluation.instruments.iter().enumerate();
    let instruments = instruments.map(|(index, values)| instrument(outcome, index, values, &panes));
    let instruments = instruments.collect::<Result<Vec<_>>>()?;
    let pane = |pane: &Pane| json!({ "title": pane.title, "place": pane.place.name(), "series": pane.labels });
    Ok([
        ("timeline", timeline(outcome)),
        ("panes", panes.iter().map(pane).collect()),
        ("instruments", Value::Array(instruments)),
    ])
}

fn timeline(outcome: &Outcome) -> Value {
    let backtest = &outcome.backtest;
    let thinning = Thinning::new(backtest.timestamps.len(), POINTS);
    let instants: Vec<i64> = backtest.timestamps.iter().map(|time| time.0).collect();
    let metrics = &outcome.metrics;
    let rolling = metrics.rolling.as_ref().zip(metrics.periods_per_year).map(|(rolling, periods_per_year)| {
        let returns = returns(backtest.initial_cash, &backtest.equity);
        thinning.column(&rolling_sharpe(&returns, rolling.bars, periods_per_year), last)
    });
    json!({
        "time": thinning.times(&instants),
        "equity": thinning.column(&backtest.equity, last),
        "buy_and_hold": thinning.column(&backtest.buy_and_hold, last),
        "drawdown": thinning.column(&drawdown(&backtest.equity, backtest.initial_cash), lowest),
        "rolling_sharpe": rolling,
    })
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

fn panes(outcome: &Outcome) -> Result<Vec<Pane>> {
    let mut panes: Vec<Pane> = Vec::new();
    let mut add = |title: &str, place: Place, label: &str, columns: Vec<Column>| {
        let same = panes.iter_mut().find(|pane| pane.title == title && pane.place == place);
        match same {
            Some(pane) => {
                pane.labels.push(label.to_owned());
                pane.columns.push(columns);
            }
            None => {
                panes.push(Pane {
                    title: title.to_owned(),
                    place,
                    labels: vec![label.to_owned()],
                    columns: vec![columns],
                });
            }
        }
    };
    let (plots, outputs): (Vec<_>, Vec<_>) =
        outcome.named_series()?.into_iter().partition(|series| series.role == Role::Plot);
    for series in outputs.into_iter().filter(|series| series.role == Role::Weight) {
        let (model, group) = series.name.split_once(".weights.").unwrap_or(("", &series.name));
        add(&format!("weights of {model}, sum 1"), Place::Weights, group, series.columns);
    }
    for (series, (_, step)) in plots.into_iter().zip(&outcome.plan.plot) {
        // Weights are drawn above, whether the script plots them or not.
        if is_weight(&outcome.plan, *step) {
            continue;
        }
        let (group, label) = series.name.split_once('.').unwrap_or((&series.name, &series.name));
        match is_near_price(outcome, &series.columns)? {
            true => add("price", Place::Price, label, series.columns),
            false => add(group, Place::Own, label, series.columns),
        }
    }
    Ok(panes)
}

fn is_weight(plan: &Plan, id: StepId) -> bool {
    let step = plan.step(id);
    match &step.operation {
        Operation::Output(_, name) => name.starts_with("weights."),
        Operation::Align => step.inputs.iter().all(|input| is_weight(plan, *input)),
        _ => false,
    }
}

fn is_near_price(outcome: &Outcome, columns: &[Column]) -> Result<bool> {
    let (mut known, mut near) = (0_usize, 0_usize);
    for (instrument, column) in outcome.evaluation.instruments.iter().zip(columns) {
        let closes = instrument.bars.at(outcome.plan.base)?.field(Field::Close);
        for ratio in column.iter().zip(closes.iter()).map(|(value, close)| value / close).filter(|r| r.is_finite()) {
            known += 1;
            near += usize::from((1.0 / NEAR..=NEAR).contains(&ratio));
        }
    }
    Ok(known > 0 && near * 20 >= known * 19)
}

fn instrument(outcome: &Outcome, index: usize, values: &InstrumentValues, panes: &[Pane]) -> Result<Value> {
    let bars = values.bars.at(outcome.plan.base)?;
    let first = outcome.backtest.timestamps.first().map_or(0, |first| first.0);
    let from = bars.timestamps().partition_point(|time| *time < first);
    let thinning = Thinning::new(bars.len() - from, (POINTS / outcome.evaluation.instruments.len().max(1)).max(LEAST));
    let field = |field: Field, pick| thinning.column(&bars.field(field)[from..], pick);
    let columns = panes.iter().flat_map(|pane| &pane.columns).filter_map(|columns| columns.get(index));
    let lines: Vec<Vec<Value>> = columns.map(|column| thinning.column(&column[from..], last)).collect();
    Ok(json!({
        "name": values.bars.instrument.to_string(),
        "time": thinning.times(&bars.timestamps()[from..]),
        "open": field(Field::Open, first_of),
        "high": field(Field::High, highest),
        "low": field(Field::Low, lowest),
        "close": field(Field::Close, last),
        "lines": lines,
        "trades": trades(outcome, index),
    }))
}

/// Entry and exit of each trade, whether it was long, and whether it earned.
fn trades(outcome: &Outcome, instrument: usize) -> Vec<Value> {
    let own = outcome.backtest.trades.iter().filter(|trade| trade.instrument == instrument);
    let row = |trade: &Trade| {
        let long = trade.side.sign() > 0.0;
        json!([seconds(trade.entry_time.0), seconds(trade.exit_time.0), long, trade.profit > 0.0])
    };
    own.map(row).collect()
}

/// The loss of each epoch of training, a chart for each phase of each fit.
pub fn history(model: &Fitted) -> Vec<Value> {
    let several = model.trained.fits.len() > 1;
    let fits = model.trained.fits.iter().enumerate();
    let phases =
        fits.flat_map(|(fit, of)| of.history.chunk_by(|a, b| a.phase == b.phase).map(move |phase| (fit, phase)));
    let chart = |(fit, epochs): (usize, &[Epoch])| {
        let phase = &epochs[0].phase;
        json!({
            "phase": if several { format!("fit {}: {phase}", fit + 1) } else { phase.clone() },
            "train": epochs.iter().map(|epoch| brief(epoch.train_loss)).collect::<Vec<_>>(),
            "validation": epochs.iter().map(|epoch| brief(epoch.validation_loss)).collect::<Vec<_>>(),
            "kept": epochs.iter().find(|epoch| epoch.kept).map(|epoch| epoch.epoch),
        })
    };
    phases.map(chart).collect()
}

/// An instant in seconds, as the charts have it.
pub fn seconds(instant: i64) -> i64 {
    instant.div_euclid(Timestamp::SECOND)
}

/// Several bars become one point where there are too many.
struct Thinning {
    step: usize,
}

impl Thinning {
    fn new(bars: usize, points: usize) -> Self {
        Self { step: bars.div_ceil(points).max(1) }
    }

    fn times(&self, instants: &[i64]) -> Vec<i64> {
        instants.iter().step_by(self.step).map(|instant| seconds(*instant)).collect()
    }

    /// What `pick` makes of the known values of each point; null where none is known.
    fn column(&self, values: &[f64], pick: fn(&[f64]) -> f64) -> Vec<Value> {
        let known = |chunk: &[f64]| chunk.iter().copied().filter(|value| value.is_finite()).collect::<Vec<_>>();
        values.chunks(self.step).map(|chunk| brief(pick(&known(chunk)))).collect()
    }
}

fn first_of(values: &[f64]) -> f64 {
    values.first().copied().unwrap_or(f64::NAN)
}

fn last(values: &[f64]) -> f64 {
    values.last().copied().unwrap_or(f64::NAN)
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

/// A number with the seven digits that a chart can show; null where it is none.
pub(super) fn brief(value: f64) -> Value {
    let rounded: f64 = format!("{value:.6e}").parse().unwrap_or(f64::NAN);
    if rounded.is_finite() { json!(rounded) } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinned_bars_keep_first_highest_lowest_and_last() {
        let thinning = Thinning::new(5, 2);
        let values = [3.0, f64::NAN, 1.0, f64::NAN, f64::NAN];
        assert_eq!(thinning.step, 3);
        assert_eq!(thinning.times(&[0, 1, 2, 3_000_000, 4]), [0, 3]);
        for (pick, expected) in [(first_of as fn(&[f64]) -> f64, 3.0), (highest, 3.0), (lowest, 1.0), (last, 1.0)] {
            assert_eq!(thinning.column(&values, pick), [json!(expected), Value::Null]);
        }
        assert_eq!(Thinning::new(0, 2).column(&[], last), Vec::<Value>::new());
    }

    #[test]
    fn drawdown_is_measured_from_the_initial_equity_too() {
        assert_eq!(drawdown(&[50.0, 200.0, 100.0], 100.0), [-50.0, 0.0, -50.0]);
    }

    #[test]
    fn numbers_are_brief() {
        assert_eq!(brief(1.0 / 3.0), json!(0.3333333));
        assert_eq!(brief(1_234_567.89), json!(1_234_568.0));
        assert_eq!(brief(f64::NAN), Value::Null);
    }
}
