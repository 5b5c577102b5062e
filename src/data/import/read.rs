//! Reads files and checks them row by row, and holds what they have ready beside the dataset.

use std::path::{Path, PathBuf};

use crate::data::catalog::{Staging, parquet_path};
use crate::data::import::clock::Clock;
use crate::data::import::request::{Import, Mode};
use crate::data::import::rows::{RawRow, Step};
use crate::data::import::source::{Kind, Source, expanded};
use crate::data::import::track::{Log, Track};
use crate::data::import::understand::Understood;
use crate::data::import::understanding::Understanding;
use crate::data::import::unit::{Sink, Tracks, Unit};
use crate::data::quality::{Problem, SUSPICIOUS_JUMP, refusal};
use crate::data::{Dataset, Fault, Merge, Stored};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file that is being read.
    pub file: &'a Path,
    /// Bytes of all files that were read, and that there are.
    pub bytes: (u64, u64),
    /// Rows that were read.
    pub rows: usize,
}

/// What a file has.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// How it was understood.
    pub understanding: Understanding,
    /// Its symbol, or how many it has.
    pub symbols: Vec<String>,
    /// Rows that are right.
    pub rows: usize,
    /// The first and the last of them, by time.
    pub range: Option<(Timestamp, Timestamp)>,
    /// How many rows were left out, and the first of them.
    pub dropped: (usize, Vec<Fault>),
    /// How many closes lie more than 50 % from the one before them, and the first of them. They are let in.
    pub jumps: (usize, Vec<Fault>),
}

/// Files that were read and checked. Nothing of the dataset has changed yet.
pub struct Staged {
    /// Each file, and what it has or why it cannot come in.
    pub files: Vec<(PathBuf, Result<FileRead>)>,
    dataset: Dataset,
    merge: Merge,
    staging: Option<Staging>,
    sinks: Vec<Sink>,
}

impl Staged {
    /// Puts the bars of the files that are right into the dataset.
    ///
    /// # Errors
    /// Where a file cannot be written, or [`Import::merge`] does not allow what would happen to bars that are
    /// stored; the dataset is as it was then.
    pub fn commit(mut self) -> Result<Vec<(String, Stored)>> {
        let Some(staging) = self.staging.take() else { return Ok(Vec::new()) };
        let mut prepared = Vec::new();
        let mut symbols = Vec::new();
        for sink in self.sinks {
            let Some((symbol, timeframe, path, rows)) = sink.written() else { continue };
            prepared.push(self.dataset.prepare(&symbol, timeframe, &path, rows, self.merge, &staging)?);
            symbols.push(symbol);
        }
        if prepared.is_empty() {
            return Ok(Vec::new());
        }
        Ok(symbols.into_iter().zip(self.dataset.commit(&staging, prepared)?).collect())
    }
}

/// After how many rows somebody who waits is told.
const TOLD: usize = 1 << 13;

impl Import {
    /// Reads and checks the files. With `write` the bars are written beside the dataset, ready to be put in;
    /// without it nothing is written. `watch` is told how far it is, and ends it by `false`.
    ///
    /// A file that cannot come in is among the files of what is given, with the reason.
    ///
    /// # Errors
    /// Where the paths name no files, the dataset says something else than [`Import::about`], or `watch` ended it.
    pub fn read(&self, datasets: &Path, write: bool, watch: &mut dyn FnMut(&Progress) -> bool) -> Result<Staged> {
        let dataset = Dataset::open(datasets, &self.dataset, &self.about)?;
        let paths = expanded(&self.paths)?;
        if paths.is_empty() {
            return Err(Diagnostic::new("there is nothing to import")
                .hint("name files, a folder, or a pattern: 'prices/*.csv'"));
        }
        let sources: Vec<(PathBuf, Result<Source>)> =
            paths.into_iter().map(|path| (path.clone(), Source::open(&path))).collect();
        let length = sources.iter().filter_map(|(_, source)| source.as_ref().ok()).map(|source| source.length).sum();
        let staging = if write { Some(Staging::new(datasets)?) } else { None };
        let mut reader = Reader {
            import: self,
            dataset: &dataset,
            datasets,
            staging: staging.as_ref(),
            watch,
            done: 0,
            length,
            rows: 0,
        };
        let mut files = Vec::new();
        let mut sinks: Vec<Sink> = Vec::new();
        for unit in reader.units(sources)? {
            let (read, unit_sinks) = reader.unit(unit)?;
            files.extend(read);
            for sink in unit_sinks {
                if let Some(other) = sinks.iter().find(|other| other.symbol == sink.symbol) {
                    return Err(Diagnostic::new(format!(
                        "`{}` stands in two files: {} and {}",
                        sink.symbol,
                        other.from.display(),
                        sink.from.display()
                    ))
                    .hint("import them one after the other, with --merge append"));
                }
                sinks.push(sink);
            }
        }
        files.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Staged { files, dataset, merge: self.merge, staging, sinks })
    }
}

