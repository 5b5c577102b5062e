//! Progress: a bar while a model trains, on a terminal only.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use timeweave::models::Progress;

/// A progress bar on stderr; silent where stderr is no terminal or `quiet` is asked for.
pub struct Meter {
    bar: Option<ProgressBar>,
    silent: bool,
}

impl Meter {
    pub fn new(quiet: bool) -> Self {
        Self { bar: None, silent: quiet || !stderr().is_terminal() }
    }

    /// Shows an epoch.
    pub fn show(&mut self, progress: &Progress) {
        if self.silent {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(progress.of as u64);
            match ProgressStyle::with_template("training {prefix} {bar:30} {pos}/{len} {elapsed} < {eta}  {msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        let (phase, phases) = progress.phases;
        bar.set_prefix(match phases {
            1 => progress.phase.clone(),
            _ => format!("{} ({phase} of {phases})", progress.phase),
        });
        bar.set_length(progress.of as u64);
        bar.set_position(progress.epoch as u64);
        let Progress { train_loss, validation_loss, best, .. } = progress;
        bar.set_message(format!("loss {train_loss:.4}  validation {validation_loss:.4}  best {best:.4}"));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
