//! Progress: what is being done, and a bar while a model trains; on a terminal only.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use timeweave::models::Progress;

use crate::interrupt;

/// How often the mark before a stage moves.
const TICK: Duration = Duration::from_millis(120);

/// What a bar shows while a model trains: epochs a second, the time that passed, and what is left at most.
const TEMPLATE: &str = "training {prefix} {wide_bar} {per_sec} {elapsed} < {eta}  {msg}";

/// Which epoch of all variants, fits and phases, and how many they are at most.
fn epochs(progress: &Progress, variant: (usize, usize)) -> (usize, usize) {
    let before = |(number, of): (usize, usize), outer: usize| outer * of + number.saturating_sub(1);
    let phases = before(progress.phases, before(progress.fit, variant.0.saturating_sub(1)));
    let all = variant.1 * progress.fit.1 * progress.phases.1 * progress.of;
    (phases * progress.of + progress.epoch, all)
}

/// What is being done, on stderr; silent where that is no terminal or `quiet` is asked for.
pub struct Meter {
    bar: Option<ProgressBar>,
    training: bool,
    listens: bool,
    silent: bool,
    /// Which variant, and how many there are.
    variant: (usize, usize),
}

impl Meter {
    pub fn new(quiet: bool) -> Self {
        Self { bar: None, training: false, listens: false, silent: quiet || !stderr().is_terminal(), variant: (1, 1) }
    }

    /// Shows that something else begins.
    pub fn stage(&mut self, what: &'static str) {
        interrupt::obey();
        self.clear();
        if !self.silent {
            let bar = ProgressBar::new_spinner().with_message(what);
            bar.enable_steady_tick(TICK);
            self.bar = Some(bar);
        }
    }

    /// Says which of several variants is trained.
    pub fn variant(&mut self, number: usize, of: usize) {
        self.variant = (number, of);
    }

    /// Shows an epoch: which of how many, over all fits and phases; the rate; and how long the rest takes at most,
    /// for training may stop early.
    pub fn show(&mut self, progress: &Progress) {
        if !self.listens {
            interrupt::listen();
            self.listens = true;
        }
        if self.silent {
            return;
        }
        if !self.training {
            self.clear();
            self.training = true;
        }
        let all = epochs(progress, self.variant);
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(all.1 as u64);
            match ProgressStyle::with_template(TEMPLATE) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        let part = |what: &str, (part, of): (usize, usize)| match of {
            1 => what.to_owned(),
            _ => format!("{what} ({part} of {of})"),
        };
        let fit = if progress.fit.1 > 1 { part("fit", progress.fit) + ", " } else { String::new() };
        let variant = if self.variant.1 > 1 { part("variant", self.variant) + ", " } else { String::new() };
        let (phase, Progress { epoch, of, .. }) = (part(&progress.phase, progress.phases), progress);
        bar.set_prefix(format!("{variant}{fit}{phase}, epoch {epoch} of {of}"));
        bar.set_length(all.1 as u64);
        bar.set_position(all.0 as u64);
        let Progress { train_loss, validation_loss, best, .. } = progress;
        bar.set_message(format!("loss {train_loss:.4}  validation {validation_loss:.4}  best {best:.4}"));
    }

    /// Shows how much of a stage is done.
    pub fn count(&mut self, what: &'static str, done: usize, of: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{what}: {done} of {of}"));
        }
    }

    /// Takes away what is shown.
    pub fn clear(&mut self) {
        self.training = false;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_count_over_phases_fits_and_variants() {
        let progress = |fit, phases, epoch| Progress {
            fit,
            phase: "joint".into(),
            phases,
            epoch,
            of: 10,
            train_loss: 1.0,
            validation_loss: 1.0,
            best: 1.0,
        };
        assert_eq!(epochs(&progress((1, 1), (1, 1), 3), (1, 1)), (3, 10));
        assert_eq!(epochs(&progress((2, 3), (2, 2), 10), (1, 1)), (40, 60));
        assert_eq!(epochs(&progress((3, 3), (2, 2), 10), (2, 2)), (120, 120));
    }
}
