//! What must hold for any bars, any orders and any rules.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use timeweave::backtest::{
    Accrual, Backtest, Entry, EntryOrder, ExitReason, Feed, Market, Policies, Request, RequestAction, Setup,
    SideSignals, Size, Trade, Trigger, replay, simulate,
};
use timeweave::data::Field::Close;
use timeweave::data::{Bars, Column, Field};
use timeweave::expr::{Argument, Condition, Level, OrderPrice, Series};
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Fill, GoodFor, ImpactModel, Intrabar, Matching, Tier, Tiers};
use timeweave::time::Timestamp;

use super::play::node;
use super::rules::{bars_with_volume, call, registry};

/// Bars on strictly increasing days with gaps, a walk of moves and wicks, some without volume.
pub(super) fn any_bars() -> impl Strategy<Value = Bars> {
    let volume = prop::sample::select(vec![0.0, 20.0, 200.0, 1e6]);
    let row = (1_i64..4, -0.2_f64..0.2, -0.2_f64..0.2, 0.0_f64..0.1, 0.0_f64..0.1, volume);
    prop::collection::vec(row, 2..60).prop_map(|rows| {
        let (mut day, mut last) = (0, 100.0_f64);
        let mut days = Vec::new();
        let (mut prices, mut volumes) = (Vec::new(), Vec::new());
        for (step, gap, change, up, down, volume) in rows {
            day += step;
            let open = last * (1.0 + gap);
            let close = open * (1.0 + change);
            last = close.clamp(1.0, 1e6);
            let close = last;
            days.push(day);
            volumes.push(volume);
            prices.push([open, open.max(close) * (1.0 + up), open.min(close) * (1.0 - down), close]);
        }
        bars_with_volume(&days, &prices, &volumes)
    })
}

/// What fills cost, nothing at all in half of the cases.
fn any_costs() -> impl Strategy<Value = Costs> {
    let commission = (0.0_f64..0.01, 0.0_f64..5.0, 0.0_f64..0.1, 0.0_f64..10.0, any::<bool>());
    let price = (0.0_f64..0.01, 0.0_f64..0.01, prop::sample::select(vec![0.0, 0.2]), any_model());
    (commission, price, any::<bool>()).prop_map(|(commission, price, free)| {
        let (proportional, fixed, per_unit, minimum, tiers) = commission;
        let (spread, slippage, impact, impact_model) = price;
        let tier = |above| Tier { above, commission: proportional / 2.0, commission_per_unit: 0.0 };
        let costs = Costs {
            commission: proportional,
            commission_fixed: fixed,
            commission_per_unit: per_unit,
            commission_minimum: minimum,
            tiers: if tiers { Tiers::new(&[tier(5_000.0), tier(50_000.0)]).unwrap() } else { Tiers::default() },
            spread,
            slippage,
            impact,
            impact_model,
            ..Costs::default()
        };
        if free { Costs::default() } else { costs }
    })
}

fn any_model() -> impl Strategy<Value = ImpactModel> {
    prop::sample::select(vec![ImpactModel::SquareRoot, ImpactModel::Linear, ImpactModel::Quadratic])
}

/// Those, with what holding costs and a limit on the share of the volume.
fn any_holding_costs() -> impl Strategy<Value = Costs> {
    let rate = || prop::sample::select(vec![0.0, 0.0, 0.5]);
    let funding = prop::sample::select(vec![0.0, 0.0, 0.002, -0.002]);
    let limit = prop::sample::select(vec![None, None, Some(0.1), Some(1.0)]);
    (any_costs(), rate(), rate(), rate(), funding, limit).prop_map(
        |(costs, borrow, interest, margin_interest, funding, volume_limit)| Costs {
            borrow,
            interest,
            margin_interest,
            funding,
            volume_limit,
            ..costs
        },
    )
}

