//! A session of training: who is told of it, what stops it, and where it is kept in between.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Diagnostic, Result};
use crate::models::configuration::Configuration;
use crate::models::trained::Fit;
use crate::models::training::checkpoint::Checkpoints;
use crate::models::training::progress::{Epoch, Place, Progress};
use crate::models::training::running::Running;
use crate::networks::DeviceKind;

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
    /// A fit that was finished in an earlier session.
    pub(super) fn finished(
        &self,
        index: usize,
        configuration: &Configuration,
        device: DeviceKind,
        until: i64,
    ) -> Result<Option<Fit>> {
        let Some(checkpoints) = &self.checkpoints else { return Ok(None) };
        checkpoints.finished(index, configuration, device, until)
    }

    /// Keeps a finished fit.
    pub(super) fn finish(&mut self, index: usize, fit: &Fit) -> Result<()> {
        self.checkpoints.as_mut().map_or(Ok(()), |checkpoints| checkpoints.finish(index, fit))
    }

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
