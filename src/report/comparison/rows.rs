//! Figures of several runs in rows: how each is written, and which is best.

use serde::Serialize;
use serde_json::Value;

use crate::report::comparison::KeptRun;
use crate::report::format::{count, money, percent, ratio, share, signed_ratio, tenths};

/// A figure of several runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What it is called.
    pub name: &'static str,
    /// Each run's, as people read it.
    pub cells: Vec<String>,
    /// Each run's, as metrics.json has it; none where it is not defined.
    pub values: Vec<Option<f64>>,
    /// Whether each run's is the best: where better has a meaning, and not all are the same.
    pub best: Vec<bool>,
    /// Whether they are not all the same.
    pub differs: bool,
}

/// What is better.
#[derive(Clone, Copy)]
enum Better {
    More,
    Less,
    Neither,
}

/// What metrics.json calls a figure, how it is written, and what is better.
type Definition = (&'static str, &'static str, fn(f64) -> String, Better);

/// The figures that the page of a run has, in its order.
const FIGURES: [Definition; 20] = [
    ("total return", "/total_return", percent, Better::More),
    ("CAGR", "/cagr", percent, Better::More),
    ("volatility", "/volatility", share, Better::Less),
    ("Sharpe ratio", "/sharpe", ratio, Better::More),
    ("Sortino ratio", "/sortino", ratio, Better::More),
    ("Calmar ratio", "/calmar", ratio, Better::More),
    ("maximum drawdown", "/maximum_drawdown", percent, Better::More),
    ("drawdown duration", "/maximum_drawdown_days", days, Better::Less),
    ("alpha", "/benchmark/alpha", percent, Better::More),
    ("beta", "/benchmark/beta", signed_ratio, Better::Neither),
    ("exposure", "/exposure", share, Better::Neither),
    ("trades", "/trades", whole, Better::Neither),
    ("win rate", "/win_rate", share, Better::More),
    ("profit factor", "/profit_factor", ratio, Better::More),
    ("expectancy", "/expectancy", money, Better::More),
    ("SQN", "/sqn", signed_ratio, Better::More),
    ("edge ratio", "/edge_ratio", ratio, Better::More),
    ("average holding", "/average_holding_bars", bars, Better::Neither),
    ("turnover a year", "/turnover", ratio, Better::Neither),
    ("costs paid", "/costs", money, Better::Less),
];

/// Told where a run has any, as on its page.
const DIVIDENDS: Definition = ("dividends", "/dividends", money, Better::Neither);

fn whole(value: f64) -> String {
    count(value.max(0.0) as usize)
}

fn days(value: f64) -> String {
    format!("{} days", whole(value))
}

fn bars(value: f64) -> String {
    format!("{} bars", tenths(value))
}

/// The rows of several runs.
pub(super) fn rows(runs: &[KeptRun]) -> Vec<Row> {
    let paid = |run: &KeptRun| run.metrics["dividends"].as_f64().is_some_and(|dividends| dividends != 0.0);
    let dividends = runs.iter().any(paid).then_some(&DIVIDENDS);
    FIGURES.iter().chain(dividends).map(|definition| row(definition, runs)).collect()
}

fn row((name, pointer, write, better): &Definition, runs: &[KeptRun]) -> Row {
    let values: Vec<Option<f64>> =
        runs.iter().map(|run| run.metrics.pointer(pointer).and_then(Value::as_f64)).collect();
    let cells: Vec<String> = values.iter().map(|value| value.map_or_else(|| "n/a".into(), write)).collect();
    // What reads the same is the same to whoever reads it.
    let differs = cells.iter().any(|cell| *cell != cells[0]);
    let known = values.iter().flatten().copied();
    let best = match better {
        Better::More => known.reduce(f64::max),
        Better::Less => known.reduce(f64::min),
        Better::Neither => None,
    };
    Row {
        name,
        cells,
        best: values.iter().map(|value| differs && value.is_some() && *value == best).collect(),
        values,
        differs,
    }
}