fn any_account() -> impl Strategy<Value = Account> {
    let share = |share| prop::sample::select(vec![None, None, None, Some(share)]);
    let step = (prop::sample::select(vec![0.0, 0.1, 1.0]), prop::sample::select(vec![0.0, 0.0, 0.05]));
    let margin = prop::sample::select(vec![(0.5, 0.0), (1.0, 0.0), (1.0, 0.8), (3.0, 0.0), (3.0, 0.3)]);
    let caps = (prop::sample::select(vec![None, None, Some(1)]), share(0.3), share(0.9), share(0.6));
    (step, margin, caps, prop::sample::select(vec![0.0, 0.0, 500.0])).prop_map(
        |((lot, tick), (leverage, maintenance_margin), caps, minimum_notional)| {
            let (max_positions, max_position, max_gross, max_net) = caps;
            Account {
                cash: 10_000.0,
                lot,
                leverage,
                maintenance_margin,
                tick,
                minimum_notional,
                max_positions,
                max_position,
                max_gross,
                max_net,
            }
        },
    )
}

/// Our own rules in half of the cases, with every cost and cap; the presets' have those of their systems.
pub(super) fn any_policies() -> impl Strategy<Value = Policies> {
    let intrabar = prop::sample::select(vec![Intrabar::StopFirst, Intrabar::TargetFirst, Intrabar::NearestExtreme]);
    let matching = vec![Matching::BacktestingPy, Matching::Pine, Matching::VectorBt];
    let matching = prop::option::of(prop::sample::select(matching));
    (any_holding_costs(), any_account(), intrabar, matching, any::<bool>()).prop_map(
        |(costs, account, intrabar, matching, same_close)| {
            let fill = if same_close { Fill::SameClose } else { Fill::NextOpen };
            let Some(matching) = matching else {
                return Policies { costs, account, fill, intrabar, matching: Matching::Standard };
            };
            let Costs { commission, commission_fixed, commission_per_unit, commission_minimum, .. } = costs;
            let Costs { spread, slippage, .. } = costs;
            let fills = Costs { commission, commission_fixed, commission_per_unit, ..Costs::default() };
            let costs = Costs { commission_minimum, spread, slippage, ..fills };
            let Account { cash, lot, leverage, .. } = account;
            let account = Account { cash, lot, leverage, ..Account::default() };
            Policies { costs, account, fill, intrabar, matching }
        },
    )
}

fn any_requests() -> impl Strategy<Value = Vec<Request>> {
    let level = || prop::option::of(20.0_f64..200.0);
    let good_for = prop::sample::select(vec![GoodFor::Ever, GoodFor::Day, GoodFor::Bars(1), GoodFor::Bars(5)]);
    let order = (0..8, 20.0_f64..200.0, 0.9_f64..1.1, good_for, prop::option::of(0..2_usize));
    let action = (any::<bool>(), 0.5_f64..80.0, order, level(), level(), 0..12);
    let action = action.prop_map(|(buy, units, order, stop, target, kind)| match (kind, order) {
        (0, _) => RequestAction::Close(1.0),
        (1, _) => RequestAction::Close(0.4),
        (2, _) => RequestAction::Cancel,
        (_, (trigger, price, other, good_for, group)) => RequestAction::Enter(Entry {
            size: if kind == 3 { Size::FreeMargin(units / 80.0) } else { Size::Units(units) },
            trigger: match trigger {
                0 => Trigger::Limit(price),
                1 => Trigger::Stop(price),
                2 => Trigger::StopLimit { stop: price, limit: price * other },
                3 => Trigger::Trailing { distance: 10.0 * other, stop: price },
                _ => Trigger::Market,
            },
            good_for,
            group,
            stop,
            target,
            ..Entry::market(if buy { Side::Long } else { Side::Short }, units)
        }),
    });
    let request = (0..2_usize, 0..60_usize, action);
    prop::collection::vec(request.prop_map(|(instrument, bar, action)| Request { instrument, bar, action }), 0..25)
}

fn feeds<'a>(all: &'a [Bars; 2], ends: [usize; 2]) -> [Feed<'a>; 2] {
    let feed = |index: usize| Feed::new(["test/A", "test/B"][index].parse().unwrap(), &all[index]);
    [0, 1].map(|index| Feed { end: ends[index], ..feed(index) })
}

