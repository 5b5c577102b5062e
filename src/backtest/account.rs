//! The account: cash, the open lots of each instrument, and the trades that they became.

use crate::backtest::costs::commission;
use crate::backtest::order::{Guard, Terms};
use crate::backtest::{ExitReason, Trade};
use crate::node::{OpenPosition, Side};
use crate::strategy::Costs;
use crate::time::Timestamp;

/// A fill: a place on the timeline, a price, and the price without spread and slippage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    pub step: usize,
    pub time: Timestamp,
    pub price: f64,
    pub reference: f64,
}

/// When in a bar a lot was entered: what of that bar it can have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// At its open: it saw the whole bar.
    Open,
    /// Somewhere inside, at a limit's or a stop's price.
    LimitInside,
    StopInside,
    /// Before this bar: it saw the whole bar.
    Before,
}

/// One fill's units, until they are closed.
#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub side: Side,
    pub units: f64,
    pub entry: Fill,
    pub moment: Moment,
    pub stop: Option<Guard>,
    pub target: Option<Guard>,
    pub bars_held: usize,
    pub highest: f64,
    pub lowest: f64,
    /// Whether anything so far hung on the order of events inside a bar.
    pub ambiguous: bool,
    commission: f64,
}

impl Lot {
    /// The lot as exits see it at a bar's close.
    #[inline]
    pub fn position(&self, close: f64) -> OpenPosition {
        OpenPosition {
            side: self.side,
            entry_price: self.entry.price,
            bars_held: self.bars_held,
            highest: self.highest,
            lowest: self.lowest,
            close,
        }
    }

    /// Takes a range of prices into its excursions.
    #[inline]
    pub fn saw(&mut self, low: f64, high: f64) {
        self.highest = self.highest.max(high);
        self.lowest = self.lowest.min(low);
    }

    #[inline]
    fn value(&self, price: f64) -> f64 {
        self.side.sign() * (self.units * price)
    }
}

/// Cash, lots and trades. Every entry and exit passes through here, so that the books balance.
pub(super) struct Ledger {
    pub cash: f64,
    /// The open lots of each instrument, oldest first.
    pub lots: Vec<Vec<Lot>>,
    pub trades: Vec<Trade>,
    pub commission: f64,
    pub slippage: f64,
    pub traded_value: f64,
    costs: Costs,
}

impl Ledger {
    pub fn new(cash: f64, instruments: usize, costs: Costs) -> Self {
        let lots = vec![Vec::new(); instruments];
        Self { cash, lots, trades: Vec::new(), commission: 0.0, slippage: 0.0, traded_value: 0.0, costs }
    }

    /// The gross and the net value of the open lots at these prices.
    #[inline]
    pub fn exposure(&self, prices: &[f64]) -> (f64, f64) {
        let (mut gross, mut net) = (0.0, 0.0);
        for (lots, price) in self.lots.iter().zip(prices) {
            for lot in lots {
                let value = lot.value(*price);
                gross += value.abs();
                net += value;
            }
        }
        (gross, net)
    }

    pub fn open(&mut self, instrument: usize, side: Side, terms: Terms, fill: Fill, moment: Moment) {
        let Terms { units, stop, target } = terms;
        let commission = self.charge(units, fill);
        let lot = Lot {
            side,
            units,
            entry: fill,
            moment,
            stop,
            target,
            bars_held: 0,
            highest: fill.price,
            lowest: fill.price,
            ambiguous: false,
            commission,
        };
        // One sum, as the cap on the size computed it: the cash of a full buy cannot end below zero.
        self.cash -= match side {
            Side::Long => units * fill.price + commission,
            Side::Short => commission - units * fill.price,
        };
        self.lots[instrument].push(lot);
    }

    /// Closes up to `units` of a lot; true where nothing is left of it.
    pub fn close(&mut self, instrument: usize, index: usize, units: f64, fill: Fill, reason: ExitReason) -> bool {
        let whole = units >= self.lots[instrument][index].units;
        let mut lot = match whole {
            true => self.lots[instrument].remove(index),
            false => {
                let rest = &mut self.lots[instrument][index];
                let part = Lot { units, commission: rest.commission * (units / rest.units), ..rest.clone() };
                rest.units -= units;
                rest.commission -= part.commission;
                part
            }
        };
        lot.saw(fill.price, fill.price);
        let charged = self.charge(lot.units, fill);
        self.cash += lot.value(fill.price) - charged;
        let entry = lot.entry;
        let commission = lot.commission + charged;
        let profit = lot.side.sign() * (fill.price - entry.price) * lot.units - commission;
        let (down, up) = (lot.lowest / entry.price - 1.0, lot.highest / entry.price - 1.0);
        let (adverse_excursion, favourable_excursion) = match lot.side {
            Side::Long => (down, up),
            Side::Short => (-up, -down),
        };
        self.trades.push(Trade {
            instrument,
            side: lot.side,
            units: lot.units,
            entry_bar: entry.step,
            exit_bar: fill.step,
            entry_time: entry.time,
            exit_time: fill.time,
            entry_price: entry.price,
            exit_price: fill.price,
            commission,
            profit,
            profit_fraction: profit / (entry.price * lot.units),
            adverse_excursion,
            favourable_excursion,
            reason,
            ambiguous: lot.ambiguous,
        });
        whole
    }

    /// Counts a fill's costs; gives its commission.
    fn charge(&mut self, units: f64, fill: Fill) -> f64 {
        let commission = commission(&self.costs, units, fill.price);
        self.commission += commission;
        self.slippage += (fill.price - fill.reference).abs() * units;
        self.traded_value += units * fill.price;
        commission
    }
}
