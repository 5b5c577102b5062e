//! metrics.json, run.json, trades.csv and the Parquet files, read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use timeweave::pipeline::Outcome;
use timeweave::report::{self, metrics_json, run_json};

use super::{crossing_outcome, no_trades, one_bar, two_instruments, with_model};

fn written(outcome: &Outcome) -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = report::write(outcome, folder.path()).unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files = paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect();
    (folder, files)
}

fn table(folder: &Path, name: &str) -> RecordBatch {
    let file = fs::File::open(folder.join(name)).unwrap();
    let mut batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none(), "the tests' tables are small enough for one batch");
    batch
}

fn numbers(table: &RecordBatch, name: &str) -> Vec<f64> {
    table.column_by_name(name).unwrap().as_primitive::<Float64Type>().values().to_vec()
}

fn instants(table: &RecordBatch) -> Vec<i64> {
    let column = table.column_by_name("timestamp").unwrap();
    assert_eq!(column.data_type().to_string(), "Timestamp(µs, \"UTC\")");
    column.as_primitive::<TimestampMicrosecondType>().values().to_vec()
}

#[test]
fn report_the_same_run_leaves_the_same_bytes() {
    let (a, b) = (written(&crossing_outcome()).1, written(&crossing_outcome()).1);
    let names = ["equity.parquet", "metrics.json", "report.html", "run.json", "signals.parquet", "trades.csv"];
    assert_eq!(a.keys().collect::<Vec<_>>(), names);
    for name in names {
        assert!(a[name] == b[name], "{name} differs");
    }
}

#[test]
fn report_metrics_json_holds_the_figures_and_no_nan() {
    for outcome in [crossing_outcome(), no_trades(), one_bar(), with_model()] {
        let json: Value = serde_json::from_str(&metrics_json(&outcome).unwrap()).unwrap();
        let metrics = &outcome.metrics;
        assert_eq!(json["total_return"], metrics.performance.total_return);
        assert_eq!(json["sharpe"].as_f64(), metrics.performance.sharpe);
        assert_eq!(json["trades"], outcome.backtest.trades.len());
        assert_eq!(json["buy_and_hold"]["maximum_drawdown"], metrics.buy_and_hold.maximum_drawdown);
        assert_eq!(json["out_of_sample"], true);
        assert_eq!(json["models"].as_array().unwrap().len(), outcome.models.len());
        // What is not a number is null, and these are always numbers.
        for name in ["total_return", "maximum_drawdown", "final_equity", "costs"] {
            assert!(json[name].is_f64(), "{name}: {}", json[name]);
        }
    }
    let outcome = with_model();
    let json: Value = serde_json::from_str(&metrics_json(&outcome).unwrap()).unwrap();
    let (model, quality) = (&json["models"][0], &outcome.models[0].quality);
    assert_eq!(model["verdict"]["text"], quality.verdict.as_ref().unwrap().text.as_str());
    assert_eq!(model["forecasts"][2]["hit_rate_low"].as_f64(), quality.forecasts[2].hit_rate_low);
    assert_eq!(model["forecasts"][0]["calibration"].as_array().unwrap().len(), 10);
    assert!(model["baselines"][0]["information_coefficient_t"].is_null());
    assert_eq!(model["importance"]["inputs"][2]["input"], "given.1");
    assert_eq!(model["weights"][1]["group"], "far");
    let json: Value = serde_json::from_str(&metrics_json(&no_trades()).unwrap()).unwrap();
    assert!(json["win_rate"].is_null() && json["profit_factor"].is_null() && json["expectancy"].is_null());
}

#[test]
fn report_run_json_says_what_went_in() {
    let outcome = with_model();
    let json: Value = serde_json::from_str(&run_json(&outcome).unwrap()).unwrap();
    assert_eq!(json["parameters"]["threshold"], 0.0);
    assert_eq!(json["data"]["made_up/A at 1d"].as_str().unwrap().len(), 64);
    assert_eq!(json["ranges"][0]["name"], "trained");
    assert_eq!(json["ranges"][0]["count"], outcome.models[0].trained.fits[0].ranges.train.samples);
    assert_eq!(json["models"][0]["key"], outcome.models[0].key.as_str());
}

