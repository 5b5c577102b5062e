//! What a person is told about a bad file: every message is pinned.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use timeweave::data::{Adjust, Bars, Catalog, Import, Manifest, Mode, parquet_bytes};
use timeweave::error::Diagnostic;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::files::import;
use super::{bars_at, days, timeframe};

const HEADER: &str = "Date,Open,High,Low,Close,Volume,Adj Close\n";
const MONDAY: &str = "2024-03-04,10,12,9,11,1000,5.5\n";
const TUESDAY: &str = "2024-03-05,11,13,10,12,1000,6\n";
const WEDNESDAY: &str = "2024-03-06,12,14,11,13,1000,6.5\n";

/// The message without the folder of this run.
fn told(folder: &Path, error: &Diagnostic) -> String {
    error.to_string().replace(&folder.display().to_string(), "FOLDER")
}

/// The messages of some cases under one another.
struct Messages(String);

impl Messages {
    fn add(&mut self, case: &str, folder: &Path, error: &Diagnostic) {
        writeln!(self.0, "# {case}\n{}\n", told(folder, error)).unwrap();
    }

    fn add_csv(&mut self, case: &str, csv: &str, change: impl FnOnce(&mut Import)) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("empty")).unwrap();
        let error = import(folder.path(), csv, change).err().unwrap_or_else(|| panic!("{case} came in"));
        self.add(case, folder.path(), &error);
        assert!(!folder.path().join("datasets/set").exists(), "{case}: a refused file leaves nothing behind");
    }
}

