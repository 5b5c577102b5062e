//! `runner data check`'s eyes: forty files that are wrong, each told; gaps; and files that are right.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use timeweave::data::{About, Bars, Catalog, Checked, Dataset, Merge, parquet_bytes};
use timeweave::time::{Calendar, Timestamp};

use super::{bars_at, days, new_york, timeframe};

/// Columns by their names, as a file holds them.
type Columns = Vec<(String, ArrayRef)>;

const DAYS: usize = 30;

/// Thirty days without a fault.
fn good() -> Columns {
    let base = |bar: usize| 100.0 + bar as f64;
    let column = |add: f64| Arc::new(Float64Array::from_iter_values((0..DAYS).map(|bar| base(bar) + add))) as ArrayRef;
    let opens = days("2024-03-01", DAYS as i64);
    let named = |name: &str, array: ArrayRef| (name.to_owned(), array);
    vec![
        named("timestamp", Arc::new(TimestampMicrosecondArray::from_iter_values(opens).with_timezone("UTC"))),
        named("open", column(0.0)),
        named("high", column(2.0)),
        named("low", column(-1.0)),
        named("close", column(1.0)),
        named("volume", column(900.0)),
        named("adj_close", column(0.5)),
    ]
}

/// The numbers of a column with some put in the place of others.
fn with(name: &str, changes: &[(usize, f64)]) -> Columns {
    let mut columns = good();
    let (_, array) = columns.iter_mut().find(|(column, _)| column == name).unwrap();
    let mut values = array.as_any().downcast_ref::<Float64Array>().unwrap().values().to_vec();
    changes.iter().for_each(|(row, value)| values[*row] = *value);
    *array = Arc::new(Float64Array::from(values));
    columns
}

/// With other timestamps.
fn at(change: impl Fn(usize, i64) -> i64) -> Columns {
    let mut columns = good();
    let opens = days("2024-03-01", DAYS as i64).enumerate().map(|(row, open)| change(row, open));
    columns[0].1 = Arc::new(TimestampMicrosecondArray::from_iter_values(opens).with_timezone("UTC"));
    columns
}

fn bytes(columns: Columns) -> Vec<u8> {
    parquet_bytes(&RecordBatch::try_from_iter(columns).unwrap()).unwrap()
}

