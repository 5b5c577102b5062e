//! Matching: which orders, stops and targets a bar fills, in what order and at what price.

mod standard;
mod touch;

pub(super) use standard::{fill_at_close, open_bars, run_bars};
