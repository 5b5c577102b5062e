//! Bars of a range of time out of a Parquet file, and files that claim to be more than they are.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use parquet::arrow::arrow_writer::ArrowWriter;
use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::properties::WriterProperties;
use proptest::prelude::proptest;
use tempfile::TempDir;
use timeweave::data::{Bars, parquet_bytes};
use timeweave::error::Diagnostic;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{bars_at, timeframe};

const MINUTE: i64 = 60 * Timestamp::SECOND;
const BARS: i64 = 400_000;

/// A file of four row groups as it is written here, and one of many small ones in milliseconds as others write.
static FILES: LazyLock<(TempDir, Bars)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    // A gap of a day after every 1,000 minutes.
    let opens: Vec<i64> = (0..BARS).map(|bar| bar * MINUTE + bar / 1000 * Timestamp::DAY).collect();
    let bars = bars_at(timeframe("1m"), &Calendar::Continuous, &opens);
    bars.write_parquet(&folder.path().join("own.parquet")).unwrap();
    let batch = bars.to_record_batch().unwrap();
    let stamps = TimestampMillisecondArray::from_iter_values(opens.iter().map(|open| open / 1000));
    let columns = batch.columns()[1..].iter().cloned();
    let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<String>>();
    let arrays = [Arc::new(stamps) as ArrayRef].into_iter().chain(columns);
    let foreign = RecordBatch::try_from_iter(names.into_iter().zip(arrays)).unwrap();
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(30_000)).set_offset_index_disabled(true).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), foreign.schema(), Some(properties)).unwrap();
    writer.write(&foreign).unwrap();
    fs::write(folder.path().join("foreign.parquet"), writer.into_inner().unwrap()).unwrap();
    (folder, bars)
});

fn between(file: &str, from: i64, to: i64) -> (Bars, u64) {
    let path = FILES.0.path().join(file);
    Bars::read_parquet_between(&path, timeframe("1m"), &Calendar::Continuous, Timestamp(from)..Timestamp(to)).unwrap()
}

proptest! {
    #[test]
    fn a_range_is_what_a_look_at_every_bar_finds(from in -2 * MINUTE..BARS * MINUTE * 5 / 2, length in 0..3 * Timestamp::DAY) {
        let whole = &FILES.1;
        let to = from + length;
        let first = whole.timestamps().iter().position(|open| *open >= from).unwrap_or(whole.len());
        let end = whole.timestamps().iter().position(|open| *open >= to).unwrap_or(whole.len());
        for file in ["own.parquet", "foreign.parquet"] {
            assert_eq!(between(file, from, to).0, whole.slice(first..end), "{file}");
        }
    }
}

#[test]
fn a_hundredth_of_the_bars_takes_about_a_hundredth_of_the_bytes() {
    let whole = &FILES.1;
    let size = fs::metadata(FILES.0.path().join("own.parquet")).unwrap().len() as f64;
    let bars = BARS as usize / 100;
    for first in [0, 50_000, 130_000, 262_000, BARS as usize - bars] {
        let opens = whole.timestamps();
        let (some, bytes) = between("own.parquet", opens[first], opens[first + bars - 1] + 1);
        assert_eq!(some.len(), bars);
        // A hundredth, what two pages of 8,192 rows make of it, the footer, and the timestamps of two groups.
        assert!((bytes as f64) < 0.07 * size, "{bytes} of {size} bytes");
    }
}

