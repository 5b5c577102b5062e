//! The figures of a run as people read them.

use crate::metrics::{Metrics, Performance};
use crate::report::format::{count, money, optional, percent, ratio, share, signed_ratio, tenths};

/// A figure, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is called.
    pub name: &'static str,
    /// The strategy's.
    pub strategy: String,
    /// That of buying and holding, where there is one.
    pub buy_and_hold: String,
    /// What it means.
    pub meaning: &'static str,
}

/// Whether a figure is money earned or lost, so that its sign is a judgement.
pub(super) fn is_gain(name: &str) -> bool {
    ["total return", "CAGR", "alpha", "expectancy"].contains(&name)
}

/// Every figure of a run, in the order in which people look for them.
pub fn figures(metrics: &Metrics) -> Vec<Figure> {
    let trading = &metrics.trading;
    let both = |name, meaning, figure: fn(&Performance) -> String| Figure {
        name,
        strategy: figure(&metrics.performance),
        buy_and_hold: figure(&metrics.buy_and_hold),
        meaning,
    };
    let own = |name, meaning, strategy| Figure { name, strategy, buy_and_hold: String::new(), meaning };
    let mut figures = vec![
        both("total return", "final equity over initial equity, less one", |p| percent(p.total_return)),
        both("CAGR", "compound growth a year", |p| optional(p.cagr, percent)),
        both("volatility", "standard deviation of the bars' returns, annualised", |p| optional(p.volatility, share)),
        both("Sharpe ratio", "mean return over its standard deviation, annualised; risk-free rate 0", |p| {
            optional(p.sharpe, ratio)
        }),
        both("Sortino ratio", "mean return over its downside deviation, annualised; target 0", |p| {
            optional(p.sortino, ratio)
        }),
        both("Calmar ratio", "CAGR over maximum drawdown", |p| optional(p.calmar, ratio)),
        both("maximum drawdown", "deepest fall of equity from its highest so far", |p| percent(p.maximum_drawdown)),
        both("drawdown duration", "days from the top of that fall until it was reached again, or to the end", |p| {
            format!("{} days", count(p.maximum_drawdown_days.max(0.0) as usize))
        }),
        own("alpha", "return a year beside what beta times buying and holding earned", {
            optional(metrics.benchmark.alpha, percent)
        }),
        own("beta", "how much equity moves with buying and holding", optional(metrics.benchmark.beta, signed_ratio)),
        own("exposure", "share of bars with an open position", optional(trading.exposure, share)),
        own("trades", "round trips: a position opened and closed", count(trading.trades)),
        own("win rate", "share of trades with a profit after costs", optional(trading.win_rate, share)),
        own(
            "profit factor",
            "profits of winning trades over losses of losing trades",
            optional(trading.profit_factor, ratio),
        ),
        own("expectancy", "mean profit of a trade after costs", optional(trading.expectancy, money)),
        own(
            "SQN",
            "mean profit over its deviation, times the root of the number of trades",
            optional(trading.sqn, signed_ratio),
        ),
        own("edge ratio", "best over worst that trades stood at, in the mean", optional(trading.edge_ratio, ratio)),
        own("average holding", "mean bars from entry to exit", {
            optional(trading.average_holding_bars, |bars| format!("{} bars", tenths(bars)))
        }),
        own("turnover a year", "value of all fills over mean equity", optional(trading.turnover, ratio)),
        own(
            "costs paid",
            "commission, spread, slippage, borrow fees, funding and margin interest",
            money(trading.costs),
        ),
    ];
    if trading.dividends != 0.0 {
        let meaning = "received for what was held, less what was paid for what was sold short";
        figures.push(own("dividends", meaning, money(trading.dividends)));
    }
    figures
}
