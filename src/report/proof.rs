//! Proofs in words and as JSON: whether a strategy looks ahead.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::error::Result;
use crate::proof::{Difference, Figure, Part, PriceLevel, Proof};
use crate::report::format::{count, paragraph};
use crate::report::json::text;
use crate::report::ranges::sized;
use crate::time::Timestamp;

/// How wide a line of prose is.
const WIDTH: usize = 100;
/// How many parts that differ are named.
const NAMED: usize = 12;

/// A proof for people: what was compared, what differed first, and what it does not show.
pub fn proof_page(proof: &Proof) -> String {
    let mut page = String::new();
    page.push_str(match proof.differences.first() {
        None => "No value changed when its future was cut off.\n\n",
        Some(first) if first.prefix.whole => "The same data did not give the same values twice.\n\n",
        Some(_) => "A value changed when its future was cut off.\n\n",
    });
    if let Some(first) = proof.differences.first() {
        describe(&mut page, first);
        followers(&mut page, &proof.differences[1..]);
    }
    let instants: BTreeSet<Timestamp> = proof.runs.iter().filter(|run| !run.whole).map(|run| run.until).collect();
    let unfinished = proof.runs.iter().filter(|run| run.unfinished).count();
    let mut rows = vec![
        (
            "strategy",
            list(&[(proof.nodes, "node"), (proof.rules, "rule"), (proof.models, "model"), (proof.trades, "trade")]),
        ),
        ("compared", format!("{} and {}", large(proof.values, "value"), large(proof.trades_compared, "trade"))),
    ];
    if let (Some(first), Some(last)) = (instants.first(), instants.last()) {
        rows.push(("data cut off", format!("at {}, from {first} to {last}", sized(instants.len(), "instant"))));
    }
    if unfinished > 0 {
        let runs = if unfinished == 1 { "at 1 of them".into() } else { format!("at {} of them", count(unfinished)) };
        rows.push(("", format!("{runs} once more with the coarser bars that had begun, as a live feed shows them")));
    }
    rows.push(("all of the data", "once more, to see whether it gives the same again".into()));
    for (name, value) in rows {
        let _ = writeln!(page, "{name:<17}{value}");
    }
    page.push('\n');
    let mut prose = |text: &str| paragraph(&mut page, "", text, WIDTH);
    level(&proof.price_level).iter().for_each(|text| prose(text));
    if proof.models > 0 {
        prose(
            "Models were held as they were trained. That their training read nothing later than its range was checked by \
             fitting the scalers again on data that end there.",
        );
    }
    prose(
        "Not shown: that the data were known as they stand (revised figures, instruments chosen because they survived), \
         that the rules were not chosen with the outcome in mind, or that orders would have filled.",
    );
    page
}

fn describe(page: &mut String, difference: &Difference) {
    let origin = difference.origin.as_ref().map(|origin| format!("  ({origin})")).unwrap_or_default();
    let _ = writeln!(page, "  {}{origin}", difference.what);
    let mut place = Vec::new();
    place.extend(difference.instrument.as_ref().map(ToString::to_string));
    if let Some(bar) = difference.bar {
        let timeframe = difference.timeframe.map(|timeframe| format!(" at {timeframe}")).unwrap_or_default();
        place.push(format!("bar {}{timeframe}", count(bar)));
    }
    place.extend(difference.timestamp.as_ref().map(ToString::to_string));
    if !place.is_empty() {
        let _ = writeln!(page, "  {}", place.join(", "));
    }
    let [with, without] =
        if difference.prefix.whole { ["the first time", "again"] } else { ["with its future", "without it"] };
    let _ = writeln!(page, "    {with:<17}{}", difference.with_future);
    let _ = writeln!(page, "    {without:<17}{}", difference.without_future);
    let _ = writeln!(page, "  {}\n", difference.prefix);
}

/// The parts that differ too, most of them because they read the first.
fn followers(page: &mut String, others: &[Difference]) {
    if others.is_empty() {
        return;
    }
    let _ = writeln!(page, "  It comes first. These differ too, most of them because they read it:");
    for difference in others.iter().take(NAMED) {
        let _ = writeln!(page, "    {}", difference.what);
    }
    if others.len() > NAMED {
        let _ = writeln!(page, "    and {} more", count(others.len() - NAMED));
    }
    page.push('\n');
}

