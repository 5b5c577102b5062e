//! `timeweave`: an embeddable strategy framework for quantitative trading.

// A module imports only from those above it in this list; `tests/it/house.rs` checks.
pub mod error;
pub mod time;
pub mod data;
pub mod expr;
pub mod node;
pub mod indicators;
pub mod models;
pub mod exits;
pub mod sizing;
pub mod strategy;
pub mod plan;
pub mod run;
pub mod backtest;
pub mod metrics;
pub mod pipeline;
pub mod report;
pub mod script;

use error::Result;
use node::Registry;

/// The registry of the built-in nodes: indicators, models, exits and sizers.
///
/// # Errors
/// Never in practice: a test registers them all. An embedder's own nodes are added to what it gives.
pub fn standard_registry() -> Result<Registry> {
    let mut registry = Registry::new();
    indicators::register(&mut registry)?;
    models::register(&mut registry)?;
    exits::register(&mut registry)?;
    sizing::register(&mut registry)?;
    Ok(registry)
}
