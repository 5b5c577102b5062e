//! vectorbt's rules (1.2): a stop before a target on the whole of a bar, neither on the bar of the
//! entry, and neither with slippage.

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::lot::Lot;
use crate::backtest::matching::standard::{enter_inside, touch};
use crate::backtest::matching::touch::{Facing, Touch, View};

/// Stops and targets of older positions, then orders that wait for a price, which vectorbt does not have.
pub fn run_bars(broker: &mut Broker<'_>, closing: &[(usize, usize)], settle: &mut impl Settle) {
    for &(instrument, bar) in closing {
        touch(broker, instrument, View::whole(broker, instrument, bar), false, settle, touched);
    }
    if closing.iter().any(|(instrument, _)| broker.has_orders(*instrument)) {
        enter_inside(broker, closing, settle);
    }
}

fn touched(lot: &mut Lot, view: &View) -> Option<Touch> {
    if lot.bar == view.bar {
        return None;
    }
    let facing = Facing::new(lot.side, view.prices);
    let (stop, target) = facing.reached(lot);
    lot.ambiguous |= stop.is_some() && target.is_some();
    match (stop, target) {
        (Some((guard, price)), _) => Some(facing.touch(guard, facing.open.min(price))),
        (None, Some((guard, price))) => Some(facing.touch(guard, facing.open.max(price))),
        (None, None) => None,
    }
}
