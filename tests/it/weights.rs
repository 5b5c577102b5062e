//! Target weights and rebalancing.

mod account;
mod looks;
mod peers;
mod script;
mod slow;
mod worked;

use timeweave::backtest::{Backtest, Feed, Holding, Policies, Trade, rebalance};
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::{Every, Rebalance};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Daily bars on these days since 1970, each with its open and its close.
fn daily(calendar: Calendar, rows: &[(i64, f64, f64)]) -> Bars {
    let column = |of: fn(&(i64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let days = rows.iter().map(|(day, ..)| day * Timestamp::DAY).collect();
    let fields = [
        column(|row| row.1),
        column(|row| row.1.max(row.2)),
        column(|row| row.1.min(row.2)),
        column(|row| row.2),
        vec![1e6; rows.len()],
    ];
    Bars::new(Timeframe::DAY, &calendar, days, fields).unwrap()
}

/// The same on consecutive days from the first of 1970 on, of a market that never closes.
fn days(rows: &[(f64, f64)]) -> Bars {
    let rows: Vec<(i64, f64, f64)> = (0..).zip(rows).map(|(day, (open, close))| (day, *open, *close)).collect();
    daily(Calendar::Continuous, &rows)
}

/// Every so many bars.
fn bars(count: usize) -> Rebalance {
    Rebalance { every: Every::Bars(count), drift: None }
}

/// Once in each period.
fn each(timeframe: Timeframe) -> Rebalance {
    Rebalance { every: Every::Period(timeframe), drift: None }
}

/// Holds weights of instruments that are called A, B, C and so on.
fn hold(policies: Policies, when: Rebalance, held: &[(&Bars, &[f64])]) -> Backtest {
    hold_in_order(policies, when, held, false)
}

/// The same, the universe named from its end where that is asked for.
fn hold_in_order(policies: Policies, when: Rebalance, held: &[(&Bars, &[f64])], turned: bool) -> Backtest {
    let mut holdings = Vec::new();
    for (name, (bars, weights)) in ('A'..).zip(held) {
        holdings.push(Holding { feed: Feed::new(format!("made/{name}").parse().unwrap(), bars), weights });
    }
    if turned {
        holdings.reverse();
    }
    let backtest = rebalance(policies, when, &holdings).unwrap();
    backtest.check_books().unwrap();
    backtest
}

/// A trade: its instrument, its side's sign times its units, its entry's bar and price, its exit's, and why.
type Row<'a> = (usize, f64, usize, f64, usize, f64, &'a str);

fn rows(backtest: &Backtest) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for trade in &backtest.trades {
        let Trade { instrument, entry_bar, entry_price, exit_bar, exit_price, .. } = *trade;
        let units = if trade.side == Side::Long { trade.units } else { -trade.units };
        rows.push((instrument, units, entry_bar, entry_price, exit_bar, exit_price, trade.reason.name()));
    }
    rows
}
