//! `timeweave`: an embeddable strategy framework for quantitative trading.
//!
//! A strategy declares a pipeline: bars in several timeframes, indicators, models that are trained on
//! them, rules, exits, sizing, costs. Most people write one as a short [Rhai](https://rhai.rs) script
//! and run it with the `runner` binary. This crate is the engine: it reads such scripts
//! ([`script`]), and lets a program build the same in Rust.
//!
//! # A strategy in Rust
//!
//! Expressions are plain values. Rules are [`Condition`](expr::Condition)s over
//! [`Series`](expr::Series); what looks ahead is a [`Label`](expr::Label), which only a model's target
//! takes.
//!
//! ```
//! use timeweave::data::Catalog;
//! use timeweave::expr::{Argument, BarsRef, Entry};
//! use timeweave::pipeline::{Options, evaluate};
//! use timeweave::standard_registry;
//! use timeweave::strategy::Strategy;
//! use timeweave::time::Timeframe;
//!
//! # fn main() -> timeweave::error::Result<()> {
//! let registry = standard_registry()?;
//! let (day, week) = (BarsRef::new(Timeframe::DAY), BarsRef::new(Timeframe::WEEK));
//! let strength = registry.series("rsi", [day.close().into(), 3.into()])?;
//! let trend = registry.series("sma", [week.close().into(), 20.into()])?;
//!
//! // Each day sees the last week that has closed by then: timeframes align by themselves.
//! let enter = strength.lt(20.0) & week.close().gt(trend);
//! let exit = strength.gt(70.0);
//!
//! let entry = |name: &str, value: Argument| Entry { name: name.into(), given: value.into() };
//! let rules = vec![entry("enter", enter.into()), entry("exit", exit.into())];
//! let record = vec![entry("universe", "us_equities/MSFT".into()), entry("long", rules.into())];
//! let strategy = Strategy::declare(&registry, "dip", record, None)?;
//!
//! let catalog = Catalog::open("datasets")?;
//! let outcome = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {})?.backtest(&registry)?;
//! assert!(outcome.metrics.trading.trades > 10);
//! outcome.backtest.check_books()?;
//! # Ok(())
//! # }
//! ```
//!
//! # A node of one's own
//!
//! A node is a [`Spec`](node::Spec), which says what it is called, takes and gives, and a small state
//! machine. From the Spec come the binding for scripts, the checks of arguments, the messages and the
//! reference page.
//!
//! ```
//! use timeweave::data::Field;
//! use timeweave::node::{IndicatorNode, Inputs, Machine, Spec};
//! use timeweave::script::{Options, compile};
//! use timeweave::standard_registry;
//!
//! /// The close's place in its bar: 0 at the low, 1 at the high.
//! #[derive(Clone)]
//! struct CloseLocation;
//!
//! impl Machine for CloseLocation {
//!     type Input = [f64; 3];
//!     type Output = [f64; 1];
//!
//!     fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
//!         [if high > low { (close - low) / (high - low) } else { 0.5 }]
//!     }
//! }
//!
//! # fn main() -> timeweave::error::Result<()> {
//! let mut registry = standard_registry()?;
//! registry.add_indicator(IndicatorNode {
//!     spec: Spec {
//!         name: "close_location",
//!         family: "price",
//!         doc: "Where in its bar the close lies, from 0 at the low to 1 at the high.",
//!         formula: "(close - low) / (high - low)",
//!         inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
//!         parameters: &[],
//!         outputs: &["close_location"],
//!         example: "close_location(day)",
//!         source: "",
//!     },
//!     lookback: |_| Ok(0),
//!     machine: |_| Ok(Box::new(CloseLocation)),
//! })?;
//!
//! let text = r#"
//!     let day = bars("1d");
//!     strategy(#{ universe: "us_equities/AAPL", long: #{ enter: close_location(day) > 0.9 } })
//! "#;
//! let strategy = compile(text, "mine.rhai", &Options { registry: &registry, settings: &[] })?;
//! assert!(strategy.long.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # The map
//!
//! Modules stand in the order in which they may use each other; `docs/architecture.md` says what lives
//! where and which invariants hold.

// A module imports only from those above it in this list; `tests/it/house.rs` checks.
mod stack;
mod wide;
pub mod error;
pub mod time;
pub mod data;
pub mod expr;
pub mod program;
pub mod networks;
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
pub mod proof;
pub mod review;
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
