//! The script host: operators, diagnostics, sandbox.

mod bad_scripts;
mod calls;
mod hostile;
mod language;
mod mutants;
mod nodes;
mod operators;
mod orders;
mod sandbox;
mod strategies;
