//! Files in and out: CSV, Parquet, record batches, the catalog, the committed data.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    ArrayRef, Date32Array, Float32Array, Float64Array, Int64Array, RecordBatch, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt16Array,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use timeweave::data::{Adjust, Bars, Catalog, Fault, Field, Import, Instrument, Manifest, Merge, Mode, parquet_bytes};
use timeweave::error::Result;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{instant, new_york, timeframe};

fn committed() -> Catalog {
    Catalog::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")).unwrap()
}

fn instrument(text: &str) -> Instrument {
    text.parse().unwrap()
}

/// What an import of one file did.
pub struct Done {
    pub bars: usize,
    pub dropped: Vec<Fault>,
    pub jumps: Vec<Fault>,
}

/// Imports the text of a CSV as `set/X` into the datasets below `folder`, over what is there.
pub fn import(folder: &Path, csv: &str, change: impl FnOnce(&mut Import)) -> Result<Done> {
    let file = folder.join("x.csv");
    fs::write(&file, csv).unwrap();
    let mut import = Import {
        symbol: Some("X".into()),
        timeframe: Some(Timeframe::DAY),
        merge: Merge::Replace,
        ..Import::new("set", vec![file])
    };
    change(&mut import);
    let staged = import.read(&folder.join("datasets"), true, &mut |_| true)?;
    let read = staged.files[0].1.clone()?;
    let stored = staged.commit()?;
    Ok(Done { bars: stored[0].1.bars, dropped: read.dropped.1, jumps: read.jumps.1 })
}

#[test]
fn the_committed_bars_are_the_figures_of_their_csv() {
    // Rows as they stand in the CSV files of the WIKI prices.
    let rows = [
        ("AAPL", 0, "2000-03-01,118.56,132.06,118.5,130.31,9616100,4.186662803811"),
        ("AAPL", 148, "2000-09-29,28.19,29.0,25.37,25.75,132529300,1.6546169472509"),
        ("AAPL", 3269, "2013-03-01,438.0,438.1799,429.98,430.47,19730300,56.137353095488"),
        ("FB", 0, "2012-05-18,42.05,45.0,38.0,38.2318,573576400,38.2318"),
        ("FB", 195, "2013-03-01,27.05,28.1164,26.81,27.78,54064800,27.78"),
        ("GOOG", 0, "2004-08-19,100.01,104.06,95.96,100.335,44659000,50.32284179174976"),
        ("GOOG", 2147, "2013-03-01,797.8,807.14,796.15,806.19,4346400,404.3431686260103"),
        ("MSFT", 0, "2000-03-01,89.62,94.09,88.94,90.81,53444900,30.225709797294"),
        ("MSFT", 3269, "2013-03-01,27.72,27.98,27.52,27.95,34849700,24.684342419163"),
    ];
    let catalog = committed();
    let lengths = [("AAPL", 3270), ("FB", 196), ("GOOG", 2148), ("MSFT", 3270)];
    for (symbol, length) in lengths {
        let bars = catalog.bars(&instrument(&format!("us_equities/{symbol}")), Timeframe::DAY, Adjust::None).unwrap();
        assert_eq!(bars.len(), length);
        for (_, bar, row) in rows.iter().filter(|(of, ..)| *of == symbol) {
            let cells: Vec<&str> = row.split(',').collect();
            assert_eq!(bars.timestamp(*bar).to_string(), cells[0]);
            let columns = Field::ALL.map(Field::name).into_iter().chain(["adj_close"]);
            let values: Vec<f64> = columns.map(|name| bars.column(name).unwrap()[*bar]).collect();
            let figures: Vec<f64> = cells[1..].iter().map(|cell| cell.parse().unwrap()).collect();
            assert_eq!(values, figures, "{symbol} {}", cells[0]);
        }
    }
    assert_eq!(catalog.instruments("us_equities").unwrap().len(), lengths.len());
    let manifest = catalog.manifest("us_equities").unwrap();
    assert_eq!((manifest.calendar, manifest.files.len()), (Calendar::Weekdays, lengths.len()));
}

