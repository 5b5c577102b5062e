//! What a model is for the registry: a Spec, its outputs, and the architecture of its networks.

use std::sync::Arc;

use crate::error::Result;
use crate::expr::Arguments;
use crate::networks::Architecture;
use crate::node::Spec;
use crate::time::Timeframe;

/// A model in the registry.
#[derive(Clone, Copy)]
pub struct ModelNode {
    /// What it is called and takes.
    pub spec: Spec,
    /// The names of its outputs and their timeframes, from what it was given.
    pub outputs: fn(&Arguments) -> Result<Vec<ModelOutput>>,
    /// What its networks compute, where it forecasts; none where it weighs the forecasts of another.
    pub architecture: Option<MakeArchitecture>,
}

/// Makes an architecture of what its node was given.
pub type MakeArchitecture = fn(&Arguments) -> Result<Arc<dyn Architecture>>;

/// The name of a model's output, and its timeframe.
pub type ModelOutput = (String, Option<Timeframe>);
