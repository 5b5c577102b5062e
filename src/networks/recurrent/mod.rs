//! LSTMs on the CPU: kernels of our own, and the operation of Burn's that they make.
//!
//! From the innermost: [`lanes`] are several numbers side by side, which a processor's [`level`] chooses;
//! [`activation`] and [`product`] compute with them; [`forward`], [`backward`] and [`gradient`] are one layer's passes;
//! [`stack`] runs all layers of several LSTMs on all threads; [`operation`] is what Burn sees of it.
//!
//! Every result is one chain of fused multiply-adds in a fixed order. `docs/decisions/fused-lstm.md` says why, and
//! what was measured.

mod activation;
mod backward;
#[expect(clippy::needless_range_loop)] // as in `product`
mod forward;
mod gradient;
mod lanes;
mod level;
mod memory;
mod operation;
// Registers that an iterator hands over pass through memory, and closures do not know the wide ones.
#[expect(clippy::needless_range_loop)]
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
