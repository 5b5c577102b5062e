//! Which series report.html draws, and where: over the price, stacked, or in a pane of their own.

use serde_json::{Value, json};

use crate::data::{Column, Field};
use crate::error::Result;
use crate::pipeline::{Outcome, Role};
use crate::plan::{Operation, Plan, StepId};
use crate::run::InstrumentValues;

/// A plotted series is drawn over the price where it lies within this factor of the close on nearly
/// all bars: an average does, an oscillator does not.
const NEAR: f64 = 2.0;

/// Series that are drawn together.
pub(super) struct Pane {
    title: String,
    place: Place,
    labels: Vec<String>,
    /// For each series, its columns for each instrument.
    pub columns: Vec<Vec<Column>>,
}

impl Pane {
    /// Its title, its place, and the names of its series.
    pub fn described(&self) -> Value {
        json!({ "title": self.title, "place": self.place.name(), "series": self.labels })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Over the candles.
    Price,
    /// A forecast over what came.
    Forecast,
    /// Stacked: their sum is 1.
    Weights,
    /// In a pane of their own.
    Own,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Price => "price",
            Place::Forecast => "forecast",
            Place::Weights => "weights",
            Place::Own => "own",
        }
    }
}

/// The panes of a run: models' forecasts beside what came, their weights, and what the script plots.
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub(super) fn panes(outcome: &Outcome) -> Result<Vec<Pane>> {
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
    for (number, model) in outcome.models.iter().enumerate() {
        let name = &outcome.plan.models[number].networks.node;
        let title = match outcome.models.len() {
            1 => format!("forecast of {name}, and what came"),
            _ => format!("forecast of model {} ({name}), and what came", number + 1),
        };
        add(&title, Place::Forecast, "what came", on_base(outcome, number, &model.targets)?);
        if let Some(last) = model.forecasts.len().checked_sub(1) {
            let forecasts =
                model.outputs.iter().filter_map(|outputs| outputs.get(last)).map(|(_, column)| column.clone());
            let forecasts: Vec<Column> = forecasts.collect();
            add(&title, Place::Forecast, &model.forecasts[last], on_base(outcome, number, &forecasts)?);
        }
    }
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

/// A model's columns as the base timeframe sees them.
fn on_base(outcome: &Outcome, model: usize, columns: &[Column]) -> Result<Vec<Column>> {
    let timeframe = outcome.plan.models[model].timeframe.into();
    let visible = |(instrument, column): (&InstrumentValues, &Column)| {
        Ok(instrument.visible(&timeframe, &outcome.plan.base.into())?.spread(column).into())
    };
    outcome.evaluation.instruments.iter().zip(columns).map(visible).collect()
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
