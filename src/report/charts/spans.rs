//! Spans of time that report.html shades: what the models saw, what was traded, the worst drawdowns, and how long each
//! position was held.

use serde_json::{Value, json};

use crate::backtest::Trade;
use crate::metrics::WorstDrawdown;
use crate::models::Range;
use crate::pipeline::Outcome;
use crate::report::charts::thinning::seconds;
use crate::report::format::percent;
use crate::time::Timestamp;

/// How many drawdowns are marked.
const DRAWDOWNS: usize = 5;

/// What the first model was trained, validated and tested on; of several fits, what each was tested on.
pub(super) fn model_ranges(outcome: &Outcome) -> Vec<Value> {
    let Some(model) = outcome.models.first() else { return Vec::new() };
    let span = |name: String, kind: &str, range: &Range| {
        // A bar is known by its close instant there, and drawn where it opens.
        json!({ "name": name, "kind": kind, "from": seconds(range.from) - 1, "to": seconds(range.to) - 1 })
    };
    match model.trained.fits.as_slice() {
        [fit] => {
            let ranges = &fit.ranges;
            let of = |name: &str, range| span(name.to_owned(), name, range);
            vec![of("training", &ranges.train), of("validation", &ranges.validation), of("test", &ranges.test)]
        }
        fits => {
            let kind = |fold: usize| if fold.is_multiple_of(2) { "test" } else { "validation" };
            let fold = |(fold, range): (usize, &Range)| span(format!("test of fold {}", fold + 1), kind(fold), range);
            fits.iter().map(|fit| &fit.ranges.test).enumerate().map(fold).collect()
        }
    }
}

/// What was traded.
pub(super) fn traded(outcome: &Outcome) -> Option<Value> {
    let times = &outcome.backtest.timestamps;
    let (first, last) = times.first().zip(times.last())?;
    Some(json!({ "name": "traded", "kind": "traded", "from": seconds(first.0), "to": seconds(last.0) }))
}

/// The worst drawdowns, from their tops to their ends, each with its depth.
pub(super) fn worst_drawdowns(outcome: &Outcome) -> Vec<Value> {
    let last = outcome.backtest.timestamps.last();
    let time = |written: &str| written.parse::<Timestamp>().ok();
    let worst = outcome.metrics.drawdowns.worst.iter().take(DRAWDOWNS);
    let span = |fall: &WorstDrawdown| {
        let until = fall.until.as_deref().and_then(time).or(last.copied())?;
        Some(json!({ "name": percent(fall.depth), "from": seconds(time(&fall.from)?.0), "to": seconds(until.0) }))
    };
    worst.filter_map(span).collect()
}

/// Entry and exit of each trade, whether it was long, and whether it earned.
pub(super) fn trades(outcome: &Outcome, instrument: usize) -> Vec<Value> {
    let own = outcome.backtest.trades.iter().filter(|trade| trade.instrument == instrument);
    let row = |trade: &Trade| {
        let long = trade.side.sign() > 0.0;
        json!([seconds(trade.entry_time.0), seconds(trade.exit_time.0), long, trade.profit > 0.0])
    };
    own.map(row).collect()
}
