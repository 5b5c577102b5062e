//! The period of a run: bars after its end are cut off, and what is left must have something to trade.

use std::sync::Arc;

use crate::data::Bars;
use crate::error::{Diagnostic, Result};
use crate::pipeline::MarketData;
use crate::plan::Plan;
use crate::strategy::Period;
use crate::time::Timestamp;

/// The market data within a period: of the base timeframe the bars that open before its end, and of everything else
/// what is known by the last of their closes, external series included.
///
/// # Errors
/// Where no bar is left, or none opens at the period's beginning or later.
pub(super) fn within(mut market: MarketData, plan: &Plan, period: Period) -> Result<MarketData> {
    let base = |market: &MarketData| {
        let bars = market.instruments.iter().map(|instrument| instrument.at(plan.base).cloned());
        bars.collect::<Result<Vec<Arc<Bars>>>>()
    };
    if let Some(until) = period.until {
        let bars = base(&market)?;
        let kept = |bars: &Bars| bars.timestamps().partition_point(|open| *open < until.0);
        let closes = bars.iter().filter_map(|bars| bars.close_instants().get(kept(bars).checked_sub(1)?).copied());
        let Some(last) = closes.max() else {
            let first = bars.iter().filter_map(|bars| bars.timestamps().first().copied()).min().unwrap_or_default();
            return Err(Diagnostic::new(format!("no bar opens before {until}, where the period ends"))
                .hint(format!("the first one opens on {}", Timestamp(first))));
        };
        let known = market.instruments.iter().map(|instrument| instrument.known_by(Timestamp(last)));
        market.instruments = known.collect::<Result<_>>()?;
    }
    if let Some(from) = period.from {
        let bars = base(&market)?;
        let last = bars.iter().filter_map(|bars| bars.timestamps().last().copied()).max().unwrap_or_default();
        if last < from.0 {
            return Err(Diagnostic::new(format!("no bar opens on {from} or later, where the period begins"))
                .hint(format!("the last one that is read opens on {}", Timestamp(last))));
        }
    }
    Ok(market)
}
