//! Matching: which orders, stops and targets a bar fills, in what order and at what price.
//!
//! One file for each set of rules. The engine says when bars open, close and end, and for how many
//! instruments at once; `Policies` says whose rules apply.

mod backtesting_py;
mod pine;
mod standard;
mod touch;
mod vectorbt;

pub(super) use standard::leave_all;

use crate::backtest::broker::{Broker, Settle};
use crate::strategy::Matching;

/// Bars open: what fills at the open is filled. `opening` are instruments with their bar.
pub(super) fn open_bars(broker: &mut Broker<'_>, opening: &[(usize, usize)], settle: &mut impl Settle) {
    match broker.policies.matching {
        Matching::Standard | Matching::Pine => standard::open_bars(broker, opening, settle),
        Matching::VectorBt => standard::open_orders(broker, opening, settle),
        // All of a bar is looked at together, once it has closed.
        Matching::BacktestingPy => {}
    }
}

/// Bars run from open to close.
pub(super) fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    match broker.policies.matching {
        Matching::Standard => standard::run_bars(broker, closing, settle),
        Matching::BacktestingPy => backtesting_py::run_bars(broker, closing, settle),
        Matching::Pine => pine::run_bars(broker, closing, settle),
        Matching::VectorBt => vectorbt::run_bars(broker, closing, settle),
    }
}

/// Fills market orders at the close that the bars have just reached.
pub(super) fn fill_at_close(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    match broker.policies.matching {
        Matching::Standard | Matching::Pine | Matching::VectorBt => standard::fill_at_close(broker, closing, settle),
        // They fill at this close as well, but only when the next bar is looked at.
        Matching::BacktestingPy => {}
    }
}

/// Closes what is open on an instrument when its bars end.
pub(super) fn end(broker: &mut Broker<'_>, instrument: usize) {
    match broker.policies.matching {
        Matching::Standard | Matching::Pine | Matching::VectorBt => standard::end(broker, instrument),
        Matching::BacktestingPy => backtesting_py::end(broker, instrument),
    }
}