fn lengths(all: &[Bars; 2]) -> [usize; 2] {
    [all[0].len(), all[1].len()]
}

/// The instrument's own bar at a place on the timeline.
fn bar_at(all: &[Bars; 2], backtest: &Backtest, instrument: usize, step: usize) -> usize {
    let time = backtest.timestamps[step].0;
    all[instrument].timestamps().iter().position(|t| *t == time).expect("a fill happens on a bar of its instrument")
}

/// Whether orders at a close fill when the next bar is looked at.
fn fills_late(policies: &Policies) -> bool {
    policies.matching == Matching::BacktestingPy && policies.fill == Fill::SameClose
}

/// No fill lies outside its bar, before costs; nor do those of a bar take more than their share of its
/// volume.
fn check_fills(all: &[Bars; 2], backtest: &Backtest, policies: &Policies) {
    let Policies { costs, account, .. } = policies;
    if [costs.spread, costs.slippage, costs.impact, account.tick] == [0.0; 4] {
        check_prices(all, backtest, policies);
    }
    if let Some(share) = costs.volume_share() {
        check_volumes(all, backtest, share);
    }
}

fn check_volumes(all: &[Bars; 2], backtest: &Backtest, share: f64) {
    let mut filled = BTreeMap::new();
    for trade in &backtest.trades {
        let at_end = matches!(trade.reason, ExitReason::EndOfData | ExitReason::Delisted);
        for step in [trade.entry_bar].into_iter().chain((!at_end).then_some(trade.exit_bar)) {
            *filled.entry((trade.instrument, step)).or_insert(0.0) += trade.units;
        }
    }
    for ((instrument, step), units) in filled {
        let volume = all[instrument].field(Field::Volume)[bar_at(all, backtest, instrument, step)];
        assert!(units <= share * volume * (1.0 + 1e-9), "{units} of {volume} filled");
    }
}

fn check_prices(all: &[Bars; 2], backtest: &Backtest, policies: &Policies) {
    use timeweave::data::Field::{Close, High, Low};
    for trade in &backtest.trades {
        let mut fills = vec![(trade.entry_bar, trade.entry_price)];
        // At the end of the timeline an instrument may have no bar.
        if !matches!(trade.reason, ExitReason::EndOfData | ExitReason::Delisted) {
            fills.push((trade.exit_bar, trade.exit_price));
        }
        for (step, price) in fills {
            let (bars, bar) = (&all[trade.instrument], bar_at(all, backtest, trade.instrument, step));
            let (low, high) = (bars.field(Low)[bar], bars.field(High)[bar]);
            // Under backtesting.py's rules an order that is looked at on this bar may fill at the close
            // before it, and what that order closes may have been entered on this bar.
            let before = bar.checked_sub(1).map(|bar| bars.field(Close)[bar]);
            if fills_late(policies) && step == trade.exit_bar && Some(price) == before {
                continue;
            }
            assert!(low <= price && price <= high, "{price} outside {low}..{high}: {trade:?}");
        }
        assert!(trade.entry_bar <= trade.exit_bar);
        assert!(trade.adverse_excursion <= 0.0 && trade.favourable_excursion >= 0.0);
    }
}

/// What accrued is what the account held as each bar ended, worked out from its columns.
fn check_accruals(backtest: &Backtest, costs: &Costs) {
    const HOUR: i64 = Timestamp::DAY / 24;
    let mut booked = vec![Accrual::default(); backtest.timestamps.len()];
    backtest.accruals.iter().for_each(|accrual| booked[accrual.bar] = *accrual);
    for (bar, booked) in booked.iter().enumerate().skip(1) {
        let [before, now] = [bar - 1, bar].map(|bar| backtest.timestamps[bar].0);
        let hours = (before / HOUR + 1..=now / HOUR)
            .filter(|hour| costs.funding_hours.iter().any(|h| i64::from(h) == hour % 24));
        let years = (now / Timestamp::DAY - before / Timestamp::DAY) as f64 / 365.0;
        let (cash, net) = (backtest.cash[bar - 1], backtest.net_exposure[bar - 1]);
        let short = (backtest.exposure[bar - 1] - net) / 2.0;
        let expected = [
            (booked.borrow, costs.borrow * years * short),
            (booked.funding, costs.funding * hours.count() as f64 * net),
            (booked.interest, costs.interest * years * (cash - short).max(0.0)),
            (booked.margin_interest, costs.margin_interest * years * (-cash).max(0.0)),
        ];
        for (ours, theirs) in expected {
            assert!(
                (ours - theirs).abs() <= 1e-9 * backtest.initial_cash.max(theirs.abs()),
                "{ours} {theirs} on {bar}"
            );
        }
    }
}

