//! A dataset that bars are put into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::data::catalog::join::{Joined, join};
use crate::data::catalog::{Staging, parquet_name, parquet_path, sha256_as_recorded};
use crate::data::{Adjust, Bars, Catalog, Instrument, Manifest, Merge, Releases, sha256_of_file};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe};

/// What somebody says of a dataset: of a new one it is written down, of one that is there it must be so.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// When its instruments trade; weekdays where a new dataset is not told.
    pub calendar: Option<Calendar>,
    /// What its prices are in.
    pub currency: Option<String>,
    /// Where its figures come from.
    pub source: Option<String>,
    /// What may be done with them.
    pub licence: Option<String>,
}

/// A dataset that bars are put into; a new one comes to be with its first bars.
#[derive(Clone, Debug)]
pub struct Dataset {
    datasets: PathBuf,
    name: String,
    manifest: Manifest,
    is_new: bool,
}

/// What [`Dataset::store`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The Parquet file.
    pub path: PathBuf,
    /// How many bars it has now.
    pub bars: usize,
    /// How many of them are of times that were not stored.
    pub added: usize,
    /// How many were stored with other figures.
    pub changed: usize,
}

impl Dataset {
    /// The dataset of a name below the folder `datasets`, which need not be there yet.
    ///
    /// # Errors
    /// Where its `dataset.toml` is not right, or says something else than `about`.
    pub fn open(datasets: &Path, name: &str, about: &About) -> Result<Self> {
        // A name that is none of a folder is refused as an instrument's is.
        format!("{name}/X").parse::<Instrument>()?;
        let folder = datasets.join(name);
        let path = Manifest::path(&folder);
        let is_new = !path.exists();
        let manifest = if is_new { new_manifest(about) } else { Manifest::read(&folder)? };
        let calendar = Calendar::name_and_timezone;
        let said = [
            ("calendar", about.calendar.as_ref().map(calendar), calendar(&manifest.calendar)),
            ("currency", about.currency.clone(), manifest.currency.clone()),
            ("source", about.source.clone(), manifest.source.clone()),
            ("licence", about.licence.clone(), manifest.licence.clone()),
        ];
        for (what, said, is) in said {
            if let Some(said) = said.filter(|said| !is_new && *said != is) {
                return Err(Diagnostic::new(format!("the dataset's {what} is `{is}`, not `{said}`"))
                    .hint(format!("leave --{what} out, change it in the file, or use another dataset"))
                    .at(Origin::file(path.display().to_string())));
            }
        }
        Ok(Self { datasets: datasets.into(), name: name.into(), manifest, is_new })
    }

    /// When its instruments trade.
    pub fn calendar(&self) -> Calendar {
        self.manifest.calendar.clone()
    }

    /// Whether it has no `dataset.toml` yet.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The bars that are stored of a symbol at exactly this timeframe, as traded.
    ///
    /// # Errors
    /// As [`Catalog::bars`].
    pub fn stored(&self, symbol: &str, timeframe: Timeframe) -> Result<Option<Bars>> {
        let path = parquet_path(&self.datasets.join(&self.name), symbol, timeframe);
        if !path.exists() {
            return Ok(None);
        }
        let instrument = format!("{}/{symbol}", self.name).parse::<Instrument>()?;
        Catalog::open(&self.datasets)?.bars(&instrument, timeframe, Adjust::None).map(Some)
    }

    /// Puts bars of a symbol in as `SYMBOL/TIMEFRAME.parquet`, whole or not at all, and records the file's
    /// hash in `dataset.toml`.
    ///
    /// # Errors
    /// Where a file cannot be read or written; where `merge` does not allow what would happen to the bars
    /// that are stored.
    pub fn store(&mut self, symbol: &str, bars: &Bars, merge: Merge) -> Result<Stored> {
        let staging = Staging::new(&self.datasets)?;
        let file = staging.file();
        bars.write_parquet(&file)?;
        let prepared = self.prepare(symbol, bars.timeframe(), &file, bars.len(), merge, &staging)?;
        self.commit(&staging, vec![prepared])?.pop().ok_or_else(|| Diagnostic::new("no bars were stored"))
    }

    /// Makes the file that is to be stored of one that was staged: joined with what is stored, where there is
    /// something. Nothing of the dataset changes.
    ///
    /// # Errors
    /// Where a file cannot be read or written; where `merge` does not allow what would happen.
    pub(in crate::data) fn prepare(
        &self,
        symbol: &str,
        timeframe: Timeframe,
        staged: &Path,
        bars: usize,
        merge: Merge,
        staging: &Staging,
    ) -> Result<Prepared> {
        format!("{}/{symbol}", self.name).parse::<Instrument>()?;
        let folder = self.datasets.join(&self.name);
        let path = parquet_path(&folder, symbol, timeframe);
        let prepared = |file: &Path, Joined { bars, added, changed }| Prepared {
            file: file.into(),
            name: parquet_name(symbol, timeframe),
            stored: Stored { path: path.clone(), bars, added, changed },
        };
        if merge == Merge::Replace || !path.exists() {
            return Ok(prepared(staged, Joined { bars, added: bars, changed: 0 }));
        }
        if merge == Merge::New {
            return Err(Diagnostic::new(format!("there are {timeframe} bars of {symbol} already"))
                .hint(
                    "--merge append adds later ones, update lets the new ones count where both have one, \
                     replace drops what is stored",
                )
                .at(Origin::file(path.display().to_string())));
        }
        sha256_as_recorded(&self.manifest, &self.name, &parquet_name(symbol, timeframe), &path)?;
        let file = staging.file();
        let joined = join(&path, staged, (timeframe, &self.manifest.calendar), merge, &file)?;
        Ok(prepared(&file, joined))
    }

    /// Puts what was prepared into its place, and records it.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub(in crate::data) fn commit(&mut self, staging: &Staging, prepared: Vec<Prepared>) -> Result<Vec<Stored>> {
        let folder = self.datasets.join(&self.name);
        let hashes: Vec<String> =
            prepared.iter().map(|prepared| sha256_of_file(&prepared.file)).collect::<Result<_>>()?;
        for (Prepared { file, name, stored }, hash) in prepared.iter().zip(hashes) {
            staging.settle(file, &stored.path)?;
            self.manifest.files.insert(name.clone(), hash);
        }
        self.manifest.write(&folder)?;
        self.is_new = false;
        Ok(prepared.into_iter().map(|prepared| prepared.stored).collect())
    }

    /// Puts an external series in as `NAME.parquet`, whole or not at all, in place of one of that name, and records
    /// the file's hash in `dataset.toml`.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn store_series(&mut self, name: &str, releases: &Releases) -> Result<PathBuf> {
        format!("{}/{name}", self.name).parse::<Instrument>()?;
        let folder = self.datasets.join(&self.name);
        let file = format!("{name}.parquet");
        let path = folder.join(&file);
        releases.write_parquet(&path)?;
        self.manifest.files.insert(file, sha256_of_file(&path)?);
        self.manifest.write(&folder)?;
        self.is_new = false;
        Ok(path)
    }
}

/// A file that is ready to be put into a dataset.
#[derive(Debug)]
pub(in crate::data) struct Prepared {
    file: PathBuf,
    /// Its path below the dataset's folder, with `/`.
    name: String,
    pub stored: Stored,
}

fn new_manifest(about: &About) -> Manifest {
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    Manifest {
        calendar: about.calendar.clone().unwrap_or(Calendar::Weekdays),
        currency: text(&about.currency),
        source: text(&about.source),
        licence: text(&about.licence),
        trading: BTreeMap::new(),
        files: BTreeMap::new(),
    }
}
