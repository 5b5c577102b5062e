//! The ledger: cash, the open lots of each instrument, and the trades that they became.

use crate::backtest::broker::Place;
use crate::backtest::costs::Rates;
use crate::backtest::lot::{DUST, Fill, Lot};
use crate::backtest::order::Guard;
use crate::backtest::{Accrual, ExitReason, Trade};
use crate::node::Side;
use crate::strategy::Costs;
use crate::time::Timestamp;

/// How long the value of a fill counts towards a tier of the commission, in microseconds.
const TIER_WINDOW: i64 = 30 * Timestamp::DAY;

/// Cash, lots and trades. Every entry and exit passes through here, so that the books balance.
pub(super) struct Ledger {
    pub cash: f64,
    /// The open lots of each instrument, oldest first.
    pub lots: Vec<Vec<Lot>>,
    /// The instruments with open lots, in order.
    pub held: Vec<usize>,
    pub trades: Vec<Trade>,
    /// What changed, in order.
    pub changes: Vec<Change>,
    pub commission: f64,
    pub slippage: f64,
    pub traded_value: f64,
    /// How many steps after it happened a fill was booked, at most.
    pub delay: usize,
    /// What was charged and paid while nothing was traded, in order.
    pub accruals: Vec<Accrual>,
    costs: Costs,
    /// The instant of each fill and the value of all fills so far; kept where tiers ask for it.
    fills: Vec<(i64, f64)>,
}

/// What the account held after a fill, or after something was charged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub step: usize,
    pub cash: f64,
    /// The instrument of a fill, and its units; negative for a short position.
    pub position: Option<(usize, f64)>,
}

impl Ledger {
    pub fn new(cash: f64, instruments: usize, costs: Costs) -> Self {
        Self {
            cash,
            lots: vec![Vec::new(); instruments],
            held: Vec::new(),
            trades: Vec::new(),
            changes: Vec::new(),
            commission: 0.0,
            slippage: 0.0,
            traded_value: 0.0,
            delay: 0,
            accruals: Vec::new(),
            costs,
            fills: Vec::new(),
        }
    }

    /// The gross and the net value of the open lots, each instrument at its price.
    #[inline]
    pub fn exposure(&self, price: impl Fn(usize) -> f64) -> (f64, f64) {
        let (mut gross, mut net) = (0.0, 0.0);
        for &instrument in &self.held {
            let price = price(instrument);
            for lot in &self.lots[instrument] {
                let value = lot.value(price);
                gross += value.abs();
                net += value;
            }
        }
        (gross, net)
    }

    /// Whether prices, or time, could bring the equity to zero: something is owed, in cash or in units,
    /// or funding may have to be paid.
    pub fn owes(&self) -> bool {
        let is_short = |instrument: &usize| self.lots[*instrument].iter().any(|lot| lot.side == Side::Short);
        let pays = self.costs.funding != 0.0 && !self.held.is_empty();
        pays || self.cash < 0.0 || self.held.iter().any(is_short)
    }

    /// The commission that holds at an instant.
    #[inline]
    pub fn rates(&self, now: Timestamp) -> Rates {
        let traded = match self.costs.tiers.as_slice() {
            [] => 0.0,
            _ => {
                let old = self.fills.partition_point(|(time, _)| *time < now.0 - TIER_WINDOW);
                self.traded_value - old.checked_sub(1).map_or(0.0, |last| self.fills[last].1)
            }
        };
        Rates::new(&self.costs, traded)
    }

    /// Books what was charged and paid while nothing was traded.
    pub fn accrue(&mut self, accrual: Accrual) {
        if accrual != (Accrual { bar: accrual.bar, ..Accrual::default() }) {
            self.cash += accrual.received();
            self.accruals.push(accrual);
            self.changes.push(Change { step: accrual.bar, cash: self.cash, position: None });
        }
    }

