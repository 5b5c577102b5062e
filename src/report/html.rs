//! report.html: one file that opens offline, with charts, figures and trades.

use serde_json::{Value, json};

use crate::backtest::Trade;
use crate::data::sha256;
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::report::charges::charges;
use crate::report::charts::{charts, distributions, seconds};
use crate::report::forecasts::forecasts;
use crate::report::format::{count, money, percent, significant};
use crate::report::template::{Template, in_script};
use crate::report::{Figure, Range, figures, ranges, sample, statistics, subject, trades_csv, warnings};

/// The page. Its scripts stand in the order in which they use each other.
pub(super) const PAGE: Template = Template {
    styles: &[include_str!("assets/shared.css"), include_str!("assets/report.css")],
    body: include_str!("assets/report.html"),
    scripts: &[
        include_str!("assets/shared.js"),
        include_str!("assets/tables.js"),
        include_str!("assets/page.js"),
        include_str!("assets/trades.js"),
        include_str!("assets/spans.js"),
        include_str!("assets/chart.js"),
        include_str!("assets/panels.js"),
    ],
};

/// How many trades the page lists; trades.csv has them all.
const LISTED: usize = 5_000;

/// The report of a run. Names from scripts and data are data here, never markup.
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub fn report_html(outcome: &Outcome) -> Result<String> {
    Ok(PAGE.filled(&outcome.strategy.name, &in_script(&data(outcome)?)?))
}

fn data(outcome: &Outcome) -> Result<Value> {
    let range = |range: Range| {
        let size = range.size();
        [range.name, range.from, range.to, size, range.meaning.into()]
    };
    let trades = &outcome.backtest.trades;
    let csv = match trades.len() > LISTED {
        true => None,
        false => String::from_utf8(trades_csv(&outcome.backtest)?).ok(),
    };
    let listed = trades.iter().take(LISTED).enumerate();
    let figure = |figure: Figure| [figure.name.into(), figure.strategy, figure.buy_and_hold, figure.meaning.into()];
    let mut data = json!({
        "title": outcome.strategy.name,
        "subtitle": subject(outcome),
        "parameters": outcome.strategy.parameters.iter().map(|p| format!("{} = {}", p.name, p.value)).collect::<Vec<_>>(),
        "sample": sample(outcome),
        "in_sample": !outcome.is_out_of_sample(),
        "warnings": warnings(outcome),
        "ranges": ranges(outcome).into_iter().map(range).collect::<Vec<_>>(),
        "intraday": outcome.plan.base.is_intraday(),
        "spacing": outcome.plan.base.seconds(),
        "figures": figures(&outcome.metrics).into_iter().map(figure).collect::<Vec<_>>(),
        "tables": statistics(outcome),
        "models": outcome.models.iter().enumerate().map(|(number, model)| forecasts(outcome, number, model)).collect::<Vec<_>>(),
        "trades": listed.map(|(number, trade)| row(outcome, number, trade)).collect::<Vec<_>>(),
        "trades_note": match trades.len() {
            0 => "There was no trade.".to_owned(),
            all if all > LISTED => format!("The first {} of {} trades; trades.csv has them all.", count(LISTED), count(all)),
            _ => String::new(),
        },
        "trades_csv": csv,
        "distributions": distributions(outcome),
        "command": command(outcome),
        "charges": charges(&outcome.strategy),
        "inputs": inputs(outcome),
    });
    if let Value::Object(fields) = &mut data {
        fields.extend(charts(outcome)?.map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(data)
}

fn inputs(outcome: &Outcome) -> Vec<[String; 2]> {
    let source = outcome.strategy.source.iter();
    let script = source.map(|source| [format!("script {}", source.file), sha256(source.text.as_bytes())]);
    let files = outcome.inputs.iter().map(|input| [input.file.clone(), input.sha256.clone()]);
    script.chain(files).collect()
}

/// What would run it again, from the folder that the script's path is relative to; none where there is no script.
fn command(outcome: &Outcome) -> Option<String> {
    let source = outcome.strategy.source.as_ref()?;
    let set = outcome.strategy.parameters.iter().filter(|parameter| parameter.value != parameter.default);
    let set: String = set.map(|parameter| format!(" --set {}={}", parameter.name, parameter.value)).collect();
    let file = match source.file.contains(|character: char| !character.is_alphanumeric() && !"._-/".contains(character))
    {
        true => format!("'{}'", source.file.replace('\'', "'\\''")),
        false => source.file.to_string(),
    };
    Some(format!("runner {file}{set}"))
}

fn row(outcome: &Outcome, number: usize, trade: &Trade) -> Value {
    let instrument = outcome.backtest.universe[trade.instrument].to_string();
    let bars = trade.exit_bar - trade.entry_bar;
    json!({
        "cells": [
            (number + 1).to_string(),
            instrument,
            trade.side.name(),
            significant(trade.units, 6),
            trade.entry_time.to_string(),
            significant(trade.entry_price, 6),
            trade.exit_time.to_string(),
            significant(trade.exit_price, 6),
            count(bars),
            money(trade.profit),
            percent(trade.profit_fraction),
            percent(trade.adverse_excursion),
            percent(trade.favourable_excursion),
            trade.reason.name().replace('_', " "),
        ],
        // By which the rows are put in order; null where the cell itself is.
        "order": [
            number, null, null, trade.units, trade.entry_time.0, trade.entry_price, trade.exit_time.0,
            trade.exit_price, bars, trade.profit, trade.profit_fraction, trade.adverse_excursion,
            trade.favourable_excursion, null,
        ],
        "instrument": trade.instrument,
        "good": trade.profit > 0.0,
        "from": seconds(trade.entry_time.0),
        "to": seconds(trade.exit_time.0),
    })
}
