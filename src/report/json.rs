//! The machine-readable files: metrics.json and run.json.

use serde_json::{Map, Value, json};

use crate::data::sha256;
use crate::error::{Diagnostic, Result};
use crate::models::ENGINE;
use crate::pipeline::{Fitted, Outcome};
use crate::report::charges::{account, costs, sources};
use crate::report::{ranges, warnings};

/// `metrics.json`: every figure as a number in the units of [`crate::metrics`], `null` where it is not
/// defined; the quality of each model's forecasts; the ambiguity band; the warnings.
///
/// # Errors
/// Never in practice: the figures are plain numbers.
pub fn metrics_json(outcome: &Outcome) -> Result<String> {
    let mut metrics = value(&outcome.metrics)?;
    let models = outcome.models.iter().map(|model| value(&model.quality)).collect::<Result<Vec<_>>>()?;
    if let Value::Object(fields) = &mut metrics {
        let ambiguity = &outcome.ambiguity;
        fields.insert(
            "ambiguity".into(),
            json!({
                "trades": ambiguity.trades,
                "total_return_stop_first": ambiguity.stop_first.total_return,
                "total_return_target_first": ambiguity.target_first.total_return,
                "sharpe_stop_first": ambiguity.stop_first.sharpe,
                "sharpe_target_first": ambiguity.target_first.sharpe,
                "bars_without_finer_bars": outcome.backtest.without_finer_bars,
            }),
        );
        fields.insert("out_of_sample".into(), json!(outcome.is_out_of_sample()));
        fields.insert("models".into(), Value::Array(models));
        fields.insert("warnings".into(), json!(warnings(outcome)));
    }
    text(&metrics)
}

/// `run.json`: what went in (script, parameters, data, with hashes), and what was done with it; of every
/// figure of costs and account, where it comes from.
/// There is no time in it, nor whether a model was trained or loaded: the same run leaves the same
/// bytes.
///
/// # Errors
/// Never in practice: it is made of texts and numbers.
pub fn run_json(outcome: &Outcome) -> Result<String> {
    let strategy = &outcome.strategy;
    let script = strategy.source.as_ref();
    let parameters: Map<String, Value> = strategy.parameters.iter().map(|p| (p.name.clone(), json!(p.value))).collect();
    let data: Map<String, Value> =
        outcome.inputs.iter().map(|input| (input.file.clone(), json!(input.sha256))).collect();
    let timeframes: Vec<String> = outcome.plan.timeframes().iter().map(ToString::to_string).collect();
    let universe: Vec<String> = outcome.backtest.universe.iter().map(ToString::to_string).collect();
    let declared: Vec<String> = strategy.universe.iter().map(|selection| selection.what.to_string()).collect();
    text(&json!({
        "strategy": strategy.name,
        "engine": ENGINE,
        "script": script.map(|source| &*source.file),
        "script_sha256": script.map(|source| sha256(source.text.as_bytes())),
        "parameters": parameters,
        "universe": universe,
        "universe_as_declared": declared,
        "timeframes": timeframes,
        "base_timeframe": outcome.plan.base.to_string(),
        "data": data,
        "costs": costs(strategy),
        "account": account(&strategy.account),
        "sources": sources(strategy),
        "preset": format!("{:?}", strategy.matching),
        "fill": format!("{:?}", strategy.fill),
        "intrabar": format!("{:?}", strategy.intrabar),
        "adjust": format!("{:?}", strategy.adjust),
        "from": strategy.period.from.map(|from| from.to_string()),
        "until": strategy.period.until.map(|until| until.to_string()),
        "in_sample": strategy.in_sample,
        "models": outcome.models.iter().map(model).collect::<Vec<_>>(),
        "ranges": ranges(outcome),
        "plan": outcome.plan.explain(),
    }))
}

fn model(model: &Fitted) -> Value {
    json!({
        "key": model.key,
        "forecasts": model.forecasts,
    })
}

fn value(of: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(failed)
}

pub(super) fn text(value: &Value) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(failed)
}

fn failed(error: serde_json::Error) -> Diagnostic {
    Diagnostic::new(format!("the result could not be written as JSON: {error}"))
}
