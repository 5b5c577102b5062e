//! Files to bring in: which there are, of what kind, and their bytes, unpacked and counted.

use std::cell::Cell;
use std::fs::{self, File, Metadata};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use glob::glob;

use crate::data::files::unusable;
use crate::data::import::arrow_file;
use crate::error::{Diagnostic, Origin, Result};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Parquet,
    /// Arrow's own format of files, which Feather is.
    Arrow,
    /// Arrow's format of streams.
    ArrowStream,
}

/// How a text file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Plain,
    Gzip,
    Zstd,
}

/// A file to bring in.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub path: PathBuf,
    pub kind: Kind,
    pub packed: Packed,
    /// Its length in bytes, as it lies on the disk.
    pub length: u64,
    metadata: Metadata,
}

/// How many bytes of a file have been read.
pub(super) type Count = Rc<Cell<u64>>;

/// Endings of the files that a folder is looked through for.
const ENDINGS: [&str; 11] = ["csv", "tsv", "txt", "gz", "zst", "parquet", "feather", "arrow", "arrows", "ipc", "prn"];

/// The files that paths, folders and patterns name, each once, in the order of their names.
///
/// # Errors
/// Where one names none.
pub(super) fn expanded(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let text = path.display().to_string();
        if path.is_dir() {
            files.extend(in_folder(path)?);
        } else if path.exists() || !text.contains(['*', '?', '[']) {
            files.push(path.clone());
        } else {
            let here = |error: String| Diagnostic::new(error).at(Origin::file(text.as_str()));
            let found = glob(&text).map_err(|error| here(format!("this is no pattern of files: {error}")))?;
            let found: Result<Vec<PathBuf>, _> = found.collect();
            let mut found = found.map_err(|error| here(format!("the folder cannot be read: {error}")))?;
            found.retain(|path| path.is_file());
            if found.is_empty() {
                return Err(here("no file matches the pattern".into())
                    .hint("`*` stands for any part of a name, `**` for folders; quote it, as in 'prices/*.csv'"));
            }
            files.extend(found);
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, io::Error>>();
    let entries = read().map_err(|error| unusable(folder, "cannot be read", &error))?;
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_one = |path: &Path| ending(path).is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    let files: Vec<PathBuf> =
        entries.into_iter().filter(|path| path.is_file() && !is_hidden(path) && is_one(path)).collect();
    match files.is_empty() {
        false => Ok(files),
        true => Err(Diagnostic::new(format!("no file in the folder ends in {}", ENDINGS.join(", ")))
            .hint("name the files, or a pattern of them: 'prices/**/*.csv' looks into folders below too")
            .at(Origin::file(folder.display().to_string()))),
    }
}

impl Source {
    /// Looks at a file's first bytes.
    ///
    /// # Errors
    /// Where it cannot be read, or is of a kind that does not come in.
    pub fn open(path: &Path) -> Result<Self> {
        let read = || {
            let metadata = fs::metadata(path)?;
            let mut start = Vec::new();
            if metadata.is_file() {
                File::open(path)?.take(8).read_to_end(&mut start)?;
            }
            Ok((metadata, start))
        };
        let (metadata, start) = read().map_err(|error: io::Error| {
            let error = unusable(path, "cannot be read", &error);
            let siblings = path.parent().and_then(|folder| fs::read_dir(folder).ok());
            let names =
                siblings.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
            let names: Vec<String> = names.take(1000).collect();
            match (path.file_name(), path.exists()) {
                (Some(name), false) if !names.is_empty() => {
                    error.did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str))
                }
                _ => error,
            }
        })?;
        let refused = |message: &str, hint: &str| {
            Err(Diagnostic::new(message).hint(hint).at(Origin::file(path.display().to_string())))
        };
        if !metadata.is_file() {
            return refused("this is no file", "name a file, a folder of files, or a pattern: 'prices/*.csv'");
        }
        let (kind, packed) = match start.as_slice() {
            [b'P', b'A', b'R', b'1', ..] => (Kind::Parquet, Packed::Plain),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => (Kind::Arrow, Packed::Plain),
            start if start.starts_with(&arrow_file::MESSAGE) => (Kind::ArrowStream, Packed::Plain),
            [0x1f, 0x8b, ..] => (Kind::Text, Packed::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => (Kind::Text, Packed::Zstd),
            [b'P', b'K', 3, 4, ..] => {
                return refused("this is a ZIP archive or a workbook", "unpack it; save a workbook as CSV");
            }
            [b'F', b'E', b'A', b'1', ..] => {
                return refused("this is a Feather file of version 1", "write it as Feather version 2, or as Parquet");
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return refused("the text is in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > NEW");
            }
            [] => return refused("the file is empty", "the first line names the columns, each further line is a bar"),
            _ => (Kind::Text, Packed::Plain),
        };
        Ok(Self { path: path.into(), kind, packed, length: metadata.len(), metadata })
    }

    /// Its name in messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Its text from the beginning, unpacked; and how many bytes of the file have been read for it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn text(&self) -> Result<(Box<dyn Read>, Count)> {
        let count = Count::default();
        let open = || -> io::Result<Box<dyn Read>> {
            let counted = Counted { file: File::open(&self.path)?, count: count.clone() };
            let mut unpacked: Box<dyn Read> = match self.packed {
                Packed::Plain => Box::new(counted),
                Packed::Gzip => Box::new(MultiGzDecoder::new(counted)),
                Packed::Zstd => Box::new(zstd::Decoder::new(counted)?),
            };
            let mut start = Vec::new();
            unpacked.by_ref().take(3).read_to_end(&mut start)?;
            if start == b"\xef\xbb\xbf" {
                start.clear();
            }
            Ok(Box::new(Cursor::new(start).chain(unpacked)))
        };
        open().map(|text| (text, count.clone())).map_err(|error| self.broken(&error))
    }

    /// What the operating system or a decoder had against the file.
    pub fn broken(&self, error: &io::Error) -> Diagnostic {
        match (error.kind(), self.packed) {
            (io::ErrorKind::UnexpectedEof, Packed::Gzip | Packed::Zstd) => {
                Diagnostic::new("the file ends in the middle of what is packed in it")
                    .hint("it was not copied or loaded down to its end: get it again")
                    .at(Origin::file(self.name()))
            }
            _ => unusable(&self.path, "cannot be read", error),
        }
    }

    /// Whether the file is still the one that was opened.
    ///
    /// # Errors
    /// Where somebody wrote to it, or took it away.
    pub fn check_unchanged(&self) -> Result<()> {
        let now = fs::metadata(&self.path).map_err(|error| self.broken(&error))?;
        if now.len() == self.length && now.modified().ok() == self.metadata.modified().ok() {
            return Ok(());
        }
        Err(Diagnostic::new("the file changed while it was read")
            .hint("import it when whatever writes it is done")
            .at(Origin::file(self.name())))
    }
}

/// A file that counts what was read of it.
struct Counted {
    file: File,
    count: Count,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
