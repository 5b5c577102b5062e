//! vectorbt's rules (1.2): a stop before a target on the whole of a bar, neither on the bar of the
//! entry, and neither with slippage.

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::feed::Bar;
use crate::backtest::lot::Lot;
use crate::backtest::matching::standard::{enter_inside, touch};
use crate::backtest::matching::touch::{Facing, Touch};

/// Stops and targets of older positions, then orders that wait for a price, which vectorbt does not have.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    for &(instrument, bar) in closing {
        touch(broker, instrument, bar, false, settle, touched);
    }
    if closing.iter().any(|(instrument, _)| broker.has_orders(*instrument)) {
        enter_inside(broker, closing, settle);
    }
}

fn touched(lot: &Lot, index: usize, bar: Bar) -> Option<Touch> {
    if lot.moment_in(index).is_some() {
        return None;
    }
    let facing = Facing::new(lot.side, bar);
    let (stop, target) = facing.reached(lot);
    let both = stop.is_some() && target.is_some();
    match (stop, target) {
        (Some((guard, price)), _) => Some(facing.touch(guard, facing.open.min(price), both)),
        (None, Some((guard, price))) => Some(facing.touch(guard, facing.open.max(price), both)),
        (None, None) => None,
    }
}
