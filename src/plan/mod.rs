//! The plan: the checked graph of a strategy, every node once, in order.
//!
//! [`Plan::new`] takes a [`crate::strategy::Strategy`] and a registry and gives a list of
//! [`Step`]s. A step reads only steps before it. Equal expressions become one step. Where a value
//! of a coarser timeframe meets a finer one, an [`Operation::Align`] stands between them: it is the
//! only way across timeframes, and it shows a value from its close instant on, never before.

mod explain;
mod planner;
mod step;
mod walk;

pub use step::{Operation, PlannedCall, PlannedGroup, PlannedModel, PlannedRules, Step, StepId, Warmup};

use std::collections::BTreeSet;

use crate::error::Result;
use crate::node::Registry;
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
    /// The exits and what they read.
    pub exits: Vec<PlannedCall>,
    /// The sizer and what it reads.
    pub size: PlannedCall,
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
        planner::plan(strategy, registry)
    }

    /// A step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.index()]
    }

    /// Every step with its place, in order.
    pub fn numbered(&self) -> impl DoubleEndedIterator<Item = (StepId, &Step)> {
        self.steps.iter().enumerate().map(|(index, step)| (StepId::new(index), step))
    }

    /// The timeframes whose bars it reads, finest first; the base is among them.
    pub fn timeframes(&self) -> BTreeSet<Timeframe> {
        let read = self.steps.iter().filter(|step| matches!(step.operation, Operation::Column(_)));
        read.filter_map(|step| step.timeframe).chain([self.base]).collect()
    }
}
