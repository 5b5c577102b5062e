//! Files of external series: read, written, refused; brought in from CSV.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};
use tempfile::TempDir;
use timeweave::data::{Catalog, ExternalSource, ImportedSeries, Releases, SeriesImport};
use timeweave::error::Diagnostic;
use timeweave::time::Timestamp;

use super::{DAY, releases};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn dates(days: &[i32]) -> ArrayRef {
    Arc::new(Date32Array::from(days.to_vec()))
}

fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

#[test]
fn what_is_written_is_read_back_and_the_same_bytes_each_time() {
    let folder = TempDir::new().unwrap();
    let all = releases(&[(0, 40, 1.0), (90, 130, 2.0), (0, 150, 1.5)]);
    let [first, second] = ["first.parquet", "second.parquet"].map(|name| folder.path().join(name));
    all.write_parquet(&first).unwrap();
    assert_eq!(Releases::read_parquet(&first, None).unwrap(), all);
    Releases::read_parquet(&first, None).unwrap().write_parquet(&second).unwrap();
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
}

#[test]
fn a_date_counts_from_its_end_on_and_an_instant_as_it_stands() {
    let read = |available: ArrayRef| {
        let columns = vec![("timestamp", dates(&[0])), ("available_at", available), ("value", numbers(&[1.0]))];
        Releases::from_record_batch(&batch(columns), None, "made").unwrap().available_at()[0]
    };
    assert_eq!(read(dates(&[3])), 4 * DAY);
    assert_eq!(read(Arc::new(TimestampMillisecondArray::from(vec![3 * 86_400_000]))), 3 * DAY);
    // Never before: a part of a microsecond is a whole one.
    assert_eq!(read(Arc::new(TimestampNanosecondArray::from(vec![1_000_001]))), 1_001);
    assert_eq!(read(Arc::new(TimestampNanosecondArray::from(vec![1_000_000]))), 1_000);
}

#[test]
fn a_lag_counts_from_the_timestamp_as_it_stands() {
    let columns = || batch(vec![("date", numbers(&[0.0])), ("timestamp", dates(&[31])), ("value", numbers(&[1.0]))]);
    let known = |lag: &str| {
        let releases = Releases::from_record_batch(&columns(), Some(lag.parse().unwrap()), "made").unwrap();
        Timestamp(releases.available_at()[0]).to_string()
    };
    // Of 1970-02-01.
    assert_eq!((known("45d"), known("2mo")), ("1970-03-18".into(), "1970-04-01".into()));
}

#[test]
fn figures_are_numbers_truth_values_and_words() {
    let words: DictionaryArray<Int32Type> = vec![Some("recession"), None, Some("late cycle")].into_iter().collect();
    let columns = batch(vec![
        ("timestamp", dates(&[0, 1, 2])),
        ("available_at", dates(&[0, 1, 2])),
        ("Weekly Claims", Arc::new(Int64Array::from(vec![Some(5), None, Some(7)]))),
        ("is_final", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("state", Arc::new(words)),
        ("outlook", Arc::new(StringArray::from(vec!["up", "down", "up"]))),
    ]);
    let releases = Releases::from_record_batch(&columns, None, "made").unwrap();
    let names: Vec<&str> = releases.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["weekly_claims", "is_final", "state_late_cycle", "state_recession", "outlook_down", "outlook_up"]
    );
    let column = |name: &str| &releases.columns().iter().find(|(own, _)| own == name).unwrap().1;
    assert!(column("weekly_claims")[1].is_nan() && column("state_recession")[1].is_nan());
    assert_eq!((column("is_final")[1], column("weekly_claims")[2]), (0.0, 7.0));
    assert_eq!((column("state_recession")[0], column("state_recession")[2]), (1.0, 0.0));
    assert_eq!(column("outlook_down")[..], [0.0, 1.0, 0.0]);
}

