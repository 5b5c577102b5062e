//! Networks: layers on tensors, their parameters by name, and what a network architecture is.
//!
//! An [`Architecture`] turns a window of rows into a few numbers, from which a linear head makes a forecast.
//! This module knows nothing of nodes, of strategies or of training: [`crate::models`] has these.

mod architecture;
mod device;
mod layers;
mod random;
mod ridge;
mod state_dict;

pub use architecture::{Architecture, Fitting, Initial, Networks, ParameterShape, Window};
pub use device::DeviceKind;
pub use layers::{Dropout, Linear, Lstm, LstmOutput, Mixer};
pub use random::{Purpose, Random};
pub use ridge::{NormalEquations, Ridge};
pub use state_dict::{StateDict, matrix, values};
