//! A session of training: who is told of it, what stops it, and where it is kept in between.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Diagnostic, Result};
use crate::models::training::checkpoint::Checkpoints;
use crate::models::training::progress::{Epoch, Place, Progress};
use crate::models::training::running::Running;

/// How a training is watched: who is told of it, what stops it, and where it is kept in between.
pub struct Session<'a> {
    /// Told after every epoch.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Set from outside, it stops training after the epoch.
    pub stop: Option<&'a AtomicBool>,
    /// Where unfinished training is kept, to go on from later.
    pub checkpoints: Option<Checkpoints>,
}

impl Session<'_> {
    /// Keeps how far a phase is, at times, and stops where that was asked for.
    pub(super) fn after(&mut self, place: Place, running: &Running, history: &[Epoch], told: Progress) -> Result<()> {
        let Progress { epoch, of, fit, .. } = told;
        (self.progress)(told);
        let stops = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.keep(place, running, history, stops)?;
        }
        if !stops {
            return Ok(());
        }
        let of_fit = if fit.1 > 1 { format!(" of fit {} of {}", fit.0, fit.1) } else { String::new() };
        let diagnostic = Diagnostic::new(format!("training was stopped after epoch {epoch} of {of}{of_fit}"));
        Err(match &self.checkpoints {
            Some(_) => diagnostic
                .hint("what it came to is kept, the best parameters so far too: the same command goes on from there"),
            None => diagnostic.hint("nothing is kept of it: it was given no folder"),
        })
    }
}