#[test]
fn adjusted_weeks_of_the_committed_bars() {
    let apple = instrument("us_equities/AAPL");
    let week = committed().bars(&apple, Timeframe::WEEK, Adjust::Total).unwrap();
    // Monday 2013-02-25 to Friday 2013-03-01, whose close is adjusted to 56.137353095488.
    assert_eq!(week.timestamp(week.len() - 1).to_string(), "2013-02-25");
    let close = week.field(Field::Close).last().unwrap();
    assert!((close / 56.137353095488 - 1.0).abs() < 1e-15, "{close}");
    assert_eq!(week.field(Field::Volume).last(), Some(&83_442_600.0));
    assert!(week.last_complete());
    assert!(!committed().bars(&apple, Timeframe::MONTH, Adjust::Total).unwrap().last_complete());
    let day = committed().bars(&apple, Timeframe::DAY, Adjust::Total).unwrap();
    let (low, high) = (day.field(Field::Low), day.field(Field::High));
    for field in [Field::Open, Field::Close] {
        assert!(day.field(field).iter().zip(low.iter().zip(high.iter())).all(|(c, (l, h))| l <= c && c <= h));
    }
}

#[test]
fn adjusted_prices_are_those_that_the_golden_figures_were_made_of() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/talib_aapl.parquet");
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(golden).unwrap()).unwrap();
    let golden = reader.with_batch_size(10_000).build().unwrap().next().unwrap().unwrap();
    let bars = committed().bars(&instrument("us_equities/AAPL"), Timeframe::DAY, Adjust::Total).unwrap();
    let dates = golden.column_by_name("date").unwrap().as_string::<i64>();
    assert_eq!(golden.num_rows(), bars.len());
    assert!((0..bars.len()).all(|bar| bars.timestamp(bar).to_string() == dates.value(bar)));
    for field in Field::ALL {
        let expected = golden.column_by_name(field.name()).unwrap().as_primitive::<Float64Type>().values();
        assert_eq!(bars.field(field).values(), expected, "{}", field.name());
    }
}

#[test]
fn a_csv_comes_in_and_is_there_under_every_timeframe() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "time , LOW,high,Open,CLOSE,Volume,Note\n2024-03-08T00:00:00Z,9,12,10,11,5,1.5\n2024-03-11T00:00:00Z,8,11,11,9,7,\n";
    let done = import(folder.path(), csv, |import| import.about.currency = Some("USD".into())).unwrap();
    assert_eq!((done.bars, done.dropped.len(), done.jumps.len()), (2, 0, 0));
    let catalog = Catalog::open(folder.path().join("datasets")).unwrap();
    let bars = catalog.bars(&instrument("set/X"), Timeframe::MONTH, Adjust::Total).unwrap();
    assert_eq!(Field::ALL.map(|field| bars.field(field)[0]), [10.0, 12.0, 8.0, 9.0, 12.0]);
    assert!(bars.column("note").unwrap()[0].is_nan());

    let before = catalog.fingerprint(&instrument("set/X")).unwrap();
    assert_eq!(before.calendar, "weekdays UTC");
    assert_eq!(before.files[0].file, "set/X/1d.parquet");
    assert_eq!(catalog.manifest("set").unwrap().files["X/1d.parquet"], before.files[0].sha256);
    // The same file again leaves the same bytes; a person's comment in dataset.toml stays.
    let toml = folder.path().join("datasets/set/dataset.toml");
    fs::write(&toml, format!("# mine\n{}", fs::read_to_string(&toml).unwrap())).unwrap();
    import(folder.path(), csv, |_| ()).unwrap();
    let catalog = Catalog::open(folder.path().join("datasets")).unwrap();
    assert_eq!(catalog.fingerprint(&instrument("set/X")).unwrap(), before);
    assert!(fs::read_to_string(&toml).unwrap().starts_with("# mine\ncalendar = \"weekdays\""));
    // What is stored wins over what could be made.
    import(folder.path(), "date,open,high,low,close,volume\n2024-03-04,1,1,1,1,1\n", |import| {
        import.timeframe = Some(Timeframe::WEEK);
    })
    .unwrap();
    assert_eq!(catalog.bars(&instrument("set/X"), Timeframe::WEEK, Adjust::Total).unwrap().len(), 1);
    assert_eq!(catalog.timeframes(&instrument("set/X")).unwrap(), [Timeframe::DAY, Timeframe::WEEK]);
}

