//! The evaluation of a plan: instrument by instrument, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{Bars, Column, Instrument};
use crate::error::{Diagnostic, Result};
use crate::plan::{Operation, Plan, PlannedModel, Step, StepId};
use crate::run::{Value, evaluate_step};
use crate::time::{Alignment, Timeframe};

/// The bars of one instrument, at every timeframe that a plan reads.
#[derive(Clone, Debug)]
pub struct InstrumentBars {
    /// What they are the bars of.
    pub instrument: Instrument,
    /// The bars by timeframe.
    pub bars: BTreeMap<Timeframe, Arc<Bars>>,
}

impl InstrumentBars {
    /// The bars at one timeframe.
    ///
    /// # Errors
    /// Where there are none.
    pub fn at(&self, timeframe: Timeframe) -> Result<&Arc<Bars>> {
        let missing = || Diagnostic::new(format!("{} has no bars at {timeframe}", self.instrument));
        self.bars.get(&timeframe).ok_or_else(missing)
    }
}

/// The values of every step of a plan, for each instrument.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The instruments, in the order of the universe.
    pub instruments: Vec<InstrumentValues>,
}

/// The values of every step of a plan, for one instrument.
#[derive(Clone, Debug)]
pub struct InstrumentValues {
    /// Its bars.
    pub bars: InstrumentBars,
    values: Vec<Value>,
    /// For each pair of a coarser and a finer timeframe, the coarser bar that each finer one sees.
    visible: BTreeMap<(Timeframe, Timeframe), Arc<Alignment>>,
}

impl InstrumentValues {
    /// The values of a step; those of a step that is not evaluated yet are unknown.
    pub fn value(&self, id: StepId) -> &Value {
        self.values.get(id.index()).unwrap_or(&Value::Number(f64::NAN))
    }

    /// The numbers of a step over the bars of a timeframe.
    ///
    /// # Errors
    /// Where the instrument has no such bars.
    pub fn numbers(&self, id: StepId, timeframe: Timeframe) -> Result<Column> {
        Ok(self.value(id).numbers(self.bars.at(timeframe)?.len()))
    }

    /// The truth values of a step over the bars of a timeframe.
    ///
    /// # Errors
    /// Where the instrument has no such bars.
    pub fn truths(&self, id: StepId, timeframe: Timeframe) -> Result<Arc<[bool]>> {
        Ok(self.value(id).truths(self.bars.at(timeframe)?.len()))
    }

    /// For each bar at `fine`, the bar at `coarse` that it may see.
    ///
    /// # Errors
    /// Where the instrument has no bars at either.
    pub fn visible(&self, coarse: Timeframe, fine: Timeframe) -> Result<Arc<Alignment>> {
        match self.visible.get(&(coarse, fine)) {
            Some(visible) => Ok(visible.clone()),
            None => align(&self.bars, coarse, fine),
        }
    }

    fn step(&mut self, plan: &Plan, step: &Step) -> Result<Value> {
        let timeframe = step.timeframe.unwrap_or(plan.base);
        let coarse = step.inputs.first().and_then(|id| plan.step(*id).timeframe);
        let visible = match (&step.operation, coarse) {
            (Operation::Align, Some(coarse)) => {
                let visible = self.visible(coarse, timeframe)?;
                self.visible.insert((coarse, timeframe), visible.clone());
                Some(visible)
            }
            _ => None,
        };
        let inputs: Vec<&Value> = step.inputs.iter().map(|id| self.value(*id)).collect();
        evaluate_step(step, &inputs, self.bars.at(timeframe)?, visible.as_deref())
    }
}

fn align(bars: &InstrumentBars, coarse: Timeframe, fine: Timeframe) -> Result<Arc<Alignment>> {
    let (coarse, fine) = (bars.at(coarse)?, bars.at(fine)?);
    Ok(Arc::new(Alignment::new(coarse.close_instants(), fine.close_instants())))
}

/// Evaluates every step of a plan over each instrument's bars. `fit` gives the outputs of a model,
/// for each instrument, in the order of [`Operation::Output`]'s index, at the model's timeframe;
/// it is shown the values of all steps before the model's.
///
/// Instruments are evaluated in parallel; the result does not depend on the number of threads.
///
/// # Errors
/// At the step whose column is missing, or as `fit`.
pub fn evaluate(
    plan: &Plan,
    instruments: Vec<InstrumentBars>,
    mut fit: impl FnMut(&PlannedModel, &[InstrumentValues]) -> Result<Vec<Vec<Column>>>,
) -> Result<Evaluation> {
    let values =
        |bars| InstrumentValues { bars, values: Vec::with_capacity(plan.steps.len()), visible: BTreeMap::new() };
    let mut instruments: Vec<InstrumentValues> = instruments.into_iter().map(values).collect();
    for step in &plan.steps {
        if let Operation::Model(model) = &step.operation {
            let model = &plan.models[*model];
            let outputs = fit(model, &instruments).map_err(|e| e.at(step.origin.clone()))?;
            for (instrument, outputs) in instruments.iter_mut().zip(outputs) {
                instrument.values.push(Value::Outputs(outputs));
            }
        } else {
            // Collected in order, so that of several errors the same one is told on every run.
            let values: Vec<Result<Value>> = instruments.par_iter_mut().map(|i| i.step(plan, step)).collect();
            for (instrument, value) in instruments.iter_mut().zip(values) {
                instrument.values.push(value.map_err(|e| e.at(step.origin.clone()))?);
            }
        }
    }
    Ok(Evaluation { instruments })
}