type FilesRead = Vec<(PathBuf, Result<FileRead>)>;

struct Reader<'a, 'w> {
    import: &'a Import,
    dataset: &'a Dataset,
    datasets: &'a Path,
    staging: Option<&'a Staging>,
    watch: &'w mut dyn FnMut(&Progress) -> bool,
    /// Bytes of the files that are done with.
    done: u64,
    length: u64,
    rows: usize,
}

impl Reader<'_, '_> {
    /// Files of one symbol belong together; files that cannot be read stand alone.
    fn units(&self, sources: Vec<(PathBuf, Result<Source>)>) -> Result<Vec<Unit>> {
        let mut units: Vec<Unit> = Vec::new();
        for (path, source) in sources {
            let understood = source.and_then(|source| {
                let calendar = self.dataset.calendar();
                let understood = self.import.reading.understand(&source, self.import.timeframe, calendar)?;
                let by_column = understood.understanding.layout.symbol.is_some() && self.import.symbol.is_none();
                let symbol = if by_column { None } else { Some(self.import.symbol_of(&source)?) };
                Ok((source, understood, symbol))
            });
            match understood {
                Err(error) => units.push(Unit { symbol: None, files: vec![(path, Err(error))] }),
                Ok((source, understood, symbol)) => {
                    let file = (path, Ok((source, understood)));
                    match units.iter_mut().find(|unit| symbol.is_some() && unit.symbol == symbol) {
                        Some(unit) => unit.files.push(file),
                        None => units.push(Unit { symbol, files: vec![file] }),
                    }
                }
            }
        }
        Ok(units)
    }

    /// Reads the files of a unit. Where one is wrong, none of them comes in.
    fn unit(&mut self, unit: Unit) -> Result<(FilesRead, Vec<Sink>)> {
        let mut tracks = Tracks::default();
        let mut files: FilesRead = Vec::new();
        let mut first: Option<(Timeframe, Vec<String>)> = None;
        for (path, file) in unit.files {
            let read = file.and_then(|(source, understood)| {
                let own = (understood.understanding.timeframe, understood.understanding.layout.extra());
                let all = first.get_or_insert_with(|| own.clone());
                if *all != own {
                    return Err(Diagnostic::new(format!(
                        "this file has {} bars with {} columns beside the five, and those before it {} with {}",
                        own.0,
                        own.1.len(),
                        all.0,
                        all.1.len()
                    ))
                    .hint("import them apart, or say --timeframe and --leave-out"));
                }
                self.file(&source, &understood, unit.symbol.as_deref(), &mut tracks)
                    .map_err(|error| error.at(Origin::file(source.name())))
            });
            if read.as_ref().is_err_and(Diagnostic::is_told) {
                return Err(Diagnostic::new("ended before all was read; nothing was changed"));
            }
            files.push((path, read));
        }
        let whole = files.iter().all(|(_, read)| read.is_ok());
        if whole && let Err(error) = self.close(&mut tracks) {
            if let Some((path, read)) = files.first_mut() {
                *read = Err(error.at(Origin::file(path.display().to_string())));
            }
            return Ok((files, Vec::new()));
        }
        let alone = files.len() == 1;
        if !whole && !alone {
            for (_, read) in files.iter_mut().filter(|(_, read)| read.is_ok()) {
                *read = Err(Diagnostic::new("another file of the same symbol is wrong"));
            }
        }
        Ok((files, if whole { tracks.sinks } else { Vec::new() }))
    }

    fn file(
        &mut self,
        source: &Source,
        understood: &Understood,
        symbol_of_file: Option<&str>,
        tracks: &mut Tracks,
    ) -> Result<FileRead> {
        let understanding = &understood.understanding;
        let mut rows = understood.rows(source)?;
        let mut row = RawRow::new();
        let mut log = Log::default();
        let mut seen: Vec<bool> = vec![false; tracks.sinks.len()];
        let mut only: Option<String> = None;
        let mut count = 0;
        tracks.go_on(&self.clock(understanding), understanding.order);
        loop {
            match rows.next(&mut row)? {
                Step::End => break,
                Step::Wrong(problem) => log.fault(row.number, problem),
                Step::Row => {
                    let place = match symbol_of_file {
                        Some(symbol) => {
                            if understanding.layout.symbol.is_some() {
                                one_symbol(&mut only, &row.symbol, symbol)?;
                            }
                            Some(tracks.place(symbol, |symbol| self.sink(symbol, understanding, source))?)
                        }
                        None => {
                            tracks.place_of_row(&row, &mut log, |symbol| self.sink(symbol, understanding, source))?
                        }
                    };
                    if let Some(place) = place {
                        if seen.len() <= place {
                            seen.resize(place + 1, false);
                        }
                        seen[place] = true;
                        let sink = &mut tracks.sinks[place];
                        sink.track.take(&row, &mut log);
                        sink.write_if_full()?;
                    }
                }
            }
            count += 1;
            self.rows += 1;
            if count % TOLD == 0 {
                self.tell(source, rows.bytes())?;
                tracks.bound(source, self.import.most_held)?;
            }
        }
        for sink in &mut tracks.sinks {
            sink.track.end_of_file(&mut log);
        }
        source.check_unchanged()?;
        self.done += source.length;
        self.judge(source, &log)?;
        let symbols = tracks.sinks.iter().zip(&seen).filter(|(_, seen)| **seen);
        Ok(FileRead {
            symbols: symbols.map(|(sink, _)| sink.symbol.clone()).collect(),
            understanding: understanding.clone(),
            rows: log.right,
            range: log.first.zip(log.last),
            dropped: (log.wrong, log.faults),
            jumps: (log.jumped, log.jumps),
        })
    }

