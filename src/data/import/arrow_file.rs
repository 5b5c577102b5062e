//! Arrow files and streams, looked over before anything is taken of them on trust.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use arrow_array::RecordBatchReader;
use arrow_ipc::reader::{FileReaderBuilder, StreamReader, read_footer_length};
use arrow_ipc::{Block, root_as_footer, root_as_message};
use arrow_schema::ArrowError;
use parquet::errors::ParquetError;

use crate::data::files::guarded;
use crate::data::import::source::{Kind, Source};
use crate::error::{Diagnostic, Origin, Result};

/// The most that one column of one batch may come to when it is unpacked, in bytes.
const LARGEST: i64 = 1 << 31;

/// What is told of a batch that is larger.
const TOO_LARGE: Option<&str> = Some("a batch would take more memory than there is for it");

/// What every message of a stream begins with, before its length.
pub(super) const MESSAGE: [u8; 4] = [0xff; 4];

/// Opens an Arrow file or stream, with some of its columns or all of them.
///
/// # Errors
/// Where it cannot be read, or speaks of what cannot be in it.
pub(super) fn open(source: &Source, columns: Option<&[usize]>) -> Result<Box<dyn RecordBatchReader>> {
    let opened = File::open(&source.path).map_err(|error| source.broken(&error))?;
    let mut reader = BufReader::new(opened);
    let is_stream = source.kind == Kind::ArrowStream;
    let implausible = guarded(|| match is_stream {
        true => Ok(look_over_stream(&mut reader, source.length)?),
        false => Ok(look_over(&mut reader, source.length)?),
    });
    if let Some(what) = implausible.map_err(|error| broken(source, &error))? {
        return Err(broken(source, &what));
    }
    let columns = columns.map(<[usize]>::to_vec);
    let build = || -> Result<Box<dyn RecordBatchReader>, ParquetError> {
        reader.seek(SeekFrom::Start(0))?;
        let arrow = |error: ArrowError| ParquetError::ArrowError(error.to_string());
        if is_stream {
            return Ok(Box::new(StreamReader::try_new(reader, columns).map_err(arrow)?));
        }
        let builder = FileReaderBuilder::new();
        let builder = match columns {
            Some(columns) => builder.with_projection(columns),
            None => builder,
        };
        Ok(Box::new(builder.build(reader).map_err(arrow)?))
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
            return Ok(TOO_LARGE);
        }
    }
    Ok(None)
}

/// Whether the file is a stream from its schema to its end mark: where a stream is cut off between two batches, only
/// the mark tells.
fn look_over_stream(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<&'static str>> {
    let cut_off = Some("it is a stream that was cut off before its end");
    let mut start = 0;
    loop {
        let mut prefix = [0; 8];
        file.seek(SeekFrom::Start(start))?;
        if start + 8 > length {
            return Ok(cut_off);
        }
        file.read_exact(&mut prefix)?;
        let [a, b, c, d, size @ ..] = prefix;
        if [a, b, c, d] != MESSAGE {
            return Ok(Some("what follows a batch of its stream is none"));
        }
        let size = i32::from_le_bytes(size);
        if size == 0 {
            return Ok((start + 8 < length).then_some("more follows the end of its stream"));
        }
        let Some(metadata) = u64::try_from(size).ok().filter(|size| start + 8 + size <= length) else {
            return Ok(cut_off);
        };
        let mut message = Vec::new();
        file.by_ref().take(metadata).read_to_end(&mut message)?;
        let Ok(message) = root_as_message(&message) else { return Ok(Some("a message of its stream is damaged")) };
        let body = u64::try_from(message.bodyLength()).ok();
        let Some(end) = body.and_then(|body| body.checked_add(start + 8 + metadata)).filter(|end| *end <= length)
        else {
            return Ok(cut_off);
        };
        let holds_rows = message.header_as_record_batch().is_some() || message.header_as_dictionary_batch().is_some();
        let body_length = message.bodyLength();
        if let (true, Ok(offset), Some(metadata)) = (holds_rows, i64::try_from(start), size.checked_add(8))
            && !is_modest(file, &Block::new(offset, metadata, body_length))?
        {
            return Ok(TOO_LARGE);
        }
        start = end;
    }
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