    pub fn open(&mut self, side: Side, units: f64, guards: Vec<Guard>, fill: Fill, place: Place, number: usize) {
        let Place { instrument, bar, part, moment, .. } = place;
        let commission = self.charge(units, fill);
        // One sum, as the cap on the size computed it: the cash of a full buy cannot end below zero.
        self.cash -= match side {
            Side::Long => units * fill.price + commission,
            Side::Short => commission - units * fill.price,
        };
        self.lots[instrument].push(Lot {
            side,
            units,
            entered: units,
            entry: fill,
            number,
            bar,
            part,
            moment,
            guards,
            highest: fill.price,
            lowest: fill.price,
            unseen: bar,
            ambiguous: false,
            commission,
            leaving: None,
        });
        if let Err(place) = self.held.binary_search(&instrument) {
            self.held.insert(place, instrument);
        }
        self.note(instrument, fill.booked);
    }

    /// Closes up to `units` of a lot; true where nothing is left of it.
    pub fn close(&mut self, instrument: usize, index: usize, units: f64, mut fill: Fill, reason: ExitReason) -> bool {
        let whole = units >= self.lots[instrument][index].units;
        let lot = self.split(instrument, index, units);
        // A fill that is booked late may be one of the bar before the lot's.
        if fill.step < lot.entry.step {
            (fill.step, fill.time) = (lot.entry.step, lot.entry.time);
        }
        let charged = self.charge(lot.units, fill);
        self.book(instrument, lot, fill, charged, reason);
        whole
    }

    /// Closes so many units of an instrument's lots, the oldest first, in one fill: they share its
    /// commission.
    pub fn close_oldest(&mut self, instrument: usize, mut units: f64, fill: Fill, reason: &ExitReason) {
        let charged = self.charge(units, fill) / units;
        while let Some(lot) = self.lots[instrument].first().filter(|_| units > 0.0) {
            let part = if lot.units - units <= DUST * lot.entered { lot.units } else { units };
            units -= part;
            let lot = self.split(instrument, 0, part);
            let charged = charged * lot.units;
            self.book(instrument, lot, fill, charged, reason.clone());
        }
    }

    /// Takes up to `units` out of a lot.
    fn split(&mut self, instrument: usize, index: usize, units: f64) -> Lot {
        match units >= self.lots[instrument][index].units {
            true => self.lots[instrument].remove(index),
            false => {
                let rest = &mut self.lots[instrument][index];
                let part = Lot { units, commission: rest.commission * (units / rest.units), ..rest.clone() };
                rest.units -= units;
                rest.commission -= part.commission;
                part
            }
        }
    }

    /// Makes a trade of what was taken out of a lot.
    fn book(&mut self, instrument: usize, mut lot: Lot, fill: Fill, charged: f64, reason: ExitReason) {
        lot.saw(fill.price, fill.price);
        self.cash += lot.value(fill.price) - charged;
        self.trades.push(trade(instrument, &lot, fill, charged, reason));
        if self.lots[instrument].is_empty() {
            self.held.retain(|held| *held != instrument);
        }
        self.note(instrument, fill.booked);
    }

    /// Notes what is held of an instrument from a step on.
    pub fn note(&mut self, instrument: usize, step: usize) {
        let units = self.lots[instrument].iter().map(|lot| lot.value(1.0)).sum();
        self.changes.push(Change { step, cash: self.cash, position: Some((instrument, units)) });
    }

    /// Counts a fill's costs; gives its commission.
    fn charge(&mut self, units: f64, fill: Fill) -> f64 {
        let commission = self.rates(fill.time).commission(units, fill.price);
        self.commission += commission;
        self.slippage += (fill.price - fill.reference).abs() * units;
        self.traded_value += units * fill.price;
        self.delay = self.delay.max(fill.booked - fill.step);
        if !self.costs.tiers.as_slice().is_empty() {
            // What is closed when an instrument's bars have ended has an older bar than what came before.
            let time = self.fills.last().map_or(fill.time.0, |(last, _)| fill.time.0.max(*last));
            self.fills.push((time, self.traded_value));
        }
        commission
    }
}

/// The round trip of a lot, or of a part of one.
fn trade(instrument: usize, lot: &Lot, fill: Fill, charged: f64, reason: ExitReason) -> Trade {
    let entry = lot.entry;
    let commission = lot.commission + charged;
    let profit = lot.side.sign() * (fill.price - entry.price) * lot.units - commission;
    let (down, up) = (lot.lowest / entry.price - 1.0, lot.highest / entry.price - 1.0);
    let (adverse_excursion, favourable_excursion) = match lot.side {
        Side::Long => (down, up),
        Side::Short => (-up, -down),
    };
    Trade {
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
    }
}
