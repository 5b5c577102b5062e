//! Quotes: what a size is reckoned from, which the presets do each in their own way.

use crate::backtest::broker::{Broker, Place};
use crate::backtest::order::Quote;
use crate::backtest::waiting::{Waiting, Worth};
use crate::node::Side;
use crate::strategy::Matching;

impl Broker<'_> {
    /// What is known of an order's fill at this price.
    pub fn quote(&self, waiting: &Waiting, side: Side, price: f64, place: Place) -> Quote<'_> {
        let (instrument, equity) = (place.instrument, self.equity());
        let trades = &self.ledger.trades;
        let quote = Quote { instrument, side, price, equity, base: equity, unit_price: price, trades };
        match self.policies.matching {
            Matching::Standard => quote,
            Matching::Pine => match waiting.made_with {
                Some(Worth { equity, price }) => Quote { base: equity, unit_price: price, ..quote },
                None => quote,
            },
            // Of the cash, commission included; levels are measured from the price without slippage.
            Matching::VectorBt => {
                let unit_price = price * (1.0 + self.policies.costs.commission);
                Quote { price: place.reference, base: self.budget(), unit_price, ..quote }
            }
            Matching::BacktestingPy => {
                let unit_price = price + self.rates(place).commission(1.0, place.reference);
                Quote { base: self.free_margin(), unit_price, ..quote }
            }
        }
    }

    /// What the margin that is not used allows to hold.
    pub fn free_margin(&self) -> f64 {
        let leverage = self.policies.account.leverage;
        let (gross, net) = self.exposure();
        (self.ledger.cash + net - gross / leverage).max(0.0) * leverage
    }
}