#[test]
fn what_is_noted_of_bars_is_the_hash_of_the_file_that_they_were_read_from() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "date,open,high,low,close,volume\n2024-03-08,1,1,1,1,1\n2024-03-11,1,1,1,1,1\n";
    import(folder.path(), csv, |_| ()).unwrap();
    let datasets = folder.path().join("datasets");
    let (of, catalog) = (instrument("set/X"), Catalog::open(&datasets).unwrap());
    let bars = catalog.bars(&of, Timeframe::DAY, Adjust::None).unwrap();
    let recorded = catalog.manifest("set").unwrap().files["X/1d.parquet"].clone();
    // Somebody writes other bars in their place while a run is on.
    bars.slice(0..1).write_parquet(&datasets.join("set/X/1d.parquet")).unwrap();
    assert_eq!(catalog.bars(&of, Timeframe::DAY, Adjust::None).unwrap(), bars);
    assert_eq!(catalog.fingerprint(&of).unwrap().files[0].sha256, recorded);
    // Whoever comes later is told.
    let told = Catalog::open(&datasets).unwrap().bars(&of, Timeframe::DAY, Adjust::None).unwrap_err();
    assert!(told.message().starts_with("this is not the file that dataset.toml records"), "{told}");
}

#[test]
fn a_bare_date_opens_with_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "date,open,high,low,close,volume\n2024-03-08,1,1,1,1,1\n2024-03-11,1,1,1,1,1\n";
    import(folder.path(), csv, |import| import.about.calendar = Some(new_york())).unwrap();
    let catalog = Catalog::open(folder.path().join("datasets")).unwrap();
    let bars = catalog.bars(&instrument("set/X"), Timeframe::DAY, Adjust::Total).unwrap();
    assert_eq!(bars.timestamps()[..], [instant("2024-03-08 14:30").0, instant("2024-03-11 13:30").0]);
    assert_eq!(bars.close_instants()[1], instant("2024-03-11 20:00").0);
}

#[test]
fn lenient_leaves_out_what_is_wrong_and_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    // An empty line and another line's end, which count as lines.
    let csv = "date,open,high,low,close,volume\n\n2024-03-04,1,1,1,1,1\r\n2024-03-05,2,1,1,1,1\n2024-03-06,1,1,1,1,1\n\
               2024-03-06,1,1,1,1,1\n2024-03-07,2,2,2,2,1\n";
    let done = import(folder.path(), csv, |import| import.mode = Mode::Lenient).unwrap();
    assert_eq!(done.bars, 3);
    let told: Vec<String> = done.dropped.iter().map(|fault| format!("{} {fault}", fault.row)).collect();
    assert_eq!(told, ["4 high 1 is below open 2", "6 a second row for 2024-03-06 (the first: 5)"]);
    let told: Vec<String> = done.jumps.iter().map(|fault| format!("{} {fault}", fault.row)).collect();
    assert_eq!(told, ["7 close goes from 1 to 2: a jump of +100.0 %"]);
}

