//! The catalog: the datasets below a folder, and the bars in them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::join;

use crate::data::files::unusable;
use crate::data::{Adjust, Bars, Instrument, Manifest, Pattern, SPLIT_FACTOR, sha256_of_file};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe};

/// The datasets below a folder: `DATASET/dataset.toml` and `DATASET/SYMBOL/TIMEFRAME.parquet`.
///
/// Files are read once and kept: asking again for the bars of an instrument costs no reading.
#[derive(Debug)]
pub struct Catalog {
    pub(in crate::data) folder: PathBuf,
    /// What was read so far, by the path of its file.
    kept: Mutex<BTreeMap<PathBuf, Kept>>,
}

/// What was read of a file.
#[derive(Clone, Debug)]
struct Kept {
    bars: Bars,
    /// The hash of the file that they came from.
    sha256: String,
}

/// A file and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileHash {
    /// Its path below the catalog's folder, with `/`: `us_equities/AAPL/1d.parquet`.
    pub file: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Everything that the bars of an instrument depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// The dataset's calendar, with its timezone: `weekdays UTC`.
    pub calendar: String,
    /// The instrument's files, in order of name.
    pub files: Vec<FileHash>,
}

impl Catalog {
    /// The catalog of a folder.
    ///
    /// # Errors
    /// Where there is no such folder.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        if folder.is_dir() {
            return Ok(Self { folder, kept: Mutex::default() });
        }
        Err(Diagnostic::new("there is no such folder of datasets")
            .hint("make one with `runner data import`, or say where it is with --datasets")
            .at(Origin::file(folder.display().to_string())))
    }

    /// The names of the datasets, in order.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn datasets(&self) -> Result<Vec<String>> {
        let mut names = entries(&self.folder)?;
        names.retain(|name| Manifest::path(&self.folder.join(name)).is_file());
        Ok(names)
    }

    /// What a dataset's `dataset.toml` says.
    ///
    /// # Errors
    /// Where there is no such dataset; as [`Manifest::read`].
    pub fn manifest(&self, dataset: &str) -> Result<Manifest> {
        let folder = self.folder.join(dataset);
        if !folder.is_dir() {
            let names = self.datasets()?;
            return Err(Diagnostic::new(format!("there is no dataset `{dataset}` in {}", self.folder.display()))
                .did_you_mean(dataset, names.iter().map(String::as_str))
                .hint("make one with `runner data import`"));
        }
        Manifest::read(&folder)
    }

    /// When an instrument trades.
    ///
    /// # Errors
    /// As [`Catalog::manifest`].
    pub fn calendar(&self, instrument: &Instrument) -> Result<Calendar> {
        Ok(self.manifest(&instrument.dataset)?.calendar)
    }

    /// The instruments of a dataset that have bars, in order.
    ///
    /// # Errors
    /// As [`Catalog::manifest`].
    pub fn instruments(&self, dataset: &str) -> Result<Vec<Instrument>> {
        self.manifest(dataset)?;
        let folder = self.folder.join(dataset);
        let mut found = Vec::new();
        for symbol in entries(&folder)? {
            let instrument = format!("{dataset}/{symbol}").parse::<Instrument>();
            if let Ok(instrument) = instrument
                && !stored_timeframes(&folder.join(&symbol))?.is_empty()
            {
                found.push(instrument);
            }
        }
        Ok(found)
    }

    /// The instruments that a pattern matches, in the order of their symbols.
    ///
    /// # Errors
    /// Where there is no such dataset; as [`Pattern::among`].
    pub fn matching(&self, pattern: &Pattern) -> Result<Vec<Instrument>> {
        pattern.among(&self.instruments(pattern.dataset())?)
    }

    /// The timeframes that are stored of an instrument, the finest first.
    ///
    /// # Errors
    /// Where there is no such instrument.
    pub fn timeframes(&self, instrument: &Instrument) -> Result<Vec<Timeframe>> {
        let Instrument { dataset, symbol } = instrument;
        let stored = stored_timeframes(&self.folder.join(dataset).join(symbol))?;
        if !stored.is_empty() {
            return Ok(stored);
        }
        let instruments = self.instruments(dataset)?;
        if self.external_series(dataset)?.contains(symbol) {
            return Err(Diagnostic::new(format!("{instrument} has no bars: it is an external series"))
                .hint(format!("read it with external(\"{instrument}\")")));
        }
        let symbols: Vec<&str> = instruments.iter().map(|instrument| instrument.symbol.as_str()).collect();
        Err(Diagnostic::new(format!("there are no bars of `{symbol}` in the dataset `{dataset}`"))
            .did_you_mean(symbol, symbols)
            .hint("bring some in with `runner data import`"))
    }

    /// The bars of an instrument at a timeframe: those stored, else made of the finest stored ones
    /// that the timeframe can be made of. Prices are adjusted before they are resampled.
    ///
    /// # Errors
    /// Where there is no such instrument, nothing that the timeframe can be made of, or a file that
    /// is not right or not the one that `dataset.toml` records.
    pub fn bars(&self, instrument: &Instrument, timeframe: Timeframe, adjust: Adjust) -> Result<Bars> {
        let stored = self.timeframes(instrument)?;
        let source =
            stored.iter().find(|&&at| at == timeframe).or_else(|| stored.iter().find(|at| at.nests_in(timeframe)));
        let Some(&source) = source else {
            let names: Vec<String> = stored.iter().map(Timeframe::to_string).collect();
            return Err(Diagnostic::new(format!("{instrument} has no {timeframe} bars, nor any to make them of"))
                .hint(format!("stored are: {}; a coarser bar is made of whole finer ones", names.join(", "))));
        };
        let manifest = self.manifest(&instrument.dataset)?;
        let as_traded = self.stored(instrument, source, &manifest)?;
        let lacks_splits = adjust == Adjust::Splits && as_traded.column(SPLIT_FACTOR).is_none();
        let bars = adjust.apply(as_traded).map_err(|error| match lacks_splits {
            // That is for whoever asked.
            true => error,
            false => {
                let path = parquet_path(&self.folder.join(&instrument.dataset), &instrument.symbol, source);
                error.at(Origin::file(path.display().to_string()))
            }
        })?;
        if source == timeframe {
            return Ok(bars);
        }
        bars.resample(timeframe, &manifest.calendar)
    }

    /// The hashes of an instrument's files, and its calendar: for a run's record of its inputs, and to
    /// know whether what was made of them still holds. Those of files that were read are as they were then: what
    /// was recorded of the bars is true of them, whatever became of the file.
    ///
    /// # Errors
    /// Where there is no such instrument or a file cannot be read.
    pub fn fingerprint(&self, instrument: &Instrument) -> Result<Fingerprint> {
        let timeframes = self.timeframes(instrument)?;
        let calendar = self.calendar(instrument)?;
        let dataset = self.folder.join(&instrument.dataset);
        let hash = |timeframe| {
            let file = format!("{}/{}", instrument.dataset, parquet_name(&instrument.symbol, timeframe));
            let path = parquet_path(&dataset, &instrument.symbol, timeframe);
            let sha256 = match self.kept(&path) {
                Some(kept) => kept.sha256,
                None => sha256_of_file(&path)?,
            };
            Ok(FileHash { file, sha256 })
        };
        let mut files = timeframes.into_iter().map(hash).collect::<Result<Vec<_>>>()?;
        files.sort_unstable();
        Ok(Fingerprint { calendar: calendar.definition(), files })
    }

    /// Records the hashes of the files that a dataset has now in its `dataset.toml`, and gives the
    /// names of those that were not recorded so.
    ///
    /// # Errors
    /// Where there is no such dataset, or a file cannot be read or written.
    pub fn record(&self, dataset: &str) -> Result<Vec<String>> {
        let mut manifest = self.manifest(dataset)?;
        let folder = self.folder.join(dataset);
        let mut files = BTreeMap::new();
        for instrument in self.instruments(dataset)? {
            for timeframe in self.timeframes(&instrument)? {
                let hash = sha256_of_file(&parquet_path(&folder, &instrument.symbol, timeframe))?;
                files.insert(parquet_name(&instrument.symbol, timeframe), hash);
            }
        }
        for series in self.external_series(dataset)? {
            let name = format!("{series}.parquet");
            files.insert(name.clone(), sha256_of_file(&folder.join(&name))?);
        }
        let changed = files.iter().filter(|(name, hash)| manifest.files.get(*name) != Some(hash));
        let changed = changed.map(|(name, _)| name.clone()).collect();
        manifest.files = files;
        manifest.write(&folder)?;
        Ok(changed)
    }

    fn stored(&self, instrument: &Instrument, timeframe: Timeframe, manifest: &Manifest) -> Result<Bars> {
        let Instrument { dataset, symbol } = instrument;
        let path = parquet_path(&self.folder.join(dataset), symbol, timeframe);
        if let Some(kept) = self.kept(&path) {
            return Ok(kept.bars);
        }
        // Beside one another: a hash takes longer than the bars do.
        let (sha256, bars) = join(
            || sha256_as_recorded(manifest, dataset, &parquet_name(symbol, timeframe), &path),
            || Bars::read_parquet(&path, timeframe, &manifest.calendar),
        );
        let (sha256, bars) = (sha256?, bars?);
        self.all_kept().insert(path, Kept { bars: bars.clone(), sha256 });
        Ok(bars)
    }

    fn kept(&self, path: &Path) -> Option<Kept> {
        self.all_kept().get(path).cloned()
    }

    fn all_kept(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Kept>> {
        // What a panic elsewhere left in the map is still whole: bars go in when they are complete.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The SHA-256 of a file of a dataset.
///
/// # Errors
/// Where it cannot be read, or is not the one that `dataset.toml` records, where it records one.
pub(in crate::data) fn sha256_as_recorded(
    manifest: &Manifest,
    dataset: &str,
    name: &str,
    path: &Path,
) -> Result<String> {
    let found = sha256_of_file(path)?;
    let Some(recorded) = manifest.files.get(name).filter(|recorded| **recorded != found) else { return Ok(found) };
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let message = "this is not the file that dataset.toml records: its SHA-256 is";
    Err(Diagnostic::new(format!("{message} {}…, not {}…", short(&found), short(recorded)))
        .hint(format!("bring the right file back; or, if the change is meant, `runner data record {dataset}`"))
        .at(Origin::file(path.display().to_string())))
}

/// The name of an instrument's file below its dataset's folder.
pub(in crate::data) fn parquet_name(symbol: &str, timeframe: Timeframe) -> String {
    format!("{symbol}/{timeframe}.parquet")
}

/// The path of an instrument's file.
pub(in crate::data) fn parquet_path(dataset: &Path, symbol: &str, timeframe: Timeframe) -> PathBuf {
    dataset.join(symbol).join(format!("{timeframe}.parquet"))
}

/// The timeframes with a Parquet file in an instrument's folder, the finest first.
fn stored_timeframes(folder: &Path) -> Result<Vec<Timeframe>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let names = entries(folder)?;
    let timeframe = |name: &String| name.strip_suffix(".parquet")?.parse::<Timeframe>().ok();
    let mut found: Vec<Timeframe> = names.iter().filter_map(timeframe).collect();
    found.sort_unstable();
    Ok(found)
}

/// The names in a folder, in order, without hidden ones.
pub(in crate::data) fn entries(folder: &Path) -> Result<Vec<String>> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>, io::Error>>();
    let found = read().map_err(|error| unusable(folder, "cannot be read", &error))?;
    let mut names: Vec<String> = found.into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    Ok(names)
}
