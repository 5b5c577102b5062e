//! Random rules with orders that wait, additions and parts, on prices as traded and on the same prices adjusted for
//! splits: the broker that splits positions and orders must trade as the one that sees no splits.
//!
//! Splits are powers of two, by which floating point divides exactly: every bit must agree.

use timeweave::backtest::{
    Accrual, Backtest, Entry, Feed, Policies, Request, RequestAction, Size, Trade, Trigger, replay,
};
use timeweave::data::{Bars, Field};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, GoodFor};
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::cases::{Case, LENGTH, case};
use crate::broker::play::node;
use crate::random::daily;

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
fn sized(mut case: Case, bars: &Bars) -> Backtest {
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

/// Random orders on three instruments whose bars open at different times, some of which are adjusted for splits.
struct Orders {
    feeds: Vec<Bars>,
    requests: Vec<Request>,
}

fn orders(seed: u64, as_traded: bool) -> Orders {
    let mut state = seed;
    let mut roll = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut feeds, mut requests) = (Vec::new(), Vec::new());
    for instrument in 0..3 {
        let source = daily(seed * 3 + instrument as u64, LENGTH);
        let splits = splits(seed * 3 + instrument as u64);
        let later = |bar: usize| if as_traded { splits[bar + 1..].iter().product::<f64>() } else { 1.0 };
        let restated: Vec<f64> = (0..LENGTH).map(later).collect();
        let fields = Field::ALL.map(|field| -> Vec<f64> {
            let column = source.field(field).iter().zip(&restated);
            match field {
                Field::Volume => column.map(|(_, shares)| 400.0 / shares).collect(),
                _ => column.map(|(price, shares)| price * shares).collect(),
            }
        });
        let opens = |bar: usize| (bar as i64 * 24 + [0, 8, 0][instrument]) * 3_600 * Timestamp::SECOND;
        let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, (0..LENGTH).map(opens).collect(), fields).unwrap();
        for (bar, &shares) in restated.iter().enumerate() {
            let close = source.field(Field::Close)[bar];
            let mut price = |spread: f64| close * (1.0 + (roll() - 0.5) * spread) * shares;
            let [first, second, stop, target] = [price(0.06), price(0.06), price(0.2), price(0.2)];
            let trigger = match roll() {
                r if r < 0.4 => Trigger::Market,
                r if r < 0.55 => Trigger::Limit(first),
                r if r < 0.7 => Trigger::Stop(first),
                r if r < 0.8 => Trigger::StopLimit { stop: first, limit: second },
                _ => Trigger::Trailing { distance: 2.0 * shares, stop: first },
            };
            let side = if roll() < 0.6 { Side::Long } else { Side::Short };
            let size = if roll() < 0.5 { Size::Units(50.0 * roll() / shares) } else { Size::FreeMargin(0.3) };
            let [stop, target] = [stop, target].map(|price| Some(price).filter(|_| roll() < 0.3));
            let enter = Entry { size, trigger, stop, target, good_for: GoodFor::Bars(5), ..Entry::market(side, 1.0) };
            let action = match roll() {
                r if r < 0.15 => RequestAction::Enter(enter),
                r if r < 0.22 => RequestAction::Close(if roll() < 0.5 { 1.0 } else { 0.5 }),
                _ => continue,
            };
            requests.push(Request { instrument, bar, action });
        }
        feeds.push(if as_traded { bars.with_column("split_factor", splits).unwrap() } else { bars });
    }
    Orders { feeds, requests }
}

fn replayed(Orders { feeds, requests }: &Orders, policies: Policies) -> Backtest {
    let feed = |(name, bars)| Feed::new(format!("test/{name}").parse().unwrap(), bars);
    let feeds: Vec<Feed<'_>> = ["A", "B", "C"].iter().zip(feeds).map(feed).collect();
    let backtest = replay(policies, &feeds, requests).unwrap();
    backtest.check_books().unwrap();
    backtest
}

fn policies(seed: u64) -> Policies {
    let costs = Costs {
        commission: 0.001,
        slippage: 0.0005,
        borrow: 0.1,
        interest: 0.02,
        margin_interest: 0.05,
        volume_limit: Some(0.1).filter(|_| seed.is_multiple_of(2)),
        ..Costs::default()
    };
    let account = Account { cash: 10_000.0, leverage: [1.0, 2.0][seed as usize % 3 / 2], ..Account::default() };
    let fill = if seed.is_multiple_of(5) { Fill::SameClose } else { Fill::NextOpen };
    Policies { costs, account, fill, ..Policies::default() }
}

#[test]
fn splits_of_several_instruments_change_nothing_for_the_account() {
    let mut trades = 0;
    for seed in 0..400 {
        let [ours, theirs] = [true, false].map(|as_traded| replayed(&orders(seed, as_traded), policies(seed)));
        assert_eq!(ours.equity, theirs.equity, "seed {seed}");
        assert_eq!((ours.cash, ours.accruals, ours.refused), (theirs.cash, theirs.accruals, theirs.refused));
        assert_eq!((ours.commission, ours.slippage), (theirs.commission, theirs.slippage), "seed {seed}");
        let told = |trades: &[Trade]| -> Vec<_> {
            trades
                .iter()
                .map(|t| (t.instrument, t.entry_bar, t.exit_bar, t.profit.to_bits(), t.reason.clone()))
                .collect()
        };
        assert_eq!(told(&ours.trades), told(&theirs.trades), "seed {seed}");
        trades += ours.trades.len();
    }
    assert!(trades > 4_000, "{trades}");
}

#[test]
fn no_split_or_dividend_is_known_before_its_bar() {
    for seed in 0..60 {
        let mut all = orders(seed, true);
        all.feeds = all
            .feeds
            .into_iter()
            .enumerate()
            .map(|(place, bars)| {
                let pays =
                    |bar: usize| if (bar + place).is_multiple_of(9) { bars.field(Field::Low)[bar] / 20.0 } else { 0.0 };
                let dividends: Vec<f64> = (0..LENGTH).map(pays).collect();
                bars.with_column("dividend", dividends).unwrap()
            })
            .collect();
        let full = replayed(&all, policies(seed));
        for end in [20, 41, 62] {
            let feeds = all.feeds.iter().map(|bars| bars.slice(0..end)).collect();
            let requests = all.requests.iter().copied().filter(|request| request.bar < end).collect();
            let short = replayed(&Orders { feeds, requests }, policies(seed));
            let paid = |backtest: &Backtest, steps: usize| -> Vec<Accrual> {
                backtest.accruals.iter().copied().filter(|accrual| accrual.bar < steps).collect()
            };
            // All but the last bars, whose positions are closed because the data end.
            let steps = short.equity.len() - 4;
            assert_eq!(short.equity[..steps], full.equity[..steps], "seed {seed}, {end} bars");
            assert_eq!(paid(&short, steps), paid(&full, steps), "seed {seed}, {end} bars");
        }
    }
}
