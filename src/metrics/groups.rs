//! Trades in groups: by side, by why they ended, by instrument.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backtest::{Backtest, ExitReason, Trade};
use crate::metrics::sums::{mean, total};
use crate::metrics::{Gains, defined};
use crate::node::Side;
use crate::time::Timestamp;

/// Figures of some of the trades.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// What they have in common: a side, an exit, an instrument.
    pub name: String,
    /// How many there are.
    pub trades: usize,
    /// Share that earned more than nothing after commission, from 0 to 1.
    pub win_rate: Option<f64>,
    /// What they earned together, in the account's currency.
    pub profit: f64,
    /// What the winning ones earned over what the losing ones lost. None without a loss.
    pub profit_factor: Option<f64>,
    /// Mean profit, in the account's currency.
    pub expectancy: Option<f64>,
    /// Mean profit as a fraction of the entry's value.
    pub expectancy_fraction: Option<f64>,
    /// Mean number of bars from entry to exit.
    pub average_holding_bars: Option<f64>,
    /// Mean number of days from the opening of the entry bar to that of the exit bar.
    pub average_holding_days: Option<f64>,
    /// The worst that they stood at, in the mean, as a fraction of the entry price: zero or negative.
    pub average_adverse_excursion: Option<f64>,
    /// The best that they stood at, in the mean, as a fraction of the entry price: zero or positive.
    pub average_favourable_excursion: Option<f64>,
    /// The latter over the magnitude of the former: above 1 where entries were followed by more gain than
    /// pain. None where no trade stood at a loss.
    pub edge_ratio: Option<f64>,
}

impl Group {
    /// The figures of these trades.
    pub fn of<'a>(name: &str, trades: impl IntoIterator<Item = &'a Trade>) -> Self {
        let trades: Vec<&Trade> = trades.into_iter().collect();
        let of_each = |figure: fn(&Trade) -> f64| -> Vec<f64> { trades.iter().map(|trade| figure(trade)).collect() };
        let profits = of_each(|trade| trade.profit);
        let gains = Gains::of(&profits);
        let adverse = mean(&of_each(|trade| trade.adverse_excursion));
        let favourable = mean(&of_each(|trade| trade.favourable_excursion));
        Self {
            name: name.to_owned(),
            trades: trades.len(),
            win_rate: gains.win_rate(),
            profit: total(&profits),
            profit_factor: gains.profit_factor(),
            expectancy: mean(&profits),
            expectancy_fraction: mean(&of_each(|trade| trade.profit_fraction)),
            average_holding_bars: mean(&of_each(holding_bars)),
            average_holding_days: mean(&of_each(holding_days)),
            average_adverse_excursion: adverse,
            average_favourable_excursion: favourable,
            edge_ratio: favourable.zip(adverse).and_then(|(best, worst)| defined(best / worst.abs())),
        }
    }
}

/// Bars from entry to exit; 0 for a trade within one bar.
pub(super) fn holding_bars(trade: &Trade) -> f64 {
    (trade.exit_bar - trade.entry_bar) as f64
}

/// Days from the opening of the entry bar to that of the exit bar.
pub(super) fn holding_days(trade: &Trade) -> f64 {
    (trade.exit_time.0 - trade.entry_time.0) as f64 / Timestamp::DAY as f64
}

/// The trades of each side that has any, long first.
pub fn by_side(trades: &[Trade]) -> Vec<Group> {
    let of = |side: Side| Group::of(side.name(), trades.iter().filter(|trade| trade.side == side));
    [Side::Long, Side::Short].map(of).into_iter().filter(|group| group.trades > 0).collect()
}

/// The trades of each exit that ended any.
pub fn by_exit(trades: &[Trade]) -> Vec<Group> {
    let mut groups: BTreeMap<&ExitReason, Vec<&Trade>> = BTreeMap::new();
    trades.iter().for_each(|trade| groups.entry(&trade.reason).or_default().push(trade));
    groups.into_iter().map(|(reason, trades)| Group::of(reason.name(), trades)).collect()
}

/// The trades of each instrument that has any, in the order of the universe.
pub fn by_instrument(backtest: &Backtest) -> Vec<Group> {
    let mut groups: BTreeMap<usize, Vec<&Trade>> = BTreeMap::new();
    backtest.trades.iter().for_each(|trade| groups.entry(trade.instrument).or_default().push(trade));
    let name = |instrument: usize| backtest.universe[instrument].to_string();
    groups.into_iter().map(|(instrument, trades)| Group::of(&name(instrument), trades)).collect()
}
