//! Gradient-boosted decision trees: their shape as tensors, and how one is grown.
//!
//! A [`Forest`] is full binary trees of one depth, which a [`StateDict`](crate::networks::StateDict) holds as three tensors. [`grow()`]
//! makes one [`Tree`] of the slopes and curvatures of a loss at each sample (Chen & Guestrin 2016). What the loss is, and when
//! there are trees enough, is for whoever trains to say.
//!
//! Sums over samples run in whole numbers ([`FixedPoint`]), so that neither the order of samples nor the number of threads can
//! change a bit of them.

mod bins;
mod fixed_point;
mod forest;
mod grow;

pub use bins::Bins;
pub use fixed_point::FixedPoint;
pub use forest::{Forest, Split, Tree};
pub use grow::{Boosting, Derivative, Grown, grow};
