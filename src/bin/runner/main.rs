//! `runner`: runs a strategy from the command line.

fn main() {}
