//! `runner new`: the strategy that it writes runs; nothing is overwritten.

use std::fmt::Write;
use std::fs;

use super::Desk;

#[test]
fn what_is_written_runs_on_the_data() {
    let desk = Desk::new();
    let told = desk.done("new breakout");
    assert_eq!(told.stdout, "breakout.rhai: written\nrun it with: runner breakout.rhai\n");
    let text = desk.text("breakout.rhai");
    assert!(text.starts_with("// breakout: ") && text.contains(":  runner breakout.rhai\n"), "{text}");
    assert!(text.contains("universe: \"us_equities/AAPL\""), "{text}");

    desk.done("new strategies/back.rhai --template reversion --instrument us_equities/MSFT");
    desk.done("new strategies/net --template lstm");
    for (script, name) in
        [("breakout.rhai", "breakout"), ("strategies/back.rhai", "back"), ("strategies/net.rhai", "net")]
    {
        let text = desk.text(script);
        assert!(!["{name}", "{file}", "{instrument}"].iter().any(|mark| text.contains(mark)), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{script}");
        let page = desk.done(script).stdout;
        assert!(page.starts_with(&format!("{name}: us_equities/")), "{page}");
        let trades = desk.text(&format!("runs/{name}/trades.csv")).lines().count();
        assert!(trades > 3, "{name} makes {trades} trades");
    }
    assert!(desk.done("params breakout.rhai").stdout.contains("fast"));
}

#[test]
fn nothing_is_overwritten_and_bad_names_are_refused() {
    let desk = Desk::new();
    desk.write("mine.rhai", "// years of work");
    fs::create_dir(desk.path("folder.rhai")).unwrap();
    let mut all = String::new();
    for line in [
        "new mine",
        "new mine.rhai",
        "new folder",
        "new nowhere/mine",
        "new mein.e",
        "new été",
        "new ..",
        "new .",
        "new a:b",
    ] {
        let _ = writeln!(all, "$ runner {line}\n{}", desk.refused(line, 1));
    }
    assert_eq!(desk.text("mine.rhai"), "// years of work");
    insta::assert_snapshot!("refused", all);

    fs::remove_dir_all(desk.path("datasets")).unwrap();
    let told = desk.done("new early");
    assert!(told.stdout.contains("\nthere are no bars in datasets yet"), "{}", told.stdout);
    assert!(desk.text("early.rhai").contains("us_equities/AAPL"));
}
