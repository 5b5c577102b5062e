//! A look at every release that is stored: files that are wrong, each told, and files that are right.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use tempfile::TempDir;
use timeweave::data::{Catalog, CheckedSeries, ExternalSource, parquet_bytes};

use super::{DAY, releases};

const ROWS: usize = 60;

/// Columns by their names, as a file holds them.
type Columns = Vec<(String, ArrayRef)>;

fn instants(of: impl Fn(i64) -> Option<i64>) -> ArrayRef {
    let instants = (0..ROWS as i64).map(|row| of(row).map(|day| day * DAY));
    Arc::new(TimestampMicrosecondArray::from_iter(instants).with_timezone("UTC"))
}

fn figures(change: impl Fn(usize) -> f64) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values((0..ROWS).map(change)))
}

fn words(of: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..ROWS).map(of)))
}

/// Sixty days without a fault, each known two days later.
fn good() -> Columns {
    let state = |row: usize| if row < 20 { "recession" } else { "growth" }.to_owned();
    [
        ("available_at", instants(|row| Some(row + 2))),
        ("timestamp", instants(Some)),
        ("value", figures(|row| row as f64)),
        ("state", words(state)),
    ]
    .map(|(name, array)| (name.to_owned(), array))
    .to_vec()
}

fn with(name: &str, array: ArrayRef) -> Columns {
    let others = good().into_iter().filter(|(column, _)| column != name);
    others.chain([(name.to_owned(), array)]).collect()
}

fn without(names: &[&str]) -> Columns {
    good().into_iter().filter(|(column, _)| !names.contains(&column.as_str())).collect()
}

fn bytes(columns: Columns) -> Vec<u8> {
    parquet_bytes(&RecordBatch::try_from_iter(columns).unwrap()).unwrap()
}

/// What a look finds of a dataset with one series of these bytes.
fn checked(folder: &Path, name: &str, bytes: &[u8]) -> CheckedSeries {
    fs::create_dir_all(folder.join("macro")).unwrap();
    fs::write(folder.join("macro/dataset.toml"), "calendar = \"24x7\"\n").unwrap();
    fs::write(folder.join(format!("macro/{name}.parquet")), bytes).unwrap();
    let mut all = Catalog::open(folder).unwrap().check_series("macro").unwrap();
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

#[test]
fn wrong_series_are_told_by_file_row_and_value() {
    let odd = |at: usize, value: f64| figures(move |row| if row == at { value } else { row as f64 });
    let only =
        |array: ArrayRef| with("value", array).into_iter().filter(|(name, _)| name != "state").collect::<Columns>();
    let gaps = |rows: usize| instants(move |row| (row as usize >= rows).then_some(row + 2));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        (
            "known before its date",
            "x",
            bytes(with("available_at", instants(|row| Some(row + 2 - 9 * i64::from(row == 5))))),
        ),
        ("all known before their dates", "x", bytes(with("available_at", instants(|row| Some(row - 1))))),
        ("a figure without end", "x", bytes(with("value", odd(3, f64::INFINITY)))),
        ("a figure without end, below", "x", bytes(with("value", odd(59, f64::NEG_INFINITY)))),
        ("a row without a figure", "x", bytes(only(odd(3, f64::NAN)))),
        (
            "a date twice, from one instant on",
            "x",
            bytes(
                only(figures(|_| 1.0))
                    .into_iter()
                    .map(|(name, array)| match name.as_str() {
                        "value" => (name, array),
                        "timestamp" => (name, instants(|row| Some(row - i64::from(row == 9)))),
                        _ => (name, instants(|row| Some(row + 2 - i64::from(row == 9)))),
                    })
                    .collect(),
            ),
        ),
        ("several faults", "x", bytes(with("value", figures(|row| if row % 9 == 4 { f64::INFINITY } else { 1.0 })))),
        (
            "a date in the year 50,000",
            "x",
            bytes(with("available_at", instants(|row| Some(row + 2 + 17_500_000 * i64::from(row == 7))))),
        ),
        ("an empty instant", "x", bytes(with("available_at", gaps(1)))),
        ("seven empty dates", "x", bytes(with("timestamp", gaps(7)))),
        ("no date", "x", bytes(without(&["timestamp"]))),
        ("no figures", "x", bytes(without(&["value", "state"]))),
        ("a figure twice", "x", bytes(good().into_iter().chain([("VALUE".to_owned(), figures(|_| 1.0))]).collect())),
        ("figures that are dates", "x", bytes(with("value", Arc::new(Date32Array::from(vec![1; ROWS]))))),
        ("dates as words", "x", bytes(with("timestamp", words(|_| "2024-03-01".into())))),
        ("instants as numbers", "x", bytes(with("available_at", figures(|row| row as f64)))),
        (
            "a word too many",
            "x",
            bytes(good().into_iter().chain([("note".to_owned(), words(|row| row.to_string()))]).collect()),
        ),
        (
            "words that differ by their case",
            "x",
            bytes(with("state", words(|row| if row < 9 { "Growth" } else { "growth" }.into()))),
        ),
        ("no rows", "x", parquet_bytes(&RecordBatch::try_from_iter(good()).unwrap().slice(0, 0)).unwrap()),
        ("a name that no script can write", "core cpi", bytes(good())),
        ("half of a file", "x", bytes(good())[..600].to_vec()),
        ("a text", "x", b"date,value\n2024-03-01,1\n".to_vec()),
        ("nothing at all", "x", Vec::new()),
    ];
    let mut all = String::new();
    for (what, name, bytes) in cases {
        let folder = TempDir::new().unwrap();
        let found = checked(folder.path(), name, &bytes);
        all += &format!("# {what}\n{}\n", told(folder.path(), &found));
        // What a look finds a run refuses, and the other way round.
        if let Ok(source) = format!("macro/{name}").parse::<ExternalSource>() {
            let read = Catalog::open(folder.path()).unwrap().external(&source, "");
            assert!(read.is_err() && !found.is_right(), "{what}");
        }
        assert!(!found.is_right(), "{what}");
    }
    insta::assert_snapshot!(all);
}

