//! `runner definitions`: a file from which an editor learns what scripts can call.

use std::path::PathBuf;

use clap::Args;
use timeweave::data::replace_file;
use timeweave::error::Result;
use timeweave::script::definitions;
use timeweave::standard_registry;

use crate::output::line;

/// Where the definitions go.
#[derive(Debug, Args)]
pub struct DefinitionsArguments {
    /// The folder for timeweave.d.rhai; made if it is not there
    #[arg(value_name = "DIR", default_value = "definitions")]
    folder: PathBuf,
}

/// Writes the definition file, over one of an earlier version.
pub fn run(arguments: &DefinitionsArguments) -> Result<()> {
    let path = arguments.folder.join("timeweave.d.rhai");
    replace_file(&path, definitions(&standard_registry()?).as_bytes())?;
    line(format_args!("{}: written", path.display()))?;
    line("the language server for Rhai reads it from the folder that is open in the editor: see docs/guide.md")
}
