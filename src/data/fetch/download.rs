//! A download: page after page into a dataset.

use std::path::{Path, PathBuf};

use crate::data::fetch::client::{Answer, Client};
use crate::data::fetch::request::extent;
use crate::data::fetch::rows::Rows;
use crate::data::fetch::source::unreadable;
use crate::data::fetch::{Ask, Fetch, Fetched, Page, Progress};
use crate::data::{About, Bars, Dataset, Field, Instrument, Merge};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timestamp};

/// Bars are stored when so many have come, and then when as many have as half of those that are stored: each time
/// the file is written whole.
const STORED_AT: usize = 20_000;
/// A stored bar that comes with a close that differs by more was adjusted since, and does not fit what is stored.
const ADJUSTED: f64 = 0.05;
/// A download under way.
pub(super) struct Download<'a> {
    fetch: &'a Fetch<'a>,
    datasets: PathBuf,
    client: Client<'a>,
    /// The dataset as it is: with its first page, a new one learns when it trades.
    dataset: Dataset,
    rows: Option<Rows>,
    /// The last bar that was stored before, where those that come must fit it.
    last: Option<(Timestamp, f64)>,
    from: Timestamp,
    to: Timestamp,
    done: Fetched,
}

impl<'a> Download<'a> {
    pub fn open(fetch: &'a Fetch<'a>, datasets: &Path) -> Result<Self> {
        let name = fetch.dataset.as_deref().unwrap_or(fetch.source.name());
        let instrument: Instrument = format!("{name}/{}", fetch.symbol.to_uppercase()).parse()?;
        let dataset = Dataset::open(datasets, name, &fetch.about)?;
        let stored = if dataset.is_new() { None } else { dataset.stored(&instrument.symbol, fetch.timeframe)? };
        let (from, to) = fetch.span(stored.as_ref())?;
        let last = |bars: &Bars| Some((extent(bars)?.2, *bars.field(Field::Close).last()?));
        let done = Fetched {
            instrument,
            path: None,
            calendar: dataset.calendar(),
            stored: stored.as_ref().and_then(extent),
            added: 0,
            changed: 0,
            empty: 0,
            dropped: Vec::new(),
            unfinished: None,
            requests: 0,
            stopped: false,
        };
        Ok(Self {
            fetch,
            datasets: datasets.into(),
            client: Client::new(fetch.source, fetch.url.as_deref().unwrap_or(fetch.source.url()), fetch.patience),
            dataset,
            rows: None,
            last: stored.as_ref().filter(|_| !fetch.restates()).and_then(last),
            from,
            to,
            done,
        })
    }

