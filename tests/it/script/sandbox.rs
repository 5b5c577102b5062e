//! The sandbox: what a script cannot reach, and that it always comes to an end.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use timeweave::error::Diagnostic;
use timeweave::script::{Options, load};
use timeweave::strategy::Strategy;

use super::nodes::{registry, strategy};

const ENDING: &str = "strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: close > mean } })";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn run(path: &Path) -> Result<Strategy, Diagnostic> {
    load(path, &Options { registry: &registry(), settings: &[] })
}

#[test]
fn a_module_below_the_folder_is_imported_and_becomes_part_of_the_source() {
    let main = format!(
        "import \"lib/features\" as features;
         let close = bars(\"1d\").close; let mean = features::mean(close);
         {ENDING}"
    );
    let module = "import \"lib/constants\" as constants;\nfn mean(series) {\n    sma(series, 50)\n}\n";
    let folder = folder(&[
        ("s/main.rhai", &main),
        ("s/lib/features.rhai", module),
        ("s/lib/constants.rhai", "export const LENGTH = 50;\n"),
    ]);
    let strategy = run(&folder.path().join("s/main.rhai")).unwrap();
    assert_eq!(strategy.name, "main");
    let source = strategy.source.unwrap();
    assert_eq!(*source.text, format!("{main}{module}export const LENGTH = 50;\n"));
}

#[test]
fn an_error_in_a_module_is_told_at_its_place_in_the_module() {
    let main = format!(
        "import \"features\" as features;\nlet close = bars(\"1d\").close;\nlet mean = features::mean(close);\n{ENDING}"
    );
    for (module, line, message) in [
        ("fn mean(series) {\n    sma(series, 0)\n}\n", 2, "`timeperiod` of `sma` is 0"),
        ("fn mean(series) {\n    smaa(series, 5)\n}\n", 2, "there is no function called `smaa`"),
        ("\n\nlet x = ;\n", 3, ""),
    ] {
        let folder = folder(&[("main.rhai", &main), ("features.rhai", module)]);
        let error = run(&folder.path().join("main.rhai")).unwrap_err();
        let origin = error.origin().unwrap();
        assert!(origin.file.ends_with("features.rhai") && origin.line == line, "{error}");
        assert!(error.message().starts_with(message), "{error}");
    }
    let folder = folder(&[("main.rhai", &main), ("features.rhai", "fn other() { 1 }\n")]);
    let error = run(&folder.path().join("main.rhai")).unwrap_err();
    assert!(error.message() == "the module `features` has no function called `mean`", "{error}");
    assert_eq!(error.origin().unwrap().line, 3);
}

#[test]
fn a_key_in_a_record_that_a_module_gives_has_its_place_there() {
    let main = "import \"costs\" as costs;
        strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: true }, costs: costs::retail(5) })";
    let module = "fn retail(rate) {\n    #{ spread: bps(1), commision: bps(rate) }\n}\n";
    let folder = folder(&[("main.rhai", main), ("costs.rhai", module)]);
    let error = run(&folder.path().join("main.rhai")).unwrap_err();
    let origin = error.origin().unwrap();
    assert!(origin.file.ends_with("costs.rhai"), "{error}");
    assert_eq!((origin.line, origin.column, error.help()), (2, 24, Some("did you mean `commission`?")));
}

#[test]
fn nothing_outside_the_folder_is_imported() {
    let secret = "export const SECRET = 1;\n";
    let files = [("outside.rhai", secret), ("s/inside.rhai", secret), ("s/self.rhai", "import \"self\" as me;\n")];
    let folder = folder(&files);
    let inside = folder.path().join("s");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("outside.rhai"), inside.join("link.rhai")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), inside.join("up")).unwrap();
    let absolute = folder.path().join("outside").display().to_string();
    for (module, message) in [
        ("../outside", "is not below"),
        ("./../outside", "is not below"),
        ("a/../../outside", "is not below"),
        (absolute.as_str(), "is not below"),
        ("", "is not below"),
        ("..\\\\outside", "is not below"),
        #[cfg(unix)]
        ("link", "is not below"),
        #[cfg(unix)]
        ("up/outside", "is not below"),
        ("missing", "there is no module"),
        ("self", "imports itself"),
    ] {
        let main = inside.join("main.rhai");
        fs::write(&main, format!("import \"{module}\" as m;\n")).unwrap();
        let error = run(&main).unwrap_err();
        assert!(error.message().contains(message), "{module}: {error}");
    }
    let error = strategy("import \"inside\" as m;").unwrap_err();
    assert!(error.message().contains("cannot import"), "{error}");
}