/// What is told of a file, its first rows alone, without the folder that it lies in.
fn told(folder: &Path, found: &CheckedSeries) -> String {
    let mut told = String::new();
    if let Some(broken) = &found.broken {
        told += &format!("{}; {}\n", broken.message(), broken.help().unwrap_or_default());
    }
    for fault in found.faults.iter().take(3) {
        told += &format!("row {}: {fault}\n", fault.row);
    }
    if found.faults.len() > 3 {
        told += &format!("{} rows in all\n", found.faults.len());
    }
    told.replace(&folder.display().to_string(), "FOLDER")
}

#[test]
fn series_that_are_right_are_and_what_was_recorded_must_be_there() {
    let folder = TempDir::new().unwrap();
    let found = checked(folder.path(), "x", &bytes(good()));
    assert!(found.is_right(), "{}", told(folder.path(), &found));
    assert_eq!((found.file.as_str(), found.rows, found.revisions), ("macro/x.parquet", ROWS, 0));
    let known = found.known.unwrap();
    assert_eq!((known.0.to_string(), known.1.to_string()), ("1970-01-03".into(), "1970-03-03".into()));

    // A revision is no fault. Neither is a file of which scripts say when it could be known.
    releases(&[(0, 1, 1.0), (1, 2, 1.0), (0, 3, 1.5)]).write_parquet(&folder.path().join("macro/x.parquet")).unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let found = &catalog.check_series("macro").unwrap()[0];
    assert!(found.is_right() && found.revisions == 1);
    let path = folder.path().join("macro/x.parquet");
    fs::write(&path, bytes(without(&["available_at"]))).unwrap();
    let found = &catalog.check_series("macro").unwrap()[0];
    assert!(found.is_right() && found.known.is_none() && found.about.is_some());

    catalog.record("macro").unwrap();
    fs::write(&path, bytes(good())).unwrap();
    let changed = told(folder.path(), &catalog.check_series("macro").unwrap()[0]);
    assert!(changed.contains("not the file that dataset.toml records"), "{changed}");
    fs::remove_file(&path).unwrap();
    assert!(catalog.check_series("macro").unwrap().is_empty());
    let gone = &catalog.check("macro").unwrap()[0];
    assert_eq!(gone.broken.as_ref().unwrap().message(), "dataset.toml records it, and it is not there");
}