    pub fn run(mut self, wanted: &mut dyn FnMut(&Progress) -> bool) -> Result<Fetched> {
        let outcome = self.pages(wanted);
        // A history that is restated goes in whole or not at all: parts of two do not fit each other.
        let stored = if outcome.is_err() && self.fetch.restates() { Ok(()) } else { self.store() };
        self.done.calendar = self.dataset.calendar();
        self.done.requests = self.client.requests;
        self.done.dropped = self.rows.map(|rows| rows.dropped).unwrap_or_default();
        match outcome {
            Ok(()) => stored.map(|()| self.done),
            Err(error) if stored.is_ok() && self.done.added > 0 => {
                let count = match self.done.added {
                    1 => "1 bar".to_owned(),
                    bars => format!("{bars} bars"),
                };
                Err(error.also(format!("what came before is stored, {count}")))
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for page after page.
    fn pages(&mut self, wanted: &mut dyn FnMut(&Progress) -> bool) -> Result<()> {
        let source = self.fetch.source;
        let symbol = self.done.instrument.symbol.clone();
        let (own, said) = (self.dataset.calendar(), self.fetch.about.calendar.as_ref());
        let known = if self.dataset.is_new() { said } else { Some(&own) };
        let (begin, to) = (self.from, self.to);
        let mut ask = Ask {
            symbol: &symbol,
            timeframe: self.fetch.timeframe,
            from: begin,
            to,
            now: self.fetch.now,
            calendar: known,
        };
        let mut bars = 0;
        loop {
            let path = source.path(&ask);
            let at = ask.from;
            let mut wanted = |waits: Option<&str>| wanted(&Progress { bars, from: begin, at, to, waits });
            let body = match self.client.get(&path, &mut wanted)? {
                Answer::Good(body) => body,
                Answer::Stopped => {
                    self.done.stopped = true;
                    return Ok(());
                }
                Answer::Refused(status, body) => {
                    let silent = || unreadable(source.name(), format!("its status is {status}"), &body);
                    return Err(source.refusal(status, &body, &ask).unwrap_or_else(silent));
                }
            };
            let url = self.client.url(&path);
            let page = source.read(&body, &ask).map_err(|error| error.at(Origin::file(url.as_str())))?;
            let (came, all) = self.take(&page, &ask, &url)?;
            bars += came;
            if !all {
                return Ok(());
            }
            match page.next {
                Some(next) if next > ask.from && (came > 0 || page.rows.is_empty()) => ask.from = next,
                Some(_) => {
                    return Err(Diagnostic::new(format!("{} gives the same bars again and again", source.name()))
                        .hint("is the URL that of the source?")
                        .at(Origin::file(url)));
                }
                None => return Ok(()),
            }
        }
    }

    /// Takes the rows of a page: how many lie where they should, and whether further ones may come.
    fn take(&mut self, page: &Page, ask: &Ask, url: &str) -> Result<(usize, bool)> {
        let mut rows = match self.rows.take() {
            Some(rows) => rows,
            None => {
                self.settle(page)?;
                Rows::new(self.dataset.calendar(), ask.timeframe, page.columns.clone(), self.fetch.lenient)
            }
        };
        self.done.empty += page.empty;
        let calendar = self.dataset.calendar();
        let mut came = 0;
        let mut take = || {
            for row in page.rows.iter().filter(|row| (ask.from..self.to).contains(&row.open)) {
                if calendar.close_instant(ask.timeframe, row.open) > self.fetch.now {
                    self.done.unfinished = Some(row.open);
                    return Ok(false);
                }
                fits(self.last, row.open, row.values)?;
                rows.push(row, url)?;
                came += 1;
            }
            Ok(true)
        };
        let all = take();
        let enough = rows.len() >= STORED_AT.max(self.done.stored.map_or(0, |(bars, ..)| bars / 2));
        self.rows = Some(rows);
        if enough {
            self.store()?;
        }
        all.map(|all| (came, all))
    }

    /// With the first page it is known what a new dataset is, and whether the instrument fits one that is there.
    fn settle(&mut self, page: &Page) -> Result<()> {
        let name = &self.done.instrument.dataset;
        if !self.dataset.is_new() {
            return self.same_market(page);
        }
        let (said, defaults) = (&self.fetch.about, self.fetch.source.about());
        let market = page.market.clone();
        let about = About {
            calendar: said
                .calendar
                .as_ref()
                .or(market.as_ref().map(|market| &market.calendar))
                .cloned()
                .or(defaults.calendar),
            currency: said.currency.clone().or(market.map(|market| market.currency)).or(defaults.currency),
            source: said.source.clone().or(defaults.source),
            licence: said.licence.clone().or(defaults.licence),
        };
        self.dataset = Dataset::open(&self.datasets, name, &about)?;
        Ok(())
    }

    /// Says where an instrument trades at other hours than the dataset that it is to go to.
    fn same_market(&self, page: &Page) -> Result<()> {
        let Some(market) = &page.market else { return Ok(()) };
        let (own, other) = (&self.dataset.calendar(), &market.calendar);
        let is_session = |calendar: &Calendar| matches!(calendar, Calendar::Session(_));
        // Hours may differ for a half day; daily bars fit a calendar of weekdays.
        let fits = match (own, other) {
            (Calendar::Weekdays, Calendar::Session(_)) => !self.fetch.timeframe.is_intraday(),
            _ if is_session(own) && is_session(other) => own.timezone() == other.timezone(),
            _ => own == other,
        };
        if fits {
            return Ok(());
        }
        let Instrument { dataset, symbol } = &self.done.instrument;
        let (own, other) = (own.name_and_timezone(), other.name_and_timezone());
        Err(Diagnostic::new(format!("{symbol} trades {other}, and the dataset `{dataset}` {own}"))
            .hint("give it a dataset of its own: --dataset NAME"))
    }

    /// Stores the rows that have come.
    fn store(&mut self) -> Result<()> {
        let Some(rows) = self.rows.as_mut().filter(|rows| rows.len() > 0) else { return Ok(()) };
        let bars = rows.take(&self.dataset.calendar())?;
        let stored = self.dataset.store(&self.done.instrument.symbol, &bars, Merge::Update)?;
        self.done.added += stored.added;
        self.done.changed += stored.changed;
        self.done.path = Some(stored.path);
        self.done.stored = extent(&bars).map(|(_, first, last)| match self.done.stored {
            Some((_, earlier, later)) => (stored.bars, first.min(earlier), last.max(later)),
            None => (stored.bars, first, last),
        });
        Ok(())
    }
}

/// Says where a bar that is stored comes again with another close.
fn fits(stored: Option<(Timestamp, f64)>, open: Timestamp, values: [f64; 5]) -> Result<()> {
    let close = values[Field::Close as usize];
    match stored {
        Some((last, before)) if last == open && (close / before - 1.0).abs() > ADJUSTED => {
            Err(Diagnostic::new(format!("the bar of {open} closes at {close}, and at {before} in what is stored"))
                .hint("the source has adjusted its past, for a split perhaps: download all of it into another dataset"))
        }
        _ => Ok(()),
    }
}
