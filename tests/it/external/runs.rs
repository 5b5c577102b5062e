//! Runs that read external series: their files, models, proofs and messages.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
use tempfile::TempDir;
use timeweave::data::{Catalog, ExternalSource, Revisions, parquet_bytes};
use timeweave::error::{Diagnostic, Result};
use timeweave::expr::BarsRef;
use timeweave::pipeline::{self, Evaluated, MarketData, evaluate, evaluate_on, load};
use timeweave::plan::Plan;
use timeweave::proof::prove;
use timeweave::report::proof_page;
use timeweave::run::InstrumentBars;
use timeweave::script;
use timeweave::standard_registry;
use timeweave::time::Timestamp;

use super::{Row, days, declared, external, plotted, releases};

/// A folder of datasets: daily bars of A and B, and files below `fundamentals` and `macro`.
fn datasets(files: &[(&str, &[Row])]) -> (TempDir, Catalog) {
    let folder = TempDir::new().unwrap();
    for dataset in ["made", "fundamentals", "macro"] {
        fs::create_dir(folder.path().join(dataset)).unwrap();
        fs::write(folder.path().join(dataset).join("dataset.toml"), "calendar = \"24x7\"\n").unwrap();
    }
    for symbol in ["A", "B"] {
        days(300).write_parquet(&folder.path().join(format!("made/{symbol}/1d.parquet"))).unwrap();
    }
    for (file, rows) in files {
        releases(rows).write_parquet(&folder.path().join(file)).unwrap();
    }
    let catalog = Catalog::open(folder.path()).unwrap();
    (folder, catalog)
}

fn loaded(catalog: &Catalog, universe: &str, lines: &str) -> Result<MarketData> {
    let registry = standard_registry().unwrap();
    let strategy = declared(universe, lines, &["x"]);
    load(&Plan::new(&strategy, &registry)?, &strategy, catalog)
}

const EARNINGS: &str = r#"let x = external("fundamentals/{symbol}");"#;
const BOTH: &str = r#"["made/A", "made/B"]"#;

