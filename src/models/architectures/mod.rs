//! The architectures of models: a file each, with its node and what it computes.
//!
//! One of your own is a [`ModelNode`] too: a [`Spec`](crate::node::Spec) whose parameters are what it needs
//! itself beside [`SHARED`](crate::models::SHARED), and a function that makes its
//! [`Architecture`](crate::networks::Architecture). Inputs, target, split, scaling, training, artifacts and reports come with it:
//!
//! ```
//! use std::sync::Arc;
//!
//! use burn_core::tensor::Tensor;
//! use timeweave::error::Result;
//! use timeweave::models::{SHARED, forecaster};
//! use timeweave::networks::{Architecture, Dropout, Networks, ParameterShape, StateDict, Window};
//! use timeweave::node::{Inputs, Spec};
//!
//! /// Hands the mean of the window to the head.
//! #[derive(Debug)]
//! struct WindowMean;
//!
//! impl Architecture for WindowMean {
//!     fn units(&self, window: Window) -> usize {
//!         window.features
//!     }
//!     fn parameters(&self, _: Window) -> Vec<ParameterShape> {
//!         Vec::new()
//!     }
//!     fn networks(&self, _: &StateDict, _: &[&str]) -> Result<Box<dyn Networks>> {
//!         Ok(Box::new(WindowMean))
//!     }
//! }
//!
//! impl Networks for WindowMean {
//!     fn forward(&self, windows: &[(usize, &Tensor<3>)], _: &mut Dropout) -> Result<Vec<Tensor<2>>> {
//!         let mean = |(_, window): &(usize, &Tensor<3>)| {
//!             let [_, samples, features] = window.dims();
//!             (*window).clone().mean_dim(0).reshape([samples, features])
//!         };
//!         Ok(windows.iter().map(mean).collect())
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let mut registry = timeweave::standard_registry()?;
//! registry.add_model(forecaster(
//!     Spec {
//!         name: "window_mean",
//!         family: "model",
//!         doc: "A linear forecast from the mean of each feature over the window.",
//!         formula: "",
//!         inputs: Inputs::None,
//!         parameters: &SHARED,
//!         outputs: &[],
//!         example: "",
//!         source: "",
//!     },
//!     |_| Ok(Arc::new(WindowMean)),
//! ))?;
//! # Ok(())
//! # }
//! ```

mod boosted_trees;
mod gru;
mod linear;
mod lstm;
mod mlp;
mod pooling;

pub use boosted_trees::BoostedTrees;
pub use lstm::LstmStack;
pub use pooling::Pooling;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::declared::outputs;
use crate::node::{MakeArchitecture, ModelNode, Registry, Spec};

/// Adds every architecture.
///
/// # Errors
/// Where one of their names is taken.
pub(super) fn register(registry: &mut Registry) -> Result<()> {
    let nodes = [lstm::NODE, gru::NODE, mlp::NODE, linear::NODE, boosted_trees::NODE];
    nodes.into_iter().try_for_each(|node| registry.add_model(node))
}

/// A window as one row a sample, the oldest step first: `[samples, steps × features]`.
fn flat(window: &Tensor<3>) -> Tensor<2> {
    let [steps, samples, features] = window.dims();
    window.clone().swap_dims(0, 1).reshape([samples, steps * features])
}

/// The node of an architecture; its Spec has the parameters of [`SHARED`](crate::models::SHARED).
pub const fn forecaster(spec: Spec, architecture: MakeArchitecture) -> ModelNode {
    ModelNode { spec, outputs, architecture: Some(architecture) }
}
