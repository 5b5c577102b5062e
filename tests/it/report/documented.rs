//! The files are what their documents say: metrics.json and run.json their schemas, the tables docs/files.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use timeweave::pipeline::Outcome;
use timeweave::report::{equity_parquet, metrics_json, run_json, signals_parquet, trades_csv};

use super::schema::faults;
use super::{crossing_outcome, no_trades, one_bar, scripted, two_instruments, with_model};

const METRICS: &str = "docs/schema/metrics.schema.json";
const RUN: &str = "docs/schema/run.schema.json";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn schema(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// Refuses a metrics.json or a run.json that is not what its schema says.
#[track_caller]
fn is_what_the_schema_says(path: &str, name: &str, json: &str) {
    let faults = faults(&schema(path), &serde_json::from_str(json).unwrap());
    assert!(
        faults.is_empty(),
        "{name}: this is not what {path} says. Write there what is new, with its meaning and its unit (and raise the \
         number of its `$id` where something goes away):\n{}",
        faults.join("\n")
    );
}

/// Refuses a run's folder with a metrics.json or a run.json that is not what its schema says.
#[track_caller]
pub fn are_what_the_schemas_say(folder: &Path) {
    for (path, file) in [(METRICS, "metrics.json"), (RUN, "run.json")] {
        let file = folder.join(file);
        is_what_the_schema_says(path, &file.display().to_string(), &fs::read_to_string(&file).unwrap());
    }
}

/// A model that is trained again and again, as time goes on.
fn walking() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        let forecast = mlp(#{
            inputs: #{ near: #{ change: returns(day.close) } },
            target: future_return(day.close, 2),
            lookback: 4, hidden: 2, epochs: 2, batch: 64, seed: 1,
            walk_forward: #{ train: "6mo", validation: 0.2, test: "2mo" },
        });
        strategy(#{ universe: "made_up/A", long: #{ enter: forecast.near > 0, exit: forecast.near < 0 } })"#,
        300,
    )
}

/// Both sides, with exits.
fn both_sides() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        strategy(#{
            universe: "made_up/A",
            long: #{ enter: day.close > 115, exit: day.close < 110 },
            short: #{ enter: day.close < 105, exit: day.close > 108 },
        })"#,
        80,
    )
}

fn weighted() -> Outcome {
    let text = r#"let day = bars("1d"); strategy(#{ universe: ["made_up/A", "made_up/B"], weights: select(day.close > 110, 0.5, 0.1) })"#;
    scripted(text, 80)
}

/// Every figure of costs and account, stated.
fn charged() -> Outcome {
    scripted(
        r#"
        let day = bars("1d");
        strategy(#{
            universe: "made_up/A", from: "1970-01-10", to: "1970-03-20",
            long: #{ enter: day.close > 115, exit: day.close < 110 },
            costs: #{
                commission: bps(5), spread: bps(2), slippage: atr(day, 3) * 0.1, slippage_amount: 0.03,
                tiers: [#{ above: 1e6, commission: bps(3) }], volume_limit: percent(10), impact_model: "linear",
            },
            account: #{ lot: 1, max_positions: 2, max_gross: percent(150), max_net: percent(150), leverage: 2 },
        })"#,
        80,
    )
}

#[test]
fn report_metrics_json_and_run_json_are_what_their_schemas_say() {
    let outcomes = [crossing_outcome, two_instruments, no_trades, one_bar, with_model, walking, both_sides, charged];
    for outcome in outcomes.map(|make| make()) {
        is_what_the_schema_says(METRICS, "metrics.json", &metrics_json(&outcome).unwrap());
        is_what_the_schema_says(RUN, "run.json", &run_json(&outcome).unwrap());
    }
}

#[test]
fn report_run_json_has_every_figure_whose_source_it_tells() {
    let run: Value = serde_json::from_str(&run_json(&charged()).unwrap()).unwrap();
    let sources = run["sources"].as_object().unwrap();
    assert_eq!((&sources["slippage_amount"], &sources["borrow"]), (&json!("script"), &json!("default")));
    assert_eq!(run["costs"]["slippage_amount"], 0.03);
    for name in sources.keys() {
        assert!(run["costs"].get(name).or(run["account"].get(name)).is_some(), "{name}");
    }
}

#[test]
fn report_the_schemas_say_what_everything_means_and_allow_nothing_else() {
    fn walk(at: &str, schema: &Value, objects: &mut usize) {
        if let Some(properties) = schema["properties"].as_object() {
            *objects += 1;
            assert_eq!(schema["additionalProperties"], false, "{at}");
            for (name, property) in properties {
                let at = format!("{at}.{name}");
                let described = property["description"].as_str().unwrap_or_else(|| panic!("{at} has no description"));
                let plain = property["type"].is_string() || property["type"].is_array();
                let listed = property["items"]["$ref"].is_string();
                assert!(!plain || listed || described.contains(" Unit: "), "{at} has no unit: {described}");
            }
        }
    }
    for (path, least) in [(METRICS, 16), (RUN, 6)] {
        let schema = schema(path);
        let mut objects = 0;
        walk(path, &schema, &mut objects);
        for (name, part) in schema["$defs"].as_object().unwrap() {
            walk(name, part, &mut objects);
        }
        assert!(objects >= least, "{path}: {objects}");
        let named = format!("`$id` `{}`", schema["$id"].as_str().unwrap());
        assert!(read("docs/files.md").contains(&named), "docs/files.md does not name {named}");
    }
}

