//! `runner new`: a strategy to start from.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use timeweave::data::{Catalog, Instrument};
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::time::Timeframe;

use crate::output::line;

/// The new strategy.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// Its name, or its path, as strategies/breakout.rhai; letters, digits, `_` and `-`
    #[arg(value_name = "NAME")]
    path: PathBuf,
    /// What to start from
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Template::Trend)]
    template: Template,
    /// What it trades, as us_equities/AAPL [default: the first instrument with daily bars]
    #[arg(long, value_name = "INSTRUMENT")]
    instrument: Option<Instrument>,
    /// The folder of the datasets
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    datasets: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Template {
    /// Two averages that cross, and a trailing stop
    Trend,
    /// Buys what fell fast, with a stop that sets the size
    Reversion,
    /// A model: two LSTMs and their blend
    Lstm,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Template::Trend => include_str!("templates/trend.rhai"),
            Template::Reversion => include_str!("templates/reversion.rhai"),
            Template::Lstm => include_str!("templates/lstm.rhai"),
        }
    }
}

/// What a strategy trades where there are no data yet.
const INSTRUMENT: &str = "us_equities/AAPL";

/// Writes a strategy to start from; never over a file that is there.
pub fn run(arguments: &NewArguments) -> Result<()> {
    let (path, name) = named(&arguments.path)?;
    let here = || Origin::file(path.display().to_string());
    let known = match &arguments.instrument {
        Some(instrument) => Some(instrument.to_string()),
        None => first_instrument(&arguments.datasets),
    };
    let instrument = known.as_deref().unwrap_or(INSTRUMENT);
    let text = arguments.template.text().replace("{name}", &name).replace("{instrument}", instrument);
    let text = text.replace("{file}", &path.display().to_string());
    write_new(&path, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Diagnostic::new("there is such a file already, and it stays").at(here()).hint("choose another name")
        }
        ErrorKind::NotFound => Diagnostic::new("there is no folder for it").at(here()).hint("make the folder first"),
        _ => Diagnostic::new(format!("the strategy cannot be written: {error}")).at(here()),
    })?;
    line(format_args!("{}: written", path.display()))?;
    if known.is_none() {
        let datasets = arguments.datasets.display();
        line(format_args!("there are no bars in {datasets} yet: `runner data import` brings some in"))?;
    }
    line(format_args!("run it with: runner {}", path.display()))
}

/// The path with its ending, and the name without.
fn named(path: &Path) -> Result<(PathBuf, String)> {
    let given = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = given.strip_suffix(".rhai").unwrap_or(&given);
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) || path.ends_with("..") {
        return Err(Diagnostic::new(format!("`{}` is no name for a strategy", path.display()))
            .hint("a name is made of the letters a to z, of digits, `_` and `-`, as in breakout_2"));
    }
    Ok((path.with_file_name(format!("{name}.rhai")), name.into()))
}

/// The first instrument of the datasets, in order of their names, that has daily bars of its own, which is what the
/// templates trade on; else the first of all.
fn first_instrument(datasets: &Path) -> Option<String> {
    let catalog = Catalog::open(datasets).ok()?;
    let found = catalog.datasets().ok()?.into_iter().filter_map(|dataset| catalog.instruments(&dataset).ok());
    let instruments: Vec<Instrument> = found.flatten().collect();
    let is_daily = |of: &&Instrument| catalog.timeframes(of).is_ok_and(|stored| stored.contains(&Timeframe::DAY));
    instruments.iter().find(is_daily).or(instruments.first()).map(ToString::to_string)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