/// Prices that never repeat fill the largest dictionaries that a file of ours may have: of those, too, a range takes
/// its own pages and little else. Of five million bars that is 1.2 to 1.4 % for a hundredth.
#[test]
fn of_prices_that_never_repeat_a_range_takes_its_pages_and_small_dictionaries() {
    const GROUP: usize = 1 << 17;
    const PAGE: usize = 1 << 13;
    let bars = 2 * GROUP;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1m.parquet");
    let opens: Vec<i64> = (0..bars as i64).map(|bar| bar * MINUTE).collect();
    // Each bar's own multiple of an irrational number, without its whole part.
    let scattered = |base: f64| (0..bars).map(|bar| base + (bar as f64 * 2_f64.sqrt()).fract()).collect::<Vec<f64>>();
    let fields = [scattered(2.0), scattered(4.0), scattered(1.0), scattered(2.5), scattered(1000.0)];
    let whole = Bars::new(timeframe("1m"), &Calendar::Continuous, opens, fields).unwrap();
    whole.write_parquet(&path).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    let read = |from: usize, to: usize| {
        let range = Timestamp(from as i64 * MINUTE)..Timestamp(to as i64 * MINUTE);
        let read = Bars::read_parquet_between(&path, timeframe("1m"), &Calendar::Continuous, range).unwrap();
        assert_eq!(read.0.len(), to - from);
        read.1
    };
    let (footer, all) = (read(0, 0), read(0, bars));
    assert!(all >= size * 99 / 100, "{all} of {size}");
    for (from, to) in [(0, 1), (0, bars / 100), (5 * PAGE - 7, 5 * PAGE + 7), (GROUP, GROUP + bars / 100)] {
        let pages = (to - 1) / PAGE - from / PAGE + 1;
        // Five columns of eight bytes, five dictionaries, and the timestamps of the group, which are even here.
        let most = footer + (pages * PAGE * 5 * 8 + 5 * PAGE * 16 + PAGE) as u64;
        let bytes = read(from, to);
        assert!(bytes <= most, "{from} to {to}: {bytes} of {size} bytes, not {most}");
    }
}

#[test]
fn what_comes_after_the_end_or_before_the_beginning_is_nothing() {
    for (from, to) in [(-10, 0), (i64::MIN, -1), (BARS * 10 * MINUTE, i64::MAX), (5, 5)] {
        let (bars, _) = between("own.parquet", from, to);
        assert!(bars.is_empty());
    }
    assert_eq!(between("own.parquet", i64::MIN, i64::MAX).0, FILES.1);
}

/// What is said of a file.
fn told(path: &Path) -> String {
    let error: Diagnostic = Bars::read_parquet(path, Timeframe::DAY, &Calendar::Continuous).unwrap_err();
    format!("{}\n{}", error.message(), error.help().unwrap_or_default())
}

#[test]
fn a_footer_that_claims_more_rows_than_bytes_can_hold_costs_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.parquet");
    let opens: Vec<i64> = (0..100).map(|day| day * Timestamp::DAY).collect();
    let bars = bars_at(Timeframe::DAY, &Calendar::Continuous, &opens);
    let bytes = parquet_bytes(&bars.to_record_batch().unwrap()).unwrap();
    fs::write(&path, &bytes).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&fs::File::open(&path).unwrap()).unwrap();
    let footer = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
    let claimed = 1_000_000_000_000;
    let file = metadata.file_metadata();
    let file = FileMetaData::new(file.version(), claimed, None, None, file.schema_descr_ptr(), None);
    let group = |group: &RowGroupMetaData| group.clone().into_builder().set_num_rows(claimed).build().unwrap();
    let bomb = ParquetMetaData::new(file, metadata.row_groups().iter().map(group).collect());
    let mut out = bytes[..bytes.len() - 8 - footer].to_vec();
    ParquetMetaDataWriter::new(&mut out, &bomb).finish().unwrap();
    fs::write(&path, out).unwrap();
    insta::assert_snapshot!(told(&path), @r"
    its footer names 1000000000000 rows, which cannot be in this file
    it may be damaged: write it again
    ");
}

#[test]
fn ten_thousand_columns_are_no_bars() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.parquet");
    let bars = bars_at(Timeframe::DAY, &Calendar::Continuous, &[0, Timestamp::DAY]);
    let one: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let batch = bars.to_record_batch().unwrap();
    let own = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<String>>();
    let own = own.into_iter().zip(batch.columns().iter().cloned());
    let others = (0..10_000).map(|column| (format!("c{column}"), one.clone()));
    let wide = RecordBatch::try_from_iter(own.chain(others)).unwrap();
    fs::write(&path, parquet_bytes(&wide).unwrap()).unwrap();
    insta::assert_snapshot!(told(&path), @r"
    it has 10007 columns: at most 1000 are allowed
    leave out the columns that no strategy reads
    ");
}
