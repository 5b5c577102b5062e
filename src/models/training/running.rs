//! A phase of training under way: all that its next epoch depends on.

use crate::models::configuration::Training;
use crate::networks::{Optimiser, StateDict};

/// How far a phase is.
pub(super) struct Running {
    /// Epochs done.
    pub(super) epoch: usize,
    /// The parameters after them.
    pub(super) state: StateDict,
    /// The lowest validation loss, the parameters that gave it, and after which epoch.
    pub(super) best: Option<(f64, StateDict, usize)>,
    pub(super) optimiser: Optimiser,
}

impl Running {
    /// A phase that begins with some parameters.
    pub(super) fn new(state: StateDict, training: &Training) -> Self {
        let optimiser = Optimiser::new(training.gradient_clip, training.weight_decay);
        Self { epoch: 0, state, best: None, optimiser }
    }

    /// Whether there is nothing left to do: all epochs are done, or too many without a better one.
    pub(super) fn is_done(&self, most: usize, patience: usize) -> bool {
        let best = self.best.as_ref().map_or(0, |(_, _, epoch)| *epoch);
        self.epoch >= most || (self.epoch > 0 && self.epoch - best >= patience)
    }
}
