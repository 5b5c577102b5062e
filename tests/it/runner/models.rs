//! Runs of a strategy with a model: trained, kept, found again, refused.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Desk, assert_same, names};

/// A small model on few bars.
const SCRIPT: &str = r#"
let day = bars("1d");
let week = bars("1wk");
fn features(bars) { #{ change: returns(bars.close, 1), place: bars.close / sma(bars.close, 3) - 1 } }
let forecast = lstm(#{
    inputs: #{ day: features(day), week: features(week) },
    target: future_return(day.close, 2),
    lookback: #{ day: 5, week: 3 }, hidden: 4, dropout: 0.2, epochs: 3, batch: 16,
    split: #{ train: 0.6, validation: 0.2 },
    seed: 7,
});
let blend = dynamic_weight(forecast, #{ given: [natr(day, 5)] });
strategy(#{
    universe: "us_equities/FB",
    long: #{ enter: blend.score > 0, exit: blend.score < 0 },
    short: #{ enter: blend.score < 0, exit: blend.score > 0 },
    exits: [time_stop(5)],
    size: percent(50),
    plot: #{ score: blend.score },
})
"#;

const MODEL: [&str; 4] = ["history.csv", "metadata.json", "scaler.json", "weights.safetensors"];

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("small.rhai", SCRIPT);
    desk
}

#[test]
fn a_model_is_trained_once_kept_and_found_again() {
    let desk = desk();
    let refusal = desk.refused("backtest small.rhai", 1);
    assert!(refusal.contains("no trained model fits: there was none in runs/small/model"), "{refusal}");
    assert!(refusal.contains("runner train"), "{refusal}");

    let trained = desk.done("train small.rhai");
    assert_eq!(trained.stdout, "");
    assert_eq!(trained.stderr, "model trained (it was asked for) and kept in runs/small/model\n");
    assert_eq!(names(&desk.files("runs/small/model")), MODEL);
    assert_eq!(names(&desk.files("runs/small")).len(), MODEL.len(), "no backtest");

    let loaded = "model loaded from runs/small/model: all that it depends on is as it was\n";
    let backtest = desk.done("backtest small.rhai");
    assert_eq!(backtest.stderr, loaded);
    assert!(backtest.stdout.contains("out of sample"), "{}", backtest.stdout);
    let first = desk.files("runs/small");

    // Loaded, trained again, or trained by the run itself: the same bytes.
    assert_eq!(desk.done("small.rhai").stderr, loaded);
    assert_same(&first, &desk.files("runs/small"));
    let again = desk.done("small.rhai --retrain");
    assert_eq!(again.stderr, "model trained (it was asked for) and kept in runs/small/model\n");
    assert_same(&first, &desk.files("runs/small"));
    let fresh = desk.done("small.rhai --out fresh");
    assert_eq!(fresh.stderr, "model trained (there was none in fresh/model) and kept in fresh/model\n");
    assert_same(&first, &desk.files("fresh"));
    let json = desk.done("backtest small.rhai --json");
    assert_eq!((json.stdout, json.stderr.as_str()), (desk.text("runs/small/metrics.json"), loaded));
    assert_eq!(desk.done("train small.rhai --quiet").stderr, "");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let desk = desk();
    desk.write("trees.rhai", trees());
    for script in ["small.rhai", "trees.rhai"] {
        desk.done(&format!("{script} --threads 1 --out one"));
        desk.done(&format!("{script} --threads 2 --out two"));
        assert_same(&desk.files("one"), &desk.files("two"));
    }
}

/// The same with trees in the place of networks.
fn trees() -> String {
    let trees = SCRIPT.replace("lstm(", "boosted_trees(").replace("hidden: 4", "rounds: 8, min_child_weight: 3");
    assert_ne!(trees, SCRIPT);
    trees
}

