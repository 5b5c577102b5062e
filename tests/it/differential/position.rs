//! Exits, levels and sizes over figures of the position, against a slow simulation that works the figures
//! out anew on every bar.

use proptest::prelude::*;
use timeweave::backtest::{Backtest, ExitReason};
use timeweave::data::{Bars, Field};
use timeweave::expr::{Argument, BarsRef, Condition, Given, Level, PositionFigure, Series, Unary};
use timeweave::node::{Inputs, Kind, Parameter, Refusal, Registry, Side, Sizer, SizerNode, SizingContext, Spec};
use timeweave::pipeline::Evaluated;
use timeweave::plan::Plan;
use timeweave::run::{InstrumentBars, Keep};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::super::random::{daily, of_position, rules, trees, truths, with_weeks};
use super::slow::{Slow, Symbols};
use super::{columns, entry};

/// A sizer that trades as many units as a series says.
const COUNTED: SizerNode = SizerNode {
    spec: Spec {
        name: "counted",
        family: "sizer",
        doc: "",
        formula: "",
        inputs: Inputs::None,
        parameters: &[Parameter::required("units", Kind::Series, "how many")],
        outputs: &[],
        example: "",
        source: "",
    },
    sizer: |_| Ok(Box::new(Counted)),
};

struct Counted;

impl Sizer for Counted {
    fn units(&self, _: &SizingContext, inputs: &[f64]) -> Result<f64, Refusal> {
        Ok(inputs[0])
    }
}

fn registry() -> Registry {
    let mut registry = standard_registry().unwrap();
    registry.add_sizer(COUNTED).unwrap();
    registry
}

/// What a random strategy says.
struct Rules {
    long: Condition,
    short: Condition,
    leave: Condition,
    /// Set once, at the fill.
    stop: Option<Series>,
    /// A distance from the entry price, set once.
    target: Option<Series>,
    /// Set anew at each close.
    moving: Option<Series>,
    units: Series,
}

impl Rules {
    fn strategy(&self, registry: &Registry) -> Strategy {
        let exit = |name: &str, value: Argument| Given::from(registry.call(name, [value.into()], None).unwrap());
        let mut exits = vec![exit("exit_when", self.leave.clone().into())];
        exits.extend(self.stop.iter().map(|stop| exit("stop_loss", Level::Price(stop.clone()).into())));
        exits.extend(self.target.iter().map(|target| exit("take_profit", target.into())));
        exits.extend(self.moving.iter().map(|stop| exit("stop_at", stop.into())));
        let size = registry.call("counted", [(&self.units).into()], None).unwrap();
        let record = vec![
            entry("universe", "made/UP"),
            entry("long", vec![entry("enter", self.long.clone())]),
            entry("short", vec![entry("enter", self.short.clone())]),
            entry("exits", exits),
            entry("size", size),
        ];
        Strategy::declare(registry, "random", record, None).unwrap()
    }

    fn backtest(&self, registry: &Registry, bars: &InstrumentBars) -> Backtest {
        let strategy = self.strategy(registry);
        let plan = Plan::new(&strategy, registry).unwrap();
        let evaluation = columns(&plan, bars, Keep::Results);
        let evaluated = Evaluated { strategy, plan, evaluation, models: vec![], inputs: vec![] };
        evaluated.simulate(registry).unwrap()
    }
}

/// A trade: side, units, entry bar, exit bar, exit price, why.
type Round = (Side, u64, usize, usize, u64, ExitReason);

fn rounds(backtest: &Backtest) -> Vec<Round> {
    let round = |trade: &timeweave::backtest::Trade| {
        let (units, price) = (trade.units.to_bits(), trade.exit_price.to_bits());
        (trade.side, units, trade.entry_bar, trade.exit_bar, price, trade.reason.clone())
    };
    backtest.trades.iter().map(round).collect()
}

/// What is held.
struct Held {
    side: Side,
    units: f64,
    entry_bar: usize,
    entry_price: f64,
    /// With the exits that set them.
    stops: Vec<(&'static str, f64)>,
    target: Option<f64>,
}

/// One instrument, one bar after the other, without costs.
struct Simulation<'a> {
    rules: &'a Rules,
    slow: Slow<'a>,
    bars: &'a Bars,
}

