//! Files that are written beside a dataset, and become part of it together.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::data::files::unusable;
use crate::error::Result;

/// A hidden folder below the datasets, on the same disk. It goes when this does, with all that is still in it.
#[derive(Debug)]
pub(in crate::data) struct Staging {
    folder: PathBuf,
    /// The folder of datasets, where it was made for this.
    made: Option<PathBuf>,
    files: AtomicUsize,
}

/// Tells stagings of one process apart.
static STAGINGS: AtomicUsize = AtomicUsize::new(0);

impl Staging {
    /// A folder that is empty.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new(datasets: &Path) -> Result<Self> {
        let made = (!datasets.exists()).then(|| datasets.to_owned());
        let number = STAGINGS.fetch_add(1, Ordering::Relaxed);
        let folder = datasets.join(format!(".staging.{}.{number}", process::id()));
        fs::create_dir_all(&folder).map_err(|error| unusable(&folder, "cannot be made", &error))?;
        Ok(Self { folder, made, files: AtomicUsize::new(0) })
    }

    /// The path of a new file.
    pub fn file(&self) -> PathBuf {
        self.folder.join(format!("{}.parquet", self.files.fetch_add(1, Ordering::Relaxed)))
    }

    /// Puts a file into its place.
    ///
    /// # Errors
    /// Where the place cannot be written to.
    pub fn settle(&self, file: &Path, place: &Path) -> Result<()> {
        let rename = || -> io::Result<()> {
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(file, place)
        };
        rename().map_err(|error| unusable(place, "cannot be written", &error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be taken away is hidden, and hurts nobody.
        let _ = fs::remove_dir_all(&self.folder);
        if let Some(made) = &self.made {
            // Only where it is empty.
            let _ = fs::remove_dir(made);
        }
    }
}
