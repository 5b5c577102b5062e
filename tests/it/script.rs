//! The script host: operators, diagnostics, sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // As in tests: these are their helpers.

mod bad_scripts;
mod language;
mod mutants;
mod nodes;
mod operators;
mod sandbox;
mod strategies;