impl Simulation<'_> {
    /// The figures of a position at the close of a bar; at the fill where there is none.
    fn figures(&self, side: Side, entry_price: f64, entry_bar: usize, close: Option<usize>) -> [f64; 8] {
        let sign = if side == Side::Long { 1.0 } else { -1.0 };
        let mut seen = vec![entry_price];
        let (mut held, mut last) = (0, entry_price);
        if let Some(close) = close {
            for bar in entry_bar..=close {
                seen.extend([self.bars.field(Field::High)[bar], self.bars.field(Field::Low)[bar]]);
            }
            (held, last) = (close - entry_bar + 1, self.bars.field(Field::Close)[close]);
        }
        let highest = seen.iter().copied().fold(f64::MIN, f64::max);
        let lowest = seen.iter().copied().fold(f64::MAX, f64::min);
        let gained = |price: f64| sign * (price / entry_price - 1.0);
        let (best, worst) = if side == Side::Long { (highest, lowest) } else { (lowest, highest) };
        [entry_price, held as f64, highest, lowest, gained(last), gained(best), gained(worst), sign]
    }

    fn number(&self, series: &Series, figures: [f64; 8], bar: usize) -> f64 {
        let symbols = Symbols { states: &[], position: &figures };
        self.slow.number_at(series, symbols, &BarsRef::new(Timeframe::DAY), bar)
    }

    fn holds(&self, condition: &Condition, figures: [f64; 8], bar: usize) -> bool {
        let symbols = Symbols { states: &[], position: &figures };
        self.slow.truth_at(condition, symbols, &BarsRef::new(Timeframe::DAY), bar)
    }

    /// What is held after a fill at the open of the bar after `signal`; nothing where it is refused.
    fn open(&self, side: Side, signal: usize) -> Option<Held> {
        let entry_price = self.bars.field(Field::Open)[signal + 1];
        let figures = self.figures(side, entry_price, signal + 1, None);
        let read = |series: &Series| self.number(series, figures, signal);
        let mut stops = Vec::new();
        for (name, series) in [("stop_loss", &self.rules.stop), ("stop_at", &self.rules.moving)] {
            let Some(series) = series else { continue };
            stops.push((name, Some(read(series)).filter(|price| price.is_finite())?));
        }
        let target = match &self.rules.target {
            None => None,
            Some(series) => {
                let distance = Some(read(series)).filter(|distance| distance.is_finite() && *distance >= 0.0)?;
                Some(if side == Side::Long { entry_price + distance } else { entry_price - distance })
            }
        };
        let units = Some(read(&self.rules.units)).filter(|units| *units > 0.0)?;
        Some(Held { side, units, entry_bar: signal + 1, entry_price, stops, target })
    }

    /// The price and the exit by which a bar ends a position.
    fn touched(&self, held: &Held, bar: usize) -> Option<(f64, &'static str)> {
        let [open, high, low] = [Field::Open, Field::High, Field::Low].map(|field| self.bars.field(field)[bar]);
        let long = held.side == Side::Long;
        // The stop that is reached first; of two at one price, the one that stands first.
        let nearer = |a: &f64, b: &f64| if long { b > a } else { b < a };
        let stop = held.stops.iter().copied().reduce(|a, b| if nearer(&a.1, &b.1) { b } else { a });
        let against = |price: f64, level: f64| if long { price <= level } else { price >= level };
        let with = |price: f64, level: f64| if long { price >= level } else { price <= level };
        let target = held.target.map(|price| ("take_profit", price));
        let (worst, best) = if long { (low, high) } else { (high, low) };
        match (stop, target) {
            (Some((name, level)), _) if against(open, level) => Some((open, name)),
            (_, Some((name, level))) if with(open, level) => Some((open, name)),
            (Some((name, level)), _) if against(worst, level) => Some((level, name)),
            (_, Some((name, level))) if with(best, level) => Some((level, name)),
            _ => None,
        }
    }

    fn run(&self) -> Vec<Round> {
        let day = BarsRef::new(Timeframe::DAY);
        let signal = |condition: &Condition| self.slow.seen(&self.slow.condition(condition), &day, 0.0);
        let (long, short) = (signal(&self.rules.long), signal(&self.rules.short));
        let (open, close) = (self.bars.field(Field::Open), self.bars.field(Field::Close));
        let mut rounds = Vec::new();
        let mut held: Option<Held> = None;
        let (mut leaving, mut entering): (Option<ExitReason>, Option<Side>) = (None, None);
        let mut end = |held: Held, bar: usize, price: f64, reason: ExitReason| {
            rounds.push((held.side, held.units.to_bits(), held.entry_bar, bar, price.to_bits(), reason));
        };
        for bar in 0..self.bars.len() {
            if let (Some(reason), Some(_)) = (leaving.take(), &held) {
                end(held.take().unwrap(), bar, open[bar], reason);
            }
            if let Some(side) = entering.take() {
                held = self.open(side, bar - 1);
            }
            if let Some((price, name)) = held.as_ref().and_then(|held| self.touched(held, bar)) {
                end(held.take().unwrap(), bar, price, ExitReason::Exit(name.into()));
            }
            if bar + 1 == self.bars.len() {
                if let Some(held) = held.take() {
                    end(held, bar, close[bar], ExitReason::EndOfData);
                }
                break;
            }
            let enter = match (long[bar] == 1.0, short[bar] == 1.0) {
                (true, false) => Some(Side::Long),
                (false, true) => Some(Side::Short),
                _ => None,
            };
            let Some(held) = &mut held else {
                entering = enter;
                continue;
            };
            let figures = self.figures(held.side, held.entry_price, held.entry_bar, Some(bar));
            if let Some(moving) = &self.rules.moving {
                let price = self.number(moving, figures, bar);
                let stops = held.stops.iter_mut().filter(|(name, _)| *name == "stop_at" && price.is_finite());
                stops.for_each(|(_, stop)| *stop = price);
            }
            let other = enter.filter(|side| *side != held.side);
            if self.holds(&self.rules.leave, figures, bar) {
                leaving = Some(ExitReason::Exit("exit_when".into()));
            } else if other.is_some() {
                leaving = Some(ExitReason::Reversal);
            }
            entering = other;
        }
        rounds
    }
}

