//! A folder that is replaced as a whole, so that a kill leaves the old or the new.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, Origin, Result};

/// The names beside a folder under which its next and its last content stand for a moment.
fn beside(directory: &Path) -> Result<(PathBuf, PathBuf)> {
    let Some(name) = directory.file_name() else {
        return Err(Diagnostic::new(format!("{} names no folder", directory.display())));
    };
    let sibling = |ending: &str| directory.with_file_name(format!(".{}.{ending}", name.to_string_lossy()));
    Ok((sibling("new"), sibling("old")))
}

/// Writes files into a folder in place of all that was there.
///
/// They are written to a folder beside it, which is then renamed. A folder cannot be renamed over
/// another, so the old one steps aside first; [`restore`] puts it back after a kill in between.
///
/// # Errors
/// Where the file system refuses, naming the folder.
pub fn replace(directory: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    restore(directory)?;
    let (new, old) = beside(directory)?;
    let replace = || {
        remove(&new)?;
        remove(&old)?;
        fs::create_dir_all(&new)?;
        for (name, bytes) in files {
            let mut file = fs::File::create(new.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        if directory.exists() {
            fs::rename(directory, &old)?;
        }
        fs::rename(&new, directory)?;
        remove(&old)
    };
    replace().map_err(|error| refused(directory, "written", &error))
}

/// Puts the old content back where a kill came between the two renames of [`replace`].
///
/// # Errors
/// Where the file system refuses.
pub fn restore(directory: &Path) -> Result<()> {
    let (_, old) = beside(directory)?;
    if !directory.exists() && old.exists() {
        fs::rename(&old, directory).map_err(|error| refused(directory, "restored", &error))?;
    }
    Ok(())
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn refused(directory: &Path, what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("the folder could not be {what}: {error}"))
        .at(Origin::file(directory.to_string_lossy()))
        .hint("check that the disk has room and that you may write there, or choose another folder with `--out`")
}
