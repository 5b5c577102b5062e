//! `runner data import`: what a person sees of files that come in, and of those that do not.

use std::fmt::Write;
use std::fs;
#[cfg(unix)]
use std::process::Command;

use super::{Desk, names};

const HEADER: &str = "Date,Open,High,Low,Close,Adj Close,Volume,Name\n";
const DAYS: &str =
    "2024-03-04,10,12,9,11,5.5,1000,A\n2024-03-05,11,13,10,12,6,1000,A\n2024-03-06,12,14,11,13,6.5,1000,A\n";

fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("in")).unwrap();
    let plain =
        "Date;Open;High;Low;Close;Volume\n05.03.2024;11,5;13,0;10,0;12,0;1.000\n04.03.2024;10,5;12,0;9,0;11,0;1.000\n";
    desk.write("in/one.csv", plain);
    desk.write("in/two.csv", plain);
    desk.write(
        "in/three.csv",
        "Date,Open,High,Low,Close,Volume\n2024-03-04,10,12,13,11,1000\n2024-03-05,11,13,10,12,1\n",
    );
    desk.write("jumps.csv", format!("{HEADER}{DAYS}2024-03-07,30,31,29,30,15,1000,A\n"));
    desk
}

#[test]
fn what_was_understood_is_shown_before_and_what_was_done_after() {
    let desk = desk();
    let mut all = String::new();
    for line in [
        "data import in/one.csv --dataset mine --dry-run",
        "data import in --dataset mine",
        "data import in --dataset mine --keep-going",
        "data import in/one.csv --dataset mine",
        "data import jumps.csv --dataset mine --symbol J --leave-out name",
        "data import jumps.csv --dataset mine --symbol J --merge append",
        "data import later.csv --dataset mine --symbol J --merge append --timeframe 1d",
        "data import other.csv --dataset mine --symbol J --merge append --timeframe 1d",
        "data import other.csv --dataset mine --symbol J --merge update --timeframe 1d",
        "data import other.csv --dataset mine --symbol K --lenient --merge replace --timeframe 1d --columns close=Kurs",
        "data import nowhere --dataset mine",
    ] {
        let row =
            |day: u8, close: u8| format!("{HEADER}2024-03-{day:02},{close},{close},{close},{close},{close},1,A\n");
        desk.write("later.csv", row(8, 30));
        desk.write("other.csv", row(7, 29));
        let told = desk.run(line);
        let _ = writeln!(all, "$ runner {line}\n{}{}[{}]\n", told.stdout, told.stderr, told.code.unwrap_or(-1));
    }
    insta::assert_snapshot!("import", all);
    let expected = ["J/1d.parquet", "dataset.toml", "one/1d.parquet", "two/1d.parquet"];
    assert_eq!(names(&desk.files("datasets/mine")), expected);
}

/// A file may be as long as this many blocks of 512 bytes: the disk is as good as full.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let desk = Desk::new();
    let row = |minute: usize| {
        format!("{},1{}.5,20,10,15,{}\n", 1_700_000_000 + minute * 60, minute % 7, minute * 7919 % 10007)
    };
    let rows: String = (0..20_000).map(row).collect();
    desk.write("X.csv", format!("time,open,high,low,close,volume\n{rows}"));
    desk.write("Y.csv", format!("time,open,high,low,close,volume\n{}{}", row(0), row(1)));
    desk.done("data import Y.csv --dataset mine --symbol X --calendar 24x7");
    let before = desk.files("datasets");
    let line = "data import X.csv --dataset mine --merge update";
    let limited = format!("trap '' XFSZ; ulimit -f 16; exec {} {line}", env!("CARGO_BIN_EXE_runner"));
    let output = Command::new("sh").args(["-c", &limited]).current_dir(desk.folder.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("cannot be written"), "{told}");
    assert_eq!(desk.files("datasets"), before, "nothing changed, and nothing is left beside it");
    desk.done(line);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.write("X.csv", format!("{HEADER}{DAYS}"));
    fs::set_permissions(desk.path("X.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(desk.path("X.csv")).is_ok() {
        // Whoever may read everything cannot be refused a file.
        return;
    }
    assert!(desk.refused("data import X.csv --dataset mine", 1).contains("Permission denied"));
}
