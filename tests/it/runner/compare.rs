//! `runner compare` and `runner report`: runs that were made before.

use std::fs;
use std::io::Cursor;

use serde_json::Value;

use super::{Desk, Told, assert_same};

/// Two runs of one script, and one of another.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.done("strategies/sma_cross.rhai --quiet --out runs/a");
    desk.done("strategies/sma_cross.rhai --quiet --out runs/b --set fast=10");
    desk.done("strategies/rsi_reversion.rhai --quiet --out runs/c");
    desk
}

#[test]
fn runs_are_compared_side_by_side() {
    let desk = desk();
    let edited = desk.text("strategies/sma_cross.rhai").replace("bps(5)", "bps(50)");
    desk.write("strategies/edited.rhai", edited);
    desk.done("strategies/edited.rhai --quiet --out runs/d");
    let mut all = String::new();
    for line in
        ["runs/a runs/b", "runs/a runs/d", "runs/a runs/a", "runs/a runs/b --plain", "runs/a runs/b runs/c runs/d"]
    {
        let told = desk.done(&format!("compare {line}"));
        assert_eq!(told.stderr, "", "{line}");
        // The difference of scripts is as wide as the scripts.
        let fits = |line: &&str| line.chars().count() <= 80 || line.starts_with("    ");
        assert!(line.contains("plain") || told.stdout.lines().all(|line| fits(&line)), "{}", told.stdout);
        all += &format!("$ runner compare {line}\n{}\n", told.stdout);
    }
    insta::assert_snapshot!("compare", all);
}

#[test]
fn figures_compared_are_those_of_the_page() {
    let desk = desk();
    let page = desk.done("strategies/sma_cross.rhai --plain").stdout;
    let compared = desk.done("compare runs/a runs/c --plain").stdout;
    let figures: Vec<&str> = page.lines().filter(|line| line.contains(": strategy ")).collect();
    assert_eq!(figures.len(), 20);
    for (figure, row) in figures.iter().zip(compared.lines()) {
        let (name, own) = figure.split_once(": strategy ").unwrap();
        let own = own.split(", buy and hold").next().unwrap();
        assert!(row.starts_with(&format!("{name}: a {own}")), "{figure}\n{row}");
    }
}

#[test]
fn dividends_are_compared_where_a_run_had_any() {
    let desk = desk();
    fs::create_dir(desk.path("runs/paid")).unwrap();
    fs::copy(desk.path("runs/a/run.json"), desk.path("runs/paid/run.json")).unwrap();
    let metrics = desk.text("runs/a/metrics.json");
    desk.write("runs/paid/metrics.json", metrics.replace("\"dividends\": 0.0", "\"dividends\": 1234.5"));
    assert!(!desk.done("compare runs/a runs/b").stdout.contains("dividends"));
    let told = desk.done("compare runs/a runs/paid").stdout;
    let row = told.lines().find(|line| line.contains("dividends")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["≠", "dividends", "0.00", "1,234.50"]);
}

#[test]
fn a_comparison_is_for_programs_and_for_a_browser_too() {
    let desk = desk();
    let told: Value = serde_json::from_str(&desk.done("compare runs/a runs/b --json --html both.html").stdout).unwrap();
    assert_eq!(told["runs"][1]["name"], "b");
    let change = &told["changes_from_first"][0]["settings"][0];
    assert_eq!(
        (&change["what"], &change["before"], &change["after"]),
        (&"parameters.fast".into(), &"20".into(), &"10".into())
    );
    let metrics: Value = serde_json::from_str(&desk.text("runs/b/metrics.json")).unwrap();
    assert_eq!(told["figures"][0]["values"][1], metrics["total_return"]);

    // One file, which asks for nothing; what is in it is data.
    fs::create_dir(desk.path("runs/<b>")).unwrap();
    for file in ["metrics.json", "run.json", "equity.parquet"] {
        fs::copy(desk.path("runs/b").join(file), desk.path("runs/<b>").join(file)).unwrap();
    }
    let told = desk.done("compare runs/a runs/<b> --html odd.html");
    assert!(told.stdout.ends_with("\n  odd.html\n"), "{}", told.stdout);
    let html = desk.text("odd.html");
    assert!(!html.contains(" src=\"") && html.len() < 1_000_000);
    let data = html.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!data.contains('<') && data.contains("\\u003cb>"), "{data}");
    let data: Value = serde_json::from_str(data).unwrap();
    let curve = data["curves"][0].as_array().unwrap();
    let of_initial = curve.last().unwrap()[1].as_f64().unwrap() / 100.0 - 1.0;
    let total: Value = serde_json::from_str(&desk.text("runs/a/metrics.json")).unwrap();
    assert!((of_initial - total["total_return"].as_f64().unwrap()).abs() < 1e-5, "{of_initial}");
}

