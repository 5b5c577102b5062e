//! `runner watch`: what is saved is run again.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;
use std::time::Duration;

use super::Desk;

/// A process that watches, and the lines that it prints.
struct Watch {
    child: Child,
    out: Lines,
    err: Lines,
}

struct Lines(Receiver<String>);

impl Watch {
    fn new(desk: &Desk, line: &str) -> Self {
        let mut child = desk.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Lines::of(child.stdout.take().unwrap()), Lines::of(child.stderr.take().unwrap()));
        Self { child, out, err }
    }
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        spawn(move || BufReader::new(stream).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self(lines)
    }

    /// The lines up to one that begins like this, with it.
    fn until(&self, start: &str) -> String {
        let mut told = String::new();
        loop {
            let line = self.0.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("no line `{start}` came after\n{told}"));
            told += &format!("{line}\n");
            if line.trim_start().starts_with(start) {
                return told;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_save_runs_the_script_again_and_tells_what_changed() {
    let desk = Desk::new();
    fs::create_dir(desk.path("lib")).unwrap();
    desk.write("lib/speed.rhai", "fn fast() { 20 }");
    let script = "import \"lib/speed\" as speed;\nlet close = bars(\"1d\").close;\n\
        strategy(#{ universe: \"us_equities/AAPL\", size: percent(95), long: #{\n\
            enter: crosses_above(sma(close, speed::fast()), sma(close, 100)),\n\
            exit: crosses_below(sma(close, speed::fast()), sma(close, 100)),\n\
        } })";
    desk.write("mine.rhai", script);
    let watch = Watch::new(&desk, "watch mine.rhai");
    assert!(watch.out.until("costs paid").starts_with("mine: us_equities/AAPL at 1d\n"));
    // The script, its module, its bars and what is said of them in dataset.toml.
    assert_eq!(watch.err.until("watching"), "watching 4 files; Ctrl-C ends it\n");

    desk.write("mine.rhai", script.replace("percent(95)", "percent(50)"));
    let told = watch.out.until("6 figures are");
    assert!(told.contains("mine.rhai changed\n"), "{told}");
    let row = told.lines().find(|line| line.contains("maximum drawdown")).unwrap();
    let (old, new) = row.split_once("->").unwrap();
    assert!(old.contains(" %") && new.contains(" %") && old.trim().ends_with('%'), "{row}");
    assert!(!told.contains("  trades "), "as many trades as before: {told}");

    // What is wrong is shown, and the next figures are compared with the last that there were.
    desk.write("mine.rhai", script.replace("sma(close, 100)", "smaa(close, 100)"));
    assert!(watch.err.until("help:").contains("did you mean `sma`?"));
    desk.write("mine.rhai", script.replace("percent(95)", "percent(50)"));
    assert!(watch.out.until("no figure changed").contains("mine.rhai changed"));

    desk.write("lib/speed.rhai", "fn fast() { 30 }");
    let told = watch.out.until("trades");
    assert!(told.contains("lib/speed.rhai changed\n"), "{told}");
    watch.out.until("turnover");

    let bars = desk.path("datasets/us_equities/AAPL/1d.parquet");
    let bytes = fs::read(&bars).unwrap();
    fs::write(&bars, &bytes).unwrap();
    assert!(watch.out.until("no figure changed").contains("AAPL/1d.parquet changed"));
}

#[test]
fn a_script_that_is_not_there_is_told_at_once() {
    let told = Desk::new().refused("watch strategies/sma_crosss.rhai", 1);
    assert!(told.contains("did you mean `strategies/sma_cross.rhai`?"), "{told}");
}

#[test]
fn it_ends_when_nobody_reads() {
    let desk = Desk::new();
    let mut child = desk.command("watch strategies/sma_cross.rhai").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
