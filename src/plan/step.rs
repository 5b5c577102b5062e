//! Steps: the single computations of a plan.

use std::fmt;
use std::sync::Arc;

use crate::error::Origin;
use crate::expr::{Arguments, BarsRef, Binary, Call, Comparison, Label, Unary};
use crate::models::Configuration;
use crate::node::IndicatorNode;
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
    /// A function of one number.
    Unary(Unary),
    /// A function of two numbers.
    Binary(Binary),
    /// The second input where the first holds, else the third.
    Select,
    /// The number so many bars ago.
    Shift(usize),
    /// A comparison.
    Compare(Comparison),
    /// The first input was at or below the second a bar ago and is above it now.
    CrossesAbove,
    /// The first input was at or above the second a bar ago and is below it now.
    CrossesBelow,
    /// Both inputs hold.
    And,
    /// Either input holds.
    Or,
    /// The input does not hold.
    Not,
    /// Whether the input held so many bars ago.
    ShiftCondition(usize),
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
        matches!(
            self,
            Operation::Truth(_)
                | Operation::Compare(_)
                | Operation::CrossesAbove
                | Operation::CrossesBelow
                | Operation::And
                | Operation::Or
                | Operation::Not
                | Operation::ShiftCondition(_)
        )
    }
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
}

/// An exit or sizer and the series and conditions among its arguments, at the base timeframe.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// What was called, with what.
    pub call: Arc<Call>,
    /// What it reads on each bar, in the order of its arguments.
    pub inputs: Vec<StepId>,
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
    /// The series that the target looks ahead in.
    pub target_source: StepId,
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
