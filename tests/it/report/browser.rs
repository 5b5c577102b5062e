//! report.html in a browser: it runs without an error or a request, and its controls do what they say.
//!
//! Headless Chromium opens a copy of the page with a script that uses it as a person would and writes down what it
//! saw. Where there is no Chromium the test says so and ends; `.ci/browser` installs it. What it looked like is left in
//! `target/report-screenshots/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use timeweave::pipeline::Outcome;
use timeweave::report::report_html;

use super::{crossing_outcome, no_trades, one_bar, two_instruments, with_model};

/// Runs before all else: errors of every kind are noted.
const LISTEN: &str = include_str!("listen.js");

/// Runs last: it uses the page, and leaves what it saw.
const USE: &str = include_str!("use.js");

/// Chromium, by one of the names that it goes by.
fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
}

fn run(browser: &Path, folder: &Path, arguments: &[&str]) -> String {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let all = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"];
    let done = Command::new(browser)
        .args(all)
        .args(["--disable-component-update", "--no-first-run", "--virtual-time-budget=8000", &profile])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// What a script saw that runs last in a page, and left there; none without a browser.
pub fn seen(html: &str, script: &str) -> Option<Value> {
    let browser = browser()?;
    let folder = tempfile::tempdir().unwrap();
    let html = html.replacen("<head>", &format!("<head><script>{LISTEN}</script>"), 1);
    // In a block: its names are not the page's.
    let html = html.replacen("</body>", &format!("<script>{{{script}}}</script></body>"), 1);
    let page = folder.path().join("page.html");
    fs::write(&page, html).unwrap();
    let document = run(&browser, folder.path(), &["--dump-dom", &format!("file://{}", page.display())]);
    let (_, rest) =
        document.split_once("<pre id=\"seen\">").unwrap_or_else(|| panic!("the page broke:\n{document:.2000}"));
    let json = rest.split_once("</pre>").unwrap().0;
    Some(serde_json::from_str(&json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).unwrap())
}

/// Prints a page into a file; whether there was a browser.
pub fn printed(html: &str, file: &Path) -> bool {
    let Some(browser) = browser() else { return false };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, html).unwrap();
    let to = format!("--print-to-pdf={}", file.display());
    run(&browser, folder.path(), &[&to, "--no-pdf-header-footer", &format!("file://{}", page.display())]);
    true
}

/// What every report must do; `rows` is how many trades it lists.
fn check(outcome: &Outcome) -> Option<Value> {
    let Some(seen) = seen(&report_html(outcome).unwrap(), USE) else {
        println!("skipped: there is no chromium in PATH");
        return None;
    };
    assert_eq!(seen["faults"], json!([]), "{seen}");
    assert_eq!(seen["requests"], 0);
    assert_eq!(seen["headings"], 1);
    assert_eq!(seen["unreachable"], 0);
    assert_ne!(seen["light"], seen["dark"]);
    assert_eq!(seen["pressed"], "true");
    let points = json!([{ "time": 1, "value": 5, "color": "none" }, { "time": 2 }, { "time": 3, "value": 6 }, { "time": 4, "value": 7 }]);
    assert_eq!(seen["points"], points);
    assert_eq!(seen["rows"].as_u64().unwrap() as usize, outcome.backtest.trades.len());
    Some(seen)
}

#[test]
fn browser_shows_a_run_with_models_and_trades() {
    let outcome = with_model();
    let Some(seen) = check(&outcome) else { return };
    // Price, equity, drawdown, position, Sharpe ratio where there is half a year, forecast, weights, plot.
    assert!(seen["panes"].as_u64().unwrap() >= 7, "{seen}");
    // What came is not known of the last bars.
    assert!(seen["ends"].as_u64().unwrap() > 0, "{seen}");
    assert!(seen["all"].as_u64().unwrap() >= seen["whole"].as_u64().unwrap(), "{seen}");
}

#[test]
fn browser_sorts_filters_and_zooms_to_trades() {
    let outcome = two_instruments();
    let Some(seen) = check(&outcome) else { return };
    let trades = &outcome.backtest.trades;
    assert!(trades.len() > 3);
    let lost = trades.iter().filter(|trade| trade.profit <= 0.0).count();
    assert_eq!((seen["lost"].as_u64().unwrap() as usize, seen["lost_wrongly"].as_u64().unwrap()), (lost, 0));
    assert_eq!(seen["found"], 0);
    let profits = |name: &str| seen[name].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect::<Vec<_>>();
    assert!(profits("rising").is_sorted());
    assert!(profits("falling").is_sorted_by(|a, b| a >= b));
    assert_eq!(seen["moved"], true);
    assert_eq!(seen["chosen"], 1);
    assert!(seen["trade"].as_u64().unwrap() < seen["all"].as_u64().unwrap(), "{seen}");
}

#[test]
fn browser_shows_odd_runs() {
    for outcome in [no_trades(), one_bar()] {
        check(&outcome);
    }
    let mut hostile = crossing_outcome();
    hostile.strategy.name = "</script><script>faults.push('ran')</script>".into();
    check(&hostile);
}

#[test]
fn browser_leaves_pictures_to_look_at() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-screenshots");
    fs::create_dir_all(&pictures).unwrap();
    let html = report_html(&with_model()).unwrap();
    let dark = html.replacen("</body>", "<script>setTheme(true)</script></body>", 1);
    for (name, html, size) in
        [("light", &html, "1300,4000"), ("dark", &dark, "1300,4000"), ("narrow", &html, "420,6000")]
    {
        let (page, picture) = (folder.path().join(format!("{name}.html")), pictures.join(format!("{name}.png")));
        fs::write(&page, html).unwrap();
        let arguments = [format!("--screenshot={}", picture.display()), format!("--window-size={size}")];
        run(&browser, folder.path(), &[&arguments[0], &arguments[1], &format!("file://{}", page.display())]);
        let bytes = fs::read(&picture).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000, "{name}");
    }
}