/// What had ended before the truncated data's last instant is as it was, and so is the equity. Where
/// the account learns late of a fill, what had ended before the last bar of its instrument.
fn check_truncated(all: &[Bars; 2], ends: [usize; 2], whole: &Backtest, cut: &Backtest, policies: Policies) {
    let last = cut.timestamps.len().saturating_sub(1);
    let late = fills_late(&policies);
    let known = |trade: &Trade| match ends[trade.instrument].checked_sub(1) {
        Some(bar) if late => {
            trade.reason != ExitReason::EndOfData && trade.exit_time < all[trade.instrument].timestamp(bar)
        }
        None if late => false,
        _ => true,
    };
    let before = |backtest: &Backtest| -> Vec<_> {
        backtest.trades.iter().filter(|trade| trade.exit_bar < last && known(trade)).cloned().collect()
    };
    assert_eq!(before(whole), before(cut));
    assert_eq!(whole.equity[..last], cut.equity[..last]);
    assert_eq!(whole.timestamps[..last], cut.timestamps[..last]);
}

/// The bars of each instrument that open at or before one instant.
fn cut_at<const N: usize>(all: &[Bars; N], share: f64) -> [usize; N] {
    let mut instants: Vec<i64> = all.iter().flat_map(|bars| bars.timestamps().iter().copied()).collect();
    instants.sort_unstable();
    let instant = instants[((instants.len() - 1) as f64 * share) as usize];
    all.each_ref().map(|bars| bars.timestamps().partition_point(|t| *t <= instant))
}

/// Everything a strategy of this file's rules needs of one instrument.
struct Rules {
    flags: [Vec<bool>; 4],
    distance: Column,
    /// Now and then.
    holds: Column,
    /// Prices near the close, not known on some bars.
    prices: [Vec<f64>; 2],
}

fn rules(bars: &Bars, seed: u64) -> Rules {
    // Any sequence will do that depends on nothing but the bar.
    let noise = |bar: usize, salt: u64| {
        let x = (bar as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_add(salt);
        (x.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) % 100
    };
    let flags = [(1, 30), (2, 15), (3, 30), (4, 15)];
    let flags = flags.map(|(salt, share)| (0..bars.len()).map(|bar| noise(bar, salt) < share).collect());
    let distance = (0..bars.len()).map(|bar| if noise(bar, 5) < 5 { f64::NAN } else { noise(bar, 6) as f64 * 0.2 });
    let holds = (0..bars.len()).map(|bar| f64::from(noise(bar, 7) < 20)).collect();
    let price = |bar: usize, salt: u64| match noise(bar, salt) {
        0..5 => f64::NAN,
        noise => bars.field(Close)[bar] * (0.9 + 0.002 * noise as f64),
    };
    let prices = [8, 9].map(|salt| (0..bars.len()).map(|bar| price(bar, salt)).collect());
    Rules { flags, distance: distance.collect(), holds, prices }
}

/// How a side of any rules enters.
fn order(rules: &Rules, seed: u64) -> EntryOrder<'_> {
    let [first, second] = rules.prices.each_ref().map(Vec::as_slice);
    let price = match seed % 6 {
        0 => Some(OrderPrice::Limit(first)),
        1 => Some(OrderPrice::Stop(first)),
        2 => Some(OrderPrice::StopLimit { stop: first, limit: second }),
        3 => Some(OrderPrice::Trailing(&*rules.distance)),
        _ => None,
    };
    let good_for = [GoodFor::Ever, GoodFor::Day, GoodFor::Bars(3)][(seed / 6 % 3) as usize];
    EntryOrder { price, good_for, add: (seed / 18 % 3) as usize }
}