/// A dataset with one file of these bytes.
fn dataset(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    fs::create_dir_all(folder.join("made/X")).unwrap();
    fs::write(folder.join("made/dataset.toml"), "calendar = \"24x7\"\n").unwrap();
    let path = folder.join("made/X").join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn checked(folder: &Path) -> Vec<Checked> {
    Catalog::open(folder).unwrap().check("made").unwrap()
}

/// What is told of a file, without the folder that it lies in.
fn told(folder: &Path, file: &Checked) -> String {
    let mut told = String::new();
    if let Some(broken) = &file.broken {
        told += &format!("{}; {}\n", broken.message(), broken.help().unwrap_or_default());
    }
    for fault in &file.faults {
        told += &format!("row {}: {fault}\n", fault.row);
    }
    told.replace(&folder.display().to_string(), "FOLDER")
}

#[test]
fn forty_wrong_files_are_told() {
    let without = |name: &str| good().into_iter().filter(|(column, _)| column != name).collect::<Columns>();
    let plus = |name: &str, array: ArrayRef| good().into_iter().chain([(name.to_owned(), array)]).collect::<Columns>();
    let instead = |place: usize, array: ArrayRef| {
        let mut columns = good();
        columns[place].1 = array;
        columns
    };
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; DAYS])) as ArrayRef;
    let day = Timestamp::DAY;
    let null_close =
        Float64Array::from((0..DAYS).map(|row| (row != 7).then_some(101.0 + row as f64)).collect::<Vec<_>>());
    let null_time = TimestampMicrosecondArray::from(
        (0..DAYS).map(|row| (row != 7).then_some(row as i64 * day)).collect::<Vec<_>>(),
    );
    let wide = (0..2_000).fold(good(), |mut columns, column| {
        columns.push((format!("c{column}"), Arc::new(Float64Array::from(vec![1.0; DAYS]))));
        columns
    });
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("a close that is not known", "1d", bytes(with("close", &[(3, f64::NAN)]))),
        ("a close of nothing", "1d", bytes(with("close", &[(3, 0.0)]))),
        ("a close below zero", "1d", bytes(with("close", &[(3, -101.0)]))),
        ("an open without end", "1d", bytes(with("open", &[(3, f64::INFINITY)]))),
        ("an open that is not known", "1d", bytes(with("open", &[(0, f64::NAN)]))),
        ("a high below the close", "1d", bytes(with("high", &[(3, 103.5)]))),
        ("a high below the open", "1d", bytes(with("high", &[(3, 102.5)]))),
        ("a high below the low", "1d", bytes(with("high", &[(3, 50.0)]))),
        ("a high of nothing", "1d", bytes(with("high", &[(3, 0.0)]))),
        ("a low above the open", "1d", bytes(with("low", &[(3, 103.5)]))),
        ("a low above the close", "1d", bytes(with("low", &[(3, 104.5)]))),
        ("a low below zero", "1d", bytes(with("low", &[(3, -1.0)]))),
        ("a volume below zero", "1d", bytes(with("volume", &[(3, -1.0)]))),
        ("a volume that is not known", "1d", bytes(with("volume", &[(3, f64::NAN)]))),
        ("a volume without end", "1d", bytes(with("volume", &[(3, f64::INFINITY)]))),
        ("an adjusted close of nothing", "1d", bytes(with("adj_close", &[(3, 0.0)]))),
        ("an adjusted close that is not known", "1d", bytes(with("adj_close", &[(3, f64::NAN)]))),
        ("an adjusted close below zero", "1d", bytes(with("adj_close", &[(29, -3.0)]))),
        ("several rows", "1d", bytes(with("close", &[(0, f64::NAN), (5, 0.0), (29, 1e9)]))),
        ("every row", "1d", bytes(with("low", &(0..DAYS).map(|row| (row, 1e6)).collect::<Vec<_>>()))),
        ("an empty close", "1d", bytes(instead(4, Arc::new(null_close)))),
        ("a day twice", "1d", bytes(at(|row, open| if row == 9 { open - day } else { open }))),
        ("a day out of order", "1d", bytes(at(|row, open| if row == 9 { open - 5 * day } else { open }))),
        ("newest first", "1d", bytes(at(|row, _| (40 - row as i64) * day))),
        ("two bars on a day", "1d", bytes(at(|row, open| if row == 9 { open - day / 2 } else { open }))),
        ("a date after all dates", "1d", bytes(at(|row, open| if row == 29 { i64::MAX } else { open }))),
        ("a date before all dates", "1d", bytes(at(|row, open| if row == 0 { i64::MIN } else { open }))),
        ("an empty date", "1d", bytes(instead(0, Arc::new(null_time)))),
        ("weeks in a file of days", "1d", bytes(at(|row, _| row as i64 * 7 * day))),
        ("days in a file of hours", "1h", bytes(good())),
        ("hours in a file of days", "1d", bytes(at(|row, _| row as i64 * day / 24))),
        ("no close", "1d", bytes(without("close"))),
        ("no date", "1d", bytes(without("timestamp"))),
        ("no volume", "1d", bytes(without("volume"))),
        ("a close twice", "1d", bytes(plus("Close", Arc::new(Float64Array::from(vec![1.0; DAYS]))))),
        ("a column of words", "1d", bytes(plus("note", texts("dear")))),
        ("prices as words", "1d", bytes(instead(4, texts("101.5")))),
        ("dates as words", "1d", bytes(instead(0, texts("2024-03-01")))),
        ("dates as fractions", "1d", bytes(instead(0, Arc::new(Float64Array::from(vec![1.5; DAYS]))))),
        ("too many columns", "1d", bytes(wide)),
        ("nothing at all", "1d", Vec::new()),
        ("a text", "1d", b"Date,Open,High,Low,Close,Volume\n2024-03-01,1,2,1,2,3\n".to_vec()),
        ("half of a file", "1d", bytes(good())[..1500].to_vec()),
        ("its last byte missing", "1d", bytes(good()).split_last().unwrap().1.to_vec()),
        ("its first half of another file", "1d", [&vec![7; 900][..], &bytes(good())[900..]].concat()),
    ];
    assert!(cases.len() >= 40);
    let mut all = String::new();
    for (what, timeframe, bytes) in cases {
        let folder = tempfile::tempdir().unwrap();
        dataset(folder.path(), &format!("{timeframe}.parquet"), &bytes);
        let files = checked(folder.path());
        assert_eq!(files.len(), 1, "{what}");
        assert!(!files[0].is_right(), "{what}");
        all += &format!("# {what}\n{}\n", told(folder.path(), &files[0]));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn files_that_are_right_are_and_what_is_recorded_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = dataset(folder.path(), "1d.parquet", &bytes(good()));
    let catalog = Catalog::open(folder.path()).unwrap();
    catalog.record("made").unwrap();
    let [file] = &checked(folder.path())[..] else { panic!("one file") };
    assert!(file.is_right() && file.jumps.is_empty() && file.missing() == 0);
    assert_eq!((file.rows, file.file.as_str()), (DAYS, "made/X/1d.parquet"));
    // Another file of the same name, then none.
    fs::write(&path, bytes(with("close", &[(3, 104.5)]))).unwrap();
    let changed = told(folder.path(), &checked(folder.path())[0]);
    assert!(changed.contains("not the file that dataset.toml records"), "{changed}");
    fs::remove_file(&path).unwrap();
    fs::write(path.with_file_name("1wk.parquet"), bytes(at(|row, _| (4 + row as i64 * 7) * Timestamp::DAY))).unwrap();
    let gone = checked(folder.path()).into_iter().find(|file| file.file.ends_with("1d.parquet")).unwrap();
    assert_eq!(gone.broken.unwrap().message(), "dataset.toml records it, and it is not there");
}

