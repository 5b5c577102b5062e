//! How far training is: what is told of it, and what is kept of each epoch.

use serde::{Deserialize, Serialize};

/// How far training is, after each epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Which fit, from 1, and how many there are: one a fold, for each instrument where each has its own.
    pub fit: (usize, usize),
    /// What is trained: a group's name, `joint` or `weights`.
    pub phase: String,
    /// Which phase, from 1, and how many there are.
    pub phases: (usize, usize),
    /// The epoch, or the round of trees, from 1.
    pub epoch: usize,
    /// At most so many.
    pub of: usize,
    /// The mean loss over the epoch's training samples, with dropout, on scaled targets.
    pub train_loss: f64,
    /// The loss over the validation range after the epoch, without dropout.
    pub validation_loss: f64,
    /// The lowest validation loss of the phase so far.
    pub best: f64,
}

/// One epoch, as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// What was trained.
    pub phase: String,
    /// The epoch, or the round of trees, from 1.
    pub epoch: usize,
    /// Adam's learning rate in it; of trees their shrinkage.
    pub learning_rate: f64,
    /// The mean loss over the training samples, with dropout.
    pub train_loss: f64,
    /// The loss over the validation range after it, without dropout.
    pub validation_loss: f64,
    /// Whether the phase kept the parameters of this epoch.
    pub kept: bool,
}

/// Where training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Which fit, from 0.
    pub(super) fit: usize,
    /// Which phase of it, from 0.
    pub(super) phase: usize,
}
