//! Trading: figures of the trades and of what trading cost.

use serde::Serialize;

use crate::backtest::{Accrual, Backtest, Trade};
use crate::metrics::groups::holding_days;
use crate::metrics::sums::mean;
use crate::metrics::{Gains, Group, Moments, defined, kelly};

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
    /// The constant fraction of its entry's value that a trade would have had to earn for the same product:
    /// the geometric mean. None where a trade lost all or more.
    pub average_trade: Option<f64>,
    /// The best trade's profit as a fraction of its entry's value.
    pub best_trade: Option<f64>,
    /// The worst trade's profit as a fraction of its entry's value.
    pub worst_trade: Option<f64>,
    /// Mean profit of the winning trades, in the account's currency.
    pub average_win: Option<f64>,
    /// Mean profit of the losing trades, in the account's currency: negative.
    pub average_loss: Option<f64>,
    /// Average win over average loss, as magnitudes.
    pub payoff_ratio: Option<f64>,
    /// The most winning trades in a row, in the order in which they ended.
    pub longest_winning_streak: usize,
    /// The most losing trades in a row.
    pub longest_losing_streak: usize,
    /// System quality number: mean profit over its standard deviation, times the root of the number of
    /// trades (Tharp; as backtesting.py). None for fewer than two trades.
    pub sqn: Option<f64>,
    /// The fraction that the Kelly criterion would bet, by win rate and payoff ratio (as backtesting.py): at
    /// most 1, below zero where trading lost. None without both wins and losses.
    pub kelly_criterion: Option<f64>,
    /// The worst that trades stood at, in the mean, as a fraction of the entry price: zero or negative.
    pub average_adverse_excursion: Option<f64>,
    /// The best that trades stood at, in the mean, as a fraction of the entry price: zero or positive.
    pub average_favourable_excursion: Option<f64>,
    /// The latter over the magnitude of the former: above 1 where entries were followed by more gain than
    /// pain. None where no trade stood at a loss.
    pub edge_ratio: Option<f64>,
    /// Mean number of bars from entry to exit; 0 for a trade within one bar.
    pub average_holding_bars: Option<f64>,
    /// Mean number of days from the opening of the entry bar to that of the exit bar.
    pub average_holding_days: Option<f64>,
    /// The most bars from entry to exit.
    pub longest_holding_bars: Option<usize>,
    /// The most days from the opening of the entry bar to that of the exit bar.
    pub longest_holding_days: Option<f64>,
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
    /// Dividends received for what was held, where prices are not adjusted for them; negative where they were paid
    /// for what was sold short.
    pub dividends: f64,
    /// What trading and holding cost: all of these but interest earned and dividends.
    pub costs: f64,
}

impl Trading {
    /// The figures of a backtest; `periods_per_year` as [`crate::metrics::periods_per_year`].
    pub fn of(backtest: &Backtest, periods_per_year: Option<f64>) -> Self {
        let Backtest { trades, equity, commission, slippage, .. } = backtest;
        let of_each = |figure: fn(&Trade) -> f64| -> Vec<f64> { trades.iter().map(figure).collect() };
        let (profits, fractions) = (of_each(|trade| trade.profit), of_each(|trade| trade.profit_fraction));
        let (all, gains) = (Group::of("all", trades), Gains::of(&profits));
        let years = periods_per_year.map(|periods| equity.len() as f64 / periods);
        let accrued = |of: fn(&Accrual) -> f64| backtest.accruals.iter().map(of).fold(0.0, |sum, paid| sum + paid);
        let (borrow, funding) = (accrued(|accrual| accrual.borrow), accrued(|accrual| accrual.funding));
        let margin_interest = accrued(|accrual| accrual.margin_interest);
        let mean_equity = mean(equity).filter(|mean| *mean > 0.0);
        Self {
            exposure: defined(exposed_bars(trades) as f64 / equity.len() as f64),
            trades: trades.len(),
            ambiguous_trades: trades.iter().filter(|trade| trade.ambiguous).count(),
            win_rate: all.win_rate,
            profit_factor: all.profit_factor,
            expectancy: all.expectancy,
            expectancy_fraction: all.expectancy_fraction,
            average_trade: geometric_mean(&fractions),
            best_trade: fractions.iter().copied().reduce(f64::max),
            worst_trade: fractions.iter().copied().reduce(f64::min),
            average_win: gains.average_gain(),
            average_loss: gains.average_loss().map(|loss| -loss),
            payoff_ratio: gains.payoff_ratio(),
            longest_winning_streak: gains.longest_winning,
            longest_losing_streak: gains.longest_losing,
            sqn: sqn(&profits),
            kelly_criterion: gains.win_rate().zip(gains.payoff_ratio()).and_then(|(rate, payoff)| kelly(rate, payoff)),
            average_adverse_excursion: all.average_adverse_excursion,
            average_favourable_excursion: all.average_favourable_excursion,
            edge_ratio: all.edge_ratio,
            average_holding_bars: all.average_holding_bars,
            average_holding_days: all.average_holding_days,
            longest_holding_bars: trades.iter().map(|trade| trade.exit_bar - trade.entry_bar).max(),
            longest_holding_days: trades.iter().map(holding_days).reduce(f64::max),
            turnover: mean_equity.zip(years).and_then(|(mean, years)| defined(backtest.traded_value / mean / years)),
            commission: *commission,
            slippage: *slippage,
            borrow,
            funding,
            interest: accrued(|accrual| accrual.interest),
            margin_interest,
            dividends: accrued(|accrual| accrual.dividends),
            costs: commission + slippage + borrow + funding + margin_interest,
        }
    }
}

/// The system quality number of these profits: mean over standard deviation, times the root of their number.
/// None for fewer than two, and where they are equal.
pub fn sqn(profits: &[f64]) -> Option<f64> {
    Moments::of(profits).return_over_deviation().map(|ratio| ratio * (profits.len() as f64).sqrt())
}

/// The constant fraction that comes to the same product as these: `exp(mean(ln(1 + x))) - 1`. None without
/// any, and where one is -1 or below.
pub fn geometric_mean(fractions: &[f64]) -> Option<f64> {
    if fractions.iter().any(|fraction| *fraction <= -1.0) {
        return None;
    }
    let logarithms: f64 = fractions.iter().map(|fraction| (1.0 + fraction).ln()).sum();
    defined((logarithms / fractions.len() as f64).exp() - 1.0)
}

/// On how many bars any of the trades was open at any moment.
pub(super) fn exposed_bars(trades: &[Trade]) -> usize {
    let mut spans: Vec<(usize, usize)> = trades.iter().map(|trade| (trade.entry_bar, trade.exit_bar + 1)).collect();
    spans.sort_unstable();
    let mut covered = 0;
    let exposed = |(entry, end): (usize, usize)| {
        let new = end.saturating_sub(entry.max(covered));
        covered = covered.max(end);
        new
    };
    spans.into_iter().map(exposed).sum()
}
