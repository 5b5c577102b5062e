//! Settings: costs, account, and the broker's policies.

/// What trading costs. Every figure is a magnitude; all are added up.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Costs {
    /// Commission, as a fraction of the value traded.
    pub commission: f64,
    /// Commission for each order, in the account's currency.
    pub commission_fixed: f64,
    /// Commission for each unit traded, in the account's currency.
    pub commission_per_unit: f64,
    /// The least that an order's commission comes to, in the account's currency.
    pub commission_minimum: f64,
    /// The gap between bid and ask as a fraction of the price: half of it is lost on each fill at
    /// a market price.
    pub spread: f64,
    /// How much worse than the market price a market order or a stop fills, as a fraction of it.
    pub slippage: f64,
}

/// What a strategy trades with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account {
    /// Cash at the start, in the datasets' currency.
    pub cash: f64,
    /// The smallest step of a position's size in units; 0 for fractions of any size.
    pub lot: f64,
    /// The largest value of open positions as a multiple of equity.
    pub leverage: f64,
}

impl Default for Account {
    fn default() -> Self {
        Self { cash: 100_000.0, lot: 0.0, leverage: 1.0 }
    }
}

/// When a market order fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fill {
    /// At the open of the next bar.
    #[default]
    NextOpen,
    /// At the close of the bar that gave the signal: it assumes that one can know a close and
    /// still trade at it, and the report says so.
    SameClose,
}

/// How long an order to enter waits for its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GoodFor {
    /// Until it is cancelled.
    #[default]
    Ever,
    /// Until the end of the UTC date of the first bar on which it may fill.
    Day,
    /// So many of the instrument's bars.
    Bars(usize),
}

/// What happened first inside a bar that touched both a stop and a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Intrabar {
    /// The stop: the worse of the two.
    #[default]
    StopFirst,
    /// The target: the better of the two.
    TargetFirst,
    /// Whichever extreme of the bar lies nearer to its open; the stop where both are as near.
    NearestExtreme,
}
