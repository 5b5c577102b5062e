//! Prices that were adjusted later: whether a rule hangs on their level.
//!
//! A price adjusted for dividends and splits is scaled by all that were paid since: the adjusted close of
//! 1998 is a number that nobody knew in 1998. Cutting the data off does not show it, for the
//! prices that are cut were adjusted by the whole future already. But what the future changed is
//! one factor on all prices of the past. A rule that compares prices with prices does not notice it;
//! one that compares a price with a number (`close > 50`) does.
//!
//! So the strategy is run on prices, cash and fixed costs that are all doubled. Doubling is exact
//! in binary arithmetic: what hangs on ratios of prices alone comes out the same to the last bit.

use std::sync::Arc;

use crate::backtest::Backtest;
use crate::data::{Adjust, Bars, Field};
use crate::error::{Origin, Result};
use crate::node::Registry;
use crate::pipeline::Evaluated;
use crate::plan::{PlannedRules, PlannedWeights, StepId};
use crate::run::{InstrumentBars, InstrumentValues};
use crate::time::Timestamp;

/// The column that says how prices are adjusted.
const ADJUSTED: &str = "adj_close";

/// Whether rules and trades hang on the level of adjusted prices.
#[derive(Clone, Debug, PartialEq)]
pub enum PriceLevel {
    /// No prices are adjusted.
    NotAdjusted,
    /// Prices are adjusted, and with all of them doubled every rule and every trade stays.
    DoesNotMatter,
    /// A rule changes when all prices are doubled.
    Rule {
        /// Its name: `long.enter`.
        name: String,
        /// On how many bars of all instruments.
        bars: usize,
        /// When the first of them opens.
        first: Timestamp,
        /// Where a person wrote it.
        origin: Option<Origin>,
    },
    /// The rules stay, but trades begin or end on other bars, as with a stop at a fixed distance.
    Trades {
        /// How many trades, of all.
        trades: usize,
        /// When the first of them began.
        first: Timestamp,
    },
}

/// Runs a strategy on doubled prices, where they are adjusted.
pub(super) fn price_level(full: &Evaluated, trades: &Backtest, registry: &Registry) -> Result<PriceLevel> {
    let instruments = full.evaluation.instruments.iter().map(|values| &values.bars);
    let mut all_bars = instruments.clone().flat_map(|instrument| instrument.bars.values());
    let is_adjusted = match full.strategy.adjust {
        Adjust::Total => all_bars.any(|bars| bars.column(ADJUSTED).is_some()),
        Adjust::Splits => true,
        Adjust::None => false,
    };
    if !is_adjusted {
        return Ok(PriceLevel::NotAdjusted);
    }
    let mut doubled = full.on_bars(instruments.map(double).collect::<Result<_>>()?)?;
    let strategy = &mut doubled.strategy;
    let (account, costs) = (&mut strategy.account, &mut strategy.costs);
    let sums = [&mut account.cash, &mut account.tick, &mut account.minimum_notional].into_iter();
    let fees = [&mut costs.commission_fixed, &mut costs.commission_minimum, &mut costs.commission_per_unit];
    let tiers = costs.tiers.as_mut_slice().iter_mut().flat_map(|tier| [&mut tier.above, &mut tier.commission_per_unit]);
    sums.chain(fees).chain(tiers).for_each(|sum| *sum *= 2.0);
    for (name, id) in rules(full) {
        let mut found: Option<(usize, Timestamp)> = None;
        for (as_is, doubled) in full.evaluation.instruments.iter().zip(&doubled.evaluation.instruments) {
            let base = as_is.bars.at(full.plan.base)?;
            for bar in changed(full, id, as_is, doubled)? {
                let (bars, first) = found.unwrap_or((0, base.timestamp(bar)));
                found = Some((bars + 1, first.min(base.timestamp(bar))));
            }
        }
        if let Some((bars, first)) = found {
            return Ok(PriceLevel::Rule { name, bars, first, origin: full.plan.step(id).origin.clone() });
        }
    }
    let when = |backtest: &Backtest| -> Vec<_> {
        let trades = backtest.trades.iter();
        trades.map(|t| (t.entry_time, t.exit_time, t.instrument, t.side, t.reason.clone())).collect()
    };
    let (as_is, doubled) = (when(trades), when(&doubled.simulate(registry)?));
    let changed: Vec<_> = as_is.iter().filter(|trade| !doubled.contains(trade)).collect();
    let added = doubled.iter().filter(|trade| !as_is.contains(trade));
    match changed.iter().copied().chain(added).map(|trade| trade.0).min() {
        Some(first) => Ok(PriceLevel::Trades { trades: changed.len(), first }),
        None => Ok(PriceLevel::DoesNotMatter),
    }
}

/// The bars on which a rule's truth differs, or a weight by more than rounding: the logarithm of a doubled
/// price is rounded anew.
fn changed(full: &Evaluated, id: StepId, as_is: &InstrumentValues, doubled: &InstrumentValues) -> Result<Vec<usize>> {
    const ROUNDING: f64 = 1e-9;
    let (plan, base) = (&full.plan, full.plan.base);
    let bars = 0..as_is.bars.at(base)?.len();
    if plan.gives_truth(id) {
        let (as_is, doubled) = (as_is.truths(id, base)?, doubled.truths(id, base)?);
        return Ok(bars.filter(|bar| as_is.get(*bar) != doubled.get(*bar)).collect());
    }
    let (as_is, doubled) = (as_is.numbers(id, base)?, doubled.numbers(id, base)?);
    let differs = |bar: &usize| match (as_is.get(*bar), doubled.get(*bar)) {
        (Some(a), Some(b)) => a.is_nan() != b.is_nan() || (a - b).abs() > ROUNDING * a.abs().max(b.abs()),
        _ => true,
    };
    Ok(bars.filter(differs).collect())
}

/// The rules of a plan by name, and its weights.
pub(super) fn rules(full: &Evaluated) -> Vec<(String, StepId)> {
    let sides = [("long", full.plan.long), ("short", full.plan.short)];
    let rules = |(side, rules): (&str, _)| {
        let PlannedRules { enter, exit, .. } = rules;
        [(format!("{side}.enter"), Some(enter)), (format!("{side}.exit"), exit)]
    };
    let all = sides.into_iter().filter_map(|(side, of)| Some((side, of?))).flat_map(rules);
    let weights = full.plan.weights.iter().flat_map(PlannedWeights::named);
    all.filter_map(|(name, id)| Some((name, id?))).chain(weights).collect()
}

fn double(instrument: &InstrumentBars) -> Result<InstrumentBars> {
    let double = |bars: &Bars| -> Result<Arc<Bars>> {
        let twice = |column: &[f64]| column.iter().map(|price| price * 2.0).collect::<Vec<f64>>();
        let doubled = bars.clone().with_fields(|field, column| match field {
            Field::Volume => column.clone(),
            _ => twice(column).into(),
        });
        Ok(Arc::new(match bars.column(ADJUSTED) {
            Some(column) => doubled.with_column(ADJUSTED, twice(column))?,
            None => doubled,
        }))
    };
    let bars = instrument.bars.iter().map(|(key, bars)| Ok((key.clone(), double(bars)?)));
    Ok(InstrumentBars { bars: bars.collect::<Result<_>>()?, ..instrument.clone() })
}
