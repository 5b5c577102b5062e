//! Steps: the single computations of a plan.

use std::fmt;
use std::sync::Arc;

use crate::data::Instrument;
use crate::error::Origin;
use crate::expr::{Across, Arguments, BarsRef, Call, Label, OrderPrice, Pick, PositionFigure};
use crate::models::Configuration;
use crate::node::IndicatorNode;
use crate::program::{Operator, Program};
use crate::strategy::{GoodFor, Rebalance};
use crate::time::Timeframe;

/// A step's place in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(u32);

impl StepId {
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index in [`crate::plan::Plan::steps`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0 + 1)
    }
}

/// One computation: what is done, with what, at which timeframe.
#[derive(Clone)]
pub struct Step {
    /// What is done.
    pub operation: Operation,
    /// The steps that it reads, all before it.
    pub inputs: Vec<StepId>,
    /// The bars that it has a value for each of; none for constants, which hold at any.
    pub bars: Option<BarsRef>,
    /// How many bars must have closed before its first value.
    pub warmup: Warmup,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// What a step does.
#[derive(Clone)]
pub enum Operation {
    /// The same number on every bar.
    Number(f64),
    /// The same truth value on every bar.
    Truth(bool),
    /// A column of the bars.
    Column(Arc<str>),
    /// The input, from its close instants on, on this step's bars.
    Align,
    /// An operator on the values of each bar.
    Element(Operator),
    /// The number so many bars ago.
    Shift(usize),
    /// Whether the input held so many bars ago.
    ShiftCondition(usize),
    /// The first input was at or below the second a bar ago and is above it now.
    CrossesAbove,
    /// The first input was at or above the second a bar ago and is below it now.
    CrossesBelow,
    /// The values of all instruments of the universe, compared.
    Across(Across),
    /// Whether the instrument is among the first of the universe by the input.
    Pick(Pick),
    /// A recursion: its states over the bars. The first inputs are the states' initial values.
    Scan(Recursion),
    /// An indicator: all of its outputs.
    Indicator(IndicatorNode, Arguments),
    /// A model, by its index in [`crate::plan::Plan::models`]: all of its outputs.
    Model(usize),
    /// One output of the indicator or model that it reads.
    Output(usize, String),
}

impl Operation {
    /// Whether its values are truth values.
    pub fn is_condition(&self) -> bool {
        match self {
            Operation::Element(operator) => operator.gives_truth(),
            Operation::Truth(_)
            | Operation::CrossesAbove
            | Operation::CrossesBelow
            | Operation::ShiftCondition(_)
            | Operation::Pick(_) => true,
            _ => false,
        }
    }

    /// Whether its value hangs on the rows before.
    pub fn remembers(&self) -> bool {
        match self {
            Operation::Shift(_)
            | Operation::ShiftCondition(_)
            | Operation::CrossesAbove
            | Operation::CrossesBelow
            | Operation::Scan(_)
            | Operation::Indicator(..) => true,
            Operation::Number(_)
            | Operation::Truth(_)
            | Operation::Column(_)
            | Operation::Align
            | Operation::Element(_)
            | Operation::Across(_)
            | Operation::Pick(_)
            | Operation::Model(_)
            | Operation::Output(..) => false,
        }
    }

    /// Whether it needs the values of all instruments of the universe, not of one alone.
    pub fn is_across(&self) -> bool {
        matches!(self, Operation::Across(_) | Operation::Pick(_))
    }
}

/// The compiled form of a scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Recursion {
    /// The names of its states; of one alone, empty.
    pub states: Vec<String>,
    /// From the states one bar ago, then the values of the bar, to the states.
    pub program: Arc<Program>,
}

/// How many bars must have closed before a step's first value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warmup(Vec<(BarsRef, usize)>);

impl Warmup {
    /// What both need.
    #[must_use]
    pub fn union(mut self, other: &Warmup) -> Self {
        for (bars, count) in &other.0 {
            match self.0.iter_mut().find(|(known, _)| known == bars) {
                Some((_, most)) => *most = (*most).max(*count),
                None => self.0.push((bars.clone(), *count)),
            }
        }
        self.0.sort();
        self
    }

    /// So many bars more.
    #[must_use]
    pub fn plus(mut self, bars: Option<&BarsRef>, count: usize) -> Self {
        let Some(bars) = bars.filter(|_| count > 0) else { return self };
        match self.0.iter_mut().find(|(known, _)| known == bars) {
            Some((_, most)) => *most += count,
            None => self.0.push((bars.clone(), count)),
        }
        self.0.sort();
        self
    }

    /// How many of which bars, the traded instrument's first and of each the finest first.
    pub fn iter(&self) -> impl Iterator<Item = (&BarsRef, usize)> {
        self.0.iter().map(|(bars, count)| (bars, *count))
    }
}

