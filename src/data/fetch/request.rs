//! What is to be downloaded, and what came of it.

use std::path::{Path, PathBuf};

use crate::data::fetch::download::Download;
use crate::data::fetch::{Patience, Source};
use crate::data::{About, Bars, Fault, Instrument};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// Where a source has all there are.
const BEGINNING: Timestamp = Timestamp(-25_567 * Timestamp::DAY);

/// What is to be downloaded, and where to.
pub struct Fetch<'a> {
    /// Who is asked.
    pub source: &'a dyn Source,
    /// The symbol, as the source writes it.
    pub symbol: String,
    /// The interval of a bar.
    pub timeframe: Timeframe,
    /// Bars that open here or later; none for what follows those that are stored, or all that the source has.
    pub from: Option<Timestamp>,
    /// Bars that open before this; none for all that have closed.
    pub to: Option<Timestamp>,
    /// The dataset; none for one of the source's name.
    pub dataset: Option<String>,
    /// What is said of a new dataset, in place of what the source says.
    pub about: About,
    /// Another host, as `https://mirror.example`; none for the source's own.
    pub url: Option<String>,
    /// Whether wrong bars are left out and counted.
    pub lenient: bool,
    /// How long and how often the source is tried.
    pub patience: Patience,
    /// What the clock shows: a bar that closes later is not stored.
    pub now: Timestamp,
}

/// How far a download is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// How many bars came.
    pub bars: usize,
    /// Where the bars begin.
    pub from: Timestamp,
    /// How far they have come.
    pub at: Timestamp,
    /// Where they end.
    pub to: Timestamp,
    /// Why it waits, where it does.
    pub waits: Option<&'a str>,
}

/// What a download did.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// What the bars are of.
    pub instrument: Instrument,
    /// The Parquet file; none where there was nothing to store.
    pub path: Option<PathBuf>,
    /// When the dataset trades.
    pub calendar: Calendar,
    /// The bars that are stored now: how many, the first and the last.
    pub stored: Option<(usize, Timestamp, Timestamp)>,
    /// How many of them are of times that were not stored.
    pub added: usize,
    /// How many were stored with other figures.
    pub changed: usize,
    /// How many bars the source named without figures.
    pub empty: usize,
    /// Wrong bars that were left out.
    pub dropped: Vec<Fault>,
    /// A bar that has not closed, and so was left out.
    pub unfinished: Option<Timestamp>,
    /// How many requests were made.
    pub requests: usize,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Fetch<'_> {
    /// Downloads what is not stored yet. `wanted` is told how far it is, and says whether to go on; what
    /// came is stored if not.
    ///
    /// # Errors
    /// Where the source cannot be reached, refuses, or answers what is not right; where a file cannot be written. What
    /// came before that is stored.
    pub fn run(&self, datasets: &Path, wanted: &mut dyn FnMut(&Progress) -> bool) -> Result<Fetched> {
        self.check()?;
        Download::open(self, datasets)?.run(wanted)
    }

    /// Whether figures of the past may have changed, so that all of them are asked for again.
    pub(super) fn restates(&self) -> bool {
        self.source.restates() && !self.timeframe.is_intraday()
    }

    /// Says what of the request cannot be had.
    fn check(&self) -> Result<()> {
        let name = self.source.name();
        let offered = self.source.timeframes();
        if !offered.contains(&self.timeframe.to_string().as_str()) {
            let hint = match self.timeframe > Timeframe::DAY {
                true => "longer bars are made of daily ones: fetch 1d".to_owned(),
                false => format!("it has {}", offered.join(", ")),
            };
            return Err(Diagnostic::new(format!("{name} has no {} bars", self.timeframe))
                .hint(hint)
                .also(self.source.offers()));
        }
        let host = |url: &'_ str| url.strip_prefix("https://").or(url.strip_prefix("http://")).map(str::len);
        match self.url.as_deref() {
            Some(url) if host(url).is_none_or(|length| length == 0) => {
                Err(Diagnostic::new(format!("`{url}` is no URL")).hint("write it as https://host"))
            }
            _ => Ok(()),
        }
    }

    /// From when to when to ask.
    pub(super) fn span(&self, stored: Option<&Bars>) -> Result<(Timestamp, Timestamp)> {
        let earliest = self.source.earliest(self.timeframe, self.now);
        let to = self.to.unwrap_or(self.now).min(self.now);
        let begin = earliest.unwrap_or(BEGINNING);
        if let Some(from) = self.from.filter(|from| *from < begin && self.timeframe.is_intraday()) {
            let message = format!("{} has no {} bars from {from} on", self.source.name(), self.timeframe);
            return Err(Diagnostic::new(message).hint(format!("{}: --from {begin}, or later", self.source.offers())));
        }
        let asked = self.from.unwrap_or(begin).max(begin);
        let (first, last) = match stored.and_then(extent) {
            Some((_, first, last)) => (first, last),
            None if asked < to => return Ok((asked, to)),
            None => {
                return Err(Diagnostic::new(format!("no bars lie between {asked} and {to}"))
                    .hint("--from is the earlier one, and not in the future"));
            }
        };
        let restates = self.restates();
        let from = match self.from {
            // All of them, as the figures of the past may have changed.
            _ if restates => asked.min(first),
            // Earlier ones than are stored.
            Some(from) if from < first => from,
            // The last one again, to see that what follows fits it.
            _ => last.max(begin),
        };
        Ok((from, to.max(Timestamp(last.0 + 1))))
    }
}

/// How many bars, the first and the last.
pub(super) fn extent(bars: &Bars) -> Option<(usize, Timestamp, Timestamp)> {
    let timestamps = bars.timestamps();
    Some((bars.len(), Timestamp(*timestamps.first()?), Timestamp(*timestamps.last()?)))
}
