//! A plan bar by bar: as a live feed would drive it.

use std::collections::{BTreeMap, VecDeque};

use crate::data::Instrument;
use crate::error::{Diagnostic, Result};
use crate::expr::BarsRef;
use crate::models::Trained;
use crate::node::Indicator;
use crate::plan::{Operation, Plan, PlannedGroup, Step, StepId};
use crate::run::across::{Section, places};
use crate::run::forecast::Forecasting;
use crate::run::{Recursive, Rows};
use crate::time::Timestamp;

/// A plan that takes bars as they close, for the instruments of a universe. The values are those of
/// [`crate::run::evaluate`], to the last bit.
pub struct Stream<'a> {
    plan: &'a Plan,
    /// By instrument, then by step.
    cells: Vec<Vec<Cell>>,
    /// What is compared at the steps at which instruments meet.
    sections: BTreeMap<StepId, Section>,
    /// The models, in the order of [`Plan::models`].
    models: Vec<Forecasting<'a>>,
    /// By instrument, until when the last rows of external series count, where that ends.
    fresh_until: Vec<BTreeMap<BarsRef, i64>>,
    /// When the last bars closed.
    now: i64,
}

/// A bar that has closed, or a row of an external series that has become known.
#[derive(Clone, Copy, Debug)]
pub struct ClosedBar<'b> {
    /// For whom: the place of an instrument in the universe. Another instrument's bars close, and external
    /// series become known, once for each instrument whose rules look at them.
    pub instrument: usize,
    /// What the plan calls its rows.
    pub of: &'b BarsRef,
    /// The rows.
    pub rows: Rows<'b>,
    /// Which of them it is.
    pub index: usize,
}

/// A step under way: its value on the last bar, and what it must remember.
struct Cell {
    value: f64,
    memory: Memory,
}

enum Memory {
    /// Nothing.
    None,
    /// The last values, the oldest first, and how many are to be kept.
    Past(VecDeque<f64>, usize),
    /// Both sides of a crossing, one bar ago.
    Sides(Option<[f64; 2]>),
    /// An indicator, and its outputs.
    Indicator(Box<dyn Indicator>, Vec<f64>),
    /// A scan, and its states.
    Scan(Recursive, Vec<f64>),
}

impl<'a> Stream<'a> {
    /// A plan without models before its first bar, for each instrument of a universe.
    ///
    /// # Errors
    /// Where an indicator's arguments do not fit it; where the plan has a model ([`Stream::with_models`]).
    pub fn new(plan: &'a Plan, universe: &[Instrument]) -> Result<Self> {
        Self::with_models(plan, universe, &[], false)
    }

