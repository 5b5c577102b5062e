//! The evaluation of a plan: instrument by instrument, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{Bars, Column, External, ExternalSource, Instrument};
use crate::error::{Diagnostic, Result};
use crate::expr::BarsRef;
use crate::plan::{Operation, Plan, PlannedModel, Step, StepId, Task};
use crate::run::{Rows, Value, evaluate_across, evaluate_program, evaluate_step};
use crate::time::{Alignment, Timeframe, Timestamp};

/// The bars that a plan reads for one traded instrument: its own, and those of others.
#[derive(Clone, Debug)]
pub struct InstrumentBars {
    /// What is traded.
    pub instrument: Instrument,
    /// The bars, by how the plan calls them.
    pub bars: BTreeMap<BarsRef, Arc<Bars>>,
    /// What is known of external series, by how the plan reads them.
    pub external: BTreeMap<Arc<ExternalSource>, Arc<External>>,
}

impl InstrumentBars {
    /// An instrument with its own bars, each of another timeframe.
    pub fn new(instrument: Instrument, bars: impl IntoIterator<Item = Bars>) -> Self {
        let bars = bars.into_iter().map(|bars| (bars.timeframe().into(), Arc::new(bars))).collect();
        Self { instrument, bars, external: BTreeMap::new() }
    }

    /// The same with the bars of another instrument that its rules look at.
    #[must_use]
    pub fn with(mut self, other: Instrument, bars: Bars) -> Self {
        self.bars.insert(BarsRef::of(other, bars.timeframe()), Arc::new(bars));
        self
    }

    /// The same with an external series that its rules look at.
    #[must_use]
    pub fn with_external(mut self, source: ExternalSource, external: External) -> Self {
        self.external.insert(Arc::new(source), Arc::new(external));
        self
    }

    /// The bars of the traded instrument at one timeframe.
    ///
    /// # Errors
    /// Where there are none.
    pub fn at(&self, timeframe: Timeframe) -> Result<&Arc<Bars>> {
        let missing = || Diagnostic::new(format!("{} has no bars at {timeframe}", self.instrument));
        self.bars.get(&timeframe.into()).ok_or_else(missing)
    }

    /// What the plan reads: bars, its own or another instrument's, or an external series.
    ///
    /// # Errors
    /// Where there is no such.
    pub fn of(&self, bars: &BarsRef) -> Result<Rows<'_>> {
        let rows = match bars {
            BarsRef::External(source) => self.external.get(source).map(|external| Rows::External(external)),
            bars => self.bars.get(bars).map(Rows::from),
        };
        rows.ok_or_else(|| {
            Diagnostic::new(match bars {
                BarsRef::External(source) => {
                    format!("the external series {source} is not given for {}", self.instrument)
                }
                bars => format!("{} has no bars at {}", self.name_of(bars), bars.timeframe().unwrap_or(Timeframe::DAY)),
            })
        })
    }

    /// What was complete at an instant: bars that had closed, and what external series had released.
    ///
    /// # Errors
    /// Where a cut history of releases does not fit together; never in practice.
    pub fn known_by(&self, instant: Timestamp) -> Result<Self> {
        let cut = |(key, bars): (&BarsRef, &Arc<Bars>)| {
            let closed = bars.close_instants().partition_point(|close| *close <= instant.0);
            let bars = if closed == bars.len() { bars.clone() } else { Arc::new(bars.slice(0..closed)) };
            (key.clone(), bars)
        };
        let known = |(source, external): (&Arc<ExternalSource>, &Arc<External>)| {
            Ok((source.clone(), Arc::new(external.known_by(instant.0)?)))
        };
        Ok(Self {
            instrument: self.instrument.clone(),
            bars: self.bars.iter().map(cut).collect(),
            external: self.external.iter().map(known).collect::<Result<_>>()?,
        })
    }

    /// The finest of the traded instrument's bars, where they are finer than a timeframe.
    pub fn finer_than(&self, timeframe: Timeframe) -> Option<Arc<Bars>> {
        let finer = |(key, bars): &(&BarsRef, &Arc<Bars>)| key.is_traded() && bars.timeframe() < timeframe;
        self.bars.iter().filter(finer).min_by_key(|(_, bars)| bars.timeframe()).map(|(_, bars)| bars.clone())
    }

    /// Whose bars these are: another instrument's, or those of the traded one.
    pub fn name_of<'a>(&'a self, bars: &'a BarsRef) -> &'a Instrument {
        bars.other().unwrap_or(&self.instrument)
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
    /// By step; none for a step that is computed as a part of another.
    values: Vec<Option<Value>>,
    /// For each pair of bars, the one of the first that each of the second sees.
    visible: BTreeMap<(BarsRef, BarsRef), Arc<Alignment>>,
}