#[test]
fn csv() {
    let mut messages = Messages(String::new());
    let mut bad = |case: &str, rows: &[&str]| messages.add_csv(case, &rows.concat(), |_| ());
    bad("unsorted", &[HEADER, TUESDAY, MONDAY, WEDNESDAY]);
    bad("duplicated", &[HEADER, MONDAY, TUESDAY, TUESDAY]);
    bad("low above high", &[HEADER, MONDAY, "2024-03-05,11,10,13,12,1000,6\n"]);
    bad("low above open", &[HEADER, MONDAY, "2024-03-05,11,13,11.5,12,1000,6\n"]);
    bad("close above high", &[HEADER, MONDAY, "2024-03-05,11,13,10,14,1000,6\n"]);
    bad("NaN", &[HEADER, MONDAY, "2024-03-05,11,13,10,NaN,1000,6\n"]);
    bad("infinite", &[HEADER, MONDAY, "2024-03-05,11,inf,10,12,1000,6\n"]);
    bad("zero price", &[HEADER, MONDAY, "2024-03-05,11,13,0,12,1000,6\n"]);
    bad("negative adjusted close", &[HEADER, MONDAY, "2024-03-05,11,13,10,12,1000,-6\n"]);
    bad("negative volume", &[HEADER, MONDAY, "2024-03-05,11,13,10,12,-1,6\n"]);
    bad("empty value", &[HEADER, MONDAY, "2024-03-05,11,,10,12,1000,6\n"]);
    bad("not a number", &[HEADER, MONDAY, "2024-03-05,11,13%,10,12,1000,6\n"]);
    bad("too few values", &[HEADER, MONDAY, "2024-03-05,11,13\n"]);
    bad(
        "dates in two formats",
        &["Date,Open,High,Low,Close,Volume\n2024-03-08,9,12,8,11,5\n2024-03-11T00:00:00Z,8,11,7,9,7\n"],
    );
    bad("bad date", &[HEADER, MONDAY, "05.03.2024,11,13,10,12,1000,6\n", WEDNESDAY]);
    bad("a date that does not exist", &[HEADER, "2024-02-30,11,13,10,12,1000,6\n"]);
    bad("the year 0", &[HEADER, "0000-03-05,11,13,10,12,1000,6\n"]);
    bad("missing column", &["Date,Open,High,Low,Volume\n2024-03-05,11,13,10,1000\n"]);
    bad("no volume", &["Date,Open,High,Low,Close\n2024-03-05,11,13,10,12\n"]);
    bad("no header, and figures out of order", &["2024-03-04,12,10,9,11,1000\n", "2024-03-05,13,11,10,12,1000\n"]);
    bad("a column twice", &["Date,Open,High,Low,Close,Volume,close\n2024-03-05,11,13,10,12,1000,12\n"]);
    bad("empty file", &[""]);
    bad("header only", &[HEADER]);
    bad("weekends in a new dataset", &[HEADER, MONDAY, "2024-03-09,11,13,10,12,1000,6\n"]);
    let many: Vec<String> = (10..30).map(|day| format!("2024-03-{day},0,13,10,12,1000,6\n")).collect();
    bad("more than are listed", &[HEADER, &many.concat()]);
    messages.add_csv("days imported as weeks", &[HEADER, MONDAY, TUESDAY].concat(), |import| {
        import.timeframe = Some(Timeframe::WEEK);
    });
    let rows = |dates: &[String]| -> String {
        let rows = dates.iter().map(|date| format!("{date},11,13,10,12,1000,6\n"));
        [HEADER.to_owned()].into_iter().chain(rows).collect()
    };
    let minutes: Vec<String> = (10..40).map(|minute| format!("2024-03-05 12:{minute}")).collect();
    messages.add_csv("minutes imported as hours", &rows(&minutes), |import| import.timeframe = Some(timeframe("1h")));
    let dates: Vec<String> = days("2024-01-01", 200).step_by(7).map(|day| Timestamp(day).to_string()).collect();
    messages.add_csv("weeks imported as days", &rows(&dates), |_| ());
    let split = [HEADER, MONDAY, "2024-03-05,5,6,4,5,1000,2.5\n"].concat();
    messages.add_csv("a jump that is forbidden", &split, |import| import.maximum_jump = Some(0.5));
    let half = [HEADER, MONDAY, "2024-03-05,0,13,10,12,1,6\n2024-03-06,0,13,10,12,1,6\n"].concat();
    messages.add_csv("half of it wrong", &half, |import| import.mode = Mode::Lenient);
    messages.add_csv("not there", &half, |import| {
        import.paths[0].set_file_name("none.csv");
    });
    messages.add_csv("a path that is nearly right", &half, |import| {
        import.paths[0].set_file_name("x.csw");
    });
    messages.add_csv("a pattern that nothing matches", &half, |import| {
        import.paths[0].set_file_name("y*.csv");
    });
    messages
        .add_csv("a folder without files", &half, |import| import.paths[0] = import.paths[0].with_file_name("empty"));
    let mut asked = |case: &str, rows: &[&str], ask: &dyn Fn(&mut Import)| {
        messages.add_csv(case, &rows.concat(), |import| {
            import.timeframe = None;
            ask(import);
        });
    };
    let one = |first: &str, more: &str| format!("Date,Open,High,Low,Close,Volume\n{first}{more}");
    let days = one("03/04/2024,10,12,9,11,1000\n", "04/04/2024,11,13,10,12,1000\n05/04/2024,11,13,10,12,1000\n");
    asked("a date that may be two", &[&days], &|_| ());
    let short = one("24-03-04,10,12,9,11,1000\n", "24-03-05,11,13,10,12,1000\n");
    asked("a year of two digits", &[&short], &|_| ());
    let hours = one("2024-03-04 09:30,10,12,9,11,1000\n", "2024-03-04 10:30,11,13,10,12,1000\n");
    asked("times of nobody knows which clock", &[&hours], &|_| ());
    let excel = one("45355,10,12,9,11,1000\n", "45356,11,13,10,12,1000\n");
    asked("dates as a workbook counts them", &[&excel], &|_| ());
    let one_row = one("2024-03-04,10,12,9,11,1000\n", "");
    asked("a row without a pace", &[&one_row], &|_| ());
    let odd = one("2024-03-04,10,12,9,11,1000\n", "2024-03-07,11,13,10,12,1000\n");
    asked("a pace that is none", &[&odd], &|_| ());
    let either = "Date;Open;High;Low;Close;Volume\n2024-03-04;1,100;1,200;1,000;1,150;10\n";
    asked("a comma that may be two things", &[either], &|import| import.timeframe = Some(Timeframe::DAY));
    asked("a wrong name in --columns", &[&one_row], &|import| {
        import.reading.columns = vec![("close".into(), "Cloze".into())];
    });
    asked("a column of two meanings", &[&one_row], &|import| {
        import.reading.columns = vec![("close".into(), "Open".into()), ("open".into(), "Open".into())];
    });
    asked("a wrong name in --leave-out", &[&one_row], &|import| import.reading.leave_out = vec!["Volum".into()]);
    let intraday = one("2024-03-04,10,12,9,11,1000\n", "2024-03-05,11,13,10,12,1000\n");
    asked("hours without times", &[&intraday], &|import| import.timeframe = Some(timeframe("1h")));
    let spring =
        one("2024-03-10 01:30,10,12,9,11,1000\n", "2024-03-10 02:30,11,13,10,12,1000\n2024-03-10 03:30,1,1,1,1,1\n");
    let new_york = |import: &mut Import| {
        import.reading.timezone = Some(Calendar::timezone_called("America/New_York").unwrap());
        import.about.calendar = Some(Calendar::Continuous);
    };
    asked("an hour that clocks skip", &[&spring], &new_york);
    let autumn =
        one("2024-11-03 00:30,10,12,9,11,1000\n", "2024-11-03 01:30,11,13,10,12,1000\n2024-11-03 02:30,1,1,1,1,1\n");
    asked("an hour that clocks show twice, once", &[&autumn], &new_york);
    let two = "Date,Name,Open,High,Low,Close,Volume\n2024-03-04,A,1,1,1,1,1\n2024-03-05,B,1,1,1,1,1\n";
    asked("one symbol for two", &[two], &|import| import.timeframe = Some(Timeframe::DAY));
    let slash = "Date,Ticker,Open,High,Low,Close,Volume\n2024-03-04,A,1,1,1,1,1\n2024-03-05,../B,1,1,1,1,1\n";
    asked("a symbol that is a path", &[slash], &|import| {
        (import.symbol, import.timeframe) = (None, Some(Timeframe::DAY));
    });
    let wide: Vec<String> = (0..10_000).map(|number| format!("c{number}")).collect();
    let wide = format!("{}\n{}\n", wide.join(","), vec!["1"; 10_000].join(","));
    asked("ten thousand columns", &[&wide], &|_| ());
    let open_quote = format!("{}2024-03-06,\"{}", one("2024-03-04,1,1,1,1,1\n", ""), "1,1,1,1,1\n".repeat(200_000));
    asked("a quote that is never closed", &[&open_quote], &|import| import.timeframe = Some(Timeframe::DAY));
    asked("no delimiter", &["Date\n2024-03-04\n2024-03-05\n"], &|_| ());
    let bytes = |import: &Import, bytes: &[u8]| fs::write(&import.paths[0], bytes).unwrap();
    asked("a workbook", &[""], &|import| bytes(import, b"PK\x03\x04 and more"));
    asked("UTF-16", &[""], &|import| bytes(import, b"\xff\xfeD\0a\0t\0e\0"));
    asked("no text", &[""], &|import| bytes(import, b"Date\0Open\n\x01\x02"));
    asked("half of a gzip file", &[""], &|import| bytes(import, &super::importing::gzip(intraday.as_bytes())[..40]));
    asked("half of a Parquet file", &[""], &|import| bytes(import, b"PAR1 and no more"));
    asked("half of a Feather file", &[""], &|import| bytes(import, b"ARROW1\0\0 and no more"));
    messages.add_csv("not UTF-8", "", |import| {
        fs::write(&import.paths[0], b"Date,Open,High,Low,Close,Volume\n2024-03-05,\xff,13,10,12,1\n").unwrap();
    });
    insta::assert_snapshot!(messages.0);
}