impl fmt::Display for Warmup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.iter().map(|(bars, count)| format!("{count} x {bars}")).collect();
        f.pad(&parts.join(", "))
    }
}

/// When to enter and leave on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRules {
    /// A condition at the base timeframe.
    pub enter: StepId,
    /// A condition at the base timeframe.
    pub exit: Option<StepId>,
    /// At what price to enter: series at the base timeframe. At market where there is none.
    pub order: Option<OrderPrice<StepId>>,
    /// How long such an order waits.
    pub good_for: GoodFor,
    /// How often the entry may be repeated while the position is open.
    pub add: usize,
}

impl PlannedRules {
    /// Every step that it reads.
    pub fn steps(&self) -> impl Iterator<Item = StepId> {
        let order = self.order.iter().flat_map(OrderPrice::values).copied();
        [self.enter].into_iter().chain(self.exit).chain(order)
    }

    /// The same, to be changed.
    pub(super) fn steps_mut(&mut self) -> impl Iterator<Item = &mut StepId> {
        let order = self.order.iter_mut().flat_map(OrderPrice::values_mut);
        [&mut self.enter].into_iter().chain(&mut self.exit).chain(order)
    }
}

/// What to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedWeights {
    /// The share of equity, a series at the base timeframe: one for all instruments, or one for each.
    pub shares: Vec<(Option<Instrument>, StepId)>,
    /// When positions are brought back to it.
    pub rebalance: Rebalance,
}

impl PlannedWeights {
    /// The share of an instrument.
    pub fn share_of(&self, instrument: &Instrument) -> Option<StepId> {
        let is_for = |of: &Option<Instrument>| of.as_ref().is_none_or(|of| of == instrument);
        self.shares.iter().find(|(of, _)| is_for(of)).map(|(_, id)| *id)
    }

    /// Every share with its name: `weights`, or with the instrument that it is for.
    pub fn named(&self) -> impl Iterator<Item = (String, StepId)> {
        let name = |of: &Option<Instrument>| of.as_ref().map_or("weights".into(), |of| format!("weights {of}"));
        self.shares.iter().map(move |(of, id)| (name(of), *id))
    }
}

/// An exit or sizer and what it reads on each bar, at the base timeframe.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// What was called, with what.
    pub call: Arc<Call>,
    /// The series and conditions among its arguments, in their order.
    pub inputs: Vec<PlannedInput>,
}

/// Something that an exit or a sizer reads on each bar.
#[derive(Clone, Debug)]
pub enum PlannedInput {
    /// A step: known before anything is traded.
    Step(StepId),
    /// What depends on the open position as well: computed as the position is held.
    Rule(PositionRule),
}

/// An expression over columns and figures of the open position, compiled.
#[derive(Clone, Debug)]
pub struct PositionRule {
    /// It gives one value: a number, or 1 and 0 for a condition.
    pub program: Arc<Program>,
    /// What its inputs are.
    pub reads: Vec<RuleRead>,
}

/// An input of a [`PositionRule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleRead {
    /// The step's value on the bar.
    Step(StepId),
    /// A figure of the position.
    Position(PositionFigure),
}

impl PlannedCall {
    /// Every step that it reads.
    pub fn steps(&self) -> impl Iterator<Item = StepId> {
        self.inputs.iter().flat_map(PlannedInput::steps)
    }
}

impl PlannedInput {
    /// Every step that it reads.
    pub fn steps(&self) -> Vec<StepId> {
        match self {
            PlannedInput::Step(id) => vec![*id],
            PlannedInput::Rule(rule) => rule.reads.iter().filter_map(|read| read.step()).collect(),
        }
    }
}

impl RuleRead {
    /// The step, if it is one.
    pub fn step(self) -> Option<StepId> {
        match self {
            RuleRead::Step(id) => Some(id),
            RuleRead::Position(_) => None,
        }
    }
}

/// A model: a network a group of features, and perhaps one that weighs them.
#[derive(Clone, Debug)]
pub struct PlannedModel {
    /// The call that declared the networks.
    pub networks: Arc<Call>,
    /// How it is trained.
    pub configuration: Configuration,
    /// What each network reads, on its own timeframe.
    pub groups: Vec<PlannedGroup>,
    /// What the weights may depend on, at the target's timeframe; empty without weights.
    pub given: Vec<StepId>,
    /// What the networks are to predict.
    pub target: Label,
    /// What the target reads, in the order of [`Label::reads`], at the target's timeframe.
    pub target_reads: Vec<StepId>,
    /// The timeframe of the target and of every output.
    pub timeframe: Timeframe,
    /// The step that stands for it.
    pub step: StepId,
}

/// What one network of a model reads.
#[derive(Clone, Debug)]
pub struct PlannedGroup {
    /// Its name.
    pub name: String,
    /// Its timeframe.
    pub timeframe: Timeframe,
    /// Its features, by name.
    pub features: Vec<(String, StepId)>,
}
