//! The compiler: expressions that depend on the bar before or on the open position, as programs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{BarsRef, Condition, ConditionKind, PositionFigure, Scan, Series, SeriesKind};
use crate::node::Input;
use crate::plan::planner::Planner;
use crate::plan::{PlannedInput, PositionRule, Recursion, RuleRead, StepId};
use crate::program::{Builder, Handle, Operator};

impl Planner<'_> {
    /// Something that an exit or a sizer reads: a step, or a program where it depends on the position.
    pub(super) fn input(&mut self, input: &Input) -> Result<PlannedInput> {
        let symbols = match input {
            Input::Series(series) => series.symbols(),
            Input::Condition(condition) => condition.symbols(),
        };
        if !symbols.any() {
            return Ok(PlannedInput::Step(match input {
                Input::Series(series) => self.series(series)?,
                Input::Condition(condition) => self.condition(condition)?,
            }));
        }
        let mut compiler = Compiler::new(self, None, None);
        let result = match input {
            Input::Series(series) => compiler.series(series)?,
            Input::Condition(condition) => compiler.condition(condition)?,
        };
        let Compiler { builder, reads, .. } = compiler;
        let reads = reads.into_iter().map(|(read, _)| read).collect();
        Ok(PlannedInput::Rule(PositionRule { program: builder.finish(&[result]).into(), reads }))
    }

    /// A scan's program, and the steps that it reads: the initial values, then the columns.
    pub(super) fn recursion(&mut self, scan: &Arc<Scan>, bars: Option<&BarsRef>) -> Result<(Recursion, Vec<StepId>)> {
        let mut inputs = Vec::new();
        for state in &scan.states {
            let initial = self.series(&state.initial)?;
            inputs.push(self.align(initial, bars));
        }
        let mut compiler = Compiler::new(self, bars, Some(scan));
        let next = scan.states.iter().map(|state| compiler.series(&state.next)).collect::<Result<Vec<_>>>()?;
        let Compiler { builder, reads, .. } = compiler;
        inputs.extend(reads.into_iter().filter_map(|(read, _)| read.step()));
        let states = scan.states.iter().map(|state| state.name.clone()).collect();
        Ok((Recursion { states, program: builder.finish(&next).into() }, inputs))
    }
}

struct Compiler<'p, 'r> {
    planner: &'p mut Planner<'r>,
    builder: Builder,
    /// The bars that columns are aligned to; where there are none, that is done when they are known.
    bars: Option<&'p BarsRef>,
    /// The scan whose states may be read; without one, figures of the position may be.
    scan: Option<&'p Scan>,
    states: Vec<Handle>,
    /// The inputs after the states, each with the handle that stands for it.
    reads: Vec<(RuleRead, Handle)>,
    /// What was compiled before, by identity.
    known: HashMap<usize, Handle>,
}

impl<'p, 'r> Compiler<'p, 'r> {
    fn new(planner: &'p mut Planner<'r>, bars: Option<&'p BarsRef>, scan: Option<&'p Arc<Scan>>) -> Self {
        let mut builder = Builder::new();
        let states = scan.iter().flat_map(|scan| &scan.states).map(|_| builder.input()).collect();
        let scan = scan.map(Arc::as_ref);
        Self { planner, builder, bars, scan, states, reads: Vec::new(), known: HashMap::new() }
    }

    fn read(&mut self, read: RuleRead) -> Handle {
        if let Some((_, handle)) = self.reads.iter().find(|(known, _)| *known == read) {
            return *handle;
        }
        let handle = self.builder.input();
        self.reads.push((read, handle));
        handle
    }

    /// A value that depends on bars alone.
    fn column(&mut self, id: StepId) -> Handle {
        if let Some(value) = self.planner.constant(id) {
            return self.builder.constant(value);
        }
        let id = match self.bars {
            Some(bars) => self.planner.align(id, Some(bars)),
            None => id,
        };
        self.read(RuleRead::Step(id))
    }

    fn series(&mut self, series: &Series) -> Result<Handle> {
        if let Some(handle) = self.known.get(&series.identity()) {
            return Ok(*handle);
        }
        let handle = if series.symbols().any() {
            self.symbolic(series)?
        } else {
            let id = self.planner.series(series)?;
            self.column(id)
        };
        self.known.insert(series.identity(), handle);
        Ok(handle)
    }

