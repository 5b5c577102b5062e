//! The tables of a run: trades.csv, equity.parquet and signals.parquet.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::backtest::Backtest;
use crate::data::parquet_bytes;
use crate::error::{Diagnostic, Result};
use crate::pipeline::Outcome;

/// The round trips, a line each, in the order in which they ended. Instants are UTC; money is in
/// the account's currency; `return` and the excursions are fractions of the entry's value.
///
/// # Errors
/// Never in practice: the text is written to memory.
pub fn trades_csv(backtest: &Backtest) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Diagnostic::new(format!("trades.csv could not be written: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = "instrument,side,units,entry_time,entry_price,exit_time,exit_price,bars,commission,profit,return,\
                adverse_excursion,favourable_excursion,reason,ambiguous";
    writer.write_record(head.split(',')).map_err(failed)?;
    for trade in &backtest.trades {
        let row = [
            backtest.universe[trade.instrument].to_string(),
            trade.side.name().to_owned(),
            trade.units.to_string(),
            trade.entry_time.to_string(),
            trade.entry_price.to_string(),
            trade.exit_time.to_string(),
            trade.exit_price.to_string(),
            (trade.exit_bar - trade.entry_bar).to_string(),
            trade.commission.to_string(),
            trade.profit.to_string(),
            trade.profit_fraction.to_string(),
            trade.adverse_excursion.to_string(),
            trade.favourable_excursion.to_string(),
            trade.reason.name().to_owned(),
            trade.ambiguous.to_string(),
        ];
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Diagnostic::new(format!("trades.csv could not be written: {e}")))
}

/// The account at each bar's close: `timestamp` (the bar's opening instant), `equity`, `cash`,
/// `exposure`, `net_exposure`, `buy_and_hold`, in the account's currency.
///
/// # Errors
/// Where Parquet's writer fails.
pub fn equity_parquet(outcome: &Outcome) -> Result<Vec<u8>> {
    let backtest = &outcome.backtest;
    let instants: Vec<i64> = backtest.timestamps.iter().map(|timestamp| timestamp.0).collect();
    file(vec![
        timestamps(instants),
        numbers("equity", backtest.equity.to_vec()),
        numbers("cash", backtest.cash.to_vec()),
        numbers("exposure", backtest.exposure.to_vec()),
        numbers("net_exposure", backtest.net_exposure.to_vec()),
        numbers("buy_and_hold", backtest.buy_and_hold.to_vec()),
    ])
}

/// Every named series on each bar of the base timeframe: `timestamp`, `instrument`, the rules as
/// truth values (`long.enter`, …) or the weights as numbers, each model's outputs and each series of `plot`; NaN where not
/// known. A name that is taken gets a number: `score_2`.
///
/// # Errors
/// Where an instrument has no bars at the base timeframe, or Parquet's writer fails.
pub fn signals_parquet(outcome: &Outcome) -> Result<Vec<u8>> {
    let plan = &outcome.plan;
    let mut instants = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for instrument in &outcome.evaluation.instruments {
        let bars = instrument.bars.at(plan.base)?;
        instants.extend_from_slice(bars.timestamps());
        names.extend(std::iter::repeat_n(instrument.bars.instrument.to_string(), bars.len()));
    }
    let mut columns = vec![timestamps(instants)];
    let names: ArrayRef = Arc::new(StringArray::from(names));
    columns.push((Field::new("instrument", DataType::Utf8, false), names));
    for (side, rules) in [("long", plan.long), ("short", plan.short)] {
        let Some(rules) = rules else { continue };
        for (rule, id) in [("enter", Some(rules.enter)), ("exit", rules.exit)] {
            let Some(id) = id else { continue };
            let mut truths = Vec::new();
            for instrument in &outcome.evaluation.instruments {
                truths.extend_from_slice(&instrument.truths(id, plan.base)?);
            }
            let truths: ArrayRef = Arc::new(BooleanArray::from(truths));
            columns.push((Field::new(format!("{side}.{rule}"), DataType::Boolean, false), truths));
        }
    }
    if let Some(weights) = &plan.weights {
        let mut shares = Vec::new();
        for instrument in &outcome.evaluation.instruments {
            match weights.share_of(&instrument.bars.instrument) {
                Some(share) => shares.extend_from_slice(&instrument.numbers(share, plan.base)?),
                None => shares.resize(shares.len() + instrument.bars.at(plan.base)?.len(), 0.0),
            }
        }
        columns.push(numbers("weights", shares));
    }
    for series in outcome.named_series()? {
        let name = distinct(series.name, |name| columns.iter().all(|(field, _)| field.name() != name));
        columns.push(numbers(&name, series.columns.iter().flat_map(|column| column.iter().copied()).collect()));
    }
    file(columns)
}

/// The name, with the first number that makes it free.
fn distinct(name: String, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| is_free(name)).unwrap_or(name)
}

type NamedColumn = (Field, ArrayRef);

fn timestamps(instants: Vec<i64>) -> NamedColumn {
    let field = Field::new("timestamp", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false);
    (field, Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC")))
}

fn numbers(name: &str, values: Vec<f64>) -> NamedColumn {
    (Field::new(name, DataType::Float64, false), Arc::new(Float64Array::from(values)))
}

fn file(columns: Vec<NamedColumn>) -> Result<Vec<u8>> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|e| Diagnostic::new(format!("the columns make no table: {e}")))?;
    parquet_bytes(&batch)
}