#[test]
fn what_is_wrong_with_a_file_is_named() {
    let told = |columns: Vec<(&str, ArrayRef)>, lag: Option<&str>| {
        let lag = lag.map(|lag| lag.parse().unwrap());
        Releases::from_record_batch(&batch(columns), lag, "macro/cpi.parquet").unwrap_err().to_string()
    };
    let empty = || -> ArrayRef { Arc::new(Date32Array::from(vec![Some(0), None])) };
    let two = || numbers(&[1.0, 2.0]);
    let all = [
        told(vec![("timestamp", dates(&[0, 1])), ("value", two())], None),
        told(vec![("timestamp", dates(&[0, 1])), ("available_at", dates(&[1, 2])), ("value", two())], Some("45d")),
        told(vec![("available_at", dates(&[1, 2])), ("value", two())], None),
        told(vec![("timestamp", dates(&[0, 1])), ("available_at", dates(&[1, 2]))], None),
        told(vec![("timestamp", dates(&[0, 5])), ("available_at", dates(&[1, 2])), ("value", two())], None),
        told(vec![("timestamp", dates(&[0, 0])), ("available_at", dates(&[1, 1])), ("value", two())], None),
        told(
            vec![("timestamp", dates(&[0, 1])), ("available_at", dates(&[1, 2])), ("value", numbers(&[1.0, f64::NAN]))],
            None,
        ),
        told(vec![("timestamp", dates(&[0, 1])), ("available_at", empty()), ("value", two())], None),
        told(vec![("timestamp", dates(&[0, 1])), ("available_at", two()), ("value", two())], None),
        told(vec![("timestamp", dates(&[0, 1])), ("available_at", dates(&[1, 2])), ("value", dates(&[1, 2]))], None),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

/// Brings a CSV in; gives what a catalog then reads of it.
fn brought_in(csv: &str, change: impl Fn(&mut SeriesImport)) -> Result<(Releases, usize), Diagnostic> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("figures.csv");
    fs::write(&file, csv).unwrap();
    let mut import = SeriesImport {
        file,
        dataset: "macro".into(),
        name: "cpi".into(),
        timestamp: None,
        available_at: None,
        lag: None,
        source: None,
        licence: None,
    };
    change(&mut import);
    let datasets = folder.path().join("datasets");
    let ImportedSeries { releases, empty, .. } =
        import.run(&datasets).map_err(|error| nameless(error, folder.path()))?;
    let catalog = Catalog::open(&datasets).unwrap();
    assert_eq!(catalog.external_series("macro").unwrap(), ["cpi"]);
    let (external, hash) = catalog.external(&"macro/cpi".parse().unwrap(), "").unwrap();
    assert_eq!(*external.releases(), releases);
    assert_eq!(hash.map(|hash| hash.sha256), catalog.manifest("macro").unwrap().files.get("cpi.parquet").cloned());
    Ok((releases, empty))
}

/// The same error without the path of a folder that is another one each time.
fn nameless(error: Diagnostic, folder: &Path) -> Diagnostic {
    Diagnostic::new(error.to_string().replace(&format!("{}/", folder.display()), ""))
}

#[test]
fn csv_comes_in_with_a_lag_or_a_column_that_says_when() {
    let (releases, empty) = brought_in("DATE,CPIAUCSL\n2013-01-01,231.3\n2013-02-01,.\n2013-03-01,232.3\n", |import| {
        import.lag = Some("2mo".parse().unwrap());
    })
    .unwrap();
    assert_eq!((releases.len(), empty), (2, 1));
    assert_eq!(releases.columns()[0].0, "value");
    assert_eq!(Timestamp(releases.available_at()[1]).to_string(), "2013-05-01");

    let csv = "period,filed,eps,rating\n2012-12-31,2013-1-23,13.81,Buy\n2012-12-31,2013-03-01 21:30,13.5,hold\n\
               2013-03-31,2013-04-23,10.09,hold\n";
    let (releases, _) = brought_in(csv, |import| {
        import.timestamp = Some("period".into());
        import.available_at = Some("filed".into());
    })
    .unwrap();
    let known = releases.available_at().iter().map(|at| Timestamp(*at).to_string()).collect::<Vec<_>>();
    let ends = ["2013-01-24", "2013-03-01 21:30", "2013-04-24"];
    assert_eq!(known, ends, "a bare date counts from its end on, however it is written");
    let names: Vec<&str> = releases.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["eps", "rating_buy", "rating_hold"]);
}