fn run_rules(all: &[Bars; 2], ends: [usize; 2], policies: Policies, seed: u64, size: usize) -> Backtest {
    let rules = [0, 1].map(|index| rules(&all[index], seed + index as u64));
    let distance = || Argument::Level(Level::Distance(Series::constant(1.0)));
    let exits = [
        call("stop_loss", distance()),
        call("take_profit", Argument::Level(Level::Percent(0.1))),
        call("trailing_stop", distance()),
        call("time_stop", 5),
        node("scale_out", [Argument::Percent(0.5), Argument::Level(Level::Percent(0.04))]),
        node("scale_out_when", [Argument::Percent(0.4), Condition::constant(true).into()]),
    ];
    let sizes = [
        call("percent", Argument::Percent(1.0)),
        call("risk", Argument::Percent(0.02)),
        call("units", 20.0),
        call("cash", 4_000.0),
    ];
    let markets = [0, 1].map(|index| {
        let [long, leave_long, short, leave_short] = &rules[index].flags;
        let (column, holds) = (|| vec![rules[index].distance.clone().into()], rules[index].holds.clone());
        let feed = feeds(all, ends)[index].clone();
        Market {
            feed,
            long: Some(SideSignals { enter: long, exit: Some(leave_long), order: order(&rules[index], seed) }),
            short: Some(SideSignals { enter: short, exit: Some(leave_short), order: order(&rules[index], seed / 54) }),
            exit_inputs: vec![column(), Vec::new(), column(), Vec::new(), Vec::new(), vec![holds.into()]],
            size_inputs: Vec::new(),
        }
    });
    let registry = registry();
    simulate(&Setup { registry: &registry, exits: &exits, size: &sizes[size], policies }, &markets).unwrap()
}

/// Bars on the same days for every seed, more than curves are drawn at once.
fn long_bars(seed: u64) -> Bars {
    let noise = |day: u64, salt: u64| (((day * 31 + seed * 7 + salt) * 0x9E37_79B9) >> 8) % 1000;
    let mut last = 100.0;
    let rows = (0..5_000_u64).map(|day| {
        let open = last;
        let close: f64 = open * (0.98 + noise(day, 1) as f64 * 4e-5);
        last = close.clamp(10.0, 1_000.0);
        let (up, down) = (1.0 + noise(day, 2) as f64 * 2e-5, 1.0 - noise(day, 3) as f64 * 2e-5);
        [open, open.max(last) * up, open.min(last) * down, last]
    });
    let rows: Vec<[f64; 4]> = rows.collect();
    bars_with_volume(&(0..5_000).collect::<Vec<_>>(), &rows, &[1e6; 5_000])
}

