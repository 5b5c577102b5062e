//! `timeweave`: an embeddable strategy framework for quantitative trading.

// A module imports only from those above it in this list; `tests/it/house.rs` checks.
pub mod backtest;
pub mod data;
pub mod error;
pub mod exits;
pub mod expr;
pub mod indicators;
pub mod metrics;
pub mod models;
pub mod node;
pub mod plan;
pub mod report;
pub mod run;
pub mod script;
pub mod sizing;
pub mod strategy;
pub mod time;