#[test]
fn trees_are_trained_kept_proved_and_tuned_as_networks_are() {
    let desk = desk();
    desk.write("trees.rhai", trees());
    desk.done("train trees.rhai");
    assert_eq!(names(&desk.files("runs/trees/model")), MODEL);
    // A line a round in the history of each group, then those of the weights.
    let history = desk.text("runs/trees/model/history.csv");
    let rounds = |phase: &str| history.lines().filter(|line| line.starts_with(&format!("{phase},"))).count();
    assert!((1..=8).contains(&rounds("day")) && (1..=8).contains(&rounds("week")), "{history}");
    assert_eq!(rounds("weights"), 3);
    let backtest = desk.done("backtest trees.rhai");
    assert_eq!(backtest.stderr, "model loaded from runs/trees/model: all that it depends on is as it was\n");
    let proved = desk.done("prove trees.rhai --prefixes 3 --json --quiet");
    assert!(proved.stdout.contains("\"holds\": true"), "{}", proved.stdout);
    desk.write("trees.rhai", trees().replace("rounds: 8", "rounds: 8, depth: param(\"depth\", 2)"));
    let tuned = desk.done("tune trees.rhai --vary depth=1,3 --groups 3 --held-out 1");
    assert!(tuned.stdout.contains("depth"), "{}", tuned.stdout);

    desk.write("trees.rhai", trees().replace("rounds: 8", "rounds: 9"));
    let refusal = desk.refused("backtest trees.rhai", 1);
    assert!(refusal.contains("parameters.rounds was 8 and is 9"), "{refusal}");
}

#[test]
fn what_the_model_depends_on_decides_and_nothing_else() {
    let desk = desk();
    desk.done("train small.rhai");
    for (from, to, difference) in [
        ("hidden: 4", "hidden: 5", "parameters.hidden was 4 and is 5"),
        ("seed: 7", "seed: 8", "parameters.seed was 7 and is 8"),
        ("returns(bars.close, 1)", "returns(bars.close, 2)", "features has changed"),
        ("us_equities/FB", "us_equities/GOOG", "data us_equities/GOOG/1d.parquet has changed"),
    ] {
        desk.write("small.rhai", SCRIPT.replace(from, to));
        let refusal = desk.refused("backtest small.rhai", 1);
        let words: Vec<&str> = refusal.split_whitespace().collect();
        assert!(words.join(" ").contains(difference), "{from} -> {to}\n{refusal}");
    }
    // Neither rules nor exits, sizes, costs or comments are learned from.
    let other = SCRIPT.replace("time_stop(5)", "stop_loss(percent(2))").replace("percent(50)", "percent(20)");
    desk.write("small.rhai", format!("// another day\n{}", other.replace("blend.score > 0", "blend.score > 0.001")));
    let told = desk.done("backtest small.rhai");
    assert!(told.stderr.starts_with("model loaded"), "{}", told.stderr);

    desk.write("small.rhai", SCRIPT.replace("hidden: 4", "hidden: 5"));
    let told = desk.done("small.rhai");
    let expected = "model trained (parameters.hidden was 4 and is 5) and kept in runs/small/model\n";
    assert_eq!(told.stderr, expected);
}

#[test]
fn a_damaged_model_is_named_and_can_be_trained_again() {
    let desk = desk();
    desk.done("small.rhai");
    let good = desk.files("runs/small");
    for file in MODEL {
        let bytes = desk.read(&format!("runs/small/model/{file}"));
        desk.write(&format!("runs/small/model/{file}"), &bytes[..bytes.len() - 8]);
        for line in ["small.rhai", "backtest small.rhai"] {
            let refusal = desk.refused(line, 1);
            assert!(refusal.contains(&format!("runs/small/model/{file}")), "{file}\n{refusal}");
            assert!(refusal.contains("--retrain"), "{file}\n{refusal}");
        }
        desk.done("small.rhai --retrain");
        assert_same(&good, &desk.files("runs/small"));
    }
}

