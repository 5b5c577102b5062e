//! Arrow files, looked over before anything is taken of them on trust.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow_ipc::reader::{FileReader, FileReaderBuilder, read_footer_length};
use arrow_ipc::{Block, root_as_footer, root_as_message};
use parquet::errors::ParquetError;

use crate::data::files::guarded;
use crate::data::import::source::Source;
use crate::error::{Diagnostic, Origin, Result};

/// The most that one column of one batch may come to when it is unpacked, in bytes.
const LARGEST: i64 = 1 << 31;

/// Opens an Arrow file, with some of its columns or all of them.
///
/// # Errors
/// Where it cannot be read, or its footer speaks of what cannot be in it.
pub(super) fn open(source: &Source, columns: Option<&[usize]>) -> Result<FileReader<BufReader<File>>> {
    let opened = File::open(&source.path).map_err(|error| source.broken(&error))?;
    let mut reader = BufReader::new(opened);
    let implausible = guarded(|| Ok(look_over(&mut reader, source.length)?));
    if let Some(what) = implausible.map_err(|error| broken(source, &error))? {
        return Err(broken(source, &what));
    }
    let build = || {
        reader.seek(SeekFrom::Start(0))?;
        let builder = FileReaderBuilder::new();
        let builder = match columns {
            Some(columns) => builder.with_projection(columns.to_vec()),
            None => builder,
        };
        builder.build(reader).map_err(|error| ParquetError::ArrowError(error.to_string()))
    };
    guarded(build).map_err(|error| broken(source, &error))
}

/// What is against an Arrow file.
pub(super) fn broken(source: &Source, error: &dyn Display) -> Diagnostic {
    let told = error.to_string();
    let told = told.trim_start_matches("Arrow: ").trim_start_matches("Parquet error: ");
    Diagnostic::new(format!("this is no Arrow file that can be read: {told}"))
        .hint("it may be cut off or damaged: write it again, or as Parquet")
        .at(Origin::file(source.name()))
}

/// Whether the file holds what its footer names: what would take memory that nobody has is told instead.
fn look_over(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<&'static str>> {
    let past_the_end = Some("its footer names places past its end");
    let mut ending = [0; 10];
    file.seek(SeekFrom::End(-10))?;
    file.read_exact(&mut ending)?;
    let footer_length = read_footer_length(ending).map_err(io::Error::other)? as u64;
    if footer_length + 10 > length {
        return Ok(past_the_end);
    }
    let mut footer = Vec::new();
    file.seek(SeekFrom::Start(length - 10 - footer_length))?;
    file.take(footer_length).read_to_end(&mut footer)?;
    let Ok(footer) = root_as_footer(&footer) else { return Ok(Some("its footer is damaged")) };
    let of_rows = footer.recordBatches().into_iter().flatten();
    for block in footer.dictionaries().into_iter().flatten().chain(of_rows) {
        let parts = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        let sum = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(u64::try_from(*part).ok()?));
        if sum.is_none_or(|end| end > length) {
            return Ok(past_the_end);
        }
        if !is_modest(file, block)? {
            return Ok(Some("a batch would take more memory than there is for it"));
        }
    }
    Ok(None)
}

/// Whether what is packed in a block says of itself that it is not huge.
fn is_modest(file: &mut (impl Read + Seek), block: &Block) -> io::Result<bool> {
    let start = block.offset() as u64;
    let metadata = block.metaDataLength() as u64;
    let mut message = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(metadata).read_to_end(&mut message)?;
    let skipped = if message.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let Some(Ok(message)) = message.get(skipped..).map(root_as_message) else { return Ok(false) };
    let batch = message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data());
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(true) };
    for buffer in batch.buffers().into_iter().flatten() {
        if buffer.length() < 8 {
            continue;
        }
        let Some(at) = u64::try_from(buffer.offset()).ok().and_then(|offset| offset.checked_add(start + metadata))
        else {
            return Ok(false);
        };
        let mut unpacked = [0; 8];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut unpacked)?;
        if i64::from_le_bytes(unpacked) > LARGEST {
            return Ok(false);
        }
    }
    Ok(true)
}