#[test]
fn each_instrument_reads_its_file_and_each_file_is_among_the_inputs() {
    let files: [(&str, &[Row]); 2] =
        [("fundamentals/A.parquet", &[(0, 1, 1.0)]), ("fundamentals/B.parquet", &[(0, 1, 2.0)])];
    let (_folder, catalog) = datasets(&files);
    let market = loaded(&catalog, BOTH, EARNINGS).unwrap();
    let value = |of: &InstrumentBars| of.external.values().next().unwrap().column("value").unwrap()[0];
    assert_eq!(market.instruments.iter().map(value).collect::<Vec<_>>(), [1.0, 2.0]);
    let names: Vec<&str> = market.inputs.iter().map(|input| input.file.as_str()).collect();
    for name in ["fundamentals/A.parquet", "fundamentals/B.parquet", "made/A/1d.parquet"] {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
}

#[test]
fn an_instrument_without_a_file_is_named_or_not_known_where_that_is_allowed() {
    let (_folder, catalog) = datasets(&[("fundamentals/A.parquet", &[(0, 1, 1.0)])]);
    let told = loaded(&catalog, BOTH, EARNINGS).unwrap_err();
    assert_eq!(told.message(), "there is no external series `B` in the dataset `fundamentals`");
    assert!(told.help().unwrap().contains("missing: \"nan\""), "{told}");
    assert_eq!(told.origin().unwrap().line, 1);
    let allowed = r#"let x = external("fundamentals/{symbol}", #{ missing: "nan" });"#;
    let market = loaded(&catalog, BOTH, allowed).unwrap();
    let registry = standard_registry().unwrap();
    let options = pipeline::Options::default();
    let run = evaluate_on(declared(BOTH, allowed, &["x"]), &registry, market, &options, &mut |_| {}).unwrap();
    assert!(plotted(&run, 1, "x").iter().all(|value| value.is_nan()));
    assert_eq!(plotted(&run, 0, "x")[..3], [1.0, 1.0, 1.0]);
}

#[test]
fn how_a_series_is_read_is_part_of_what_a_model_hangs_on() {
    let registry = standard_registry().unwrap();
    let features = |options: &str| {
        let text = format!(
            r#"let day = bars("1d"); let x = external("macro/x"{options});
            let model = linear(#{{ inputs: #{{ outside: #{{ x: x, change: x - x[1] }} }}, target: future_return(day.close, 5) }});
            strategy(#{{ universe: "made/A", long: #{{ enter: model.outside > 0 }} }})"#
        );
        let strategy =
            script::compile(&text, "m.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
        let plan = Plan::new(&strategy, &registry).unwrap();
        // External series alone are seen on the target's bars.
        assert_eq!(plan.models[0].groups[0].timeframe.to_string(), "1d");
        plan.explain_model(&plan.models[0])
    };
    let plain = features("");
    assert!(plain.contains("macro/x") && plain == features(", #{}"), "{plain}");
    let others = [", #{ lag: \"45d\" }", ", #{ max_age: \"9d\" }", ", #{ revisions: \"first\" }"].map(features);
    assert!(others.iter().all(|other| *other != plain) && others[0] != others[1], "{others:?}");
}

/// Bars as an embedder holds them are hashed with what was released.
#[test]
fn series_in_memory_are_among_the_inputs() {
    let inputs = |value: f64| {
        let source: ExternalSource = "macro/x".parse().unwrap();
        let own = InstrumentBars::new("made/OWN".parse().unwrap(), [days(3)]);
        let own = own.with_external(source, external(&[(0, 1, value)], Revisions::Known, None));
        MarketData::from_bars(vec![own]).inputs
    };
    assert_eq!(inputs(1.0), inputs(1.0));
    assert_eq!(inputs(1.0).len(), 2);
    assert!(inputs(1.0)[0] == inputs(2.0)[0] && inputs(1.0)[1] != inputs(2.0)[1]);
}

fn evaluated(path: &Path) -> Evaluated {
    let registry = standard_registry().unwrap();
    let strategy = script::load(path, &script::Options { registry: &registry, settings: &[] }).unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    evaluate(strategy, &registry, &catalog, &pipeline::Options::default(), &mut |_| {}).unwrap()
}

#[test]
fn a_proof_cuts_external_series_off_by_when_they_were_known() {
    let registry = standard_registry().unwrap();
    let run = evaluated(Path::new("strategies/macro_filter.rhai"));
    let proof = prove(&run, &registry, 8, &mut |_, _| {}).unwrap();
    assert!(proof.differences.is_empty(), "{}", proof_page(&proof));
}

/// The yearly rate of core inflation that a rule sees, worked out from the file by hand.
#[test]
fn the_lesson_sees_inflation_65_days_late() {
    let run = evaluated(Path::new("strategies/macro_filter.rhai"));
    let bars = run.evaluation.instruments[0].bars.at(run.plan.base).unwrap().clone();
    let inflation = plotted(&run, 0, "inflation");
    let on = |date: &str| {
        let open = date.parse::<Timestamp>().unwrap().0;
        inflation[bars.timestamps().iter().position(|at| *at == open).unwrap()]
    };
    // Core CPI: October 2007 212.3, November 212.8, of the year before 207.8 and 207.8, to a tenth.
    let (october, november) = (on("2008-01-03"), on("2008-01-04"));
    assert!((october - 0.0217).abs() < 5e-4 && (november - 0.0233).abs() < 1e-3, "{october} {november}");
    assert_ne!(october, november, "that of November is known at the end of 4 January");
    assert_eq!(run.plan.bars().iter().filter(|bars| matches!(bars, BarsRef::External(_))).count(), 2);
}

/// What a run says of a script, where it goes wrong.
#[test]
fn what_a_file_has_not_is_told_with_what_it_has() {
    let (folder, catalog) = datasets(&[("macro/x.parquet", &[(0, 1, 1.0)])]);
    // One that does not say when its figures were known.
    let about: ArrayRef = Arc::new(Date32Array::from(vec![0, 31]));
    let figures: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let batch = RecordBatch::try_from_iter([("timestamp", about), ("value", figures)]).unwrap();
    fs::write(folder.path().join("macro/y.parquet"), parquet_bytes(&batch).unwrap()).unwrap();
    let registry = standard_registry().unwrap();
    let told = |lines: &str| -> Diagnostic {
        let strategy = declared("\"made/A\"", lines, &["x"]);
        evaluate(strategy, &registry, &catalog, &pipeline::Options::default(), &mut |_| {}).err().unwrap()
    };
    let all = [
        told(r#"let x = external("macro/x").eps;"#),
        told(r#"let x = external("macr/x");"#),
        told(r#"let x = external("macro/xx");"#),
        told(r#"let x = external("macro/y");"#),
        told(r#"let x = external("macro/x", #{ lag: "45d" });"#),
        told(r#"let x = bars("1d", "macro/x").close;"#),
        told(r#"let x = external("made/A");"#),
    ];
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    let shown = all.join("\n\n").replace(&folder.path().display().to_string(), "datasets");
    insta::assert_snapshot!(shown);
}
