//! `runner data check`, as it is typed.

use std::fs;

use timeweave::data::Bars;
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