    /// A plan before its first bar, with its trained models in the order of [`Plan::models`]: they forecast as over
    /// columns, and learn nothing more. `in_sample` as in [`Trained::predict`].
    ///
    /// # Errors
    /// Where an indicator's arguments do not fit it, or the models are not those of the plan; where weights hang on
    /// past errors, which a feed shows later.
    pub fn with_models(
        plan: &'a Plan,
        universe: &[Instrument],
        models: &[&'a Trained],
        in_sample: bool,
    ) -> Result<Self> {
        if let Some(missing) = plan.models.get(models.len()) {
            return Err(Diagnostic::new("a plan with a model is evaluated bar by bar with the trained model alone")
                .hint("train it over columns, and give it to `Stream::with_models`")
                .at(missing.networks.origin.clone()));
        }
        let models = plan.models.iter().zip(models);
        let models = models.map(|(planned, trained)| Forecasting::new(planned, trained, universe, in_sample));
        let models = models.collect::<Result<_>>()?;
        let mut cells = Vec::with_capacity(universe.len());
        for _ in universe {
            let mut own: Vec<Cell> = Vec::with_capacity(plan.steps.len());
            for step in &plan.steps {
                let seen = step.inputs.first().and_then(|id| own.get(id.index())).map(|cell| cell.value);
                own.push(Cell::new(step, seen)?);
            }
            cells.push(own);
        }
        let places = places(universe);
        let section = |(id, step): (StepId, &Step)| {
            let timeframe = step.bars.as_ref().and_then(BarsRef::timeframe).unwrap_or(plan.base);
            (id, Section::new(places.clone(), timeframe))
        };
        let sections = plan.numbered().filter(|(_, step)| step.operation.is_across()).map(section).collect();
        let fresh_until = vec![BTreeMap::new(); universe.len()];
        Ok(Self { plan, cells, sections, models, fresh_until, now: i64::MIN })
    }

    /// Takes all bars that close at one instant, those of every instrument, in any order, with all rows of external
    /// series that become known then; instants come one after the other.
    ///
    /// # Errors
    /// Where there is no such instrument or no bar of that index, the bars close at several instants or at one
    /// that is over, or they lack a column that the plan reads.
    pub fn bars_closed(&mut self, closed: &[ClosedBar<'_>]) -> Result<()> {
        let Some(first) = closed.first() else { return Ok(()) };
        closed.iter().try_for_each(|bar| self.check(bar, first))?;
        self.now = first.close().unwrap_or(self.now);
        let plan = self.plan;
        let (bars, mut releases): (Vec<&ClosedBar<'_>>, Vec<&ClosedBar<'_>>) =
            closed.iter().partition(|bar| bar.of.source().is_none());
        // One row after the other: many may become known at once, where a revision tells the past anew.
        releases.sort_by_key(|row| (row.instrument, row.of, row.index));
        releases.into_iter().try_for_each(|row| self.released(row))?;
        // Steps come after what they read, whosever bars that goes by.
        for (id, step) in plan.numbered() {
            let own = bars.iter().copied().filter(|closed| Some(closed.of) == step.bars.as_ref());
            if step.operation.is_across() {
                self.compare(id, step, &own.collect::<Vec<_>>());
                continue;
            }
            if let Operation::Model(model) = step.operation {
                self.forecast(model, &bars)?;
                continue;
            }
            for bar in own {
                let inputs: Vec<f64> = step.inputs.iter().map(|id| self.number(bar.instrument, *id)).collect();
                self.update(id, step, &inputs, bar)?;
            }
        }
        Ok(())
    }

    /// Takes a row of an external series. What goes by it reads nothing else.
    fn released(&mut self, row: &ClosedBar<'_>) -> Result<()> {
        let ClosedBar { instrument, of, rows, index } = *row;
        let plan = self.plan;
        if let Some(until) = rows.fresh_until().and_then(|until| until.get(index)) {
            self.fresh_until[instrument].insert(of.clone(), *until);
        }
        for (id, step) in plan.numbered().filter(|(_, step)| step.bars.as_ref() == Some(of)) {
            if rows.restarts().binary_search(&index).is_ok() {
                self.cells[instrument][id.index()] = Cell::new(step, None)?;
            }
            let inputs: Vec<f64> = step.inputs.iter().map(|id| self.number(instrument, *id)).collect();
            self.update(id, step, &inputs, row)?;
        }
        Ok(())
    }

    /// Checks a closed bar beside the first of those that are given with it.
    fn check(&self, bar: &ClosedBar<'_>, first: &ClosedBar<'_>) -> Result<()> {
        let ClosedBar { instrument, rows, index, .. } = bar;
        if *instrument >= self.cells.len() {
            let message = format!("a bar of instrument {instrument} is given, but there are {}", self.cells.len());
            return Err(Diagnostic::new(message).hint("instruments count from 0, in the order of the universe"));
        }
        let Some(close) = bar.close() else {
            return Err(Diagnostic::new(format!("bar {index} is given, but there are {}", rows.len())));
        };
        if first.close() != Some(close) || close <= self.now {
            let message = format!("a bar that closes at {} is given out of its turn", Timestamp(close));
            return Err(Diagnostic::new(message)
                .hint("give all bars that close at one instant together, and one instant after the other"));
        }
        Ok(())
    }

    /// The number of a step for an instrument on its last bar; NaN where it is not known. A truth value is 1
    /// or 0.
    pub fn number(&self, instrument: usize, id: StepId) -> f64 {
        let cell = self.cells.get(instrument).and_then(|cells| cells.get(id.index()));
        cell.map_or(f64::NAN, |cell| cell.value)
    }

    /// Whether a step holds for an instrument on its last bar.
    pub fn holds(&self, instrument: usize, id: StepId) -> bool {
        let value = self.number(instrument, id);
        !value.is_nan() && value != 0.0
    }

    /// Compares the instruments at a step, where bars of some of them have closed.
    fn compare(&mut self, id: StepId, step: &Step, closed: &[&ClosedBar<'_>]) {
        let values =
            closed.iter().map(|bar| step.inputs.first().map_or(f64::NAN, |id| self.number(bar.instrument, *id)));
        let values: Vec<f64> = values.collect();
        let Some(section) = self.sections.get_mut(&id).filter(|_| !closed.is_empty()) else { return };
        for (bar, value) in closed.iter().zip(values) {
            section.closed(bar.instrument, self.now, value);
        }
        section.compare(&step.operation, self.now);
        for bar in closed {
            self.cells[bar.instrument][id.index()].value = section.result(bar.instrument);
        }
    }

    /// Feeds a model with the bars of its groups that have closed, and forecasts where one of its own has.
    fn forecast(&mut self, model: usize, closed: &[&ClosedBar<'_>]) -> Result<()> {
        let planned = &self.plan.models[model];
        for bar in closed {
            let reads = |of: &PlannedGroup| *bar.of == BarsRef::new(of.timeframe);
            for (group, of) in planned.groups.iter().enumerate().filter(|(_, of)| reads(of)) {
                let row = of.features.iter().map(|(_, id)| self.number(bar.instrument, *id)).collect();
                self.models[model].close(bar.instrument, group, row);
            }
        }
        let own = BarsRef::new(planned.timeframe);
        for bar in closed.iter().filter(|bar| *bar.of == own) {
            let given: Vec<f64> = planned.given.iter().map(|id| self.number(bar.instrument, *id)).collect();
            self.models[model].forecast(bar.instrument, self.now, &given)?;
        }
        Ok(())
    }

    /// The value of a model's output on the last bar, where a step is one.
    fn forecast_output(&self, instrument: usize, step: &Step) -> Option<f64> {
        let Operation::Output(output, _) = step.operation else { return None };
        match self.plan.step(*step.inputs.first()?).operation {
            Operation::Model(model) => Some(self.models[model].output(instrument, output)),
            _ => None,
        }
    }

    /// Whether what a step reads of an external series no longer counts.
    fn is_stale(&self, instrument: usize, step: &Step) -> bool {
        let source = step.inputs.first().and_then(|id| self.plan.step(*id).bars.as_ref());
        let until = source.and_then(|source| self.fresh_until[instrument].get(source));
        until.is_some_and(|until| *until < self.now)
    }

    fn update(&mut self, id: StepId, step: &Step, inputs: &[f64], bar: &ClosedBar<'_>) -> Result<()> {
        let ClosedBar { instrument, rows, index, .. } = *bar;
        if let Some(value) = self.forecast_output(instrument, step) {
            self.cells[instrument][id.index()].value = value;
            return Ok(());
        }
        let stale = matches!(step.operation, Operation::Align) && self.is_stale(instrument, step);
        let cells = &mut self.cells[instrument];
        let input = |position: usize| inputs.get(position).copied().unwrap_or(f64::NAN);
        let value = match &step.operation {
            Operation::Column(name) => rows.value(name, index)?,
            Operation::Element(operator) => operator.apply([input(0), input(1), input(2)]),
            Operation::Align if stale => {
                let source = step.inputs.first().map(|id| &self.plan.step(*id).operation);
                if source.is_some_and(Operation::is_condition) { 0.0 } else { f64::NAN }
            }
            Operation::Align => input(0),
            Operation::Output(output, _) => {
                let outputs = step.inputs.first().map(|id| &cells[id.index()].memory);
                match outputs {
                    Some(Memory::Indicator(_, values) | Memory::Scan(_, values)) => {
                        values.get(*output).copied().unwrap_or(f64::NAN)
                    }
                    _ => f64::NAN,
                }
            }
            _ => cells[id.index()].memory.update(&step.operation, inputs),
        };
        cells[id.index()].value = value;
        Ok(())
    }
}

impl ClosedBar<'_> {
    /// When it closed.
    fn close(&self) -> Option<i64> {
        self.rows.close_instants().get(self.index).copied()
    }
}

impl Cell {
    /// Before its first bar; `seen` is the value of its first input then.
    fn new(step: &Step, seen: Option<f64>) -> Result<Self> {
        let value = match &step.operation {
            Operation::Number(value) => *value,
            Operation::Truth(value) => f64::from(*value),
            Operation::Align => seen.unwrap_or(f64::NAN),
            // What is not known does not hold.
            operation if operation.is_condition() => 0.0,
            _ => f64::NAN,
        };
        let memory = match &step.operation {
            Operation::Shift(bars) | Operation::ShiftCondition(bars) => Memory::Past(VecDeque::new(), *bars),
            Operation::CrossesAbove | Operation::CrossesBelow => Memory::Sides(None),
            Operation::Indicator(node, arguments) => {
                let machine = (node.machine)(arguments).map_err(|error| error.at(step.origin.clone()))?;
                Memory::Indicator(machine, vec![f64::NAN; node.spec.outputs.len()])
            }
            Operation::Scan(recursion) => {
                Memory::Scan(Recursive::new(recursion), vec![f64::NAN; recursion.states.len()])
            }
            _ => Memory::None,
        };
        Ok(Self { value, memory })
    }
}

impl Memory {
    fn update(&mut self, operation: &Operation, inputs: &[f64]) -> f64 {
        let missing = if operation.is_condition() { 0.0 } else { f64::NAN };
        match self {
            Memory::None => missing,
            Memory::Past(past, kept) => {
                past.extend(inputs.first());
                if past.len() > *kept { past.pop_front().unwrap_or(missing) } else { missing }
            }
            Memory::Sides(before) => {
                let &[a, b] = inputs else { return missing };
                let last = before.replace([a, b]);
                f64::from(last.is_some_and(|[last_a, last_b]| match operation {
                    Operation::CrossesAbove => last_a <= last_b && a > b,
                    _ => last_a >= last_b && a < b,
                }))
            }
            Memory::Indicator(machine, outputs) => {
                machine.update_row(inputs, outputs);
                outputs.first().copied().unwrap_or(f64::NAN)
            }
            Memory::Scan(scan, states) => {
                match scan.update(inputs) {
                    Some(now) => states.copy_from_slice(now),
                    None => states.fill(f64::NAN),
                }
                states.first().copied().unwrap_or(f64::NAN)
            }
        }
    }
}
