//! Networks: layers on tensors, their parameters by name, and what a network architecture is.
//!
//! An [`Architecture`] turns a window of rows into a few numbers, from which a linear head makes a forecast.
//! This module knows nothing of nodes, of strategies or of training: [`crate::models`] has these.

mod architecture;
mod device;
mod gru;
mod layers;
mod lstm;
mod optimiser;
mod pooling;
mod random;
mod recurrent;
mod ridge;
mod state_dict;
mod trees;

pub use architecture::{Architecture, Fitting, Initial, Networks, ParameterShape, Window};
pub use device::DeviceKind;
pub use gru::Gru;
pub use layers::{Dropout, Linear, Mixer};
pub use lstm::{Lstm, LstmOutput};
pub use optimiser::{Optimiser, scalar};
pub use pooling::{LayerNorm, StepAttention};
pub use random::{Purpose, Random};
pub use recurrent::{Level, Memory};
pub use ridge::{NormalEquations, Ridge};
pub use state_dict::{StateDict, matrix, values};
pub use trees::{Bins, Boosting, Derivative, FixedPoint, Forest, Grown, Split, Tree, grow};
