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
            let bar = ProgressBar::new(progress.epochs as u64);
            let template = "training {bar:30} {pos}/{len} {elapsed}<{eta}  {msg}";
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_position(progress.epoch as u64);
        bar.set_message(format!(
            "loss {:.5}  validation {:.5}  best {:.5}",
            progress.train_loss, progress.validation_loss, progress.best_loss
        ));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
