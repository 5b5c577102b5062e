//! The plan: the checked graph of a strategy, every node once, in order.
//!
//! [`Plan::new`] takes a [`crate::strategy::Strategy`] and a registry and gives a list of
//! [`Step`]s. A step reads only steps before it. Equal expressions become one step. Where values of
//! different bars meet (another timeframe, another instrument), an [`Operation::Align`] stands between them:
//! it is the only way across, and it shows a value from its close instant on, never before. Where the
//! instruments of the universe are compared with each other, an [`Operation::Across`] or [`Operation::Pick`]
//! stands, at which the values of all of them meet.

mod compiler;
mod explain;
mod key;
mod planner;
mod roots;
mod schedule;
mod step;
mod walk;

pub use explain::Beside;
pub use schedule::{Fused, Task};
pub use step::{
    Operation, PlannedCall, PlannedGroup, PlannedInput, PlannedModel, PlannedRules, PlannedWeights, PositionRule,
    Recursion, RuleRead, Step, StepId, Warmup,
};

use std::collections::BTreeSet;

use crate::error::{Origin, Result};
use crate::expr::BarsRef;
use crate::node::Registry;
use crate::stack::with_room;
use crate::strategy::Strategy;
use crate::time::Timeframe;

/// A strategy's checked graph.
#[derive(Clone)]
pub struct Plan {
    /// The finest timeframe that the strategy names: rules and broker step through it.
    pub base: Timeframe,
    /// Every computation, once, each after what it reads.
    pub steps: Vec<Step>,
    /// The models, in the order in which they are fitted.
    pub models: Vec<PlannedModel>,
    /// The rules for buying, at the base timeframe.
    pub long: Option<PlannedRules>,
    /// The rules for selling short, at the base timeframe.
    pub short: Option<PlannedRules>,
    /// What to hold in place of rules, at the base timeframe.
    pub weights: Option<PlannedWeights>,
    /// The exits and what they read.
    pub exits: Vec<PlannedCall>,
    /// The sizer and what it reads; not read where there are weights.
    pub size: PlannedCall,
    /// Slippage as a distance in price units, at the base timeframe.
    pub slippage: Option<StepId>,
    /// Series for the report, by name, at the base timeframe.
    pub plot: Vec<(String, StepId)>,
}

impl Plan {
    /// Checks a strategy and lays out its graph.
    ///
    /// # Errors
    /// At the place in the script where something does not fit: an unknown node, no timeframe at
    /// all, two networks for one model.
    pub fn new(strategy: &Strategy, registry: &Registry) -> Result<Self> {
        with_room(|| planner::plan(strategy, registry))
    }

    /// A step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.index()]
    }

    /// The bars that a step has a value for each of. A constant holds at any: it is given the base's.
    pub fn bars_of(&self, step: &Step) -> BarsRef {
        step.bars.clone().unwrap_or_else(|| self.base.into())
    }

    /// Every step with its place, in order.
    pub fn numbered(&self) -> impl DoubleEndedIterator<Item = (StepId, &Step)> {
        self.steps.iter().enumerate().map(|(index, step)| (StepId::new(index), step))
    }

    /// The bars that it reads: those of the traded instrument first, finest first; its base is among
    /// them.
    pub fn bars(&self) -> BTreeSet<BarsRef> {
        let read = self.steps.iter().filter(|step| matches!(step.operation, Operation::Column(_)));
        read.filter_map(|step| step.bars.clone()).chain([self.base.into()]).collect()
    }

    /// Where a person first wrote that these bars are read.
    pub fn origin_of(&self, bars: &BarsRef) -> Option<Origin> {
        let reads = |step: &&Step| matches!(step.operation, Operation::Column(_)) && step.bars.as_ref() == Some(bars);
        self.steps.iter().find(reads).and_then(|step| step.origin.clone())
    }

    /// Whether instruments are compared with each other: it is computed over the whole universe, or not at
    /// all.
    pub fn looks_across(&self) -> bool {
        self.steps.iter().any(|step| step.operation.is_across())
    }

    /// The timeframes of the traded instrument's bars that it reads, finest first.
    pub fn timeframes(&self) -> BTreeSet<Timeframe> {
        self.bars().iter().filter(|bars| bars.is_traded()).filter_map(BarsRef::timeframe).collect()
    }
}