#[test]
fn runs_that_do_not_compare_say_so() {
    let desk = desk();
    let change = |from: &str, to: &str, what: &[(&str, &str)]| {
        fs::create_dir(desk.path(to)).unwrap();
        fs::copy(desk.path(from).join("metrics.json"), desk.path(to).join("metrics.json")).unwrap();
        let text = what.iter().fold(desk.text(&format!("{from}/run.json")), |text, (old, new)| text.replace(old, new));
        desk.write(&format!("{to}/run.json"), text);
    };
    change("runs/a", "runs/older", &[("2013-03-01", "2009-12-31"), ("\"engine\": \"", "\"engine\": \"0.0.")]);
    change("runs/a", "runs/ancient", &[("2000-03-01", "1980-01-01"), ("2013-03-01", "1985-12-31")]);
    let mut all = String::new();
    for line in ["runs/a runs/older --plain", "runs/a runs/ancient --plain"] {
        let told = desk.done(&format!("compare {line}")).stdout;
        let doubts: Vec<&str> = told.lines().skip(20).collect();
        all += &format!("$ runner compare {line}\n{}\n\n", doubts.join("\n"));
    }
    fs::create_dir(desk.path("empty")).unwrap();
    fs::create_dir(desk.path("broken")).unwrap();
    desk.write("broken/metrics.json", "{ \"total_return\": 0.");
    fs::create_dir(desk.path("strange")).unwrap();
    desk.write("strange/metrics.json", "{ \"profit\": 1 }");
    for line in [
        "compare runs/a nowhere",
        "compare runs/a strategies/sma_cross.rhai",
        "compare runs/a empty",
        "compare broken runs/a",
        "compare strange runs/a",
        "compare runs/a runs/older --html older.html",
        "compare runs/a runs/b --html runs",
        "report nowhere",
        "report empty",
        "report runs/older",
        "report runs/older --png older.png",
    ] {
        all += &format!("$ runner {line}\n{}\n", desk.refused(line, 1));
    }
    for line in ["compare", "compare runs/a", "report", "report runs/a runs/b"] {
        all += &format!("$ runner {line}\n{}\n", desk.refused(line, 2));
    }
    assert!(!desk.exists("older.html"));
    insta::assert_snapshot!("refused", all);
}

#[test]
fn a_report_is_made_again_as_it_was() {
    let desk = desk();
    let files = desk.files("runs/a");
    assert_eq!(desk.done("report runs/a").stdout, "runs/a/report.html\n");
    assert_same(&files, &desk.files("runs/a"));
    // Whatever stands around the data is drawn anew.
    let page = desk.text("runs/a/report.html");
    desk.write("runs/a/report.html", page.replace("<h2>Figures</h2>", "<h2>Old figures</h2>"));
    desk.done("report runs/a/");
    assert_same(&files, &desk.files("runs/a"));

    let run = desk.text("runs/a/run.json");
    desk.write("runs/a/run.json", run.replace("\"engine\": \"", "\"engine\": \"0.0."));
    let told = desk.done("report runs/a").stderr;
    assert!(told.starts_with("runs/a is by the engine 0.0.0"), "{told}");

    for (text, message) in [
        ("<html></html>".to_owned(), "this is no report"),
        (page[..page.len() / 4].replace("</script>", ""), "only a part of this report is there"),
        (page.replace("{\"title\":", "{\"title\""), "the data in this report is damaged"),
    ] {
        desk.write("runs/a/report.html", &text);
        let told = desk.refused("report runs/a", 1);
        assert!(told.contains(message), "{message}: {told}");
        assert!(desk.text("runs/a/report.html") == text, "{message}: it was written over");
    }
}

/// Size and pixels of a PNG of three bytes a pixel.
fn decoded(file: &[u8]) -> ([u32; 2], Vec<u8>) {
    let mut file = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; file.output_buffer_size().unwrap()];
    let frame = file.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.color_type, frame.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    ([frame.width, frame.height], pixels)
}

#[test]
fn a_picture_is_drawn_of_any_run() {
    let desk = desk();
    let files = desk.files("runs/a");
    assert_eq!(desk.done("report runs/a --png pictures/a.png").stdout, "pictures/a.png\n");
    assert_same(&files, &desk.files("runs/a"));
    let (size, pixels) = decoded(&desk.read("pictures/a.png"));
    assert_eq!(size, [1_200, 630]);
    // The account ends higher than it began: its line is low at the left, high at the right.
    let blue = |x: usize| {
        let is_own = |y: &usize| pixels[(y * 1_200 + x) * 3..][..3] == [0x0b, 0x62, 0xc4];
        (120..420).find(is_own).unwrap_or_else(|| panic!("no equity at {x}"))
    };
    assert!(blue(100) > blue(1_000) + 100, "{} {}", blue(100), blue(1_000));
    desk.done("report runs/a --png again.png");
    assert!(desk.read("again.png") == desk.read("pictures/a.png"));

    let script =
        r#"let day = bars("1d"); strategy(#{ universe: "us_equities/FB", long: #{ enter: day.close > 1e9 } })"#;
    desk.write("strategies/<script> 株.rhai", script);
    let told = Told::of(desk.command("--out odd -q").arg("strategies/<script> 株.rhai").output().unwrap());
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    desk.done("report odd --png odd.png");
    assert_eq!(decoded(&desk.read("odd.png")).0, [1_200, 630]);
    desk.write("odd/equity.parquet", "PAR1");
    let told = desk.refused("report odd --png worse.png", 1);
    assert!(told.contains("the equity of the run cannot be read") && !desk.exists("worse.png"), "{told}");
}
