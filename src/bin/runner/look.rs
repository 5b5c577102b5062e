//! How pages are shown: what the options, the environment and the terminal say.

use std::env;
use std::io::{IsTerminal, stdout};

use clap::{Args, ValueEnum};
use console::Term;
use timeweave::report::Look;

/// How a page is shown.
#[derive(Clone, Copy, Debug, Args)]
pub struct LookArguments {
    /// Colour gains, losses and warnings; auto does on a terminal where NO_COLOR is not set
    #[arg(long, visible_alias = "colour", value_enum, default_value_t = Colour::Auto, value_name = "WHEN", hide_possible_values = true)]
    color: Colour,
    /// Words in place of tables, lines of blocks and colours, for a screen reader
    #[arg(long)]
    plain: bool,
}

/// When pages are coloured: auto, always or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl LookArguments {
    /// The look of a page on this stdout: as wide as its terminal, or 80 columns where it is none.
    pub fn look(&self) -> Look {
        let terminal = stdout().is_terminal();
        let colour = match self.color {
            // As https://no-color.org has it; a terminal that says it is dumb shows none either.
            Colour::Auto => terminal && !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb"),
            Colour::Always => true,
            Colour::Never => false,
        };
        let size = terminal.then(|| Term::stdout().size_checked()).flatten();
        let columns = size.map_or(Look::default().columns, |(_, columns)| usize::from(columns));
        Look { columns, colour: colour && !self.plain, plain: self.plain }
    }
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}
