//! `runner data check`, as it is typed.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
use timeweave::data::{Bars, parquet_bytes};
use timeweave::time::{Calendar, Timeframe};

use super::Desk;

#[test]
fn what_is_wrong_and_what_is_missing_is_drawn() {
    let desk = Desk::new();
    let made = "data synth gbm --dataset made --timeframe 1d --from 2020-01-01 --to 2022-03-01";
    desk.done(&format!("{made} --symbol A"));
    let told = desk.done("data check made");
    assert!(told.stdout.contains("1 file: nothing is wrong"), "{}", told.stdout);
    // A week and a quarter of a year are taken out of one file; another is no file of bars.
    let path = desk.path("datasets/made/A/1d.parquet");
    let bars = Bars::read_parquet(&path, Timeframe::DAY, &Calendar::Weekdays).unwrap();
    let gaps = bars.slice(0..30).followed_by(&bars.slice(35..250)).unwrap();
    gaps.followed_by(&bars.slice(315..bars.len())).unwrap().write_parquet(&path).unwrap();
    fs::create_dir(desk.path("datasets/made/B")).unwrap();
    fs::write(desk.path("datasets/made/B/1d.parquet"), "no bars").unwrap();
    let check = |line: &str| {
        let told = desk.run(line);
        assert_eq!(told.code, Some(1), "{line}");
        format!("$ runner {line}\n{}{}\n", told.stdout, told.stderr)
    };
    let mut told = check("data check made");
    desk.done("data record made");
    told += &check("data check made --rows 0");
    told += &check("data check maid");
    fs::remove_dir_all(desk.path("datasets/made/B")).unwrap();
    desk.done("data record made");
    told += &desk.done("data check made").stdout;
    insta::assert_snapshot!(told);
}

#[test]
fn external_series_are_looked_at_too() {
    let desk = Desk::new();
    fs::write(desk.path("cpi.csv"), "date,cpi\n2013-01-01,231.3\n2013-02-01,232.0\n2013-03-01,232.3\n").unwrap();
    desk.done("data import-series cpi.csv --dataset figures --name cpi --lag 2mo");
    let mut told = desk.done("data check figures").stdout;
    // One that says of itself that it is known a day before its date, and one of whom a script must say it.
    let dates = |days: &[i32]| Arc::new(Date32Array::from(days.to_vec())) as ArrayRef;
    let rates = Arc::new(Float64Array::from(vec![1.5, f64::INFINITY, 1.25])) as ArrayRef;
    let early = [("timestamp", dates(&[15_706, 15_737, 15_765])), ("available_at", dates(&[15_704, 15_738, 15_766]))];
    let early = early.into_iter().chain([("rate", rates)]).collect::<Vec<_>>();
    let later = vec![("timestamp", dates(&[15_706, 15_737])), ("rate", Arc::new(Float64Array::from(vec![1.0, 2.0])))];
    for (name, columns) in [("early", early), ("later", later)] {
        let bytes = parquet_bytes(&RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        fs::write(desk.path(&format!("datasets/figures/{name}.parquet")), bytes).unwrap();
    }
    let line = "data check figures";
    let wrong = desk.run(line);
    assert_eq!(wrong.code, Some(1));
    told += &format!("$ runner {line}\n{}{}", wrong.stdout, wrong.stderr);
    insta::assert_snapshot!(told);
}