fn plain_bars() -> impl Strategy<Value = Bars> {
    prop::collection::vec((1_i64..5, 1.0..1e6_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1e12_f64), 0..80).prop_map(|rows| {
        let mut open = instant("1969-12-01").0;
        let mut opens = Vec::new();
        let mut columns: [Vec<f64>; 5] = Default::default();
        for (bar, (step, price, up, down, volume)) in rows.iter().enumerate() {
            // Bars none of which follows the other at once would be those of another timeframe, and are refused.
            open += if bar % 8 == 1 { 1 } else { *step } * 60 * Timestamp::SECOND;
            opens.push(open);
            let row = [*price, price * (1.0 + up), price * (1.0 - down * 0.9), price * (1.0 + up / 2.0), *volume];
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        let note = rows.iter().map(|row| row.2).collect::<Vec<f64>>();
        Bars::new(timeframe("1m"), &new_york(), opens, columns).unwrap().with_column("note", note).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(bars in plain_bars()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1m.parquet");
        bars.write_parquet(&path).unwrap();
        let first = fs::read(&path).unwrap();
        prop_assert_eq!(&Bars::read_parquet(&path, timeframe("1m"), &new_york()).unwrap(), &bars);
        bars.write_parquet(&path).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), first);
    }

    #[test]
    fn a_broken_parquet_file_is_an_error_and_never_a_panic(
        bars in plain_bars(), place in 0.0..1.0_f64, value in any::<u8>(), cut in prop::bool::weighted(0.2),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1m.parquet");
        let mut bytes = parquet_bytes(&bars.to_record_batch().unwrap()).unwrap();
        let place = (bytes.len() as f64 * place) as usize;
        if cut { bytes.truncate(place) } else { bytes[place] ^= value.max(1) }
        fs::write(&path, bytes).unwrap();
        let read = Bars::read_parquet(&path, timeframe("1m"), &new_york());
        prop_assert!(!cut || read.is_err());
    }
}

#[test]
fn a_record_batch_shares_its_columns() {
    let bars = super::bars_at(Timeframe::DAY, &Calendar::Continuous, &[0, Timestamp::DAY]);
    let batch = bars.to_record_batch().unwrap();
    let back = Bars::from_record_batch(Timeframe::DAY, &Calendar::Continuous, &batch, "batch").unwrap();
    assert_eq!(back, bars);
    assert_eq!(back.timestamps().as_ptr(), bars.timestamps().as_ptr());
    for field in Field::ALL {
        assert_eq!(back.field(field).as_ptr(), bars.field(field).as_ptr());
    }
}

#[test]
fn other_peoples_types_are_understood() {
    let prices: ArrayRef = Arc::new(Float32Array::from(vec![1.5, 2.5]));
    let opens: [ArrayRef; 4] = [
        Arc::new(TimestampSecondArray::from(vec![0, 86_400])),
        Arc::new(TimestampMillisecondArray::from(vec![0, 86_400_000]).with_timezone("Europe/Berlin")),
        Arc::new(TimestampNanosecondArray::from(vec![0, 86_400_000_000_000])),
        Arc::new(Date32Array::from(vec![0, 1])),
    ];
    for open in opens {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("Volume", Arc::new(Int64Array::from(vec![10, 20]))),
            ("Open", prices.clone()),
            ("High", prices.clone()),
            ("Low", prices.clone()),
            ("Close", prices.clone()),
            ("Date", open),
            ("Adj Close", Arc::new(Float64Array::from(vec![0.5, 1.0]))),
            ("Trades", Arc::new(UInt16Array::from(vec![Some(3), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let bars = Bars::from_record_batch(Timeframe::DAY, &Calendar::Continuous, &batch, "batch").unwrap();
        assert_eq!(bars.timestamps()[..], [0, Timestamp::DAY]);
        assert_eq!(bars.field(Field::Close)[..], [1.5, 2.5]);
        assert_eq!(bars.field(Field::Volume)[..], [10.0, 20.0]);
        assert_eq!(bars.column("adj_close").unwrap()[..], [0.5, 1.0]);
        assert!(bars.column("trades").unwrap()[1].is_nan());
    }
}

#[test]
fn a_manifest_is_read_back_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = Manifest {
        calendar: new_york(),
        currency: "USD".into(),
        source: "a \"quoted\" place\\".into(),
        licence: "two\nlines".into(),
        trading: BTreeMap::new(),
        files: [("X/1d.parquet".to_owned(), "abc".to_owned())].into(),
    };
    manifest.write(folder.path()).unwrap();
    assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
    manifest.write(folder.path()).unwrap();
    assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
}