#[test]
fn another_calendar_than_the_datasets() {
    let folder = tempfile::tempdir().unwrap();
    let csv = [HEADER, MONDAY].concat();
    import(folder.path(), &csv, |_| ()).unwrap();
    let error = import(folder.path(), &csv, |import| import.about.calendar = Some(Calendar::Continuous)).err().unwrap();
    insta::assert_snapshot!(told(folder.path(), &error), @r"
    FOLDER/datasets/set/dataset.toml: the dataset's calendar is `weekdays UTC`, not `24x7 UTC`
      help: leave --calendar out, change it in the file, or use another dataset
    ");
}

#[test]
fn parquet() {
    let mut messages = Messages(String::new());
    let folder = tempfile::tempdir().unwrap();
    let opens: Vec<i64> = days("2024-03-04", 5).collect();
    let good = bars_at(Timeframe::DAY, &Calendar::Weekdays, &opens);
    let good = parquet_bytes(&good.to_record_batch().unwrap()).unwrap();
    let mut bad = |case: &str, bytes: &[u8]| {
        let path = folder.path().join("1d.parquet");
        fs::write(&path, bytes).unwrap();
        let error = Bars::read_parquet(&path, Timeframe::DAY, &Calendar::Weekdays).expect_err(case);
        messages.add(case, folder.path(), &error);
    };
    let weekly: Vec<i64> = days("2024-01-01", 200).step_by(7).collect();
    let weekly = bars_at(Timeframe::WEEK, &Calendar::Weekdays, &weekly);
    bad("weeks in a file of days", &parquet_bytes(&weekly.to_record_batch().unwrap()).unwrap());
    bad("empty", b"");
    bad("not a Parquet file", MONDAY.as_bytes());
    bad("cut off", &good[..good.len() / 2]);

    let numbers = |values: &[f64]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
    let times = |values: &[i64]| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(values.iter().map(|day| day * Timestamp::DAY).collect::<Vec<_>>()))
    };
    // Three bars, some columns of which are others.
    let with = |others: &[(&'static str, ArrayRef)]| {
        let names = ["timestamp", "open", "high", "low", "close", "volume"];
        let mut columns: Vec<(&str, ArrayRef)> = names.map(|name| (name, numbers(&[10.0, 10.0, 10.0]))).into();
        columns[0].1 = times(&[0, 1, 4]);
        for (name, column) in others {
            match columns.iter_mut().find(|(other, _)| other == name) {
                Some(place) => place.1 = column.clone(),
                None => columns.push((name, column.clone())),
            }
        }
        parquet_bytes(&RecordBatch::try_from_iter(columns).unwrap()).unwrap()
    };
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["10", "10", "10"]));
    bad("prices as text", &with(&[("close", texts.clone())]));
    bad("a column of text", &with(&[("ticker", texts.clone())]));
    bad("time as text", &with(&[("timestamp", texts)]));
    bad("time as a number", &with(&[("timestamp", numbers(&[0.0, 1.0, 2.0]))]));
    bad("nulls", &with(&[("open", Arc::new(Float64Array::from(vec![Some(10.0), None, Some(10.0)])))]));
    bad("no time", &with(&[("timestamp", Arc::new(TimestampMicrosecondArray::from(vec![Some(0), None, None])))]));
    bad("unsorted", &with(&[("timestamp", times(&[0, 4, 1]))]));
    bad("duplicated", &with(&[("timestamp", times(&[0, 1, 1]))]));
    bad("low above high", &with(&[("low", numbers(&[9.0, 11.0, 10.0]))]));
    bad("zero and NaN", &with(&[("close", numbers(&[0.0, f64::NAN, 10.0]))]));
    bad("the far future", &with(&[("timestamp", times(&[0, 1, 100_000_000]))]));
    let columns = [("timestamp", times(&[0])), ("open", numbers(&[1.0]))];
    bad("missing columns", &parquet_bytes(&RecordBatch::try_from_iter(columns).unwrap()).unwrap());
    insta::assert_snapshot!(messages.0);
}