#[test]
fn report_trades_csv_has_a_line_a_trade() {
    let outcome = crossing_outcome();
    let files = written(&outcome).1;
    let mut reader = csv::Reader::from_reader(files["trades.csv"].as_slice());
    let head = "instrument side units entry_time entry_price exit_time exit_price bars commission profit return \
                adverse_excursion favourable_excursion reason ambiguous";
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(names, head.split(' ').collect::<Vec<_>>());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), outcome.backtest.trades.len());
    assert!(rows.len() > 3);
    for (row, trade) in rows.iter().zip(&outcome.backtest.trades) {
        assert_eq!((&row[0], &row[1]), ("made_up/WAVE", "long"));
        assert_eq!(row[3].parse::<timeweave::time::Timestamp>().unwrap(), trade.entry_time);
        assert_eq!(row[9].parse::<f64>().unwrap(), trade.profit);
        assert_eq!(row[14].parse::<bool>().unwrap(), trade.ambiguous);
    }
    assert_eq!(written(&no_trades()).1["trades.csv"], [head.replace(' ', ",").as_bytes(), b"\n"].concat());
}

#[test]
fn report_equity_parquet_is_the_account() {
    for outcome in [crossing_outcome(), two_instruments(), no_trades(), one_bar()] {
        let (folder, _) = written(&outcome);
        let table = table(folder.path(), "equity.parquet");
        let backtest = &outcome.backtest;
        assert_eq!(instants(&table), backtest.timestamps.iter().map(|time| time.0).collect::<Vec<_>>());
        let columns = [
            ("equity", &backtest.equity),
            ("cash", &backtest.cash),
            ("exposure", &backtest.exposure),
            ("net_exposure", &backtest.net_exposure),
            ("buy_and_hold", &backtest.buy_and_hold),
        ];
        assert_eq!(table.num_columns(), 1 + columns.len());
        columns.iter().for_each(|(name, values)| assert_eq!(values[..], numbers(&table, name), "{name}"));
    }
}

#[test]
fn report_signals_parquet_holds_every_named_series() {
    let outcome = two_instruments();
    let (folder, _) = written(&outcome);
    let table = table(folder.path(), "signals.parquet");
    let schema = table.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    // A plot may be called as a column of the table is.
    assert_eq!(names, ["timestamp", "instrument", "long.enter", "long.exit", "instrument_2", "timestamp_2", "average"]);
    let symbols = table.column(1).as_string::<i32>();
    assert_eq!((symbols.value(0), symbols.value(79), symbols.value(80)), ("made_up/A", "made_up/A", "made_up/B"));
    let (closes, enter) = (numbers(&table, "instrument_2"), table.column(2).as_boolean());
    for (row, close) in closes.iter().enumerate() {
        assert_eq!(enter.value(row), *close > 1.1, "row {row}");
    }
    let average = numbers(&table, "average");
    assert!(average[1].is_nan() && average[81].is_nan());
    let mean = closes[80..83].iter().sum::<f64>() / 3.0 * 100.0;
    assert!((average[82] - mean).abs() < 1e-9, "{} {mean}", average[82]);
}

#[test]
fn report_signals_parquet_holds_a_models_outputs() {
    let outcome = with_model();
    let (folder, _) = written(&outcome);
    let table = table(folder.path(), "signals.parquet");
    let [near, far, score] = ["lstm.near", "lstm.far", "lstm.score"].map(|name| numbers(&table, name));
    let [of_near, of_far] = ["lstm.weights.near", "lstm.weights.far"].map(|name| numbers(&table, name));
    let tested = near.iter().filter(|value| value.is_finite()).count();
    assert!(tested >= outcome.models[0].trained.fits[0].ranges.test.samples);
    for bar in (0..near.len()).filter(|bar| score[*bar].is_finite()) {
        assert!((of_near[bar] + of_far[bar] - 1.0).abs() < 1e-12);
        assert!((of_near[bar] * near[bar] + of_far[bar] * far[bar] - score[bar]).abs() < 1e-12);
    }
}
