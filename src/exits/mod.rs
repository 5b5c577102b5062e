//! Exits: what closes an open position when no rule does. One file each.
//!
//! Stops and targets set at the fill act from the rest of the entry bar; what an exit says at a
//! bar's close acts from the next bar. Where several exits set a stop, the nearest acts.

mod exit_when;
mod level;
mod scale_out;
mod scale_out_when;
mod stop_at;
mod stop_loss;
mod take_profit;
mod time_stop;
mod trailing_stop;

use crate::error::Result;
use crate::node::Registry;

/// Adds every built-in exit.
///
/// # Errors
/// Where a name is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    let stops = [stop_at::NODE, stop_loss::NODE, trailing_stop::NODE];
    let others = [exit_when::NODE, scale_out::NODE, scale_out_when::NODE, take_profit::NODE, time_stop::NODE];
    for node in stops.into_iter().chain(others) {
        registry.add_exit(node)?;
    }
    Ok(())
}
