//! `runner check`: every warning once, drawn; and scripts that deserve none.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use timeweave::data::{Bars, Catalog, Field};
use timeweave::error::Diagnostic;
use timeweave::pipeline::{MarketData, load};
use timeweave::plan::Plan;
use timeweave::review::{review, unused_names, unused_parameters};
use timeweave::run::InstrumentBars;
use timeweave::script::{Options, Setting, compile};
use timeweave::standard_registry;
use timeweave::time::{Timeframe, Timestamp};

/// Rules that nothing is to be said against.
const SOUND: &str = "long: #{ enter: rsi(close, 3) < 20, exit: rsi(close, 3) > 60 },";
/// Costs that nothing is to be said against.
const COSTS: &str = "costs: #{ commission: bps(5) },";

/// A script of some declarations and entries of the strategy, after three lines of its own.
fn script(declared: &str, entries: &str) -> String {
    let universe = if entries.contains("universe") { "" } else { "universe: \"us_equities/MSFT\"," };
    format!(
        "let day = bars(\"1d\");\nlet close = day.close;\n{declared}\nstrategy(#{{\n    {universe}\n    {}\n}})\n",
        entries.trim()
    )
}

fn warnings(text: &str) -> Vec<Diagnostic> {
    let registry = standard_registry().unwrap();
    let read = |settings: &[Setting]| compile(text, "check.rhai", &Options { registry: &registry, settings });
    let strategy = read(&[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let market = load(&Plan::new(&strategy, &registry).unwrap(), &strategy, &catalog).unwrap();
    let mut found = review(&strategy, &registry, market).unwrap();
    let mut again = |name: &str, value: f64| read(&[Setting { name: name.into(), value }]);
    found.extend(unused_parameters(&strategy, &registry, &mut again).unwrap());
    found.extend(unused_names("check.rhai", text));
    found
}

/// A model whose features, window and target are given.
fn model(hidden: usize, horizon: usize, split: &str) -> String {
    format!(
        "let forecast = lstm(#{{ inputs: #{{ day: #{{ change: returns(close) }} }}, lookback: 5, hidden: {hidden}, \
         target: future_return(close, {horizon}), {split} }});"
    )
}

#[test]
fn everything_suspicious_is_told_with_its_place() {
    let enter = |enter: &str| format!("long: #{{ enter: {enter}, exit: rsi(close, 3) > 60 }}, {COSTS}");
    let sound = |more: &str| format!("{SOUND} {more} {COSTS}");
    let forecast = format!("long: #{{ enter: forecast.day > 0, exit: forecast.day < 0 }}, {COSTS}");
    let cases: Vec<(&str, String)> = vec![
        ("never_true", script("", &enter("close > 1000"))),
        ("never_true_of_two", script("", &enter("close > sma(close, 50) and close < 0.01"))),
        ("never_together", script("", &enter("rsi(close, 3) < 10 and close > highest(close, 20)[1]"))),
        ("never_crosses", script("", &enter("crosses_above(rsi(close, 14), 99)"))),
        ("always_true", script("", &enter("close > 0 and rsi(close, 3) < 20"))),
        ("always_one_of_two", script("", &enter("rsi(close, 3) < 20 and (close >= day.low or close > 10)"))),
        ("above_its_range", script("", &enter("rsi(close, 14) > 150"))),
        ("below_its_range", script("", &enter("-101 > willr(day, 14)"))),
        ("within_its_range_always", script("", &enter("adx(day, 14) >= 0 and rsi(close, 3) < 20"))),
        ("never_negated", script("", &enter("not(close > 0) or rsi(close, 3) < 20"))),
        ("never_on_the_week", script("let week = bars(\"1wk\");", &enter("week.close > 1000 or rsi(close, 3) < 20"))),
        ("never_in_an_exit", script("", &sound("exits: [exit_when(close > 1000)],"))),
        (
            "reads_no_bars",
            script("", &format!("long: #{{ enter: close > open, exit: 1 > 2 }}, {COSTS}"))
                .replace("open,", "day.open,"),
        ),
        ("warm_up_too_long", script("let month = bars(\"1mo\");", &sound("plot: #{ trend: sma(month.close, 500) },"))),
        ("warm_up_of_most_bars", script("let week = bars(\"1wk\");", &enter("week.close > sma(week.close, 400)"))),
        ("no_value", script("", &sound("plot: #{ root: sqrt(0 - close) },"))),
        (
            "unused_parameter",
            script("let length = param(\"length\", 14, #{ min: 2, max: 50 });\nlet _other = length;", &sound("")),
        ),
        ("unused_name", script("let slow = sma(close, 200);\n// slow is the long trend", &sound(""))),
        ("unused_function", script("fn trend(series) { sma(series, 50) }", &sound(""))),
        ("stop_wider", script("", &sound("exits: [stop_loss(percent(8)), take_profit(percent(2))],"))),
        (
            "stop_wider_in_distance",
            script("", &sound("exits: [stop_loss(atr(day, 14) * 3), take_profit(atr(day, 14))],")),
        ),
        ("no_exit", script("", &format!("long: #{{ enter: rsi(close, 3) < 20 }}, {COSTS}"))),
        (
            "exit_is_enter",
            script("", &format!("long: #{{ enter: rsi(close, 3) < 20, exit: rsi(close, 3) < 20 }}, {COSTS}")),
        ),
        (
            "exit_undoes_enter",
            script("", &format!("long: #{{ enter: rsi(close, 3) < 20, exit: rsi(close, 3) < 50 }}, {COSTS}")),
        ),
        (
            "both_sides",
            script("", &format!("{SOUND} short: #{{ enter: rsi(close, 3) < 25, exit: rsi(close, 3) > 70 }}, {COSTS}")),
        ),
        ("no_costs", script("", SOUND)),
        ("risk_without_stop", script("", &sound("size: risk(percent(1)), exits: [time_stop(5)],"))),
        (
            "too_large_for_several",
            script("", &sound("universe: [\"us_equities/MSFT\", \"us_equities/AAPL\"], size: percent(95),")),
        ),
        ("many_parameters", script(&model(128, 5, "split: #{ train: 0.6, validation: 0.2 }"), &forecast)),
        ("short_test_range", script(&model(8, 20, "split: #{ train: 0.8, validation: 0.1 }"), &forecast)),
        ("limit_that_does_not_wait", script("", &enter("rsi(close, 3) < 20, at: limit(day.high)"))),
        ("stop_that_does_not_wait", script("", &enter("rsi(close, 3) < 20, at: stop(day.low)"))),
        ("limit_never_reached", script("", &enter("rsi(close, 3) < 20, at: limit(close * 0.2), good_for: 5"))),
        (
            "parts_of_more_than_all",
            script("", &sound("exits: [scale_out(percent(60), percent(2)), scale_out(percent(60), percent(4))],")),
        ),
        ("nothing_to_add_with", script("", &enter("rsi(close, 3) < 20, add: 2"))),
        ("same_close", script("", &sound("fill: \"same_close\","))),
        (
            "short_history",
            script("", &sound("universe: [\"us_equities/MSFT\", \"us_equities/FB\"], size: percent(50),")),
        ),
        ("compared_with_nothing", script("", &enter("rank(rsi(close, 14)) > 0.5 and rsi(close, 3) < 20"))),
        (
            "picks_every_instrument",
            script(
                "",
                &sound(
                    "universe: [\"us_equities/MSFT\", \"us_equities/AAPL\"], size: percent(50), plot: #{ all: select(top(2, close), 1, 0) },",
                ),
            ),
        ),
        (
            "in_sample",
            script(&model(8, 5, "split: #{ train: 0.6, validation: 0.2 }"), &format!("{forecast} in_sample: true,")),
        ),
    ];
    let mut drawn = String::new();
    for (name, text) in cases {
        let found = warnings(&text);
        assert!(!found.is_empty(), "{name}: nothing was told\n{text}");
        assert!(
            found.iter().all(|warning| warning.origin().is_some() && warning.help().is_some()),
            "{name}: {found:?}"
        );
        drawn += &format!("{name}\n");
        for warning in found {
            let place = warning.origin().unwrap();
            let line = place.line.checked_sub(1).and_then(|line| text.lines().nth(line)).unwrap_or("");
            drawn += &format!("  {}\n", line.trim());
            drawn += &warning.to_string().lines().map(|line| format!("    {line}\n")).collect::<String>();
        }
        drawn.push('\n');
    }
    insta::assert_snapshot!("warnings", drawn);
}

#[test]
fn what_is_sound_is_not_suspected() {
    let cases = [
        script("", &format!("{SOUND} {COSTS}")),
        // Reversal closes each side.
        script(
            "",
            &format!(
                "long: #{{ enter: close > sma(close, 50) }}, short: #{{ enter: close < sma(close, 50) }}, {COSTS}"
            ),
        ),
        script("", &format!("{SOUND} exits: [stop_loss(percent(3)), take_profit(percent(6))], {COSTS}")),
        script(
            "",
            &format!(
                "long: #{{ enter: rsi(close, 3) < 20, at: limit(day.low * 0.995), good_for: 3, add: 1, exit: rsi(close, 3) > 60 }}, \
                 exits: [scale_out(percent(50), percent(2))], size: percent(30), {COSTS}"
            ),
        ),
        // A parameter that only ever counts bars, one that is a threshold, one that switches a filter off.
        script(
            "let bars_held = param(\"held\", 5, #{ min: 1, max: 20 });\nlet least = param(\"least\", 20.0);\n\
             let filter = param(\"filter\", 1, #{ min: 0, max: 1 });\n\
             let calm = if filter == 1 { natr(day, 14) < 3 } else { close > 0 };",
            &format!(
                "long: #{{ enter: calm and rsi(close, 3) < least, exit: rsi(close, 3) > 60 }}, \
                 exits: [time_stop(bars_held)], {COSTS}"
            ),
        ),
        // Parameters inside of a rule of the open position and of a recursion.
        script(
            "let held = param(\"held\", 5.0); let share = param(\"share\", 0.1, #{ min: 0.01, max: 1.0 });\n\
             let smooth = scan(close, |before| before + share * (close - before));",
            &format!(
                "long: #{{ enter: close > smooth, exit: close < smooth }}, \
                 exits: [exit_when(position.bars_held > held)], {COSTS}"
            ),
        ),
        script(
            "let cost = param(\"cost\", 0.001, #{ min: 0.0, max: 0.01 });",
            &format!("{SOUND} costs: #{{ commission: percent(cost * 100) }},"),
        ),
        // A rule of a forecast is known only once the model is trained.
        script(
            &model(8, 5, "split: #{ train: 0.6, validation: 0.2 }"),
            &format!("long: #{{ enter: forecast.day > 100, exit: forecast.day < 100 }}, {COSTS}"),
        ),
        script(
            "",
            &format!("{SOUND} universe: [\"us_equities/MSFT\", \"us_equities/AAPL\"], size: percent(50), {COSTS}"),
        ),
        script(
            "let strongest = top(1, roc(close, 60));",
            &format!(
                "universe: \"us_equities/{{MSFT,AAPL}}\", long: #{{ enter: strongest, exit: not(strongest) }}, \
                 size: percent(50), {COSTS}"
            ),
        ),
    ];
    for text in cases {
        assert_eq!(warnings(&text), [], "{text}");
    }
}

#[test]
fn names_in_comments_and_texts_are_no_use_and_those_in_backticks_are() {
    let found =
        |text: &str| unused_names("a.rhai", text).iter().map(|found| found.message().to_owned()).collect::<Vec<_>>();
    let unused = |name: &str| format!("`{name}` is declared and never used");
    assert_eq!(found("let a = 1; /* a */ // a\n\"a \\\" a\""), [unused("a")]);
    assert_eq!(found("const Ä = 1;\nfn f() { 2 }\nf()"), [unused("Ä")]);
    assert!(found("let a = 1; `${a}`").is_empty());
    assert!(found("export const A = 1; export let b = 2; let _c = 3;").is_empty());
}

fn check(script: &Path, arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.arg("check").arg(script).arg("--datasets").arg(root.join("datasets")).args(arguments);
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn what_a_dataset_says_of_costs_counts_as_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let from = |path: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(path);
    fs::create_dir_all(at("us_equities/MSFT")).unwrap();
    fs::copy(from("us_equities/MSFT/1d.parquet"), at("us_equities/MSFT/1d.parquet")).unwrap();
    let manifest = fs::read_to_string(from("us_equities/dataset.toml")).unwrap();
    fs::write(at("mine.rhai"), script("", SOUND)).unwrap();
    for (trading, warned) in [("", true), ("\n[trading]\ncommission = 0.001\n", false)] {
        fs::write(at("us_equities/dataset.toml"), format!("{manifest}{trading}")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        let told = command.arg("check").arg(at("mine.rhai")).arg("--datasets").arg(folder.path()).output().unwrap();
        let (told, complaint) = (text(&told.stdout).to_owned(), text(&told.stderr).to_owned());
        assert_eq!(told.contains("trading costs nothing"), warned, "{told}{complaint}");
    }
}

#[test]
fn the_example_strategies_are_not_suspicious() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies");
    let scripts = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts: Vec<_> = scripts.filter(|path| path.extension().is_some_and(|ending| ending == "rhai")).collect();
    assert!(scripts.len() >= 4);
    for script in scripts {
        let output = check(&script, &["--strict"]);
        assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
        let expected = format!("{}: nothing is wrong, and nothing looks suspicious\n", script.display());
        assert_eq!(text(&output.stdout), expected);
    }
}

#[test]
fn the_runner_draws_warnings_and_fails_where_it_is_told_to_be_strict() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.rhai");
    fs::write(&path, script("let slow = 1;", "long: #{ enter: rsi(close, 14) > 150, exit: close < 20 },")).unwrap();
    let output = check(&path, &[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    insta::assert_snapshot!("runner", text(&output.stdout).replace(&path.display().to_string(), "odd.rhai"));
    let strict = check(&path, &["--strict"]);
    assert_eq!((strict.status.code(), &strict.stdout), (Some(1), &output.stdout));
    assert!(text(&strict.stderr).contains("--strict"), "{}", text(&strict.stderr));

    fs::write(&path, "let day = bars(\"1d\");\nstrategy(#{ universe: \"us_equities/MSFT\", long: 5 })").unwrap();
    let wrong = check(&path, &[]);
    assert_eq!((wrong.status.code(), text(&wrong.stdout)), (Some(1), ""));
    assert!(!wrong.stderr.is_empty());
}

/// Weekly bars whose stamp is that of the Monday before: each would be seen a week before it ends.
#[test]
fn stored_weeks_that_are_not_those_of_their_days_are_named() {
    let registry = standard_registry().unwrap();
    let text = script("let week = bars(\"1wk\");", &format!("{SOUND} plot: #{{ week: week.close }}, {COSTS}"));
    let strategy = compile(&text, "check.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let told = |shift: i64| {
        let market = load(&Plan::new(&strategy, &registry).unwrap(), &strategy, &catalog).unwrap();
        let instrument = &market.instruments[0];
        let [day, week] = [Timeframe::DAY, Timeframe::WEEK].map(|timeframe| instrument.at(timeframe).unwrap());
        let stamps = week.timestamps().iter().map(|open| open - shift * 7 * Timestamp::DAY).collect();
        let fields = Field::ALL.map(|field| week.field(field).to_vec());
        let stored = Bars::new(Timeframe::WEEK, week.calendar(), stamps, fields).unwrap();
        let bars = InstrumentBars::new(instrument.instrument.clone(), [(**day).clone(), stored]);
        review(&strategy, &registry, MarketData::from_bars(vec![bars])).unwrap()
    };
    assert_eq!(told(0), []);
    let [warning] = &told(1)[..] else { panic!("{:?}", told(1)) };
    assert!(
        warning.message().contains("stored 1wk bars of us_equities/MSFT close outside of the range of their 1d bars"),
        "{warning}"
    );
    assert_eq!(warning.origin().unwrap().line, 6);
}

#[test]
fn a_feature_that_cannot_be_scaled_is_an_error_before_anything_is_trained() {
    let registry = standard_registry().unwrap();
    let text = script(&model(4, 5, "").replace("returns(close)", "close * 0"), "long: #{ enter: forecast.day > 0 },");
    let strategy = compile(&text, "check.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let market = load(&Plan::new(&strategy, &registry).unwrap(), &strategy, &catalog).unwrap();
    let error = review(&strategy, &registry, market).unwrap_err();
    assert!(error.message().contains("`day.change` has the same value on every bar"), "{error}");
    assert!(!error.is_warning() && error.origin().unwrap().line == 3);
}
