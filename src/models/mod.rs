//! Models: networks that are trained on what was known, and forecast what comes.

mod device;
mod network;
mod random;
mod state_dict;

pub use device::DeviceKind;
pub use network::{Dropout, Linear, Lstm, LstmOutput, Mixer};
pub use random::{Purpose, Random};
pub use state_dict::{StateDict, matrix, values};