#[test]
fn the_committed_datasets_are_right() {
    let catalog = Catalog::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets")).unwrap();
    for dataset in catalog.datasets().unwrap() {
        for file in catalog.check(&dataset).unwrap() {
            assert!(file.is_right(), "{}: {:?} {:?}", file.file, file.broken, file.faults);
        }
        for file in catalog.check_series(&dataset).unwrap() {
            assert!(file.is_right(), "{}: {:?} {:?}", file.file, file.broken, file.faults);
        }
    }
}

/// The gaps of bars with some taken out, counted by taking them out one by one.
#[test]
fn what_is_taken_out_is_missing() {
    for (calendar, span, bars) in [
        (Calendar::Continuous, "1d", 400),
        (Calendar::Weekdays, "1d", 400),
        (Calendar::Weekdays, "1wk", 100),
        (Calendar::Continuous, "1h", 2_000),
        (new_york(), "1h", 2_000),
        (new_york(), "1d", 400),
        (new_york(), "15m", 3_001),
    ] {
        let timeframe = timeframe(span);
        let from: Timestamp = "2023-11-01".parse().unwrap();
        let opens: Vec<i64> = calendar.openings(timeframe, from).take(bars).map(|open| open.0).collect();
        let taken = |bar: &usize| bar % 7 == 3 || (40..60).contains(bar);
        let left: Vec<i64> = (0..bars).filter(|bar| !taken(bar)).map(|bar| opens[bar]).collect();
        let out = (0..bars).filter(taken).count();
        let folder = tempfile::tempdir().unwrap();
        let about = About { calendar: Some(calendar.clone()), ..About::default() };
        let some: Bars = bars_at(timeframe, &calendar, &left);
        Dataset::open(folder.path(), "made", &about).unwrap().store("X", &some, Merge::New).unwrap();
        let file = &checked(folder.path())[0];
        assert!(file.is_right(), "{span}: {:?}", file.broken);
        assert_eq!(file.missing(), out, "{calendar} {span}");
        assert_eq!(file.months.iter().map(|month| month.expected).sum::<usize>(), bars, "{calendar} {span}");
    }
}
