//! `runner report`: the report of a run made again, without running it.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use timeweave::data::replace_file;
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::models::ENGINE;
use timeweave::report::{KeptRun, picture, report_again};

use crate::output::{line, note};

/// What making a report again takes.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The folder of the run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Draw equity and drawdown into this file as a picture, and leave the report as it is
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

/// Draws the data of a run's report.html in the page of this engine.
pub fn run(ReportArguments { run: folder, png }: &ReportArguments) -> Result<()> {
    let run = KeptRun::read(folder)?;
    if let Some(file) = png {
        replace_file(file, &picture(&run)?)?;
        return line(file.display());
    }
    let file = folder.join("report.html");
    let text = fs::read_to_string(&file).map_err(|error| {
        Diagnostic::new(format!("the report cannot be read: {error}"))
            .at(Origin::file(file.display().to_string()))
            .hint("its data is kept in it alone: run the script again")
    })?;
    if run.engine() != ENGINE {
        note(format_args!(
            "{} is by the engine {}, this is {ENGINE}: what only this one measures is missing until the script runs again",
            folder.display(),
            run.engine()
        ));
    }
    replace_file(&file, report_again(&text, &file)?.as_bytes())?;
    line(file.display())
}