    fn symbolic(&mut self, series: &Series) -> Result<Handle> {
        let origin = series.origin();
        Ok(match series.kind() {
            SeriesKind::Constant(value) => self.builder.constant(*value),
            SeriesKind::Position(figure) if self.scan.is_none() => self.read(RuleRead::Position(*figure)),
            SeriesKind::Position(figure) => return Err(no_position(*figure, origin)),
            SeriesKind::State(identity, index) => match (self.scan, self.states.get(*index)) {
                (Some(scan), Some(handle)) if scan.owns(identity) => *handle,
                _ => return Err(no_state(origin)),
            },
            SeriesKind::Unary(operator, a) => {
                let a = self.series(a)?;
                self.builder.apply(Operator::Unary(*operator), &[a])
            }
            SeriesKind::Binary(operator, a, b) => {
                let operands = [self.series(a)?, self.series(b)?];
                self.builder.apply(Operator::Binary(*operator), &operands)
            }
            SeriesKind::Select(condition, a, b) => {
                let operands = [self.condition(condition)?, self.series(a)?, self.series(b)?];
                self.builder.apply(Operator::Select, &operands)
            }
            SeriesKind::Shift(a, 0) => self.series(a)?,
            SeriesKind::Shift(_, count) => return Err(self.no_past(&format!("[{count}]"), origin)),
            SeriesKind::Output(call, _) => return Err(self.no_past(&format!("`{}`", call.node), origin)),
            SeriesKind::Scan(..) => return Err(self.no_past("a scan", origin)),
            // They read no symbol; what does is refused as it is planned.
            SeriesKind::Column(..) | SeriesKind::Across(..) => {
                let id = self.planner.series(series)?;
                self.column(id)
            }
        })
    }

    fn condition(&mut self, condition: &Condition) -> Result<Handle> {
        if let Some(handle) = self.known.get(&condition.identity()) {
            return Ok(*handle);
        }
        let origin = condition.origin();
        let handle = if !condition.symbols().any() {
            let id = self.planner.condition(condition)?;
            self.column(id)
        } else {
            match condition.kind() {
                ConditionKind::Constant(value) => self.builder.constant(f64::from(*value)),
                ConditionKind::Compare(comparison, a, b) => {
                    let operands = [self.series(a)?, self.series(b)?];
                    self.builder.apply(Operator::Compare(*comparison), &operands)
                }
                ConditionKind::And(a, b) => {
                    let operands = [self.condition(a)?, self.condition(b)?];
                    self.builder.apply(Operator::And, &operands)
                }
                ConditionKind::Or(a, b) => {
                    let operands = [self.condition(a)?, self.condition(b)?];
                    self.builder.apply(Operator::Or, &operands)
                }
                ConditionKind::Not(a) => {
                    let a = self.condition(a)?;
                    self.builder.apply(Operator::Not, &[a])
                }
                ConditionKind::Shift(a, 0) => self.condition(a)?,
                ConditionKind::Shift(_, count) => return Err(self.no_past(&format!("[{count}]"), origin)),
                ConditionKind::Pick(..) => {
                    let id = self.planner.condition(condition)?;
                    self.column(id)
                }
                ConditionKind::CrossesAbove(..) => return Err(self.no_past("`crosses_above`", origin)),
                ConditionKind::CrossesBelow(..) => return Err(self.no_past("`crosses_below`", origin)),
            }
        };
        self.known.insert(condition.identity(), handle);
        Ok(handle)
    }

    /// What would need the past of a value that has none but what its scan or its position keeps.
    fn no_past(&self, what: &str, origin: Option<&Origin>) -> Diagnostic {
        let diagnostic =
            match self.scan {
                Some(_) => Diagnostic::new(format!("{what} would need the past of a scan's state, which is not kept"))
                    .hint("keep what is needed as one more state: scan(#{ level: close, last: close }, |prev| …)"),
                None => Diagnostic::new(format!(
                    "{what} would need the past of a figure of the position, which is not kept"
                ))
                .hint("take indicators, scans and past values of bars, and compare the position with what they give"),
            };
        diagnostic.at(origin.cloned())
    }
}

/// A figure of the position where there is none.
pub(super) fn no_position(figure: PositionFigure, origin: Option<&Origin>) -> Diagnostic {
    Diagnostic::new(format!("`position.{}` is read where no position is open", figure.name()))
        .hint("an exit or a size may read it: exits: [exit_when(position.bars_held > 5 and position.profit < 0)]")
        .at(origin.cloned())
}

/// A state outside of its scan.
pub(super) fn no_state(origin: Option<&Origin>) -> Diagnostic {
    Diagnostic::new("a state of this scan is read outside of it")
        .hint("read what `scan` gives; inside of it, one scan cannot read the state of another")
        .at(origin.cloned())
}
