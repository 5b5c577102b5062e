//! The market data of a run: the bars that a plan reads, and the hashes of the files they came from.

use std::sync::Arc;

use crate::data::{Catalog, FileHash};
use crate::error::{Diagnostic, Result};
use crate::plan::Plan;
use crate::run::InstrumentBars;
use crate::strategy::Strategy;

/// The bars of a strategy's universe, and where they came from.
#[derive(Clone, Debug)]
pub struct MarketData {
    /// The bars of each instrument, in the order of the universe.
    pub instruments: Vec<InstrumentBars>,
    /// The files that they came from, with their hashes, and each dataset's calendar.
    pub inputs: Vec<FileHash>,
}

/// Loads the bars of every instrument at every timeframe that the plan reads.
///
/// # Errors
/// Where an instrument or a timeframe is not in the catalog, a file is not right, or an instrument
/// has no bars at all.
pub fn load(plan: &Plan, strategy: &Strategy, catalog: &Catalog) -> Result<MarketData> {
    let mut market = MarketData { instruments: Vec::new(), inputs: Vec::new() };
    for instrument in &strategy.universe {
        let mut bars = std::collections::BTreeMap::new();
        for timeframe in plan.timeframes() {
            let loaded = catalog.bars(instrument, timeframe, strategy.adjust)?;
            if loaded.is_empty() {
                return Err(Diagnostic::new(format!("{instrument} has no bars at {timeframe}"))
                    .hint("import some with `runner data import`, or trade another instrument"));
            }
            bars.insert(timeframe, Arc::new(loaded));
        }
        market.instruments.push(InstrumentBars { instrument: instrument.clone(), bars });
        let fingerprint = catalog.fingerprint(instrument)?;
        market.inputs.extend(fingerprint.files);
        let calendar = FileHash { file: format!("{}: calendar", instrument.dataset), sha256: fingerprint.calendar };
        if !market.inputs.contains(&calendar) {
            market.inputs.push(calendar);
        }
    }
    Ok(market)
}