#[test]
fn dataset_toml() {
    let mut messages = Messages(String::new());
    let mut bad = |case: &str, text: &str| {
        let error = Manifest::parse(text, "set/dataset.toml").expect_err(case);
        messages.add(case, Path::new("nowhere"), &error);
    };
    bad("a typo in a key", "calendar = \"weekdays\"\nlicense = \"CC0\"\n");
    bad("a typo in a calendar", "# a comment\ncalendar = \"weekday\"\n");
    bad("a typo in a timezone", "calendar = \"09:30-16:00\"\ntimezone = \"America/NewYork\"\n");
    bad("weekdays with a timezone", "calendar = \"weekdays\"\ntimezone = \"America/New_York\"\n");
    let session = "calendar = \"09:30-16:00\"\ntimezone = \"America/New_York\"\n";
    let mut bad_session = |case: &str, lines: &str| bad(case, &format!("{session}{lines}"));
    bad_session("a holiday that is no date", "holidays = [\"2012-10-29\", \"30.10.2012\"]\n");
    bad_session("a holiday that is no text", "holidays = [2012-10-29, 20121030]\n");
    bad_session("an early close after the close", "early_closes = { \"2012-11-23\" = \"17:00\" }\n");
    bad_session("an early close at no time", "early_closes = { \"2012-11-23\" = \"1pm\" }\n");
    bad_session("an early close on a Sunday", "early_closes = { \"2012-11-25\" = \"13:00\" }\n");
    bad_session(
        "an early close on a holiday",
        "holidays = [\"2012-11-23\"]\nearly_closes = { \"2012-11-23\" = \"13:00\" }\n",
    );
    bad_session("a session whose days start at midnight", "day_starts = \"00:00\"\n");
    bad_session("a typo in early closes", "early_close = { \"2012-11-23\" = \"13:00\" }\n");
    bad("holidays of weekdays", "calendar = \"weekdays\"\nholidays = [\"2012-10-29\"]\n");
    bad("early closes around the clock", "calendar = \"24x7\"\nearly_closes = { \"2012-11-23\" = \"13:00\" }\n");
    bad("days that start at no time", "calendar = \"24x7\"\nday_starts = \"22h\"\n");
    bad("an exchange's nickname", "calendar = \"NYSE\"\n");
    bad("an exchange with a wrong timezone", "calendar = \"XNYS\"\ntimezone = \"Europe/London\"\n");
    bad("hours that cannot be read", "calendar = \"9am-4pm\"\n");
    bad("no calendar", "currency = \"USD\"\n");
    bad("a number for a text", "calendar = \"weekdays\"\ncurrency = 5\n");
    bad("no TOML", "calendar = weekdays\n");
    insta::assert_snapshot!(messages.0);
}

