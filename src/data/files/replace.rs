//! Files: written whole or not at all, and known by their hash.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::process;

use sha2::{Digest, Sha256};

use crate::error::{Diagnostic, Origin, Result};

/// Writes a file beside its place and renames it: whoever reads, or is left with what a kill leaves,
/// finds the old file or the new one. Makes the folders on the way.
///
/// # Errors
/// Where the folder or the file cannot be written.
pub fn replace_file(path: &Path, contents: &[u8]) -> Result<()> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let beside = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), process::id()));
        let mut file = File::create(&beside)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error: io::Error| unusable(path, "cannot be written", &error))
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// Where the file cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<String> {
    let read = || {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hexadecimal(&hasher.finalize())),
                read => hasher.update(&buffer[..read]),
            }
        }
    };
    read().map_err(|error: io::Error| unusable(path, "cannot be read", &error))
}

/// What the operating system had against a file, with the file's name.
pub(in crate::data) fn unusable(path: &Path, what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("the file {what}: {error}")).at(Origin::file(path.display().to_string()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_standards_and_nothing_else_is_left_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.txt");
        replace_file(&path, b"old").unwrap();
        replace_file(&path, b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of_file(&path).unwrap(), expected);
        assert_eq!(sha256("abc"), expected);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(sha256_of_file(&folder.path().join("none")).unwrap_err().message().contains("cannot be read"));
    }
}