/// A price within some percents of the entry price; not known where the expression is not.
fn near(expression: &Series) -> Series {
    let entry: Series = PositionFigure::EntryPrice.into();
    entry * (expression.unary(Unary::HyperbolicTangent) * 0.05 + 1.0)
}

/// Compares a backtest with the slow simulation.
fn compare(rules: &Rules, registry: &Registry, bars: &InstrumentBars) -> Result<usize, String> {
    let backtest = rules.backtest(registry, bars);
    let base = bars.at(Timeframe::DAY).unwrap();
    let slow = Simulation { rules, slow: Slow::new(registry, bars), bars: base }.run();
    let rounds = rounds(&backtest);
    match (0..rounds.len().max(slow.len())).find(|index| rounds.get(*index) != slow.get(*index)) {
        Some(index) => Err(format!("trade {index} is {:?}, not {:?}", rounds.get(index), slow.get(index))),
        None => Ok(rounds.len()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(500), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// A random rule over the position leaves on the first bar on which it holds, and no other.
    #[test]
    fn exits_over_the_position_agree_with_a_slow_simulation(
        long in truths(trees(), true),
        short in truths(trees(), true),
        leave in rules(),
        seed in any::<u64>(),
        length in 2..140_usize,
    ) {
        let registry = registry();
        let bars = with_weeks(daily(seed, length));
        let none = || BarsRef::new(Timeframe::DAY).close().lt(0.0);
        let rules = Rules {
            long: long.condition(&registry, &[]) | none(),
            short: short.condition(&registry, &[]),
            leave: leave.condition(&registry, &[]),
            stop: None,
            target: None,
            moving: None,
            units: Series::constant(1.0),
        };
        prop_assert!(compare(&rules, &registry, &bars).is_ok(), "{}", compare(&rules, &registry, &bars).unwrap_err());
    }

    /// Stops, targets and sizes over the position are those of the fill; a moving stop is that of each close.
    #[test]
    fn levels_and_sizes_over_the_position_agree_with_a_slow_simulation(
        long in truths(trees(), true),
        leave in rules(),
        parts in [of_position(), of_position(), of_position(), of_position()],
        which in any::<[bool; 3]>(),
        seed in any::<u64>(),
        length in 2..140_usize,
    ) {
        let registry = registry();
        let bars = with_weeks(daily(seed, length));
        let day = BarsRef::new(Timeframe::DAY);
        let [stop, target, moving, units] = parts.each_ref().map(|part| part.series(&registry, &[]));
        let long = long.condition(&registry, &[]) | day.close().lt(0.0);
        let rules = Rules {
            short: !long.clone(),
            long,
            leave: leave.condition(&registry, &[]) & Series::from(PositionFigure::BarsHeld).gt(3.0),
            stop: which[0].then(|| near(&stop)),
            target: which[1].then(|| (near(&target) - PositionFigure::EntryPrice).unary(Unary::Absolute)),
            moving: which[2].then(|| near(&moving)),
            units: units.unary(Unary::HyperbolicTangent) + 2.0,
        };
        prop_assert!(compare(&rules, &registry, &bars).is_ok(), "{}", compare(&rules, &registry, &bars).unwrap_err());
    }
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
