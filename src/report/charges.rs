//! Charges: the figures of costs and account, and where each comes from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::strategy::{Account, FigureSource, Strategy, Tier};

/// Every figure that is not a default, with its value as in `run.json` and its source.
pub(super) fn charges(strategy: &Strategy) -> Vec<[String; 3]> {
    let values = [costs(strategy), account(&strategy.account)];
    let value = |name: &str| values.iter().find_map(|record| record.get(name)).map_or(String::new(), Value::to_string);
    let stated = strategy.figures.all().filter(|(_, source)| **source != FigureSource::Default);
    stated.map(|(name, source)| [name.to_owned(), value(name), source.to_string()]).collect()
}

/// Where every figure comes from.
pub(super) fn sources(strategy: &Strategy) -> BTreeMap<&'static str, String> {
    strategy.figures.all().map(|(name, source)| (name, source.to_string())).collect()
}

/// What trading and holding cost.
pub(super) fn costs(strategy: &Strategy) -> Value {
    let costs = &strategy.costs;
    let tier = |tier: &Tier| {
        json!({
            "above": tier.above,
            "commission": tier.commission,
            "commission_per_unit": tier.commission_per_unit,
        })
    };
    json!({
        "commission": costs.commission,
        "commission_fixed": costs.commission_fixed,
        "commission_per_unit": costs.commission_per_unit,
        "commission_minimum": costs.commission_minimum,
        "tiers": costs.tiers.as_slice().iter().map(tier).collect::<Vec<_>>(),
        "spread": costs.spread,
        "slippage": if strategy.slippage_distance.is_some() { json!("series") } else { json!(costs.slippage) },
        "slippage_amount": costs.slippage_amount,
        "impact": costs.impact,
        "impact_model": costs.impact_model.name(),
        "volume_limit": costs.volume_share(),
        "borrow": costs.borrow,
        "funding": costs.funding,
        "funding_hours": costs.funding_hours.iter().collect::<Vec<_>>(),
        "interest": costs.interest,
        "margin_interest": costs.margin_interest,
    })
}

/// What it is done with.
pub(super) fn account(account: &Account) -> Value {
    json!({
        "cash": account.cash,
        "lot": account.lot,
        "leverage": account.leverage,
        "initial_margin": 1.0 / account.leverage,
        "maintenance_margin": account.maintenance_margin,
        "tick": account.tick,
        "minimum_notional": account.minimum_notional,
        "max_positions": account.max_positions,
        "max_position": account.max_position,
        "max_gross": account.max_gross,
        "max_net": account.max_net,
    })
}
