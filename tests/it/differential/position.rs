//! Exits, levels and sizes over figures of the position: random ones against a slow simulation, some by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::{Strategy as Generator, ValueTree};
use proptest::test_runner::TestRunner;
use timeweave::backtest::ExitReason;
use timeweave::data::Bars;
use timeweave::expr::{BarsRef, Condition, PositionFigure, Series, Unary};
use timeweave::node::{Registry, Side};
use timeweave::run::InstrumentBars;
use timeweave::strategy::Fill;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::super::random::{Tree, Truth, daily, of_position, rules, trees, truths, with_weeks};
use super::simulation::{Rules, compare, registry};

/// A price within some percents of the entry price; not known where the expression is not.
fn near(expression: &Series) -> Series {
    let entry: Series = PositionFigure::EntryPrice.into();
    entry * (expression.unary(Unary::HyperbolicTangent) * 0.05 + 1.0)
}

/// What a random strategy is made of.
#[derive(Clone, Debug)]
struct Parts {
    long: Truth,
    short: Truth,
    leave: Truth,
    levels: [Tree; 4],
    which: [bool; 3],
    same_close: bool,
    seed: u64,
    length: usize,
}

fn parts() -> impl Generator<Value = Parts> {
    let levels = || [of_position(), of_position(), of_position(), of_position()];
    let signals = || truths(trees(), true);
    let market = (any::<bool>(), any::<u64>(), 1..140_usize);
    (signals(), signals(), rules(), levels(), any::<[bool; 3]>(), market).prop_map(
        |(long, short, leave, levels, which, (same_close, seed, length))| Parts {
            long,
            short,
            leave,
            levels,
            which,
            same_close,
            seed,
            length,
        },
    )
}

impl Parts {
    fn bars(&self) -> InstrumentBars {
        with_weeks(daily(self.seed, self.length))
    }

    /// A random rule to leave, and nothing else.
    fn leaving(&self, registry: &Registry) -> Rules {
        let never = BarsRef::new(Timeframe::DAY).close().lt(0.0);
        Rules {
            long: self.long.condition(registry, &[]) | never,
            short: self.short.condition(registry, &[]),
            leave: self.leave.condition(registry, &[]),
            stop: None,
            target: None,
            moving: None,
            units: Series::constant(1.0),
            fill: if self.same_close { Fill::SameClose } else { Fill::NextOpen },
            slippage: 0.0,
        }
    }