#[test]
fn a_module_is_read_as_a_script_is_and_up_to_the_same_length() {
    let main = "import \"module\" as m;\nlet close = bars(\"1d\").close;\nlet mean = m::LENGTH;\n";
    let ending = ENDING.replace("mean", "sma(close, mean)");
    let marked = "\u{feff}export const LENGTH = 50;\n".to_owned();
    let long = format!("{marked}// {}", "x".repeat(2 << 20));
    for (module, message) in [(marked, None), (long, Some("more than 1048576 bytes"))] {
        let folder = folder(&[("main.rhai", &format!("{main}{ending}")), ("module.rhai", &module)]);
        let told = run(&folder.path().join("main.rhai")).err().map(|error| error.to_string());
        match message {
            None => assert_eq!(told, None),
            Some(message) => assert!(told.as_ref().is_some_and(|told| told.contains(message)), "{told:?}"),
        }
    }
}

#[test]
fn every_script_comes_to_an_end_soon_and_without_a_panic() {
    let nested = |open: &str, close: &str| format!("let x = {}1{};", open.repeat(10_000), close.repeat(10_000));
    let scripts = [
        "loop { }".to_string(),
        "while true { let x = 1; }".into(),
        "let n = 0; do { n += 1; } while true".into(),
        "for n in 0..9223372036854775807 { }".into(),
        "fn f(n) { f(n + 1) } f(0)".into(),
        "fn f(n) { g(n) } fn g(n) { f(n) } f(0)".into(),
        "let f = |n| n; loop { f.call(1); }".into(),
        "let a = [1]; loop { a += a; }".into(),
        "let a = []; loop { a = [a]; }".into(),
        "let m = #{}; loop { m = #{ m: m }; }".into(),
        "let m = #{}; let n = 0; loop { n += 1; m[`${n}`] = n; }".into(),
        "let t = \"x\"; loop { t += t; }".into(),
        "let t = \"x\"; t.pad(1000000000, \"y\");".into(),
        "let a = []; a.pad(1000000000, 1);".into(),
        "let x = bars(\"1d\").close; loop { x = sma(x, 2); }".into(),
        "let x = bars(\"1d\").close; loop { x = select(x > 1, x, 1); }".into(),
        "let x = bars(\"1d\").close > 1; loop { x = !x; }".into(),
        "let x = bars(\"1d\").close > 1; loop { x = x and x; }".into(),
        "let x = bars(\"1d\").close; loop { macd(x).macd; }".into(),
        "let x = 0; loop { try { sma(x) } catch { } }".into(),
        "let x = bars(\"1d\").close; loop { try { x = x + 1; } catch { } }".into(),
        "let m = 1; for n in 0..1900 { m = #{ m: m }; } strategy(m)".into(),
        "let m = 1; for n in 0..1900 { m = [m]; } sma(m)".into(),
        nested("(", ")"),
        nested("[", "]"),
        nested("#{ a: ", "}"),
        nested("-", ""),
        nested("{ ", " }"),
        nested("sqrt(", ")"),
        nested("if true { ", " }"),
        format!("let x = 1{};", " + 1".repeat(10_000)),
        format!("let x = bars(\"1d\").close{};", "[0]".repeat(10_000)),
        format!("let x = bars(\"1d\").close{};", ".abs()".repeat(10_000)),
        "x".repeat(2 << 20),
    ];
    for script in &scripts {
        let start = Instant::now();
        let shown: String = script.chars().take(70).collect();
        let error = strategy(script).err().unwrap_or_else(|| panic!("{shown} is not refused"));
        assert!(error.origin().is_some(), "{shown}: {error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{shown}: {error}");
    }
}

#[test]
fn there_is_no_clock_no_chance_no_file_and_no_eval() {
    for call in ["timestamp()", "sleep(1)", "rand()", "open_file(\"x\")", "parse_json(\"1\")", "exit()", "eval(\"1\")"]
    {
        let error = strategy(call).unwrap_err();
        let name = call.split('(').next().unwrap();
        assert!(error.message().contains(&format!("`{name}`")), "{error}");
        assert!(error.origin().is_some(), "{error}");
    }
}
