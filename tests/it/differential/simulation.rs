//! A strategy whose exits, levels and sizes look at the position, and a slow simulation of it that works the
//! figures out anew on every bar.

use std::slice;

use timeweave::backtest::{Backtest, ExitReason, Trade};
use timeweave::data::{Bars, Field};
use timeweave::expr::{Argument, BarsRef, Condition, Given, Level, Series};
use timeweave::node::{Inputs, Kind, Parameter, Refusal, Registry, Side, Sizer, SizerNode, SizingContext, Spec};
use timeweave::pipeline::Evaluated;
use timeweave::plan::Plan;
use timeweave::run::{InstrumentBars, Keep};
use timeweave::standard_registry;
use timeweave::strategy::{Fill, Strategy};
use timeweave::time::Timeframe;

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

pub fn registry() -> Registry {
    let mut registry = standard_registry().unwrap();
    registry.add_sizer(COUNTED).unwrap();
    registry
}

/// What a random strategy says.
pub struct Rules {
    pub long: Condition,
    pub short: Condition,
    pub leave: Condition,
    /// Set once, at the fill.
    pub stop: Option<Series>,
    /// A distance from the entry price, set once.
    pub target: Option<Series>,
    /// Set anew at each close.
    pub moving: Option<Series>,
    pub units: Series,
    pub fill: Fill,
    pub slippage: f64,
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
        let mut strategy = Strategy::declare(registry, "random", record, None).unwrap();
        (strategy.fill, strategy.costs.slippage) = (self.fill, self.slippage);
        strategy
    }

    pub fn backtest(&self, registry: &Registry, bars: &InstrumentBars) -> Backtest {
        let strategy = self.strategy(registry);
        let plan = Plan::new(&strategy, registry).unwrap();
        let evaluation = columns(&plan, slice::from_ref(bars), Keep::Results);
        let evaluated = Evaluated { strategy, plan, evaluation, models: vec![], inputs: vec![].into() };
        evaluated.simulate(registry).unwrap()
    }
}

/// A trade: side, units, entry bar, exit bar, exit price, why.
pub type Round = (Side, u64, usize, usize, u64, ExitReason);

pub fn rounds(backtest: &Backtest) -> Vec<Round> {
    let round = |trade: &Trade| {
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
    /// The first bar that it is held through.
    first_bar: usize,
    entry_price: f64,
    /// With the exits that set them.
    stops: Vec<(&'static str, f64)>,
    target: Option<f64>,
}

/// One instrument, one bar after the other.
struct Simulation<'a> {
    rules: &'a Rules,
    slow: Slow<'a>,
    bars: &'a Bars,
}

impl Simulation<'_> {
    /// The figures of a position at the close of a bar; at the fill where there is none.
    fn figures(&self, side: Side, entry_price: f64, first_bar: usize, close: Option<usize>) -> [f64; 8] {
        let sign = if side == Side::Long { 1.0 } else { -1.0 };
        let mut seen = vec![entry_price];
        let (mut held, mut last) = (0, entry_price);
        if let Some(close) = close {
            for bar in first_bar..=close {
                seen.extend([self.bars.field(Field::High)[bar], self.bars.field(Field::Low)[bar]]);
            }
            (held, last) = (close - first_bar + 1, self.bars.field(Field::Close)[close]);
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

    /// The price of a fill at market.
    fn at_market(&self, buying: bool, price: f64) -> f64 {
        price * if buying { 1.0 + self.rules.slippage } else { 1.0 - self.rules.slippage }
    }

    /// What is held after the fill of an order that was made at the close of `signal`; nothing where it is
    /// refused.
    fn open(&self, side: Side, signal: usize) -> Option<Held> {
        let (entry_bar, price) = match self.rules.fill {
            Fill::NextOpen => (signal + 1, self.bars.field(Field::Open)[signal + 1]),
            Fill::SameClose => (signal, self.bars.field(Field::Close)[signal]),
        };
        let (first_bar, entry_price) = (signal + 1, self.at_market(side == Side::Long, price));
        let figures = self.figures(side, entry_price, first_bar, None);
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
        Some(Held { side, units, entry_bar, first_bar, entry_price, stops, target })
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
            // A target is a limit: it fills at its price. All else fills at market.
            let price = match reason == ExitReason::Exit("take_profit".into()) {
                true => price,
                false => self.at_market(held.side == Side::Short, price),
            };
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
            entering = enter.filter(|side| held.as_ref().is_none_or(|held| held.side != *side));
            if let Some(held) = &mut held {
                let figures = self.figures(held.side, held.entry_price, held.first_bar, Some(bar));
                if let Some(moving) = &self.rules.moving {
                    let price = self.number(moving, figures, bar);
                    let stops = held.stops.iter_mut().filter(|(name, _)| *name == "stop_at" && price.is_finite());
                    stops.for_each(|(_, stop)| *stop = price);
                }
                if self.holds(&self.rules.leave, figures, bar) {
                    leaving = Some(ExitReason::Exit("exit_when".into()));
                } else if entering.is_some() {
                    leaving = Some(ExitReason::Reversal);
                }
            }
            if self.rules.fill == Fill::SameClose {
                if let Some(reason) = leaving.take() {
                    end(held.take().unwrap(), bar, close[bar], reason);
                }
                if let Some(side) = entering.take() {
                    held = self.open(side, bar);
                }
            }
        }
        rounds
    }
}

/// Compares a backtest with the slow simulation; gives the trades.
pub fn compare(rules: &Rules, registry: &Registry, bars: &InstrumentBars) -> Result<Vec<Round>, String> {
    let backtest = rules.backtest(registry, bars);
    let base = bars.at(Timeframe::DAY).unwrap();
    let slow = Simulation { rules, slow: Slow::new(registry, bars), bars: base }.run();
    let rounds = rounds(&backtest);
    match (0..rounds.len().max(slow.len())).find(|index| rounds.get(*index) != slow.get(*index)) {
        Some(index) => Err(format!("trade {index} is {:?}, not {:?}", rounds.get(index), slow.get(index))),
        None => Ok(rounds),
    }
}
