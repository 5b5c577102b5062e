//! Progress: what is being done, and a bar while a model trains; on a terminal only.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use timeweave::models::Progress;

use crate::interrupt;

/// How often the mark before a stage moves.
const TICK: Duration = Duration::from_millis(120);

/// What is being done, on stderr; silent where that is no terminal or `quiet` is asked for.
pub struct Meter {
    bar: Option<ProgressBar>,
    training: bool,
    listens: bool,
    silent: bool,
}

impl Meter {
    pub fn new(quiet: bool) -> Self {
        Self { bar: None, training: false, listens: false, silent: quiet || !stderr().is_terminal() }
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

    /// Shows an epoch.
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
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(progress.of as u64);
            match ProgressStyle::with_template("training {prefix} {bar:30} {pos}/{len} {elapsed} < {eta}  {msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        let part = |what: &str, (part, of): (usize, usize)| match of {
            1 => what.to_owned(),
            _ => format!("{what} ({part} of {of})"),
        };
        let fit = if progress.fit.1 > 1 { part("fit", progress.fit) + ", " } else { String::new() };
        bar.set_prefix(format!("{fit}{}", part(&progress.phase, progress.phases)));
        bar.set_length(progress.of as u64);
        bar.set_position(progress.epoch as u64);
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