impl InstrumentValues {
    /// The values of a step; unknown where they were not kept ([`Keep`]) or are not computed yet.
    pub fn value(&self, id: StepId) -> &Value {
        self.values.get(id.index()).and_then(Option::as_ref).unwrap_or(&Value::Number(f64::NAN))
    }

    /// The values of a step's first input.
    pub fn input(&self, step: &Step) -> &Value {
        step.inputs.first().map_or(&Value::Number(f64::NAN), |id| self.value(*id))
    }

    /// Whether the values of a step were kept.
    pub fn has(&self, id: StepId) -> bool {
        self.values.get(id.index()).is_some_and(Option::is_some)
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

    /// For each of the bars `at`, the last of the bars `of` that it may see: the last to have closed.
    ///
    /// # Errors
    /// Where the instrument has no such bars.
    pub fn visible(&self, of: &BarsRef, at: &BarsRef) -> Result<Arc<Alignment>> {
        match self.visible.get(&(of.clone(), at.clone())) {
            Some(visible) => Ok(visible.clone()),
            None => align(&self.bars, of, at),
        }
    }

    /// The values of tasks that do not read one another's, in their order.
    fn wave(&mut self, plan: &Plan, wave: &[Task]) -> Vec<Result<Value>> {
        if let Err(error) = wave.iter().try_for_each(|task| self.look(plan, task)) {
            return vec![Err(error)];
        }
        /// Fewer bars than these are not worth waking another thread for.
        const LONG: usize = 1 << 13;
        match wave.len() > 1 && self.bars.bars.values().any(|bars| bars.len() > LONG) {
            true => wave.par_iter().map(|task| self.task(plan, task)).collect(),
            false => wave.iter().map(|task| self.task(plan, task)).collect(),
        }
    }

    /// Finds out which bars of one timeframe those of another see, where a task asks and nobody did before.
    fn look(&mut self, plan: &Plan, task: &Task) -> Result<()> {
        let step = plan.step(task.step());
        if let Some((source, bars)) = aligned(plan, step) {
            let visible = self.visible(&source, &bars).map_err(|e| e.at(step.origin.clone()))?;
            self.visible.insert((source, bars), visible);
        }
        Ok(())
    }

    fn task(&self, plan: &Plan, task: &Task) -> Result<Value> {
        match task {
            Task::Step(id) => self.step(plan, plan.step(*id)),
            Task::Fused(fused) => {
                let step = plan.step(fused.step);
                let bars = plan.bars_of(step);
                let inputs: Vec<&Value> = fused.inputs.iter().map(|id| self.value(*id)).collect();
                let length = self.bars.of(&bars)?.len();
                Ok(evaluate_program(&fused.program, &inputs, step.operation.is_condition(), length))
            }
        }
    }

    fn step(&self, plan: &Plan, step: &Step) -> Result<Value> {
        let bars = plan.bars_of(step);
        let visible = aligned(plan, step).map(|(source, bars)| self.visible(&source, &bars)).transpose()?;
        let inputs: Vec<&Value> = step.inputs.iter().map(|id| self.value(*id)).collect();
        evaluate_step(step, &inputs, self.bars.of(&bars)?, visible.as_deref())
    }
}

/// The bars that an alignment reads, and those that it is for.
fn aligned(plan: &Plan, step: &Step) -> Option<(BarsRef, BarsRef)> {
    let source = step.inputs.first().and_then(|id| plan.step(*id).bars.clone());
    source.filter(|_| matches!(step.operation, Operation::Align)).map(|source| (source, plan.bars_of(step)))
}

fn align(bars: &InstrumentBars, of: &BarsRef, at: &BarsRef) -> Result<Arc<Alignment>> {
    Ok(Arc::new(alignment(bars.of(of)?, bars.of(at)?)))
}

/// For each of some rows the last of others that it may see: the last that is known by then, while it counts.
pub(super) fn alignment(of: Rows<'_>, at: Rows<'_>) -> Alignment {
    let visible = Alignment::new(of.close_instants(), at.close_instants());
    match of.fresh_until() {
        Some(until) => visible.until(until, at.close_instants()),
        None => visible,
    }
}

/// Which values an evaluation keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Those that rules, exits, sizes, plots and models read. Others are let go as soon as nothing is computed from
    /// them any more, and chains of element-wise operators are computed in one go.
    #[default]
    Results,
    /// Those of every step, each computed by itself. The values are the same, to the last bit.
    Every,
}

