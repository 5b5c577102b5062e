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
