//! Mutants: good files with bytes flipped, cut out, doubled and spliced come in or are told off, never a panic.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use timeweave::data::{Import, Mode, parquet_bytes};
use timeweave::time::{Calendar, Timestamp};

use super::importing::gzip;

/// How many mutants of each file a test run makes; `MUTANTS=100000` makes a long one.
fn rounds(usual: usize) -> usize {
    std::env::var("MUTANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    (random.next_u64() % bound.max(1) as u64) as usize
}

fn mutate(good: &[u8], other: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=below(random, 3) {
        let at = below(random, bytes.len());
        let length = 1 + below(random, 16);
        let end = (at + length).min(bytes.len());
        match below(random, 7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << below(random, 8),
            1 if at < bytes.len() => bytes[at] = [0, 0xff, b'"', b'\n', b',', b'-', b'9'][below(random, 7)],
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let from = below(random, other.len());
                let part = other[from..(from + length).min(other.len())].to_vec();
                bytes.splice(at..end, part);
            }
            _ => {
                let to = below(random, bytes.len());
                if at < bytes.len() {
                    bytes.swap(at, to);
                }
            }
        }
    }
    bytes
}

fn columns() -> RecordBatch {
    let prices = |shift: f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values((0..60).map(|row| 20.0 + f64::from(row) + shift)))
    };
    let dates = TimestampMicrosecondArray::from_iter_values((0..60).map(|day| day * Timestamp::DAY));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..60).map(|row| format!("{}.5", row + 1))));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("timestamp", Arc::new(dates)),
        ("open", prices(0.0)),
        ("high", prices(1.0)),
        ("low", prices(-1.0)),
        ("close", prices(0.5)),
        ("volume", texts),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn feather(compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let batch = columns();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn stream(compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let batch = columns();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    [0, 20, 40].iter().for_each(|row| writer.write(&batch.slice(*row, 20)).unwrap());
    writer.into_inner().unwrap()
}

/// Imports mutants of some good files; each comes in, or is told off with its name and without jargon of ours.
fn try_mutants(name: &str, good: &[Vec<u8>], usual: usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (mut came_in, mut refused) = (0, 0);
    for round in 0..rounds(usual) {
        let which = round % good.len();
        let bytes = mutate(&good[which], &good[below(&mut random, good.len())], &mut random);
        fs::write(&file, &bytes).unwrap();
        let mut import = Import::new("set", vec![file.clone()]);
        import.about.calendar = Some(Calendar::Continuous);
        import.mode = if round % 2 == 0 { Mode::Lenient } else { Mode::Strict };
        let staged = import.read(&folder.path().join("datasets"), round % 8 == 0, &mut |_| true).unwrap();
        match &staged.files[0].1 {
            Ok(read) => {
                came_in += 1;
                assert!(read.rows > 0);
            }
            Err(error) => {
                refused += 1;
                assert!(!error.message().is_empty() && error.to_string().contains(name), "{error}");
            }
        }
    }
    assert!(came_in > 0 && refused > 0, "{came_in} came in, {refused} were refused: the mutants tell nothing");
    assert!(!Path::new(&folder.path().join("datasets")).exists());
}

#[test]
fn broken_text_is_told_off() {
    let daily: String = (1..29).map(|day| format!("2024-02-{day:02},10,12.5,9,\"1{day}\",1000\n")).collect();
    let daily = format!("Date,Open,High,Low,Close,Volume\n{}", daily.replace("\"1", "1\"0.").replace("1\"0.", "\"10."));
    let german: String = (1..29).map(|day| format!("{day:02}.02.2024 00:00;10,5;12,5;9,0;11,0;1.000\r\n")).collect();
    let bare: String =
        (0..30).map(|day| format!("{},10,12,9,11,5\n", 1_700_000_000_000_i64 + day * 86_400_000)).collect();
    let packed = gzip(daily.as_bytes());
    let squeezed = zstd::encode_all(german.as_bytes(), 1).unwrap();
    let german = format!("Datum;Open;High;Low;Close;Volume\r\n{german}");
    try_mutants("x.csv", &[daily.into_bytes(), german.into_bytes(), bare.into_bytes(), packed, squeezed], 1_500);
}

#[test]
fn broken_parquet_is_told_off() {
    try_mutants("x.parquet", &[parquet_bytes(&columns()).unwrap()], 1_500);
}

#[test]
fn broken_feather_is_told_off() {
    let files = [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)].map(feather);
    try_mutants("x.feather", &files, 1_500);
}

#[test]
fn broken_streams_are_told_off() {
    let files = [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)].map(stream);
    try_mutants("x.arrows", &files, 1_500);
}