/// Evaluates a plan over each instrument's bars. `fit` gives the outputs of a model, for each instrument, in
/// the order of [`Operation::Output`]'s index, at the model's timeframe; it is shown the values of all
/// steps before the model's.
///
/// Instruments are evaluated in parallel, wave by wave ([`Plan::waves`]), so that those steps at which they are
/// compared have the values of all; the result does not depend on the number of threads.
///
/// # Errors
/// At the step whose column is missing, or as `fit`.
pub fn evaluate(
    plan: &Plan,
    instruments: Vec<InstrumentBars>,
    keep: Keep,
    mut fit: impl FnMut(&PlannedModel, &[InstrumentValues]) -> Result<Vec<Vec<Column>>>,
) -> Result<Evaluation> {
    let values = |bars| InstrumentValues { bars, values: vec![None; plan.steps.len()], visible: BTreeMap::new() };
    let mut instruments: Vec<InstrumentValues> = instruments.into_iter().map(values).collect();
    let waves = plan.waves(match keep {
        Keep::Results => plan.fused_tasks(),
        Keep::Every => plan.single_tasks(),
    });
    let let_go = match keep {
        Keep::Results => plan.last_read(&waves),
        Keep::Every => vec![Vec::new(); waves.len()],
    };
    for (wave, let_go) in waves.iter().zip(let_go) {
        let [task, ..] = &wave[..] else { continue };
        let step = plan.step(task.step());
        let values: Vec<Vec<Result<Value>>> = if let Operation::Model(model) = &step.operation {
            let outputs = fit(&plan.models[*model], &instruments).map_err(|e| e.at(step.origin.clone()))?;
            outputs.into_iter().map(|outputs| vec![Ok(Value::Outputs(outputs))]).collect()
        } else if step.operation.is_across() {
            let inputs: Vec<_> = instruments.iter().map(|values| (&values.bars, values.input(step))).collect();
            let values = evaluate_across(plan, step, &inputs).map_err(|e| e.at(step.origin.clone()))?;
            values.into_iter().map(|value| vec![Ok(value)]).collect()
        } else {
            match instruments.as_mut_slice() {
                [instrument] => vec![instrument.wave(plan, wave)],
                // Collected in order, so that of several errors the same one is told on every run.
                all => all.par_iter_mut().map(|instrument| instrument.wave(plan, wave)).collect(),
            }
        };
        for (instrument, values) in instruments.iter_mut().zip(values) {
            for (task, value) in wave.iter().zip(values) {
                let value = value.map_err(|e| e.at(plan.step(task.step()).origin.clone()))?;
                instrument.values[task.step().index()] = Some(value);
            }
            let_go.iter().for_each(|id| instrument.values[id.index()] = None);
        }
    }
    Ok(Evaluation { instruments })
}
