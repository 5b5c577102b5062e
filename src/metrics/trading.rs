//! Trading: figures of the trades and of what trading cost.

use serde::Serialize;

use crate::backtest::{Accrual, Backtest, Trade};
use crate::metrics::defined;
use crate::time::Timestamp;

/// Figures of the trades and of what trading cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trading {
    /// Share of the bars on which a position was open at any moment, from 0 to 1.
    pub exposure: Option<f64>,
    /// Round trips.
    pub trades: usize,
    /// Round trips whose exit hung on the order of events inside one bar.
    pub ambiguous_trades: usize,
    /// Share of the trades that earned more than nothing after commission, from 0 to 1.
    pub win_rate: Option<f64>,
    /// What the winning trades earned over what the losing trades lost. None without a loss.
    pub profit_factor: Option<f64>,
    /// Mean profit of a trade, in the account's currency.
    pub expectancy: Option<f64>,
    /// Mean profit of a trade as a fraction of its entry's value.
    pub expectancy_fraction: Option<f64>,
    /// The best trade's profit as a fraction of its entry's value.
    pub best_trade: Option<f64>,
    /// The worst trade's profit as a fraction of its entry's value.
    pub worst_trade: Option<f64>,
    /// Mean number of bars from entry to exit; 0 for a trade within one bar.
    pub average_holding_bars: Option<f64>,
    /// Mean number of days from the opening of the entry bar to that of the exit bar.
    pub average_holding_days: Option<f64>,
    /// Value of all fills, both ways, a year, as a multiple of the mean equity.
    pub turnover: Option<f64>,
    /// Commission paid, in the account's currency.
    pub commission: f64,
    /// What spread and slippage cost, in the account's currency.
    pub slippage: f64,
    /// Fees paid for what was sold short, in the account's currency.
    pub borrow: f64,
    /// Funding paid; negative where it was received.
    pub funding: f64,
    /// Interest earned on cash.
    pub interest: f64,
    /// Interest paid on cash below zero.
    pub margin_interest: f64,
    /// What trading and holding cost: all of these but the interest earned.
    pub costs: f64,
}

impl Trading {
    /// The figures of a backtest; `periods_per_year` as [`crate::metrics::periods_per_year`].
    pub fn of(backtest: &Backtest, periods_per_year: Option<f64>) -> Self {
        let Backtest { trades, equity, commission, slippage, .. } = backtest;
        let of_each = |figure: fn(&Trade) -> f64| -> Vec<f64> { trades.iter().map(figure).collect() };
        let (profits, fractions) = (of_each(|trade| trade.profit), of_each(|trade| trade.profit_fraction));
        let days = |trade: &Trade| (trade.exit_time.0 - trade.entry_time.0) as f64 / Timestamp::DAY as f64;
        let years = periods_per_year.map(|periods| equity.len() as f64 / periods);
        let accrued = |of: fn(&Accrual) -> f64| backtest.accruals.iter().map(of).fold(0.0, |sum, paid| sum + paid);
        let (borrow, funding) = (accrued(|accrual| accrual.borrow), accrued(|accrual| accrual.funding));
        let margin_interest = accrued(|accrual| accrual.margin_interest);
        let mean_equity = mean(equity).filter(|mean| *mean > 0.0);
        Self {
            exposure: exposure(backtest),
            trades: trades.len(),
            ambiguous_trades: trades.iter().filter(|trade| trade.ambiguous).count(),
            win_rate: win_rate(&profits),
            profit_factor: profit_factor(&profits),
            expectancy: expectancy(&profits),
            expectancy_fraction: expectancy(&fractions),
            best_trade: fractions.iter().copied().reduce(f64::max),
            worst_trade: fractions.iter().copied().reduce(f64::min),
            average_holding_bars: mean(&of_each(|trade| (trade.exit_bar - trade.entry_bar) as f64)),
            average_holding_days: mean(&trades.iter().map(days).collect::<Vec<_>>()),
            turnover: mean_equity.zip(years).and_then(|(mean, years)| defined(backtest.traded_value / mean / years)),
            commission: *commission,
            slippage: *slippage,
            borrow,
            funding,
            interest: accrued(|accrual| accrual.interest),
            margin_interest,
            costs: commission + slippage + borrow + funding + margin_interest,
        }
    }
}

/// Share of the profits that are above zero. None without any.
pub fn win_rate(profits: &[f64]) -> Option<f64> {
    let wins = profits.iter().filter(|profit| **profit > 0.0).count();
    defined(wins as f64 / profits.len() as f64)
}

/// Sum of the profits above zero over that below, as a magnitude. None where none is below.
pub fn profit_factor(profits: &[f64]) -> Option<f64> {
    let sum = |sign: f64| profits.iter().map(|profit| (sign * profit).max(0.0)).sum::<f64>();
    defined(sum(1.0) / sum(-1.0))
}

/// The mean profit. None without any.
pub fn expectancy(profits: &[f64]) -> Option<f64> {
    mean(profits)
}

fn mean(values: &[f64]) -> Option<f64> {
    defined(values.iter().sum::<f64>() / values.len() as f64)
}

/// Marks where trades begin and where they have ended, and sums up: linear, whatever they overlap.
fn exposure(backtest: &Backtest) -> Option<f64> {
    let bars = backtest.equity.len();
    let mut change = vec![0_i64; bars + 1];
    for trade in &backtest.trades {
        change[trade.entry_bar] += 1;
        change[trade.exit_bar + 1] -= 1;
    }
    let mut open = 0;
    let exposed = change[..bars].iter().filter(|change| {
        open += **change;
        open > 0
    });
    defined(exposed.count() as f64 / bars as f64)
}
