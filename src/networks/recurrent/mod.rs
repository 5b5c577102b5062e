//! LSTMs on the CPU: kernels of our own, and the operation of Burn's that they make.

mod activation;
mod backward;
mod forward;
mod gradient;
mod lanes;
mod level;
mod memory;
mod operation;
mod product;
mod shape;
mod stack;
mod weights;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use lanes::{Lanes, Task};
pub use level::Level;
pub use memory::Memory;
pub use operation::{StackPlan, run, run_tracked};
pub use shape::{Shape, Window};
pub use stack::Wanted;
pub use weights::ForwardWeights;