    /// Random stops, targets and sizes beside it.
    fn protected(&self, registry: &Registry) -> Rules {
        let [stop, target, moving, units] = self.levels.each_ref().map(|part| part.series(registry, &[]));
        let rules = self.leaving(registry);
        Rules {
            // One side or the other on every bar.
            short: !rules.long.clone(),
            leave: rules.leave & Series::from(PositionFigure::BarsHeld).gt(3.0),
            stop: self.which[0].then(|| near(&stop)),
            target: self.which[1].then(|| (near(&target) - PositionFigure::EntryPrice).unary(Unary::Absolute)),
            moving: self.which[2].then(|| near(&moving)),
            units: units.unary(Unary::HyperbolicTangent) + 2.0,
            slippage: 0.01,
            ..rules
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(500), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// A random rule over the position leaves on the first bar on which it holds, and no other.
    #[test]
    fn exits_over_the_position_agree_with_a_slow_simulation(parts in parts()) {
        let registry = registry();
        let compared = compare(&parts.leaving(&registry), &registry, &parts.bars());
        prop_assert!(compared.is_ok(), "{:?}", compared);
    }

    /// Stops, targets and sizes over the position are those of the fill; a moving stop is that of each close.
    #[test]
    fn levels_and_sizes_over_the_position_agree_with_a_slow_simulation(parts in parts()) {
        let registry = registry();
        let compared = compare(&parts.protected(&registry), &registry, &parts.bars());
        prop_assert!(compared.is_ok(), "{:?}", compared);
    }
}

/// What is random must not be nothing: positions are left for every reason.
#[test]
fn random_strategies_trade_and_leave_for_every_reason() {
    let registry = registry();
    let mut runner = TestRunner::deterministic();
    let mut reasons: BTreeMap<ExitReason, usize> = BTreeMap::new();
    for _ in 0..300 {
        let parts = parts().new_tree(&mut runner).unwrap().current();
        for round in compare(&parts.protected(&registry), &registry, &parts.bars()).unwrap() {
            *reasons.entry(round.5).or_default() += 1;
        }
    }
    let by = |name: &str| ExitReason::Exit(name.into());
    let all = [by("exit_when"), by("stop_loss"), by("take_profit"), by("stop_at"), ExitReason::Reversal];
    assert!(all.iter().all(|reason| reasons.get(reason).is_some_and(|count| *count > 50)), "{reasons:?}");
}

/// Daily bars from rows of open, high, low, close.
fn rows(rows: &[[f64; 4]]) -> InstrumentBars {
    let column = |field: usize| rows.iter().map(|row| row[field]).collect::<Vec<_>>();
    let timestamps = (0..rows.len() as i64).map(|day| day * Timestamp::DAY).collect();
    let fields = [column(0), column(1), column(2), column(3), vec![1.0; rows.len()]];
    let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, fields).unwrap();
    InstrumentBars::new("made/UP".parse().unwrap(), [bars])
}

/// Every figure by hand, at the close of the entry bar and of the one after it.
#[test]
fn the_figures_of_a_position_are_those_of_its_bars() {
    let bars = rows(&[
        [8.0, 8.0, 8.0, 8.0],
        [10.0, 12.0, 9.0, 11.0],
        [11.0, 15.0, 10.0, 14.0],
        [14.0, 16.0, 12.0, 13.0],
        [13.0, 13.0, 13.0, 13.0],
    ]);
    let day = BarsRef::new(Timeframe::DAY);
    let registry = registry();
    // In the order of `PositionFigure::ALL`.
    let long = [[10.0, 1.0, 12.0, 9.0, 0.1, 0.2, -0.1, 1.0], [10.0, 2.0, 15.0, 9.0, 0.4, 0.5, -0.1, 1.0]];
    let short = [[10.0, 1.0, 12.0, 9.0, -0.1, 0.1, -0.2, -1.0], [10.0, 2.0, 15.0, 9.0, -0.4, 0.1, -0.5, -1.0]];
    for (side, expected) in [(Side::Long, long), (Side::Short, short)] {
        for (bars_held, figures) in [1.0, 2.0].into_iter().zip(expected) {
            for (figure, value) in PositionFigure::ALL.into_iter().zip(figures) {
                let never = day.close().lt(0.0);
                let first = day.close().lt(8.5);
                let (enter_long, enter_short) = if side == Side::Long { (first, never) } else { (never, first) };
                let near = (Series::from(figure) - value).unary(Unary::Absolute).lt(1e-12);
                let rules = Rules {
                    long: enter_long,
                    short: enter_short,
                    leave: near & Series::from(PositionFigure::BarsHeld).gt(bars_held - 0.5),
                    stop: None,
                    target: None,
                    moving: None,
                    units: Series::constant(1.0),
                    fill: Fill::NextOpen,
                    slippage: 0.0,
                };
                let backtest = rules.backtest(&registry, &bars);
                let trade = &backtest.trades[0];
                let name = figure.name();
                assert_eq!((trade.entry_bar, trade.side), (1, side));
                assert_eq!(trade.exit_bar, 1 + bars_held as usize, "{name} after {bars_held} bars, {side:?}");
            }
        }
    }
}

/// A chandelier by hand: the stop is 3 below the highest price as of each close, and acts a bar later.
#[test]
fn a_moving_stop_follows_what_is_computed_at_each_close() {
    let bars = rows(&[
        [10.0, 10.0, 10.0, 10.0],
        [10.0, 12.0, 9.5, 12.0],  // at the fill 10 - 3 = 7; at the close 12 - 3 = 9
        [12.0, 20.0, 10.0, 19.0], // 9 is not reached, nor is 17, which is known only at the close
        [18.0, 19.0, 16.0, 18.0], // 17 is
        [18.0, 18.0, 6.0, 18.0],
    ]);
    let day = BarsRef::new(Timeframe::DAY);
    let registry = registry();
    let rules = |moving: Series| Rules {
        long: day.close().lt(11.0),
        short: day.close().lt(0.0),
        leave: Condition::constant(false),
        stop: None,
        target: None,
        moving: Some(moving),
        units: Series::constant(1.0),
        fill: Fill::NextOpen,
        slippage: 0.0,
    };
    let left = |moving: Series| {
        let backtest = rules(moving).backtest(&registry, &bars);
        backtest.trades.iter().map(|trade| (trade.entry_bar, trade.exit_bar, trade.exit_price)).collect::<Vec<_>>()
    };
    assert_eq!(left(Series::from(PositionFigure::Highest) - 3.0), [(1, 3, 17.0)]);
    // It steps back too: from the second bar on it is 5, which the fall to 6 does not reach; 9 it does.
    let late = || Series::from(PositionFigure::BarsHeld).gt(1.5);
    assert_eq!(left(late().select(5.0, 9.0)), [(1, 4, 18.0)]);
    assert_eq!(left(late().select(day.close() * f64::NAN, 9.0)), [(1, 4, 9.0)]);
    assert_eq!(left(Series::constant(9.5)), [(1, 1, 9.5)]);
    // A price on the wrong side of the market fills at the next open; one that is not known opens nothing.
    assert_eq!(left(Series::constant(11.0)), [(1, 1, 10.0)]);
    assert_eq!(left(day.close().shift(1)), []);
}
