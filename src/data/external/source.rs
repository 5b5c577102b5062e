//! Sources: which external series is read, and how.

use std::fmt;
use std::str::FromStr;

use crate::data::bars::is_name;
use crate::error::{Diagnostic, Result};
use crate::time::Span;

/// What stands in a series' name for the symbol of each traded instrument.
const SYMBOL: &str = "{symbol}";

/// Which of several releases about one timestamp count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Revisions {
    /// At each instant the last one that was known then.
    #[default]
    Known,
    /// The first one, for ever.
    First,
}

/// What is done for an instrument that has no file of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Missing {
    /// The run is refused.
    #[default]
    Refused,
    /// Its values are not known.
    Unknown,
}

/// An external series, `macro/core_cpi`, and how it is read.
///
/// ```
/// use timeweave::data::ExternalSource;
///
/// let source: ExternalSource = "fundamentals/{symbol}".parse()?;
/// assert!(source.is_by_symbol());
/// assert_eq!(source.file("AAPL"), "fundamentals/AAPL.parquet");
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalSource {
    /// The folder below `datasets/`.
    pub dataset: String,
    /// The file in it, without `.parquet`. `{symbol}` stands for the symbol of each traded instrument.
    pub series: String,
    /// For a file without `available_at`: how long after its timestamp a figure could be known, at the latest.
    pub lag: Option<Span>,
    /// How long after its release a figure counts; it is not known after that.
    pub max_age: Option<Span>,
    /// Which of several releases count.
    pub revisions: Revisions,
    /// What is done where `{symbol}` leads to no file.
    pub missing: Missing,
}

impl ExternalSource {
    /// Whether each instrument has a file of its own.
    pub fn is_by_symbol(&self) -> bool {
        self.series.contains(SYMBOL)
    }

    /// The name of the series for an instrument of this symbol.
    pub fn series_of(&self, symbol: &str) -> String {
        self.series.replace(SYMBOL, symbol)
    }

    /// The path of its file below the catalog's folder, for an instrument of this symbol.
    pub fn file(&self, symbol: &str) -> String {
        format!("{}/{}.parquet", self.dataset, self.series_of(symbol))
    }
}

impl FromStr for ExternalSource {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('/') {
            Some((dataset, series)) if is_name(dataset) && is_name(&series.replacen(SYMBOL, "x", 1)) => Ok(Self {
                dataset: dataset.into(),
                series: series.into(),
                lag: None,
                max_age: None,
                revisions: Revisions::default(),
                missing: Missing::default(),
            }),
            _ => Err(Diagnostic::new(format!("`{text}` names no external series"))
                .hint("write the dataset and the series: \"macro/core_cpi\", or \"fundamentals/{symbol}\" for a file an instrument")),
        }
    }
}

impl fmt::Display for ExternalSource {
    /// `macro/core_cpi`, and how it is read where that is not the usual way: `macro/core_cpi (lag 2mo)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = Vec::new();
        options.extend(self.lag.map(|lag| format!("lag {lag}")));
        options.extend(self.max_age.map(|age| format!("max_age {age}")));
        options.extend((self.revisions == Revisions::First).then(|| "revisions first".into()));
        options.extend((self.missing == Missing::Unknown).then(|| "missing nan".into()));
        let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
        f.pad(&format!("{}/{}{options}", self.dataset, self.series))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["macro/core_cpi", "fundamentals/{symbol}", "filings/{symbol}_10q", "x/BRK.B"] {
            assert_eq!(text.parse::<ExternalSource>().unwrap().to_string(), text);
        }
        let mut source: ExternalSource = "macro/wti".parse().unwrap();
        source.lag = Some("10d".parse().unwrap());
        source.revisions = Revisions::First;
        assert_eq!(source.to_string(), "macro/wti (lag 10d, revisions first)");
    }

    #[test]
    fn what_names_no_series_says_what_does() {
        for text in ["", "core_cpi", "macro/", "/x", "macro/../x", "macro/a/b", "macro/{ticker}", "a/{symbol}{symbol}"]
        {
            assert!(text.parse::<ExternalSource>().unwrap_err().help().is_some(), "{text}");
        }
    }
}