fn level(level: &PriceLevel) -> Option<String> {
    match level {
        PriceLevel::NotAdjusted => None,
        PriceLevel::DoesNotMatter => Some(
            "Prices are adjusted by later splits and dividends, which no prefix can undo; but rules and trades stay as \
             they are when all prices are doubled, so it does not reach them."
                .into(),
        ),
        PriceLevel::Rule { name, bars, first, origin } => {
            let origin = origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
            Some(format!(
                "! {name}{origin} hangs on the level of prices: with all of them doubled it changes on {}, first at {first}. \
                 They are adjusted by later splits and dividends, so their level was not known then. Compare prices with \
                 prices, or set adjust: \"none\".",
                sized(*bars, "bar")
            ))
        }
        PriceLevel::Trades { trades, first } => Some(format!(
            "! Trades hang on the level of prices, though the rules do not: with all of them doubled, {} would be others, \
             first at {first}. They are adjusted by later splits and dividends, so their level was not known then. Give \
             exits as percent(…) or as a multiple of atr(…), or set adjust: \"none\".",
            sized(*trades, "trade")
        )),
    }
}

fn list(parts: &[(usize, &str)]) -> String {
    parts.iter().map(|(number, what)| sized(*number, what)).collect::<Vec<_>>().join(", ")
}

fn large(number: u64, what: &str) -> String {
    sized(usize::try_from(number).unwrap_or(usize::MAX), what)
}

/// A proof for programs.
///
/// # Errors
/// Never in practice: it is made of texts and numbers.
pub fn proof_json(proof: &Proof) -> Result<String> {
    let runs = proof.runs.iter().map(|run| {
        let until = (!run.whole).then(|| run.until.to_string());
        json!({ "until": until, "unfinished_bars": run.unfinished })
    });
    text(&json!({
        "holds": proof.holds(),
        "nodes": proof.nodes,
        "rules": proof.rules,
        "models": proof.models,
        "trades": proof.trades,
        "values_compared": proof.values,
        "trades_compared": proof.trades_compared,
        "runs": runs.collect::<Vec<_>>(),
        "differences": proof.differences.iter().map(difference).collect::<Vec<_>>(),
        "price_level": level_json(&proof.price_level),
    }))
}

fn difference(difference: &Difference) -> Value {
    let part = match difference.part {
        Part::ModelInput(_) => "model_input",
        Part::Training(_) => "training",
        Part::Node(_) => "node",
        Part::Trade => "trade",
        Part::Equity => "equity",
    };
    let figure = |figure: &Figure| match figure {
        Figure::Number(value) => json!(value),
        Figure::Truth(value) => json!(value),
        Figure::Text(text) => json!(text),
    };
    json!({
        "part": part,
        "what": difference.what,
        "origin": difference.origin.as_ref().map(ToString::to_string),
        "instrument": difference.instrument.as_ref().map(ToString::to_string),
        "timeframe": difference.timeframe.map(|timeframe| timeframe.to_string()),
        "bar": difference.bar,
        "timestamp": difference.timestamp.map(|time| time.to_string()),
        "whole_data": difference.prefix.whole,
        "until": (!difference.prefix.whole).then(|| difference.prefix.until.to_string()),
        "unfinished_bars": difference.prefix.unfinished,
        "with_future": figure(&difference.with_future),
        "without_future": figure(&difference.without_future),
    })
}

fn level_json(level: &PriceLevel) -> Value {
    match level {
        PriceLevel::NotAdjusted => json!({ "adjusted": false }),
        PriceLevel::DoesNotMatter => json!({ "adjusted": true, "matters": false }),
        PriceLevel::Rule { name, bars, first, .. } => {
            json!({ "adjusted": true, "matters": true, "rule": name, "bars": bars, "first": first.to_string() })
        }
        PriceLevel::Trades { trades, first } => {
            json!({ "adjusted": true, "matters": true, "trades": trades, "first": first.to_string() })
        }
    }
}
