//! Every integration test, in one binary.

mod broker;
mod data;
mod determinism;
mod embed;
mod house;
mod indicators;
mod lookahead;
mod lstm;
mod metrics;
mod reference;
mod runner;
mod script;
mod talib;
mod training;
