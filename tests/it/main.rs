//! Every integration test, in one binary.

// A test says what went wrong by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod across;
mod beyond;
mod broker;
mod check;
mod data;
mod determinism;
mod differential;
mod documents;
mod embed;
mod explain;
mod external;
mod house;
mod indicators;
mod instruments;
mod lookahead;
mod lstm;
mod metrics;
mod period;
mod proof;
mod random;
mod reference;
mod report;
mod runner;
mod script;
mod talib;
mod targets;
mod training;
mod weights;
