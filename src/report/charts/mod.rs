//! What report.html draws, as JSON: columns of numbers, thinned out where there are too many for a browser,
//! spans of time, and distributions.

mod distributions;
mod losses;
mod panes;
mod spans;
mod thinning;
mod timeline;

pub(super) use distributions::distributions;
pub(super) use losses::history;
pub(super) use thinning::{brief, seconds};

use serde_json::{Value, json};

use crate::data::Field;
use crate::error::Result;
use crate::pipeline::Outcome;
use crate::report::charts::panes::{Pane, panes};
use crate::report::charts::spans::{model_ranges, traded, trades, worst_drawdowns};
use crate::report::charts::thinning::{Thinning, first_of, highest, last, lowest, sum};
use crate::report::charts::timeline::timeline;
use crate::run::InstrumentValues;

/// How many points the lines of a kind may have, over all instruments. The browser draws fewer where they are close,
/// and all of them where one looks closely.
const POINTS: usize = 100_000;

/// How many an instrument may have, however many instruments there are.
const LEAST: usize = 500;

/// `timeline` (the account), `panes` (names of what is drawn), `instruments` (bars, lines in the order of the panes,
/// trades), `spans` (what the models saw, what was traded) and `drawdowns` (the worst).
///
/// # Errors
/// Where an instrument has no bars at the base timeframe.
pub(super) fn charts(outcome: &Outcome) -> Result<[(&'static str, Value); 5]> {
    let panes = panes(outcome)?;
    let instruments = outcome.evaluation.instruments.iter().enumerate();
    let instruments = instruments.map(|(index, values)| instrument(outcome, index, values, &panes));
    let instruments = instruments.collect::<Result<Vec<_>>>()?;
    let spans = model_ranges(outcome).into_iter().chain(traded(outcome)).collect::<Vec<Value>>();
    Ok([
        ("timeline", timeline(outcome, POINTS)),
        ("panes", panes.iter().map(Pane::described).collect()),
        ("instruments", Value::Array(instruments)),
        ("spans", Value::Array(spans)),
        ("drawdowns", Value::Array(worst_drawdowns(outcome))),
    ])
}

fn instrument(outcome: &Outcome, index: usize, values: &InstrumentValues, panes: &[Pane]) -> Result<Value> {
    let bars = values.bars.at(outcome.plan.base)?;
    let points = (POINTS / outcome.evaluation.instruments.len().max(1)).max(LEAST);
    let thinning = Thinning::new(bars.len(), points);
    let field = |field: Field, pick| thinning.column(bars.field(field), pick);
    let columns = panes.iter().flat_map(|pane| &pane.columns).filter_map(|columns| columns.get(index));
    Ok(json!({
        "name": values.bars.instrument.to_string(),
        "time": thinning.times(bars.timestamps()),
        "open": field(Field::Open, first_of),
        "high": field(Field::High, highest),
        "low": field(Field::Low, lowest),
        "close": field(Field::Close, last),
        "volume": field(Field::Volume, sum),
        "lines": columns.map(|column| thinning.column(column, last)).collect::<Vec<Value>>(),
        "trades": trades(outcome, index),
    }))
}
