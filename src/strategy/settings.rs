//! Settings: the account, and the broker's policies.

/// What a strategy trades with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account {
    /// Cash at the start, in the datasets' currency.
    pub cash: f64,
    /// The smallest step of a position's size in units; 0 for fractions of any size.
    pub lot: f64,
    /// The largest value of open positions as a multiple of equity: one over the initial margin.
    pub leverage: f64,
    /// The least equity, as a fraction of the gross value of what is open. Where a close finds less,
    /// there is a margin call: everything is closed at the next open. At 0, where equity is gone.
    pub maintenance_margin: f64,
    /// The step of prices; 0 for any price. Fills are rounded to it against whoever trades; a limit to
    /// buy is rounded down and one to sell up.
    pub tick: f64,
    /// The least value of an order to enter, in the datasets' currency; a smaller one is refused.
    pub minimum_notional: f64,
    /// The most instruments that are held at a time.
    pub max_positions: Option<usize>,
    /// The largest value of one position, as a fraction of equity.
    pub max_position: Option<f64>,
    /// The largest gross value of what is open, as a fraction of equity.
    pub max_gross: Option<f64>,
    /// The largest net value of what is open, either way, as a fraction of equity.
    pub max_net: Option<f64>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            cash: 100_000.0,
            lot: 0.0,
            leverage: 1.0,
            maintenance_margin: 0.0,
            tick: 0.0,
            minimum_notional: 0.0,
            max_positions: None,
            max_position: None,
            max_gross: None,
            max_net: None,
        }
    }
}

/// Whose rules say which orders a bar fills, in what order, at what price and how much of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Matching {
    /// Our own.
    #[default]
    Standard,
    /// Those of backtesting.py.
    BacktestingPy,
    /// Those of TradingView's broker emulator.
    Pine,
    /// Those of vectorbt's simulation from signals.
    VectorBt,
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
    /// As the bars of a finer timeframe show it, and the stop first within each of those. Where there
    /// are none of them, the stop.
    FinerBars,
}
