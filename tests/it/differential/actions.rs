//! Random rules with orders that wait, additions and parts, on prices as traded and on the same prices adjusted for
//! splits: the broker that splits positions and orders must trade as the one that sees no splits.
//!
//! Splits are powers of two, by which floating point divides exactly: every bit must agree.

use timeweave::backtest::Trade;
use timeweave::data::{Bars, Field};

use super::cases::{Case, LENGTH, case};
use crate::broker::play::node;

/// New shares for one old by bar.
fn splits(seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut roll = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    let split = |bar| match roll() % 100 {
        _ if bar == 0 => 1.0,
        0..8 => 2.0,
        8..13 => 0.25,
        _ => 1.0,
    };
    (0..LENGTH).map(split).collect()
}

/// A case whose every price is of the shares of its bar, and the splits.
struct AsTraded {
    case: Case,
    bars: Bars,
    splits: Vec<f64>,
    /// By bar, how many shares one of it is in the end.
    later: Vec<f64>,
}

fn as_traded(seed: u64) -> AsTraded {
    let mut case = case(seed);
    let splits = splits(seed);
    let later: Vec<f64> = (0..LENGTH).map(|bar| splits[bar + 1..].iter().product()).collect();
    let restated = |column: &[f64]| column.iter().zip(&later).map(|(price, later)| price * later).collect::<Vec<_>>();
    let bars = case.bars.clone().with_fields(|field, column| match field {
        Field::Volume => column.clone(),
        _ => restated(column).into(),
    });
    for side in [&mut case.long, &mut case.short] {
        side.at = side.at.as_ref().map(|at| at.map(|column| restated(column)));
    }
    case.stop = case.stop.map(|stop| restated(&stop));
    let bars = bars.with_column("split_factor", splits.clone()).unwrap();
    AsTraded { case, bars, splits, later }
}

/// A size that does not hang on what a share is.
fn sized(mut case: Case, bars: &Bars) -> timeweave::backtest::Backtest {
    case.lot = 0.0;
    let mut play = case.play();
    play.size = node("cash", [1000.0.into()]);
    play.run_on(bars)
}

#[test]
fn splits_change_no_trade() {
    let (mut over_splits, mut all) = (0, 0);
    for seed in 0..1_500 {
        let AsTraded { case: restated, bars, splits, later } = as_traded(seed);
        let ours = sized(restated, &bars);
        let adjusted = case(seed);
        let adjusted_bars = adjusted.bars.clone();
        let theirs = sized(adjusted, &adjusted_bars);
        assert_eq!(ours.equity, theirs.equity, "seed {seed}");
        assert_eq!(ours.buy_and_hold, theirs.buy_and_hold, "seed {seed}");
        assert_eq!(ours.refused, theirs.refused, "seed {seed}");
        let in_the_end = |trade: &Trade| {
            let shares = later[trade.exit_bar];
            let (entry_price, exit_price) = (trade.entry_price / shares, trade.exit_price / shares);
            Trade { units: trade.units * shares, entry_price, exit_price, ..trade.clone() }
        };
        let ours: Vec<Trade> = ours.trades.iter().map(in_the_end).collect();
        assert_eq!(ours, theirs.trades, "seed {seed}");
        let over = |trade: &&Trade| splits[trade.entry_bar + 1..=trade.exit_bar].iter().any(|split| *split != 1.0);
        over_splits += ours.iter().filter(over).count();
        all += ours.len();
    }
    assert!(over_splits > 2_000, "{over_splits} of {all} trades were held over a split");
}

#[test]
fn a_dividend_is_paid_on_what_was_held_before_its_bar() {
    let mut paid = [0, 0];
    for seed in 0..300 {
        let AsTraded { case: restated, bars, splits, .. } = as_traded(seed);
        let close = bars.field(Field::Close).to_vec();
        let dividends: Vec<f64> =
            (0..LENGTH).map(|bar| if (bar as u64 + seed) % 7 == 3 { close[bar] / 16.0 } else { 0.0 }).collect();
        let without = sized(as_traded(seed).case, &bars);
        let with = sized(restated, &bars.with_column("dividend", dividends.clone()).unwrap());
        let mut received = 0.0;
        for bar in 0..LENGTH {
            if bar > 0 {
                let units = without.net_exposure[bar - 1] / close[bar - 1] * splits[bar];
                received += units * dividends[bar];
                paid[usize::from(units < 0.0)] += usize::from(units != 0.0 && dividends[bar] != 0.0);
            }
            let difference = with.equity[bar] - without.equity[bar];
            assert!((difference - received).abs() < 1e-5, "seed {seed}, bar {bar}: {difference}, not {received}");
        }
        assert_eq!(with.trades, without.trades, "seed {seed}");
        let booked: f64 = with.accruals.iter().map(|accrual| accrual.dividends).sum();
        assert!((booked - received).abs() < 1e-9 * received.abs().max(1.0), "seed {seed}");
    }
    assert!(paid.iter().all(|count| *count > 300), "received and paid: {paid:?}");
}