#[test]
fn broker_curves_of_long_markets_are_what_was_held_on_each_bar() {
    let all = [long_bars(1), long_bars(2)];
    for seed in [0, 3, 18, 57, 1_000_003] {
        let backtest = run_rules(&all, lengths(&all), Policies::default(), seed, 2);
        backtest.check_books().unwrap();
        assert!(backtest.trades.len() > 100 && backtest.trades.iter().any(|trade| trade.entry_bar > 4_000));
        for bar in 0..backtest.timestamps.len() {
            let (mut equity, mut net, mut gross) = (backtest.initial_cash, 0.0, 0.0);
            for trade in backtest.trades.iter().filter(|trade| trade.entry_bar <= bar) {
                if trade.exit_bar <= bar {
                    equity += trade.profit;
                    continue;
                }
                let value = trade.side.sign() * trade.units * all[trade.instrument].field(Close)[bar];
                equity += value - trade.side.sign() * trade.units * trade.entry_price;
                net += value;
                gross += value.abs();
            }
            let curves = [backtest.equity[bar], backtest.net_exposure[bar], backtest.exposure[bar]];
            for (curve, slow) in curves.into_iter().zip([equity, net, gross]) {
                assert!((curve - slow).abs() <= 1e-9 * backtest.initial_cash, "bar {bar}: {curve} {slow}");
            }
        }
        let buy_and_hold = |bar: usize| -> f64 {
            all.iter().map(|bars| backtest.initial_cash / 2.0 / bars.field(Close)[0] * bars.field(Close)[bar]).sum()
        };
        for (bar, drawn) in backtest.buy_and_hold.iter().enumerate() {
            assert!((drawn - buy_and_hold(bar)).abs() <= 1e-9 * drawn, "bar {bar}: {drawn}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broker_books_balance_for_any_orders(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(), share in 0.0_f64..1.0,
    ) {
        let all = [a, b];
        let backtest = replay(policies, &feeds(&all, lengths(&all)), &requests).unwrap();
        backtest.check_books().unwrap();
        check_fills(&all, &backtest, &policies);
        check_accruals(&backtest, &policies.costs);
        for trade in &backtest.trades {
            // Some order for this side was made before; on the bar before, where all are at market.
            let bar = bar_at(&all, &backtest, trade.instrument, trade.entry_bar);
            let at_once = usize::from(policies.fill == Fill::SameClose);
            let made = |request: &Request| match request.action {
                RequestAction::Enter(Entry { side, trigger, .. }) if request.instrument == trade.instrument => {
                    let acts = request.bar + 1 - if trigger == Trigger::Market { at_once } else { 0 };
                    let at_once = trigger == Trigger::Market && policies.costs.volume_share().is_none();
                    let in_time = if at_once { bar == acts } else { bar >= acts };
                    side == trade.side && in_time
                }
                _ => false,
            };
            prop_assert!(requests.iter().any(made), "{trade:?}");
        }
        let ends = cut_at(&all, share);
        let cut = replay(policies, &feeds(&all, ends), &requests).unwrap();
        check_truncated(&all, ends, &backtest, &cut, policies);
    }

    #[test]
    fn broker_books_balance_for_any_rules(
        a in any_bars(), b in any_bars(), policies in any_policies(), seed in 0..u64::MAX - 1, size in 0..4_usize,
        share in 0.0_f64..1.0,
    ) {
        let all = [a, b];
        let backtest = run_rules(&all, lengths(&all), policies, seed, size);
        backtest.check_books().unwrap();
        check_fills(&all, &backtest, &policies);
        check_accruals(&backtest, &policies.costs);
        // Where volume is short, a position fills over several bars.
        let at_once = policies.costs.volume_share().is_none();
        for trade in backtest.trades.iter().filter(|_| at_once) {
            // Rules are read at the close before the fill (at the same close, where asked).
            let bar = bar_at(&all, &backtest, trade.instrument, trade.entry_bar);
            let rules = rules(&all[trade.instrument], seed + trade.instrument as u64);
            let order = order(&rules, if trade.side == Side::Long { seed } else { seed / 54 });
            let [long, leave_long, short, leave_short] = &rules.flags;
            let (enter, exit) = if trade.side == Side::Long { (long, leave_long) } else { (short, leave_short) };
            let enters = |signal: usize| enter[signal] && !exit[signal];
            let same_close = policies.fill == Fill::SameClose;
            let has_signal = match order.price {
                None if same_close => enters(bar),
                None => bar > 0 && enters(bar - 1),
                // vectorbt does not heed every exit.
                Some(_) if policies.matching == Matching::VectorBt => (0..bar).any(enters),
                // It waited, and on no bar did its side's exit hold.
                Some(_) => (0..bar).rev().take_while(|bar| !exit[*bar]).any(enters),
            };
            prop_assert!(has_signal, "{trade:?}");
        }
        let per_instrument = |instrument| backtest.trades.iter().filter(move |trade| trade.instrument == instrument);
        for instrument in (0..2).filter(|_| at_once) {
            let apart = |a: &Trade, b: &Trade| a.exit_bar <= b.entry_bar || b.exit_bar <= a.entry_bar;
            let most = 1 + (seed / 18 % 3).max(seed / 54 / 18 % 3) as usize;
            for trade in per_instrument(instrument) {
                let fits = |other: &Trade| other.side == trade.side || apart(trade, other);
                prop_assert!(per_instrument(instrument).all(fits), "one side at a time: {trade:?}");
                let is_open = |other: &&Trade| (other.entry_bar..other.exit_bar).contains(&trade.entry_bar);
                let entries: BTreeSet<usize> =
                    per_instrument(instrument).filter(is_open).map(|other| other.entry_bar).collect();
                prop_assert!(entries.len() <= most, "{entries:?}");
            }
        }
        if policies.account.max_positions == Some(1) {
            for (a, b) in per_instrument(0).flat_map(|a| per_instrument(1).map(move |b| (a, b))) {
                prop_assert!(a.entry_bar >= b.exit_bar || b.entry_bar >= a.exit_bar, "{a:?} {b:?}");
            }
        }
        let ends = cut_at(&all, share);
        let cut = run_rules(&all, ends, policies, seed, size);
        check_truncated(&all, ends, &backtest, &cut, policies);
    }

    /// Of three numbers, the sum depends on which two come first: no future may say so.
    #[test]
    fn broker_the_past_of_three_instruments_hangs_on_no_future(
        all in [any_bars(), any_bars(), any_bars()], requests in any_requests(), share in 0.0_f64..1.0,
    ) {
        let requests: Vec<Request> =
            requests.iter().enumerate().map(|(n, request)| Request { instrument: n % 3, ..*request }).collect();
        let run = |ends: [usize; 3]| {
            let feed = |place: usize| {
                let name = ["test/A", "test/B", "test/C"][place].parse().unwrap();
                Feed { end: ends[place], ..Feed::new(name, &all[place]) }
            };
            replay(Policies::default(), &[feed(0), feed(1), feed(2)], &requests).unwrap()
        };
        let (whole, cut) = (run(all.each_ref().map(Bars::len)), run(cut_at(&all, share)));
        let last = cut.timestamps.len().saturating_sub(1);
        prop_assert_eq!(&whole.equity[..last], &cut.equity[..last]);
        prop_assert_eq!(&whole.exposure[..last], &cut.exposure[..last]);
    }

    #[test]
    fn broker_the_order_of_instruments_changes_nothing(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(),
    ) {
        let all = [a, b];
        let [first, second] = feeds(&all, lengths(&all));
        let swapped: Vec<Request> = requests.iter().map(|r| Request { instrument: 1 - r.instrument, ..*r }).collect();
        let backtest = replay(policies, &[first.clone(), second.clone()], &requests).unwrap();
        let mut other = replay(policies, &[second, first], &swapped).unwrap();
        other.trades.iter_mut().for_each(|trade| trade.instrument = 1 - trade.instrument);
        other.universe.reverse();
        other.refused.iter_mut().for_each(|refused| refused.instrument = refused.instrument.map(|place| 1 - place));
        other.refused.sort_unstable();
        // Buying and holding is a sum over the instruments in the order of their names: the same bits.
        prop_assert_eq!(backtest, other);
    }

    #[test]
    fn broker_cash_is_never_negative_without_leverage_and_shorts(
        a in any_bars(), b in any_bars(), policies in any_policies(), requests in any_requests(),
    ) {
        let mut policies = policies;
        policies.account.leverage = policies.account.leverage.min(1.0);
        // With these, a sale may cost more than it brings.
        (policies.costs.commission_fixed, policies.costs.commission_minimum) = (0.0, 0.0);
        if policies.matching == Matching::BacktestingPy {
            // It pays for the commission at the price without the spread.
            policies.costs.spread = 0.0;
        }
        // Funding is paid in cash, whether there is any or not.
        policies.costs.funding = 0.0;
        let long_only = |request: &&Request| !matches!(request.action, RequestAction::Enter(Entry { side: Side::Short, .. }));
        let requests: Vec<Request> = requests.iter().filter(long_only).copied().collect();
        let all = [a, b];
        let backtest = replay(policies, &feeds(&all, lengths(&all)), &requests).unwrap();
        prop_assert!(backtest.cash.iter().all(|cash| *cash >= 0.0), "{:?}", backtest.cash);
    }
}