#[test]
fn csv_that_is_wrong_is_refused_with_the_line() {
    let told = |csv: &str, lag: Option<&str>, name: &str| {
        let change = |import: &mut SeriesImport| {
            import.lag = lag.map(|lag| lag.parse().unwrap());
            import.name = name.into();
        };
        brought_in(csv, change).unwrap_err().to_string()
    };
    let all = [
        told("date,cpi\n2013-01-01,1\n", None, "cpi"),
        told("date,available_at,cpi\n2013-01-01,2013-02-01,1\n", Some("45d"), "cpi"),
        told("day,cpi\n2013-01-01,1\n", Some("45d"), "cpi"),
        told("date,cpi\n2013-01-01,1\n2013-02-01,two\n", Some("45d"), "cpi"),
        told("date,cpi\n2013-01-01,1\nyesterday,2\n", Some("45d"), "cpi"),
        told("date,available_at,cpi\n2013-02-01,2013-01-01,1\n", None, "cpi"),
        told("date,cpi\n2013-01-01,1,2\n", Some("45d"), "cpi"),
        told("date,cpi\n2013-01-01,1\n", Some("45d"), "../cpi"),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_file_that_is_not_the_one_that_is_recorded_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("macro")).unwrap();
    fs::write(folder.path().join("macro/dataset.toml"), "calendar = \"24x7\"\n").unwrap();
    let path = folder.path().join("macro/x.parquet");
    releases(&[(0, 1, 1.0)]).write_parquet(&path).unwrap();
    let catalog = Catalog::open(folder.path()).unwrap();
    let source: ExternalSource = "macro/x".parse().unwrap();
    assert_eq!(catalog.record("macro").unwrap(), ["x.parquet"]);
    assert!(catalog.external(&source, "").is_ok());
    releases(&[(0, 1, 2.0)]).write_parquet(&path).unwrap();
    let told = catalog.external(&source, "").unwrap_err();
    assert!(told.message().starts_with("this is not the file that dataset.toml records"), "{told}");
}

/// The dataset that comes with the crate says when its figures were published, and keeps to it.
#[test]
fn the_macro_dataset_is_known_after_the_latest_release_that_is_known_of() {
    let catalog = Catalog::open("datasets").unwrap();
    let read = |name: &str| catalog.external(&name.parse().unwrap(), "").unwrap().0;
    let cpi = read("macro/core_cpi");
    let row = |about: &str| {
        let about = about.parse::<Timestamp>().unwrap().0;
        let place = cpi.timestamps().iter().position(|at| *at == about).unwrap();
        (cpi.column("value").unwrap()[place], Timestamp(cpi.known_at()[place]).to_string())
    };
    let instant = |text: &str| text.parse::<Timestamp>().unwrap();
    // Figures of the Bureau of Labor Statistics: January 1957 and November 2018.
    assert_eq!(row("1957-01-01"), (28.5, "1957-03-07".into()));
    assert_eq!(row("2018-11-01"), (259.481, "2019-01-05".into()));
    // What shutdowns of the government put off: December 1995 came out on 1 February 1996 at 8:30 in New York,
    // September 2013 on 30 October.
    let known = |about: &str| instant(&row(about).1);
    assert!(known("1995-12-01") > instant("1996-02-01 13:30") && known("2013-09-01") > instant("2013-10-30 12:30"));
    assert!(cpi.timestamps().iter().zip(cpi.known_at()).all(|(about, known)| known - about == 65 * DAY));
    let oil = read("macro/wti");
    assert!(oil.timestamps().iter().zip(oil.known_at()).all(|(about, known)| known - about == 21 * DAY));
    // The reports of the week to 11 October 2013 came out on the 22nd.
    let eighth = oil.timestamps().iter().position(|at| Timestamp(*at) == instant("2013-10-08")).unwrap();
    assert!(oil.known_at()[eighth] >= instant("2013-10-23").0);
}
