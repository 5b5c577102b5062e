//! Arrow streams: what comes in from them, and where they were cut off.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use timeweave::data::Field;
use timeweave::time::Timestamp;

use super::importing::Desk;

/// Ten days of two symbols, in batches of five rows.
fn batches() -> Vec<RecordBatch> {
    let batch = |first: i64| {
        let days = (first..first + 5).map(|row| row / 2 * Timestamp::DAY / 1_000);
        let prices = |add: f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values((first..first + 5).map(|row| 100.0 + row as f64 + add)))
        };
        let symbols = (first..first + 5).map(|row| if row % 2 == 0 { "A" } else { "B" });
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("time", Arc::new(TimestampMillisecondArray::from_iter_values(days).with_timezone("UTC"))),
            ("symbol", Arc::new(symbols.collect::<DictionaryArray<Int32Type>>())),
            ("open", prices(0.0)),
            ("high", prices(2.0)),
            ("low", prices(-1.0)),
            ("close", prices(1.0)),
            ("volume", prices(900.0)),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    (0..4).map(|number| batch(number * 5)).collect()
}

/// A stream, and where in it the batches end.
fn stream(compression: Option<CompressionType>) -> (Vec<u8>, Vec<usize>) {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let batches = batches();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    let ends = batches.iter().map(|batch| {
        writer.write(batch).unwrap();
        writer.get_ref().len()
    });
    let ends = ends.collect();
    (writer.into_inner().unwrap(), ends)
}

#[test]
fn a_stream_comes_in_whatever_it_is_called() {
    for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        for name in ["bars.arrows", "bars.arrow", "bars"] {
            let desk = Desk::new();
            let path = desk.write(name, stream(compression).0);
            let staged = desk.read(&path, |import| import.symbol = None).unwrap();
            let read = staged.files[0].1.as_ref().unwrap();
            assert!(read.understanding.to_string().contains("an Arrow stream"), "{}", read.understanding);
            staged.commit().unwrap();
            for (symbol, first) in [("A", 101.0), ("B", 102.0)] {
                let bars = desk.bars(&format!("set/{symbol}"), "1d");
                let expected: Vec<f64> = (0..10).map(|day| first + 2.0 * f64::from(day)).collect();
                assert_eq!(bars.field(Field::Close)[..], expected, "{name} {compression:?}");
                assert_eq!(bars.timestamps()[9], 9 * Timestamp::DAY);
            }
        }
    }
}

#[test]
fn a_folder_is_looked_through_for_streams() {
    let desk = Desk::new();
    desk.write("prices/bars.arrows", stream(None).0);
    let staged = desk.read(desk.path("prices"), |import| import.symbol = None).unwrap();
    assert_eq!(staged.files.len(), 1);
    assert_eq!(staged.files[0].1.as_ref().unwrap().rows, 20);
}

/// Between two batches nothing but the end mark tells that there should be more.
#[test]
fn a_stream_that_is_not_whole_is_refused() {
    let (whole, ends) = stream(None);
    let told = |bytes: Vec<u8>| {
        let desk = Desk::new();
        let path = desk.write("bars.arrows", bytes);
        let staged = desk.read(&path, |import| import.symbol = None).unwrap();
        staged.files[0].1.as_ref().err().map(|error| error.message().to_owned())
    };
    assert_eq!(told(whole.clone()), None);
    let cut_off = "this is no Arrow file that can be read: it is a stream that was cut off before its end";
    for end in ends {
        for length in [end, end - 1, end - 100, end + 4] {
            assert_eq!(told(whole[..length].to_vec()).as_deref(), Some(cut_off), "{length} of {}", whole.len());
        }
    }
    let twice = told([whole.clone(), whole.clone()].concat()).unwrap();
    assert!(twice.ends_with("more follows the end of its stream"), "{twice}");
    let overwritten = told([&whole[..whole.len() - 8], b"2024,1,2,1,2,3\n"].concat()).unwrap();
    assert!(overwritten.ends_with("what follows a batch of its stream is none"), "{overwritten}");
    // A batch that says that it comes to 2^40 bytes, once unpacked.
    let (packed, ends) = stream(Some(CompressionType::ZSTD));
    let from = ends[2];
    let frame = packed[from..].windows(4).position(|bytes| bytes == [0x28, 0xb5, 0x2f, 0xfd]).unwrap() + from;
    let mut bomb = packed.clone();
    bomb[frame - 8..frame].copy_from_slice(&(1_i64 << 40).to_le_bytes());
    let told = told(bomb).unwrap();
    assert!(told.ends_with("a batch would take more memory than there is for it"), "{told}");
}
