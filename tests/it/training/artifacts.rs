//! Artifacts: saved, found again, refused where something differs, and safe from a kill.

use std::fs;
use std::path::{Path, PathBuf};

use timeweave::models::{Artifact, Configuration, ENGINE, Provenance, Regime, Trained, key};
use timeweave::networks::{DeviceKind, StateDict};

use super::fixture::{Market, lstm, weighted};

/// The files of a folder with their bytes, by name.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn provenance() -> Provenance {
    Provenance {
        data: [("us_equities/AAPL/1d.parquet".to_owned(), "ab".repeat(32))].into(),
        features: "day.momentum = roc(close, 10) / 100".into(),
        script: "cd".repeat(32),
    }
}

fn model() -> (Configuration, Trained) {
    let configuration = weighted(Regime::Joint);
    let model = super::trained(&configuration, &Market::signal(300, 20));
    (configuration, model)
}

fn load(folder: &Path, configuration: &Configuration, provenance: &Provenance) -> Artifact {
    Artifact::load(folder, configuration, DeviceKind::Flex, provenance).unwrap()
}

fn loaded(folder: &Path, configuration: &Configuration) -> Trained {
    match load(folder, configuration, &provenance()) {
        Artifact::Match(trained) => *trained,
        other => panic!("{other:?}"),
    }
}

#[test]
fn training_artifacts_are_found_again_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("runs/made/model");
    let (configuration, model) = model();
    assert!(matches!(load(&directory, &configuration, &provenance()), Artifact::Missing));
    model.save(&directory, &provenance()).unwrap();
    let first = files(&directory);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["history.csv", "metadata.json", "scaler.json", "weights.safetensors"]);

    let again = loaded(&directory, &configuration);
    let data = Market::signal(300, 20).data(&configuration);
    let bits = |model: &Trained| format!("{:?}", model.predict(&data, false).unwrap());
    assert_eq!(bits(&again), bits(&model));
    assert_eq!(
        (&again.fits[0].history, &again.fits[0].ranges, &again.fits[0].scalers),
        (&model.fits[0].history, &model.fits[0].ranges, &model.fits[0].scalers)
    );
    again.save(&directory, &provenance()).unwrap();
    assert_eq!(files(&directory), first, "saved, loaded and saved again");
    assert_eq!(fs::read_dir(directory.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn training_artifacts_are_laid_out_as_pytorch() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("model");
    let (configuration, model) = model();
    model.save(&directory, &provenance()).unwrap();
    let bytes = fs::read(directory.join("weights.safetensors")).unwrap();
    let state = StateDict::from_safetensors(&bytes, &DeviceKind::Flex.device().unwrap()).unwrap();
    let shapes: Vec<String> = state.shapes().map(|(name, shape)| format!("{name} {shape:?}")).collect();
    insta::assert_snapshot!(shapes.join("\n"), @r"
    day.head.bias [1]
    day.head.weight [1, 8]
    day.lstm.bias_hh_l0 [32]
    day.lstm.bias_ih_l0 [32]
    day.lstm.weight_hh_l0 [32, 8]
    day.lstm.weight_ih_l0 [32, 2]
    week.head.bias [1]
    week.head.weight [1, 8]
    week.lstm.bias_hh_l0 [32]
    week.lstm.bias_ih_l0 [32]
    week.lstm.weight_hh_l0 [32, 8]
    week.lstm.weight_ih_l0 [32, 1]
    weights.0.bias [4]
    weights.0.weight [4, 1]
    weights.2.bias [2]
    weights.2.weight [2, 4]
    ");
    let key = key(&configuration, DeviceKind::Flex, &provenance());
    let metadata = fs::read_to_string(directory.join("metadata.json")).unwrap();
    insta::assert_snapshot!("metadata", metadata.replace(&key, "KEY").replace(ENGINE, "ENGINE"));
}

#[test]
fn training_artifacts_are_refused_where_something_differs() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("model");
    let (configuration, model) = model();
    model.save(&directory, &provenance()).unwrap();
    let differs = |configuration: &Configuration, provenance: &Provenance| {
        let ours = key(configuration, DeviceKind::Flex, provenance);
        assert_ne!(ours, key(&model.configuration, DeviceKind::Flex, &self::provenance()));
        match load(&directory, configuration, provenance) {
            Artifact::Mismatch(mismatch) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let with = |change: fn(&mut Configuration)| {
        let mut other = configuration.clone();
        change(&mut other);
        differs(&other, &provenance())
    };
    assert_eq!(with(|c| c.design = lstm(64, 1)), "parameters.hidden was 8 and is 64");
    assert_eq!(
        with(|c| (c.seed, c.training.batch) = (8, 16)),
        "parameters.batch was 32 and is 16; parameters.seed was 7 and is 8"
    );
    assert_eq!(with(|c| c.groups[0].features.swap(0, 1)), "parameters.groups has changed");
    let mut other = provenance();
    other.data.insert("us_equities/AAPL/1d.parquet".into(), "ef".repeat(32));
    assert_eq!(differs(&configuration, &other), "data us_equities/AAPL/1d.parquet has changed");
    let other = Provenance { features: "day.momentum = roc(close, 20) / 100".into(), ..provenance() };
    assert_eq!(
        differs(&configuration, &other),
        "features was \"day.momentum = roc(close, 10) / 100\" and is \"day.momentum = roc(close, 20) / 100\""
    );

    // A script that changes elsewhere needs no new model.
    let other = Provenance { script: String::new(), ..provenance() };
    assert!(matches!(load(&directory, &configuration, &other), Artifact::Match(_)));

    let metadata = fs::read_to_string(directory.join("metadata.json")).unwrap();
    fs::write(directory.join("metadata.json"), metadata.replacen(ENGINE, "0.0.1/1", 1)).unwrap();
    let Artifact::Mismatch(mismatch) = load(&directory, &configuration, &provenance()) else { panic!("other engine") };
    assert_eq!(mismatch.to_string(), format!("engine was \"0.0.1/1\" and is \"{ENGINE}\""));
}

#[test]
fn training_artifacts_that_are_damaged_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("model");
    let (configuration, model) = model();
    for (name, bytes) in [
        ("weights.safetensors", &b"short"[..]),
        ("scaler.json", b"{}"),
        ("metadata.json", b"{"),
        ("history.csv", b"phase\nday,3\n"),
    ] {
        model.save(&directory, &provenance()).unwrap();
        fs::write(directory.join(name), bytes).unwrap();
        let error = Artifact::load(&directory, &configuration, DeviceKind::Flex, &provenance()).unwrap_err();
        assert!(error.origin().unwrap().file.ends_with(name), "{error}");
        assert!(error.help().unwrap().contains("--retrain"), "{error}");
    }
}

#[test]
fn training_artifacts_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("model");
    let (new, old) = (folder.path().join(".model.new"), folder.path().join(".model.old"));
    let (configuration, model) = model();
    model.save(&directory, &provenance()).unwrap();
    let whole = files(&directory);
    let check = |when: &str| {
        loaded(&directory, &configuration);
        assert_eq!(files(&directory), whole, "{when}");
        model.save(&directory, &provenance()).unwrap();
        assert_eq!(files(&directory), whole, "{when}, saved again");
        assert!(!new.exists() && !old.exists(), "{when}");
    };
    let partial = |folder: &PathBuf| {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("metadata.json"), "{").unwrap();
    };
    partial(&new);
    check("while the new files are written");
    partial(&new);
    fs::rename(&directory, &old).unwrap();
    check("between the two renames");
    partial(&old);
    check("while the old files are removed");
}
