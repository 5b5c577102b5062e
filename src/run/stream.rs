//! A plan bar by bar: as a live feed would drive it.

use std::collections::VecDeque;

use crate::data::{Bars, Field};
use crate::error::{Diagnostic, Result};
use crate::expr::BarsRef;
use crate::node::Indicator;
use crate::plan::{Operation, Plan, Step, StepId};
use crate::run::Recursive;
use crate::time::{ClockFigure, Timestamp};

/// A plan that takes bars as they close, for one instrument. The values are those of
/// [`crate::run::evaluate`], to the last bit.
pub struct Stream<'a> {
    plan: &'a Plan,
    cells: Vec<Cell>,
}

/// A bar that has closed.
#[derive(Clone, Copy, Debug)]
pub struct ClosedBar<'b> {
    /// What the plan calls its bars.
    pub of: &'b BarsRef,
    /// The bars.
    pub bars: &'b Bars,
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
    /// A plan before its first bar.
    ///
    /// # Errors
    /// Where an indicator's arguments do not fit it; where the plan has a model: models look at whole
    /// sequences, and forecast over columns.
    pub fn new(plan: &'a Plan) -> Result<Self> {
        let mut cells: Vec<Cell> = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let seen = step.inputs.first().and_then(|id| cells.get(id.index())).map(|cell| cell.value);
            cells.push(Cell::new(step, seen)?);
        }
        Ok(Self { plan, cells })
    }

    /// Takes all bars that close at one instant, in any order; instants come one after the other.
    ///
    /// # Errors
    /// Where there is no bar of that index, or the bars lack a column that the plan reads.
    pub fn bars_closed(&mut self, closed: &[ClosedBar<'_>]) -> Result<()> {
        if let Some(ClosedBar { bars, index, .. }) = closed.iter().find(|closed| closed.index >= closed.bars.len()) {
            return Err(Diagnostic::new(format!("bar {index} is given, but there are {}", bars.len())));
        }
        let plan = self.plan;
        // Steps come after what they read, whosever bars that goes by.
        for (id, step) in plan.numbered() {
            if let Some(bar) = closed.iter().find(|closed| Some(closed.of) == step.bars.as_ref()) {
                let inputs: Vec<f64> = step.inputs.iter().map(|id| self.number(*id)).collect();
                self.update(id, step, &inputs, bar.bars, bar.index)?;
            }
        }
        Ok(())
    }

    /// The number of a step on its last bar; NaN where it is not known. A truth value is 1 or 0.
    pub fn number(&self, id: StepId) -> f64 {
        self.cells.get(id.index()).map_or(f64::NAN, |cell| cell.value)
    }

    /// Whether a step holds on its last bar.
    pub fn holds(&self, id: StepId) -> bool {
        let value = self.number(id);
        !value.is_nan() && value != 0.0
    }

    fn update(&mut self, id: StepId, step: &Step, inputs: &[f64], bars: &Bars, index: usize) -> Result<()> {
        let input = |position: usize| inputs.get(position).copied().unwrap_or(f64::NAN);
        let value = match &step.operation {
            Operation::Column(name) => column(bars, name, index)?,
            Operation::Element(operator) => operator.apply([input(0), input(1), input(2)]),
            Operation::Align => input(0),
            Operation::Output(output, _) => {
                let outputs = step.inputs.first().map(|id| &self.cells[id.index()].memory);
                match outputs {
                    Some(Memory::Indicator(_, values) | Memory::Scan(_, values)) => {
                        values.get(*output).copied().unwrap_or(f64::NAN)
                    }
                    _ => f64::NAN,
                }
            }
            _ => self.cells[id.index()].memory.update(&step.operation, inputs),
        };
        self.cells[id.index()].value = value;
        Ok(())
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
            Operation::Model(_) => {
                return Err(Diagnostic::new("a plan with a model cannot be evaluated bar by bar")
                    .hint("evaluate it over columns, which trains and loads models")
                    .at(step.origin.clone()));
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

/// A column of the bars or a figure of the calendar and the clock, on one bar.
fn column(bars: &Bars, name: &str, index: usize) -> Result<f64> {
    if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
        return Ok(bars.field(field)[index]);
    }
    if let Some(column) = bars.column(name) {
        return Ok(column[index]);
    }
    match ClockFigure::called(name) {
        Some(figure) => Ok(figure.at(bars.calendar(), bars.timeframe(), Timestamp(bars.timestamps()[index]))),
        None => Err(Diagnostic::new(format!("the bars at {} have no column `{name}`", bars.timeframe()))),
    }
}
