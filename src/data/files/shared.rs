//! A file that several threads read at once, each at its own places.

use std::fs::File;
use std::io::{self, BufReader, Read};
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// An open file. Reading it moves no common place in it, so that copies can be read beside one another, and
/// all of them read the file that was opened, even where another has taken its name since.
#[derive(Clone, Debug)]
pub(in crate::data) struct SharedFile(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: File,
    length: u64,
    changed: Option<SystemTime>,
    bytes_read: AtomicU64,
}

impl SharedFile {
    /// Opens a file to be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let (length, changed) = (metadata.len(), metadata.modified().ok());
        Ok(Self(Arc::new(Opened { file, length, changed, bytes_read: AtomicU64::new(0) })))
    }

    /// Whether somebody has written into the file since it was opened.
    pub fn has_changed(&self) -> bool {
        let as_it_was = |now: std::fs::Metadata| now.len() == self.0.length && now.modified().ok() == self.0.changed;
        !self.0.file.metadata().is_ok_and(as_it_was)
    }

    /// How many of its bytes were asked for.
    pub fn bytes_read(&self) -> u64 {
        self.0.bytes_read.load(Ordering::Relaxed)
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.0.length
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        /// Headers of pages are read so: they are short.
        const BUFFER: usize = 1024;
        Ok(BufReader::with_capacity(BUFFER, Place { file: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.0.length);
        let missing = || ParquetError::EOF(format!("its bytes {start} to {start} + {length} lie past its end"));
        end.ok_or_else(missing)?;
        let mut bytes = Vec::with_capacity(length);
        Place { file: self.clone(), at: start }.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length { Ok(bytes.into()) } else { Err(missing()) }
    }
}

/// A place in a file, from which one goes on reading.
pub(in crate::data) struct Place {
    file: SharedFile,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = self.file.0.file.read_at(buffer, self.at)?;
        #[cfg(windows)]
        let read = self.file.0.file.seek_read(buffer, self.at)?;
        self.at += read as u64;
        self.file.0.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
