//! Same input, same bytes: whatever the number of threads, and however often.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use timeweave::data::Catalog;
use timeweave::pipeline::{ModelPolicy, Options, evaluate};
use timeweave::report;
use timeweave::script;
use timeweave::standard_registry;

/// Every file of a run of a small model on two instruments, by its path below the run's folder.
fn files(threads: usize) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(root.join("strategies/mtf_lstm.rhai")).unwrap();
        let small =
            [("epochs:   40", "epochs: 2"), ("hidden:   32", "hidden: 6"), ("AAPL\"", "AAPL\", \"us_equities/MSFT\"")];
        let text = small.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "the strategy has changed: {from}");
            text.replace(from, to)
        });
        let registry = standard_registry().unwrap();
        let strategy =
            script::compile(&text, "small.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap();
        let catalog = Catalog::open(root.join("datasets")).unwrap();
        let options = Options { models: ModelPolicy::Reuse, model_folder: Some(folder.path()), ..Options::default() };
        let outcome = evaluate(strategy, &registry, &catalog, &options, &mut |_| {}).unwrap();
        let outcome = outcome.backtest(&registry).unwrap();
        report::write(&outcome, folder.path()).unwrap();
    });
    let mut found = BTreeMap::new();
    for place in [folder.path().to_path_buf(), folder.path().join("model")] {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder.path()).unwrap().to_path_buf();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_run_with_training_leaves_the_same_bytes_on_one_thread_and_on_two() {
    let (one, two) = (files(1), files(2));
    let names: Vec<_> = one.keys().map(|path| path.display().to_string()).collect();
    let expected = [
        "equity.parquet",
        "metrics.json",
        "model/history.csv",
        "model/metadata.json",
        "model/scaler.json",
        "model/weights.safetensors",
        "report.html",
        "run.json",
        "script.rhai",
        "signals.parquet",
        "trades.csv",
    ];
    assert_eq!(names, expected);
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{} differs", name.display());
    }
}
