//! A model bar by bar: the windows that a feed has filled so far, and what they forecast.

use std::collections::VecDeque;

use crate::data::{Column, Instrument};
use crate::error::{Diagnostic, Result};
use crate::models::{Group, GroupColumns, InstrumentData, Trained, WeightMethod};
use crate::plan::PlannedModel;

/// A trained model that is fed row by row.
pub(super) struct Forecasting<'a> {
    trained: &'a Trained,
    in_sample: bool,
    names: Vec<String>,
    /// By instrument, then by group: the last rows, the oldest first.
    rows: Vec<Vec<VecDeque<Vec<f64>>>>,
    /// By instrument: each group's forecast, then the score and the weights where there are any.
    outputs: Vec<Vec<f64>>,
}

impl<'a> Forecasting<'a> {
    /// A model before its first row.
    ///
    /// # Errors
    /// Where the model is not the one that was planned, or its weights hang on outcomes that a feed shows later.
    pub(super) fn new(
        planned: &PlannedModel,
        trained: &'a Trained,
        universe: &[Instrument],
        in_sample: bool,
    ) -> Result<Self> {
        let at = |diagnostic: Diagnostic| diagnostic.at(planned.networks.origin.clone());
        if trained.configuration != planned.configuration {
            return Err(at(Diagnostic::new("the model that is given was trained for something else")
                .hint("give the models of the same plan, in its order")));
        }
        let weighting = trained.configuration.weighting.as_ref();
        if weighting.is_some_and(|weighting| weighting.method == WeightMethod::InverseError) {
            let message = "weights by past errors cannot be computed bar by bar: outcomes are known after the bar";
            return Err(at(Diagnostic::new(message).hint("evaluate the plan over columns, or use another `method`")));
        }
        let groups = trained.configuration.groups.len();
        Ok(Self {
            trained,
            in_sample,
            names: universe.iter().map(ToString::to_string).collect(),
            rows: vec![vec![VecDeque::new(); groups]; universe.len()],
            outputs: vec![Vec::new(); universe.len()],
        })
    }

    /// Takes the features of a bar of a group's timeframe that has closed.
    pub(super) fn close(&mut self, instrument: usize, group: usize, row: Vec<f64>) {
        let rows = &mut self.rows[instrument][group];
        rows.push_back(row);
        if rows.len() > self.trained.configuration.groups[group].lookback {
            rows.pop_front();
        }
    }

    /// Forecasts at the close of a bar of the model's timeframe.
    ///
    /// # Errors
    /// Where the device fails to give the numbers.
    pub(super) fn forecast(&mut self, instrument: usize, close: i64, given: &[f64]) -> Result<()> {
        let data: Vec<InstrumentData> = (0..self.names.len())
            .map(|index| if index == instrument { self.shown(index, close, given) } else { self.nothing(index) })
            .collect();
        let prediction = self.trained.predict(&data, self.in_sample)?.swap_remove(instrument);
        let last = |column: &Column| column.last().copied().unwrap_or(f64::NAN);
        let mut outputs: Vec<f64> = prediction.groups.iter().map(last).collect();
        if let Some(blend) = &prediction.blend {
            outputs.push(last(&blend.score));
            outputs.extend(blend.weights.iter().map(last));
        }
        self.outputs[instrument] = outputs;
        Ok(())
    }

    /// An output on the last bar; NaN where it is not known.
    pub(super) fn output(&self, instrument: usize, output: usize) -> f64 {
        self.outputs[instrument].get(output).copied().unwrap_or(f64::NAN)
    }

    /// What the model is shown: one bar, and the window that ends with it.
    fn shown(&self, instrument: usize, close: i64, given: &[f64]) -> InstrumentData {
        let group = |(rows, group): (&VecDeque<Vec<f64>>, &Group)| GroupColumns {
            features: (0..group.features.len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect(),
            visible: vec![rows.len().checked_sub(1)],
        };
        InstrumentData {
            name: self.names[instrument].clone(),
            groups: self.rows[instrument].iter().zip(&self.trained.configuration.groups).map(group).collect(),
            given: given.iter().map(|value| vec![*value].into()).collect(),
            target: vec![f64::NAN],
            instants: vec![close],
            known_at: vec![i64::MAX],
        }
    }

    fn nothing(&self, instrument: usize) -> InstrumentData {
        let configuration = &self.trained.configuration;
        let group = |group: &Group| GroupColumns {
            features: group.features.iter().map(|_| Vec::new().into()).collect(),
            visible: Vec::new(),
        };
        let given = configuration.given();
        InstrumentData {
            name: self.names[instrument].clone(),
            groups: configuration.groups.iter().map(group).collect(),
            given: (0..given).map(|_| Vec::new().into()).collect(),
            target: Vec::new(),
            instants: Vec::new(),
            known_at: Vec::new(),
        }
    }
}
