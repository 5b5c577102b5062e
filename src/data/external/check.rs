//! A look at every release that is stored of a dataset's external series.

use std::collections::HashSet;
use std::path::Path;

use crate::data::bars::is_name;
use crate::data::catalog::sha256_as_recorded;
use crate::data::external::file::rows_of;
use crate::data::{Catalog, Fault, Manifest};
use crate::error::{Diagnostic, Result};
use crate::time::Timestamp;

/// What a look at one external series found.
#[derive(Clone, Debug)]
pub struct CheckedSeries {
    /// The file below the catalog's folder: `macro/core_cpi.parquet`.
    pub file: String,
    /// How many rows it has.
    pub rows: usize,
    /// The first and the last date that they are about.
    pub about: Option<(Timestamp, Timestamp)>,
    /// When the first and the last could be known; none where a script's lag says it.
    pub known: Option<(Timestamp, Timestamp)>,
    /// How many rows are about a date that another row was about before.
    pub revisions: usize,
    /// What is wrong with the file as a whole: it cannot be read, is not the one that is recorded, lacks a column or
    /// has one of no figures, or has a name that no script can write.
    pub broken: Option<Diagnostic>,
    /// The rows that are wrong, all of them.
    pub faults: Vec<Fault>,
}

impl CheckedSeries {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.broken.is_none() && self.faults.is_empty()
    }
}

impl Catalog {
    /// Looks at every release that is stored of a dataset: at all that [`Catalog::external`] refuses.
    ///
    /// # Errors
    /// Where there is no such dataset, or its `dataset.toml` is not right. What is wrong with its files is told
    /// in the result.
    pub fn check_series(&self, dataset: &str) -> Result<Vec<CheckedSeries>> {
        let manifest = self.manifest(dataset)?;
        let series = self.external_series(dataset)?;
        Ok(series.iter().map(|series| self.check_one(&manifest, dataset, series)).collect())
    }

    fn check_one(&self, manifest: &Manifest, dataset: &str, series: &str) -> CheckedSeries {
        let name = format!("{series}.parquet");
        let path = self.folder.join(dataset).join(&name);
        let mut checked = CheckedSeries {
            file: format!("{dataset}/{name}"),
            rows: 0,
            about: None,
            known: None,
            revisions: 0,
            broken: None,
            faults: Vec::new(),
        };
        let looked = look(&path, &mut checked).and_then(|()| sha256_as_recorded(manifest, dataset, &name, &path));
        let named = looked.and_then(|_| match is_name(series) {
            true => Ok(()),
            false => Err(Diagnostic::new(format!("no script can write the name `{series}`"))
                .hint("letters, digits, `_`, `-`, `.`, `^` and `=` are allowed: give the file another name")),
        });
        checked.broken = named.err();
        checked
    }
}

/// Looks at a file's rows.
fn look(path: &Path, checked: &mut CheckedSeries) -> Result<()> {
    let (rows, says_when) = rows_of(path)?;
    checked.rows = rows.timestamp.len();
    let ends = |instants: &[i64]| {
        instants.iter().min().zip(instants.iter().max()).map(|(first, last)| (Timestamp(*first), Timestamp(*last)))
    };
    checked.about = ends(&rows.timestamp);
    checked.known = ends(&rows.available_at).filter(|_| says_when);
    checked.revisions = checked.rows - rows.timestamp.iter().collect::<HashSet<_>>().len();
    checked.faults = rows.faults(&rows.order());
    match checked.rows {
        0 => Err(Diagnostic::new("it has no rows")),
        _ => Ok(()),
    }
}
