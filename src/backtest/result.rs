//! What a backtest leaves: trades and equity.

use crate::data::{Instants, Instrument, Lazy};
use crate::node::Side;
use crate::time::Timestamp;

/// A round trip: a position opened and closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trade {
    /// What was traded: an index into [`Backtest::universe`].
    pub instrument: usize,
    /// Which way it faced.
    pub side: Side,
    /// Units traded; positive. Where they were split meanwhile, those of the exit, and the entry price is that of
    /// one of them.
    pub units: f64,
    /// The bar of the entry fill: an index into [`Backtest::timestamps`].
    pub entry_bar: usize,
    /// The bar of the exit fill: an index into [`Backtest::timestamps`].
    pub exit_bar: usize,
    /// The opening instant of the entry bar.
    pub entry_time: Timestamp,
    /// The opening instant of the exit bar.
    pub exit_time: Timestamp,
    /// The price of the entry, with spread and slippage.
    pub entry_price: f64,
    /// The price of the exit, with spread and slippage.
    pub exit_price: f64,
    /// Commission of both fills, in the account's currency.
    pub commission: f64,
    /// What it earned after commission, in the account's currency.
    pub profit: f64,
    /// Profit as a fraction of the entry's value.
    pub profit_fraction: f64,
    /// The worst that it stood at, as a fraction of the entry price; zero or negative.
    pub adverse_excursion: f64,
    /// The best that it stood at, as a fraction of the entry price; zero or positive.
    pub favourable_excursion: f64,
    /// Why it ended.
    pub reason: ExitReason,
    /// Whether its exit hung on the order of events inside one bar, which bars do not show.
    pub ambiguous: bool,
}

/// Why a trade ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExitReason {
    /// The side's `exit` rule.
    Signal,
    /// The other side's `enter` rule.
    Reversal,
    /// A stop or target of the exit of this name, or its wish to leave.
    Exit(String),
    /// Its position was brought back to a smaller weight.
    Rebalance,
    /// The data ended.
    EndOfData,
    /// The instrument had no bar for so long that none was to be expected.
    Delisted,
    /// The account could no longer carry it.
    MarginCall,
}

impl ExitReason {
    /// Its name: `signal`, `reversal`, the exit's own, `rebalance`, `end_of_data`, `delisted`, `margin_call`.
    pub fn name(&self) -> &str {
        match self {
            ExitReason::Signal => "signal",
            ExitReason::Reversal => "reversal",
            ExitReason::Exit(name) => name,
            ExitReason::Rebalance => "rebalance",
            ExitReason::EndOfData => "end_of_data",
            ExitReason::Delisted => "delisted",
            ExitReason::MarginCall => "margin_call",
        }
    }
}

/// What was charged and paid as a bar began, for the time since the bar before; in the account's
/// currency. No trade's profit has it: it is the account's.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Accrual {
    /// The bar: an index into [`Backtest::timestamps`].
    pub bar: usize,
    /// Fees paid for what was sold short.
    pub borrow: f64,
    /// Funding paid; negative where it was received.
    pub funding: f64,
    /// Interest earned on cash.
    pub interest: f64,
    /// Interest paid on cash below zero.
    pub margin_interest: f64,
    /// Dividends received for what was held; negative where they were paid for what was sold short.
    pub dividends: f64,
}

impl Accrual {
    /// What it adds to the cash.
    pub fn received(&self) -> f64 {
        self.interest + self.dividends - self.borrow - self.funding - self.margin_interest
    }
}

/// Trades and equity of one simulation. Every curve has the length of `timestamps`, and is drawn when it is first
/// looked at: trades and the final equity alone cost no curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// What was traded.
    pub universe: Vec<Instrument>,
    /// Cash at the start.
    pub initial_cash: f64,
    /// Cash at the end, with everything closed.
    pub final_equity: f64,
    /// The timeline: every instant at which a bar of any instrument opens, at the base timeframe and
    /// within the simulated range. Each begins a step, which lasts until the next; the columns say how
    /// things stood when it ended.
    pub timestamps: Instants,
    /// Cash plus the market value of open positions at each step's end.
    pub equity: Lazy<f64>,
    /// Cash at each step's end.
    pub cash: Lazy<f64>,
    /// Sum of the absolute market values of open positions at each step's end.
    pub exposure: Lazy<f64>,
    /// Sum of the signed market values of open positions at each step's end.
    pub net_exposure: Lazy<f64>,
    /// The equity of buying an equal part of each instrument at its first close of the simulated range
    /// and holding it, without costs.
    pub buy_and_hold: Lazy<f64>,
    /// Round trips in the order in which they ended; what was open at the end of the
    /// timeline is closed there at the instrument's last close, with [`ExitReason::EndOfData`].
    pub trades: Vec<Trade>,
    /// How many steps after its fills a trade is in the columns at the latest: 0 but under
    /// backtesting.py's rules, where an order that fills at a close fills when the next bar is looked at.
    pub delay: usize,
    /// Commission paid.
    pub commission: f64,
    /// What spread and slippage cost.
    pub slippage: f64,
    /// What was charged and paid while nothing was traded, in order.
    pub accruals: Vec<Accrual>,
    /// Value of all fills, both ways.
    pub traded_value: f64,
    /// Bars on which a finer timeframe was to show the order of events, and had no bars.
    pub without_finer_bars: usize,
    /// Orders that could not be filled as asked.
    pub refused: Vec<Refused>,
}

/// Something that was not done as asked, and how often.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// On what: an index into [`Backtest::universe`]; none where it was the account's.
    pub instrument: Option<usize>,
    /// What was not done, and why, in words.
    pub what: String,
    /// How often.
    pub times: usize,
}

impl Backtest {
    /// What was not done as asked, in words that begin with the instrument's name, and how often.
    pub fn refusals(&self) -> Vec<(String, usize)> {
        let told = |Refused { instrument, what, times }: &Refused| {
            let name = instrument.and_then(|place| self.universe.get(place));
            (name.map_or(what.clone(), |name| format!("{name}: {what}")), *times)
        };
        self.refused.iter().map(told).collect()
    }

    /// With its instruments in another order: the one at each place goes to `order` of it.
    pub(super) fn reordered(mut self, order: &[usize]) -> Self {
        self.trades.iter_mut().for_each(|trade| trade.instrument = order[trade.instrument]);
        self.refused
            .iter_mut()
            .filter_map(|refused| refused.instrument.as_mut())
            .for_each(|place| *place = order[*place]);
        self.refused.sort_unstable();
        let mut universe: Vec<_> = order.iter().copied().zip(self.universe).collect();
        universe.sort_by_key(|(place, _)| *place);
        self.universe = universe.into_iter().map(|(_, instrument)| instrument).collect();
        self
    }
}
