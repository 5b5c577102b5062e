//! What is on its way to each instrument's file, and how much of it memory holds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::data::Field;
use crate::data::files::{BarsWriter, GROUP};
use crate::data::import::clock::Clock;
use crate::data::import::request::symbol;
use crate::data::import::rows::RawRow;
use crate::data::import::source::Source;
use crate::data::import::track::{Log, Order, Track};
use crate::data::import::understand::Understood;
use crate::data::quality::Problem;
use crate::error::{Diagnostic, Origin, Result};
use crate::time::Timeframe;

/// Files that belong together.
pub(super) struct Unit {
    /// The symbol of all their rows; none where a column says it.
    pub symbol: Option<String>,
    pub files: Vec<(PathBuf, Result<(Source, Understood)>)>,
}

/// What is on its way to one instrument's file.
pub(super) struct Sink {
    pub symbol: String,
    pub from: PathBuf,
    pub track: Track,
    timeframe: Timeframe,
    extra: Vec<String>,
    /// Where the bars are written; nowhere in a rehearsal.
    file: Option<PathBuf>,
    writer: Option<BarsWriter>,
    rows: usize,
}

impl Sink {
    pub fn new(
        symbol: &str,
        timeframe: Timeframe,
        from: PathBuf,
        extra: Vec<String>,
        track: Track,
        file: Option<PathBuf>,
    ) -> Self {
        Self { symbol: symbol.into(), from, track, timeframe, extra, file, writer: None, rows: 0 }
    }

    /// Writes what is ready, where it is a whole group.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_if_full(&mut self) -> Result<()> {
        /// How many numbers of an instrument wait to be written.
        const CELLS: usize = 1 << 24;
        let group = GROUP.min(CELLS / self.track.ready.values.len());
        if self.track.ready.len() >= group { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        let columns = self.track.ready.take();
        let Some(file) = &self.file else { return Ok(()) };
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(BarsWriter::create(file, &self.extra)?),
        };
        writer.write(columns)
    }

    /// Writes what is left, and ends the file.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn close(&mut self) -> Result<()> {
        self.write()?;
        if let Some(writer) = self.writer.take() {
            self.rows = writer.finish()?;
        }
        Ok(())
    }

    /// The symbol, the timeframe, the file that was written, and its rows; none where there are none.
    pub fn written(self) -> Option<(String, Timeframe, PathBuf, usize)> {
        let file = self.file.filter(|_| self.rows > 0)?;
        Some((self.symbol, self.timeframe, file, self.rows))
    }
}

/// How many numbers of all instruments wait to be written.
const WAITING_CELLS: usize = 1 << 25;

/// The instruments of some files.
#[derive(Default)]
pub(super) struct Tracks {
    pub sinks: Vec<Sink>,
    places: BTreeMap<String, usize>,
    /// What the last row said, and the place of that.
    last: Option<(String, usize)>,
}

impl Tracks {
    /// The place of a symbol, which is made where it is new.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn place(&mut self, symbol: &str, make: impl FnOnce(&str) -> Result<Sink>) -> Result<usize> {
        if let Some(place) = self.places.get(symbol) {
            return Ok(*place);
        }
        self.sinks.push(make(symbol)?);
        let place = self.sinks.len() - 1;
        self.places.insert(symbol.to_owned(), place);
        Ok(place)
    }

    /// The place of the symbol that a row names; none where that is no symbol.
    ///
    /// # Errors
    /// As [`Tracks::place`].
    pub fn place_of_row(
        &mut self,
        row: &RawRow,
        log: &mut Log,
        make: impl FnOnce(&str) -> Result<Sink>,
    ) -> Result<Option<usize>> {
        if let Some((_, place)) = self.last.as_ref().filter(|(text, _)| *text == row.symbol) {
            return Ok(Some(*place));
        }
        let Some(named) = symbol(&row.symbol) else {
            log.fault(row.number, Problem::NotASymbol { text: row.symbol.chars().take(40).collect() });
            return Ok(None);
        };
        let place = self.place(&named, make)?;
        self.last = Some((row.symbol.clone(), place));
        Ok(Some(place))
    }

    /// Another file begins, whose rows may be in another order, or have another clock.
    pub fn go_on(&mut self, clock: &Clock, order: Order) {
        self.last = None;
        self.sinks.iter_mut().for_each(|sink| sink.track.go_on(clock.clone(), order));
    }

    /// Keeps memory within bounds: writes what is waiting where that is much. `most_held` are rows without
    /// columns beside the five; of others there may be fewer.
    ///
    /// # Errors
    /// Where more rows wait for others than memory is to hold; where a file cannot be written.
    pub fn bound(&mut self, source: &Source, most_held: usize) -> Result<()> {
        let held: usize = self.sinks.iter().map(|sink| sink.track.waiting()).sum();
        let columns = self.sinks.first().map_or(Field::ALL.len(), |sink| sink.track.ready.values.len());
        let most = most_held.saturating_mul(Field::ALL.len()) / columns;
        if held > most {
            return Err(Diagnostic::new(format!(
                "the rows do not run from the oldest to the newest, and there are more than {most} of them"
            ))
            .hint("files of that size must be in order of time: sort it, oldest first, or split it")
            .at(Origin::file(source.name())));
        }
        let waiting: usize = self.sinks.iter().map(|sink| sink.track.ready.len()).sum();
        if waiting * columns > WAITING_CELLS {
            for sink in self.sinks.iter_mut().filter(|sink| sink.track.ready.len() > GROUP / 8) {
                sink.write()?;
            }
        }
        Ok(())
    }
}