#[test]
fn catalog() {
    let mut messages = Messages(String::new());
    let folder = tempfile::tempdir().unwrap();
    let datasets = folder.path().join("datasets");
    messages.add("no folder", folder.path(), &Catalog::open(&datasets).unwrap_err());
    import(folder.path(), &[HEADER, MONDAY, TUESDAY].concat(), |_| ()).unwrap();
    fs::create_dir_all(datasets.join("bare/X")).unwrap();
    fs::copy(datasets.join("set/X/1d.parquet"), datasets.join("bare/X/1d.parquet")).unwrap();
    let mut bad = |case: &str, name: &str, at: &str| {
        let catalog = Catalog::open(&datasets).unwrap();
        let error = catalog.bars(&name.parse().unwrap(), timeframe(at), Adjust::Total).expect_err(case);
        messages.add(case, folder.path(), &error);
    };
    bad("a typo in the dataset", "sett/X", "1d");
    bad("a typo in the symbol", "set/XX", "1d");
    bad("a finer timeframe", "set/X", "1h");
    bad("no dataset.toml", "bare/X", "1d");
    // Somebody replaces the file by another that is right in itself.
    let path = datasets.join("set/X/1d.parquet");
    let other = bars_at(Timeframe::DAY, &Calendar::Weekdays, &[0, Timestamp::DAY]);
    other.write_parquet(&path).unwrap();
    bad("another file than the one recorded", "set/X", "1d");
    insta::assert_snapshot!(messages.0);

    let catalog = Catalog::open(&datasets).unwrap();
    assert_eq!(catalog.record("set").unwrap(), ["X/1d.parquet"]);
    assert_eq!(catalog.record("set").unwrap(), [""; 0]);
    let bars = catalog.bars(&"set/X".parse().unwrap(), Timeframe::DAY, Adjust::None).unwrap();
    assert_eq!(bars, other);
}
