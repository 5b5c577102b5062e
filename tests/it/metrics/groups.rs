//! Trades in groups, by month and by year: against a slow and obvious way, over made-up trades.

use chrono::Datelike;
use timeweave::backtest::{Backtest, ExitReason, Trade};
use timeweave::metrics::{Group, Metrics};
use timeweave::node::Side;
use timeweave::time::Timestamp;

use super::backtest;

/// Three years of days and a bit, and a trade every week: long and short, won and lost, by three exits.
fn made_up() -> Backtest {
    let equity: Vec<f64> = (0..1_110).map(|day| 100.0 + f64::from(day % 37) - f64::from(day % 11)).collect();
    let mut backtest = backtest(&equity);
    let trade = |number: usize| {
        let (entry_bar, exit_bar) = (number * 7, number * 7 + number % 5);
        let profit = [3.0, -2.0, 0.0, 1.5, -1.0][number % 5] * (1.0 + number as f64 / 50.0);
        Trade {
            instrument: 0,
            side: if number % 3 == 0 { Side::Short } else { Side::Long },
            units: 2.0,
            entry_bar,
            exit_bar,
            entry_time: backtest.timestamps[entry_bar],
            exit_time: backtest.timestamps[exit_bar],
            entry_price: 50.0,
            exit_price: 50.0 + profit / 2.0,
            commission: 0.0,
            profit,
            profit_fraction: profit / 100.0,
            adverse_excursion: -0.01 * (number % 4) as f64,
            favourable_excursion: 0.02 * (number % 3) as f64,
            reason: [ExitReason::Signal, ExitReason::Exit("stop_loss".into()), ExitReason::EndOfData][number % 3]
                .clone(),
            ambiguous: false,
        }
    };
    backtest.trades = (0..150).map(trade).collect();
    backtest
}

fn close(ours: Option<f64>, by_hand: f64) {
    assert!((ours.unwrap() - by_hand).abs() < 1e-12, "{ours:?} {by_hand}");
}

#[test]
fn groups_are_the_trades_that_have_it_in_common() {
    let backtest = made_up();
    let metrics = Metrics::of(&backtest);
    let check = |groups: &[Group], name: &str, belongs: &dyn Fn(&Trade) -> bool| {
        let group = groups.iter().find(|group| group.name == name).unwrap();
        let trades: Vec<&Trade> = backtest.trades.iter().filter(|trade| belongs(trade)).collect();
        let count = trades.len() as f64;
        let sum = |of: &dyn Fn(&Trade) -> f64| trades.iter().map(|trade| of(trade)).sum::<f64>();
        assert_eq!(group.trades, trades.len());
        close(Some(group.profit), sum(&|trade| trade.profit));
        close(group.win_rate, sum(&|trade| f64::from(trade.profit > 0.0)) / count);
        close(group.expectancy, sum(&|trade| trade.profit) / count);
        close(group.expectancy_fraction, sum(&|trade| trade.profit_fraction) / count);
        close(group.profit_factor, sum(&|trade| trade.profit.max(0.0)) / -sum(&|trade| trade.profit.min(0.0)));
        close(group.average_holding_bars, sum(&|trade| (trade.exit_bar - trade.entry_bar) as f64) / count);
        close(group.average_holding_days, sum(&|trade| (trade.exit_bar - trade.entry_bar) as f64) / count);
        let (worst, best) = (sum(&|trade| trade.adverse_excursion), sum(&|trade| trade.favourable_excursion));
        close(group.average_adverse_excursion, worst / count);
        close(group.average_favourable_excursion, best / count);
        match best {
            0.0 => assert_eq!(group.edge_ratio, Some(0.0)),
            _ => close(group.edge_ratio, best / -worst),
        }
    };
    check(&metrics.by_side, "long", &|trade| trade.side == Side::Long);
    check(&metrics.by_side, "short", &|trade| trade.side == Side::Short);
    check(&metrics.by_exit, "signal", &|trade| trade.reason == ExitReason::Signal);
    check(&metrics.by_exit, "stop_loss", &|trade| trade.reason == ExitReason::Exit("stop_loss".into()));
    check(&metrics.by_exit, "end_of_data", &|trade| trade.reason == ExitReason::EndOfData);
    check(&metrics.by_instrument, "us_equities/AAPL", &|_| true);
    assert_eq!((metrics.by_side.len(), metrics.by_exit.len(), metrics.by_instrument.len()), (2, 3, 1));
    close(metrics.trading.edge_ratio, metrics.by_instrument[0].edge_ratio.unwrap());
    assert_eq!((metrics.trading.longest_holding_bars, metrics.trading.longest_holding_days), (Some(4), Some(4.0)));
}

#[test]
fn every_bar_and_trade_is_in_one_month_and_one_year() {
    let backtest = made_up();
    let metrics = Metrics::of(&backtest);
    assert_eq!((metrics.by_year.len(), metrics.by_month.len()), (4, 37));
    for periods in [&metrics.by_year, &metrics.by_month] {
        assert_eq!(periods.iter().map(|period| period.bars).sum::<usize>(), backtest.equity.len());
        assert_eq!(periods.iter().map(|period| period.trades).sum::<usize>(), backtest.trades.len());
        let growth: f64 = periods.iter().map(|period| 1.0 + period.total_return.unwrap()).product();
        close(Some(growth - 1.0), metrics.performance.total_return);
        let profit: f64 = periods.iter().map(|period| period.profit).sum();
        close(Some(profit), backtest.trades.iter().map(|trade| trade.profit).sum());
        for period in periods {
            let within = |time: Timestamp| {
                let date = time.date();
                date.year() == period.year && period.month.is_none_or(|month| month == date.month())
            };
            assert_eq!(period.trades, backtest.trades.iter().filter(|trade| within(trade.exit_time)).count());
            let last = backtest.timestamps.iter().rposition(|time| within(*time)).unwrap();
            let first = backtest.timestamps.iter().position(|time| within(*time)).unwrap();
            let before = if first == 0 { 100.0 } else { backtest.equity[first - 1] };
            close(period.total_return, backtest.equity[last] / before - 1.0);
            let mut highest = before;
            let mut deepest = 0.0_f64;
            for value in &backtest.equity[first..=last] {
                highest = highest.max(*value);
                deepest = deepest.min(value / highest - 1.0);
            }
            close(Some(period.maximum_drawdown), deepest);
        }
    }
}
