//! `runner data synth` and `data fetch`, as they are typed.

use super::Desk;

#[test]
fn a_market_is_made_up_and_made_again() {
    let desk = Desk::new();
    let line = "data synth jumps --dataset made --symbol J --timeframe 1d --from 2020-01-01 --to 2021-01-01 --instruments 2 --correlation 0.5";
    let told = desk.done(line);
    let first = desk.read("datasets/made/J2/1d.parquet");
    assert_eq!(desk.done(line).stdout, told.stdout);
    assert!(desk.read("datasets/made/J2/1d.parquet") == first && desk.read("datasets/made/J1/1d.parquet") != first);
    assert!(desk.text("datasets/made/dataset.toml").contains(&format!("source = \"made by: runner {line}\"")));
    insta::assert_snapshot!("made", told.stdout);
    // The datasets elsewhere: the record is the same.
    std::fs::create_dir(desk.path("elsewhere")).unwrap();
    desk.done(&format!("{line} --datasets elsewhere"));
    assert_eq!(desk.text("elsewhere/made/dataset.toml"), desk.text("datasets/made/dataset.toml"));
}

#[test]
fn what_cannot_be_made_is_told() {
    let desk = Desk::new();
    let common = "--dataset made --symbol X --timeframe 1d --from 2020-01-01 --bars 10";
    desk.done(&format!("data synth gbm {common}"));
    let mut told = String::new();
    for (line, code) in [
        (format!("data synth gbm {common} --seed 2"), 1),
        ("data synth garch --dataset other --symbol X --timeframe 1d --from 2020-01-01 --bars 9 --alpha 0.5 --beta 0.6".into(), 1),
        ("data synth gbm --dataset other --symbol X --timeframe 1d --from 2020-01-01".into(), 2),
        (format!("data synth gbm {common} --alpha 0.5"), 2),
        (format!("data synth brownian {common}"), 2),
        ("data synth gbm --dataset other --symbol X --timeframe 1d --from 2020-01-01 --bars 9 --calendar 9-5".into(), 1),
        ("data fetch nasdaq AAPL".into(), 1),
        ("data fetch binance BTCUSDT --timeframe 1wk".into(), 1),
        ("data fetch binance BTCUSDT --url http://127.0.0.1:1 --attempts 1 --to 2024-01-01".into(), 1),
    ] {
        told += &format!("$ runner {line}\n{}\n", desk.refused(&line, code));
    }
    insta::assert_snapshot!("refused", told);
}
