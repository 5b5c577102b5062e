//! Indicators, a folder a family and a file each: Spec, machine and tests.
//!
//! To add one, write its file and put its name into the folder's `mod.rs`. The script's binding,
//! the checks of what a person gave, the reference page and the streaming form come from the Spec;
//! the property tests in `tests/it/indicators.rs` take it up by themselves.
//!
//! Names, parameters, defaults, outputs and the bar of the first value are TA-Lib's wherever TA-Lib
//! has the function, and so are the conventions where a formula divides by zero (zero itself: what is
//! merely small is not taken for it). TA-Lib's `max`, `min` and `var` are missing by those names: the
//! first two are operators of the language (`highest` and `lowest` are what looks back), the third is
//! a reserved word of scripts (`variance`).

mod average;
mod cycle;
mod momentum;
mod overlap;
mod price;
mod statistic;
#[cfg(test)]
mod testing;
mod volatility;
mod volume;
mod window;

use crate::error::Result;
use crate::node::{IndicatorNode, Registry};

const FAMILIES: [&[IndicatorNode]; 7] =
    [overlap::NODES, momentum::NODES, volatility::NODES, volume::NODES, statistic::NODES, price::NODES, cycle::NODES];

/// Adds every built-in indicator.
///
/// # Errors
/// Where the registry has a node of the same name.
pub fn register(registry: &mut Registry) -> Result<()> {
    FAMILIES.into_iter().flatten().try_for_each(|node| registry.add_indicator(*node))
}