#[test]
fn a_kill_while_training_leaves_the_old_model() {
    let desk = desk();
    desk.done("small.rhai");
    let before = desk.files("runs/small");
    desk.write("small.rhai", SCRIPT.replace("epochs: 3", "epochs: 5000, patience: 5000"));
    let mut child = desk.command("small.rhai --quiet").spawn().unwrap();
    sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it was to be killed while it trains");
    if cfg!(unix) {
        let refusal = desk.refused("small.rhai", 1);
        assert!(refusal.contains("runs/small: another run is at work in this folder"), "{refusal}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut kept = desk.files("runs/small");
    kept.retain(|file, _| !file.starts_with("model.training"));
    assert_same(&before, &kept);
    desk.write("small.rhai", SCRIPT);
    assert!(desk.done("backtest small.rhai").stderr.starts_with("model loaded"));
}

#[test]
fn variants_are_compared_before_the_test_range() {
    let desk = desk();
    desk.write("small.rhai", SCRIPT.replace("hidden: 4", "hidden: param(\"hidden\", 4, #{ min: 1, max: 64 })"));
    let told = desk.done("tune small.rhai --vary hidden=2,4 --groups 4 --held-out 1");
    assert!(told.stdout.starts_with("variant      mean loss   deviation\nhidden = "), "{}", told.stdout);
    assert!(
        told.stdout.contains("2 variants on 4 divisions each; the test range was not looked at"),
        "{}",
        told.stdout
    );
    let json: serde_json::Value =
        serde_json::from_str(&desk.done("tune small.rhai --vary hidden=2,4 --groups 4 --held-out 1 --json").stdout)
            .unwrap();
    assert_eq!(json[0]["divisions"].as_array().unwrap().len(), 4);
    assert!(json[0]["mean_loss"].as_f64() <= json[1]["mean_loss"].as_f64());

    desk.write("rule.rhai", SCRIPT.replace("score > 0,", "score > param(\"over\", 0.0, #{}),"));
    let told = desk.done("tune rule.rhai --vary over=0,0.1 --groups 3 --held-out 1");
    assert!(told.stdout.contains("changes nothing that the model depends on"), "{}", told.stdout);

    let refusal = desk.refused("tune small.rhai --vary hiden=2,4", 1);
    assert!(refusal.contains("`hiden`") && refusal.contains("did you mean `hidden`?"), "{refusal}");
    let refusal = desk.refused("tune small.rhai --vary hidden=2 --groups 3 --held-out 3", 1);
    assert!(refusal.contains("none is left to train on"), "{refusal}");
    desk.refused("tune small.rhai --vary hidden", 2);
}

#[test]
fn killed_twenty_times_training_comes_to_the_same_bytes() {
    let desk = desk();
    desk.write("small.rhai", SCRIPT.replace("epochs: 3", "epochs: 600, patience: 600"));
    desk.done("train small.rhai --out whole");
    let mut epochs = Vec::new();
    for kill in 0..20 {
        let mut child = desk.command("train small.rhai --quiet --out killed").spawn().unwrap();
        sleep(Duration::from_millis(60 + 83 * kill % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever the kill hit, the checkpoint can be read.
        if desk.exists("killed/model.training/now/checkpoint.json") {
            let text = desk.text("killed/model.training/now/checkpoint.json");
            let checkpoint: serde_json::Value = serde_json::from_str(&text).unwrap();
            epochs.push(checkpoint["epoch"].as_u64().unwrap());
        }
    }
    assert!(epochs.is_sorted(), "an epoch was lost: {epochs:?}");
    desk.done("train small.rhai --out killed");
    assert_same(&desk.files("whole"), &desk.files("killed"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_there_is_and_says_how_to_go_on() {
    let desk = desk();
    desk.write("small.rhai", SCRIPT.replace("epochs: 3", "epochs: 600, patience: 600"));
    desk.done("train small.rhai --out whole");
    let mut child = desk.command("train small.rhai --out stopped").stderr(Stdio::piped()).spawn().unwrap();
    // Once there is a checkpoint, training is under way.
    let begun = Instant::now();
    while !desk.exists("stopped/model.training/now/checkpoint.json") && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{told}");
    assert!(told.contains("training was stopped after epoch") && told.contains("the same command goes on"), "{told}");
    desk.done("train small.rhai --out stopped");
    assert_same(&desk.files("whole"), &desk.files("stopped"));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_training() {
    let desk = desk();
    desk.write("small.rhai", SCRIPT.replace("epochs: 3", "epochs: 5000, patience: 5000"));
    desk.write("file", "");
    let start = Instant::now();
    let refusal = desk.refused("small.rhai --out file", 1);
    assert!(refusal.contains("--out"), "{refusal}");
    assert!(start.elapsed() < Duration::from_secs(2), "it trained first");
    assert!(fs::metadata(desk.path("file")).unwrap().is_file());
}