#[test]
fn report_a_wrong_metrics_json_is_found_out() {
    let schema = schema(METRICS);
    let good: Value = serde_json::from_str(&metrics_json(&crossing_outcome()).unwrap()).unwrap();
    let told = |change: &dyn Fn(&mut Value)| {
        let mut metrics = good.clone();
        change(&mut metrics);
        faults(&schema, &metrics)
    };
    assert_eq!(told(&|_| {}), Vec::<String>::new());
    assert_eq!(told(&|m| m["new"] = json!(1)), ["/new: not known"]);
    assert_eq!(told(&|m| m["trades"] = json!(1.5)), ["/trades: 1.5 is not of type \"integer\""]);
    assert_eq!(told(&|m| m["trades"] = json!(-1)), ["/trades: -1 is below 0"]);
    assert_eq!(told(&|m| m["total_return"] = Value::Null), ["/total_return: null is not of type \"number\""]);
    assert_eq!(
        told(&|m| m["by_year"][0]["year"] = json!("1970")),
        ["/by_year/0/year: \"1970\" is not of type \"integer\""]
    );
    assert_eq!(
        told(&|m| {
            m["benchmark"].as_object_mut().unwrap().remove("beta");
        }),
        ["/benchmark: no beta"]
    );
    assert_eq!(told(&|m| m["rolling"] = json!(3)), ["/rolling: 3 is none of what is allowed"]);
}

#[test]
fn report_a_wrong_run_json_is_found_out() {
    let schema = schema(RUN);
    let good: Value = serde_json::from_str(&run_json(&with_model()).unwrap()).unwrap();
    let told = |change: &dyn Fn(&mut Value)| {
        let mut run = good.clone();
        change(&mut run);
        faults(&schema, &run)
    };
    assert_eq!(told(&|_| {}), Vec::<String>::new());
    assert_eq!(told(&|r| r["at"] = json!("2013-03-01")), ["/at: not known"]);
    assert_eq!(
        told(&|r| r["parameters"]["fast"] = json!("20")),
        ["/parameters/fast: \"20\" is not of type \"number\""]
    );
    assert_eq!(told(&|r| r["fill"] = json!("Never")), ["/fill: \"Never\" is none of [\"NextOpen\",\"SameClose\"]"]);
    assert_eq!(told(&|r| r["ranges"][3]["count"] = json!(-1)), ["/ranges/3/count: -1 is below 0"]);
    assert_eq!(
        told(&|r| {
            r["account"].as_object_mut().unwrap().remove("cash");
        }),
        ["/account: no cash"]
    );
}

/// The columns that docs/files.md describes for a file, with their types.
fn documented(file: &str) -> Vec<[String; 2]> {
    let text = read("docs/files.md");
    let section = text.split("\n## ").find(|section| section.starts_with(file)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    rows.map(|row| {
        let cells = cells(row);
        assert!(cells.len() == 4 && !cells[3].is_empty(), "{row}");
        [cells[0].trim_matches('`').to_owned(), cells[1].clone()]
    })
    .collect()
}

fn columns(parquet: Vec<u8>) -> Vec<[String; 2]> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap();
    let named = |kind: String| match kind.as_str() {
        "Timestamp(µs, \"UTC\")" => "timestamp[µs, UTC]".to_owned(),
        "Float64" => "float64".into(),
        "Utf8" => "string".into(),
        "Boolean" => "bool".into(),
        other => other.to_owned(),
    };
    reader.schema().fields().iter().map(|field| [field.name().clone(), named(field.data_type().to_string())]).collect()
}

#[test]
fn report_tables_have_the_columns_that_are_documented() {
    let csv = trades_csv(&crossing_outcome().backtest).unwrap();
    let head = csv::Reader::from_reader(csv.as_slice()).headers().unwrap().clone();
    let names: Vec<String> = documented("trades.csv").into_iter().map(|[name, _]| name).collect();
    assert_eq!(names, head.iter().collect::<Vec<_>>());
    assert_eq!(documented("equity.parquet"), columns(equity_parquet(&crossing_outcome()).unwrap()));

    let documented = documented("signals.parquet");
    let mut seen = BTreeSet::new();
    for outcome in [crossing_outcome(), both_sides(), weighted(), with_model(), no_trades()] {
        let series: Vec<String> = outcome.named_series().unwrap().into_iter().map(|series| series.name).collect();
        for column in columns(signals_parquet(&outcome).unwrap()) {
            if series.contains(&column[0]) {
                assert_eq!(column[1], "float64", "{column:?}");
            } else {
                assert!(documented.contains(&column), "docs/files.md does not say what {column:?} is");
                seen.insert(column);
            }
        }
    }
    assert_eq!(seen, documented.into_iter().collect(), "docs/files.md describes columns that there are not");
}
