//! What is to be brought in, and how: the request for an import.

use std::path::PathBuf;

use glob::Pattern as NamePattern;

use crate::data::import::source::Source;
use crate::data::import::understand::Reading;
use crate::data::{About, Merge};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::Timeframe;

/// What happens to rows that are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// The file is refused, with all that is wrong in it.
    #[default]
    Strict,
    /// They are left out and counted. A file is still refused where that would be half of it.
    Lenient,
}

/// Files and what to make of them. [`Import::read`] reads and checks them; what it gives is then put into
/// the dataset.
///
/// Text (CSV with any delimiter, also packed by gzip or zstd), Parquet and Arrow (Feather) files and Arrow streams come in.
/// What is not said of them is understood from the files where they tell, and refused where they do not:
/// [`Understanding`](crate::data::Understanding).
#[derive(Clone, Debug)]
pub struct Import {
    /// Files, folders of files, and patterns of their names.
    pub paths: Vec<PathBuf>,
    /// The dataset; made if it is not there.
    pub dataset: String,
    /// What the files hold the bars of; else a column says it, or the files' names do. Several files of one
    /// symbol are read in the order of their names, as if they were one.
    pub symbol: Option<String>,
    /// Where a file's name has the symbol, as in `{symbol}-1m-*`.
    pub symbol_from: Option<String>,
    /// The interval of a row; by their pace where it is not said.
    pub timeframe: Option<Timeframe>,
    /// How the files are to be read.
    pub reading: Reading,
    /// What happens to rows that are wrong.
    pub mode: Mode,
    /// Refuse a close that lies further than this from the one before it, as a proportion. Without
    /// it such closes are let in: those over 50 % are named. They are judged by `adj_close` where there is
    /// one, as a split is no jump.
    pub maximum_jump: Option<f64>,
    /// What is said of the dataset.
    pub about: About,
    /// How the bars meet those that are stored.
    pub merge: Merge,
    /// How many rows that are not in order of time are held in memory to put them in order; a file with more
    /// is refused. Those that are in order are never held. 5,000,000, which take half a gigabyte.
    pub most_held: usize,
}

impl Import {
    /// An import of which nothing else is said.
    pub fn new(dataset: impl Into<String>, paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            dataset: dataset.into(),
            symbol: None,
            symbol_from: None,
            timeframe: None,
            reading: Reading::default(),
            mode: Mode::default(),
            maximum_jump: None,
            about: About::default(),
            merge: Merge::default(),
            most_held: 5_000_000,
        }
    }

    /// The symbol of a file of one instrument, by what a person said or the file's name.
    ///
    /// # Errors
    /// Where the name does not tell.
    pub(super) fn symbol_of(&self, source: &Source) -> Result<String> {
        if let Some(symbol) = &self.symbol {
            return Ok(symbol.clone());
        }
        let file = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = without_endings(&file);
        let at = |message: String| Diagnostic::new(message).at(Origin::file(source.name()));
        let found = match &self.symbol_from {
            None => Some(name.to_owned()),
            Some(pattern) => taken_from(name, pattern)?,
        };
        let Some(found) = found else {
            let pattern = self.symbol_from.as_deref().unwrap_or_default();
            return Err(at(format!("the name `{name}` is not as --symbol-from '{pattern}' says")));
        };
        symbol(&found).ok_or_else(|| {
            at(format!("the file's name gives no symbol: `{found}`"))
                .hint("say it: --symbol NAME; or where in the name it stands: --symbol-from '*_{symbol},*'")
        })
    }
}

/// A symbol as it is written elsewhere, as a name of a folder: `BTC/USD` is `BTC-USD`.
pub(super) fn symbol(text: &str) -> Option<String> {
    let named: String =
        text.trim().chars().map(|c| if matches!(c, '/' | ':' | ' ' | '\\') { '-' } else { c }).collect();
    crate::data::bars::is_name(&named).then_some(named)
}

fn without_endings(file: &str) -> &str {
    let endings = [".gz", ".zst", ".csv", ".tsv", ".txt", ".prn", ".parquet", ".feather", ".arrow", ".arrows", ".ipc"];
    let mut name = file;
    for ending in endings {
        let cut = name.len().saturating_sub(ending.len());
        if name.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(ending)) && cut > 0 {
            name = &name[..cut];
        }
    }
    name
}

/// What stands for `{symbol}` in a name: as little as the pattern allows.
fn taken_from(name: &str, pattern: &str) -> Result<Option<String>> {
    let wrong = || {
        Diagnostic::new(format!("--symbol-from '{pattern}' does not say where the symbol is"))
            .hint("write {symbol} where it stands and * for the rest, as in '{symbol}-1m-*'")
    };
    let (before, after) = pattern.split_once("{symbol}").ok_or_else(wrong)?;
    let (before, after) = (NamePattern::new(before), NamePattern::new(after));
    let (before, after) = (before.map_err(|_| wrong())?, after.map_err(|_| wrong())?);
    let places: Vec<usize> = name.char_indices().map(|(place, _)| place).chain([name.len()]).collect();
    let starts = places.iter().filter(|start| before.matches(&name[..**start]));
    for start in starts {
        let end = places.iter().find(|end| *end > start && after.matches(&name[**end..]));
        if let Some(end) = end {
            return Ok(Some(name[*start..*end].to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_taken_from_names() {
        assert_eq!(without_endings("AAPL.csv.gz"), "AAPL");
        assert_eq!(without_endings("aapl.us.txt"), "aapl.us");
        assert_eq!(without_endings("AAPL.arrows"), "AAPL");
        assert_eq!(without_endings(".csv"), ".csv");
        let taken = |name, pattern| taken_from(name, pattern).unwrap();
        assert_eq!(taken("BTCUSDT-1m-2024-01", "{symbol}-1m-*").as_deref(), Some("BTCUSDT"));
        assert_eq!(taken("Binance_BTCUSDT_d", "Binance_{symbol}_d").as_deref(), Some("BTCUSDT"));
        assert_eq!(taken("AAPL", "{symbol}").as_deref(), Some("AAPL"));
        assert_eq!(taken("AAPL", "{symbol}-1m"), None);
        assert!(taken_from("AAPL", "*").is_err());
        assert_eq!(symbol(" BTC/USD ").as_deref(), Some("BTC-USD"));
        assert_eq!(symbol("../x"), None);
        assert_eq!(symbol(""), None);
    }
}
