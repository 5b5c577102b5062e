//! External series of a catalog: `DATASET/SERIES.parquet`.

use crate::data::catalog::{entries, sha256_as_recorded};
use crate::data::{Catalog, External, ExternalSource, FileHash, Missing, Releases};
use crate::error::{Diagnostic, Result};

impl Catalog {
    /// The external series of a dataset, in order.
    ///
    /// # Errors
    /// As [`Catalog::manifest`].
    pub fn external_series(&self, dataset: &str) -> Result<Vec<String>> {
        self.manifest(dataset)?;
        let folder = self.folder.join(dataset);
        let names = entries(&folder)?.into_iter().filter(|name| folder.join(name).is_file());
        Ok(names.filter_map(|name| name.strip_suffix(".parquet").map(str::to_owned)).collect())
    }

    /// An external series as an instrument of this symbol reads it, and the hash of its file; no hash where there
    /// is no file and that is allowed.
    ///
    /// # Errors
    /// Where there is no such dataset or series, or a file that is not right or not the one that `dataset.toml`
    /// records; as [`Releases::read_parquet`] and [`External::new`].
    pub fn external(&self, source: &ExternalSource, symbol: &str) -> Result<(External, Option<FileHash>)> {
        let ExternalSource { dataset, lag, max_age, revisions, .. } = source;
        let manifest = self.manifest(dataset)?;
        let (file, series) = (source.file(symbol), source.series_of(symbol));
        let path = self.folder.join(&file);
        if !path.is_file() {
            return self.absent(source, &series);
        }
        let sha256 = sha256_as_recorded(&manifest, dataset, &format!("{series}.parquet"), &path)?;
        let releases = Releases::read_parquet(&path, *lag)?;
        if releases.is_empty() {
            return Err(Diagnostic::new(format!("{dataset}/{series} has no rows")));
        }
        Ok((External::new(releases, *revisions, *max_age)?, Some(FileHash { file, sha256 })))
    }

    /// What is read where there is no file.
    fn absent(&self, source: &ExternalSource, series: &str) -> Result<(External, Option<FileHash>)> {
        let dataset = &source.dataset;
        let others = self.external_series(dataset)?;
        if source.is_by_symbol() && source.missing == Missing::Unknown && !others.is_empty() {
            return Ok((External::unknown(), None));
        }
        let missing = Diagnostic::new(format!("there is no external series `{series}` in the dataset `{dataset}`"))
            .did_you_mean(series, others.iter().map(String::as_str));
        Err(match source.is_by_symbol() {
            true => missing.also("where some instruments have none: #{ missing: \"nan\" }"),
            false if others.is_empty() => missing.hint("bring one in with `runner data import-series`"),
            false => missing,
        })
    }
}