    fn tell(&mut self, source: &Source, bytes: u64) -> Result<()> {
        let bytes = (self.done + bytes.min(source.length), self.length);
        let goes_on = (self.watch)(&Progress { file: &source.path, bytes, rows: self.rows });
        if goes_on { Ok(()) } else { Err(Diagnostic::told()) }
    }

    fn clock(&self, understanding: &Understanding) -> Clock {
        Clock::new(understanding.zone, understanding.timeframe, self.dataset.calendar(), understanding.stamp)
    }

    fn sink(&self, symbol: &str, understanding: &Understanding, source: &Source) -> Result<Sink> {
        let stored = parquet_path(&self.datasets.join(&self.import.dataset), symbol, understanding.timeframe);
        if self.import.merge == Merge::New && stored.exists() {
            return Err(Diagnostic::new(format!("there are {} bars of {symbol} already", understanding.timeframe))
                .hint(
                    "--merge append adds later ones, update lets the new ones count where both have one, \
                 replace drops what is stored",
                ));
        }
        let extra = understanding.layout.extra();
        let allowed = self.import.maximum_jump.unwrap_or(SUSPICIOUS_JUMP);
        let track = Track::new(self.clock(understanding), understanding.order, &extra, allowed);
        let file = self.staging.map(Staging::file);
        Ok(Sink::new(symbol, understanding.timeframe, source.path.clone(), extra, track, file))
    }

    /// Whether a file may come in with what was wrong in it.
    fn judge(&self, source: &Source, log: &Log) -> Result<()> {
        let unit = if source.kind == Kind::Text { "line" } else { "row" };
        let half = log.wrong > log.right;
        if log.wrong > 0 && (self.import.mode == Mode::Strict || half) {
            let unsorted = log.faults.iter().any(|fault| matches!(fault.problem, Problem::Unsorted { .. }));
            let no_zone = log.faults.iter().any(|fault| matches!(fault.problem, Problem::NoZone { .. }));
            let hint = match self.import.mode {
                Mode::Lenient => "--lenient leaves wrong rows out, but not half of a file or more",
                Mode::Strict if no_zone => "say where it hung: --source-timezone America/New_York, or UTC",
                Mode::Strict if unsorted => {
                    "--sort puts rows in order; mend the others, or leave them out with --lenient"
                }
                Mode::Strict => "mend the rows, or leave them out with --lenient",
            };
            return Err(refusal(&source.name(), unit, &log.faults, log.wrong).hint(hint));
        }
        if self.import.maximum_jump.is_some() && log.jumped > 0 {
            let hint = "check them; a higher --max-jump lets them in, and without it they are only named";
            return Err(refusal(&source.name(), unit, &log.jumps, log.jumped).hint(hint));
        }
        if log.right == 0 {
            return Err(Diagnostic::new("the file has no rows"));
        }
        Ok(())
    }

    /// Looks at each symbol's bars as a whole, and writes what is left of them.
    fn close(&mut self, tracks: &mut Tracks) -> Result<()> {
        let asks = self.import.about.calendar.is_none() && self.dataset.is_new();
        for sink in &mut tracks.sinks {
            sink.track.pace.check()?;
            if let (true, (count, Some(first))) =
                (asks && self.dataset.calendar() == Calendar::Weekdays, sink.track.weekends)
            {
                let message = match count {
                    1 => format!("a bar lies on a weekend, on {first}"),
                    more => format!("{more} bars lie on weekends, the first on {first}"),
                };
                return Err(Diagnostic::new(message)
                    .hint("say when it trades: --calendar 24x7, or --calendar weekdays if these bars are exceptions"));
            }
        }
        for sink in &mut tracks.sinks {
            sink.close()?;
        }
        Ok(())
    }
}

fn one_symbol(only: &mut Option<String>, symbol: &str, given: &str) -> Result<()> {
    match only {
        Some(first) if first != symbol => Err(Diagnostic::new(format!(
            "the file has rows of `{first}` and of `{symbol}`: they cannot all be {given}"
        ))
        .hint("leave --symbol out, and each comes in under its own")),
        Some(_) => Ok(()),
        None => {
            *only = Some(symbol.to_owned());
            Ok(())
        }
    }
}
