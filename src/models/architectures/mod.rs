//! The architectures of models: a file each, with its node and what it computes.
//!
//! One of your own is a [`ModelNode`] too: a [`Spec`](crate::node::Spec) whose parameters are what it needs
//! itself beside [`SHARED`], and a function that makes its
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

mod gru;
mod linear;
mod lstm;
mod mlp;
mod pooling;

pub use lstm::LstmStack;
pub use pooling::Pooling;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::configuration::{PastWindow, Pool, SampleWeight, ScalerKind, Schedule};
use crate::models::declared::outputs;
use crate::models::training::loss::Loss;
use crate::node::{Kind, Literal, MakeArchitecture, ModelNode, Parameter, Presence, Registry, Spec};

/// Adds every architecture.
///
/// # Errors
/// Where one of their names is taken.
pub(super) fn register(registry: &mut Registry) -> Result<()> {
    [lstm::NODE, gru::NODE, mlp::NODE, linear::NODE].into_iter().try_for_each(|node| registry.add_model(node))
}

/// A window as one row a sample, the oldest step first: `[samples, steps × features]`.
fn flat(window: &Tensor<3>) -> Tensor<2> {
    let [steps, samples, features] = window.dims();
    window.clone().swap_dims(0, 1).reshape([samples, steps * features])
}

/// The node of an architecture; its Spec has the parameters of [`SHARED`].
pub const fn forecaster(spec: Spec, architecture: MakeArchitecture) -> ModelNode {
    ModelNode { spec, outputs, architecture: Some(architecture) }
}

/// The parameters of an architecture's node: its own among those that all share.
pub const fn with_shared<const OWN: usize, const ALL: usize>(own: &[Parameter; OWN]) -> [Parameter; ALL] {
    let mut all = [Parameter::flag("", false, ""); ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < FIRST {
            SHARED[index]
        } else if index < FIRST + OWN {
            own[index - FIRST]
        } else {
            SHARED[index - OWN]
        };
        index += 1;
    }
    all
}

/// So many of [`SHARED`] come first: without them there is no model.
const FIRST: usize = 3;

/// What every model that forecasts takes.
pub const SHARED: [Parameter; 22] = [
    Parameter::required("inputs", Kind::Groups, "features by group; the series of a group share one timeframe"),
    Parameter::required("target", Kind::Label, "what to forecast; the model gives a value a bar of its timeframe"),
    Parameter {
        name: "lookback",
        doc: "how many bars of its timeframe each network sees: one number, or a record by group",
        kind: Kind::IntegerByGroup(1, 10_000),
        presence: Presence::Default(Literal::Integer(30)),
    },
    Parameter::optional(
        "loss",
        Kind::Choice(Loss::NAMES),
        "what training minimises; left out, \"mse\", or \"cross_entropy\" where the target has classes",
    ),
    Parameter::optional(
        "huber_delta",
        Kind::Number(1e-3, 1e3),
        "with \"huber\": from where on an error counts by its distance, in standard deviations of the target; left out, 1",
    ),
    Parameter::optional(
        "quantile",
        Kind::Number(0.001, 0.999),
        "with \"quantile\": what the target stays below with this probability is forecast; left out, 0.5",
    ),
    Parameter::optional(
        "sample_weight",
        Kind::Choice(SampleWeight::NAMES),
        "whether training samples count by how little their labels overlap; left out, \"uniqueness\" where labels end \
         at different bars (triple_barrier), else \"equal\": labels of one length overlap all alike",
    ),
    Parameter::number("dropout", 0.1, 0.0, 0.95, "share of values dropped between layers and before the head"),
    Parameter::integer("epochs", 40, 1, 100_000, "at most so many passes over the training range"),
    Parameter::integer("patience", 6, 1, 100_000, "stop after so many epochs without a lower validation loss"),
    Parameter::integer("batch", 64, 1, 65_536, "samples a step"),
    Parameter::number("learning_rate", 1e-3, 1e-9, 10.0, "Adam's learning rate"),
    Parameter::choice("schedule", Schedule::NAMES, "how the learning rate goes: it stays, or falls to zero"),
    Parameter::number("gradient_clip", 1.0, 0.0, 1e9, "largest norm of all gradients together; 0 for no limit"),
    Parameter::number("weight_decay", 0.0, 0.0, 10.0, "penalty on squared parameters"),
    Parameter::record("split", SPLIT, "how usable bars are split once; the rest is the test range"),
    Parameter::optional("walk_forward", Kind::Record(WALK_FORWARD), "train and test again and again instead of once"),
    Parameter::optional("update", Kind::Text, "go on learning in the test range, after each such span: \"1mo\""),
    Parameter::integer("update_epochs", 1, 1, 1_000, "passes over the labels that became known since"),
    Parameter::choice(
        "pool",
        Pool::NAMES,
        "one model for all instruments, one that scales each by itself, or one each",
    ),
    Parameter::choice("scaler", ScalerKind::NAMES, "how features are scaled, by the training range alone"),
    Parameter::integer("seed", 7, 0, i64::MAX, "fixes every random number"),
];

const SPLIT: &[Parameter] = &[
    Parameter::number("train", 0.6, 0.01, 0.98, "share of the usable bars that networks are trained on"),
    Parameter::number("validation", 0.2, 0.01, 0.98, "share that says when to stop"),
    Parameter::length("embargo", 0, 0, "bars left out between ranges beside those of the target's horizon"),
];

const WALK_FORWARD: &[Parameter] = &[
    Parameter::required("train", Kind::Text, "how much of the past each fold is fitted to: \"3y\""),
    Parameter::required("test", Kind::Text, "how much each fold is tested on, and how far the next is ahead: \"6mo\""),
    Parameter::number("validation", 0.2, 0.01, 0.9, "share of the past, its latest, that says when to stop"),
    Parameter::choice("window", PastWindow::NAMES, "whether the past moves along, or grows"),
    Parameter::length("embargo", 0, 0, "bars left out between ranges beside those of the target's horizon"),
];
