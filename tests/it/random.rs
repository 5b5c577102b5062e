//! Random markets and random expressions, for what must hold for all of them.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use timeweave::data::{Bars, Instrument};
use timeweave::expr::{
    Across, Argument, BarsRef, Binary, Comparison, Condition, Given, Pick, PositionFigure, Scan, Series, SeriesKind,
    Unary,
};
use timeweave::node::Registry;
use timeweave::run::InstrumentBars;
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// A random walk of daily bars on weekdays, with a few of them missing. Beside the five columns it has
/// `score`, which is unknown on many bars, and `void`, which is unknown on all.
pub fn daily(seed: u64, length: usize) -> Bars {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut timestamps, mut rows) = (Vec::new(), Vec::new());
    let mut price = 100.0;
    // 1970-01-05 was a Monday.
    for day in 4_i64.. {
        if timestamps.len() == length {
            break;
        }
        if matches!(day.rem_euclid(7), 2 | 3) || uniform() < 0.05 {
            continue;
        }
        timestamps.push(day * Timestamp::DAY);
        let open = price * (1.0 + 0.01 * (uniform() - 0.5));
        let close = open * (1.0 + 0.04 * (uniform() - 0.5));
        let high = open.max(close) * (1.0 + 0.01 * uniform());
        let low = open.min(close) * (1.0 - 0.01 * uniform());
        let score = if uniform() < 0.3 { f64::NAN } else { (8.0 * uniform()).floor() - 4.0 };
        rows.push([open, high, low, close, (1e6 * uniform()).floor(), score]);
        price = close;
    }
    let column = |index: usize| rows.iter().map(|row| row[index]).collect::<Vec<f64>>();
    let bars = Bars::new(Timeframe::DAY, &Calendar::Weekdays, timestamps, std::array::from_fn(column)).unwrap();
    bars.with_column("score", column(5)).unwrap().with_column("void", vec![f64::NAN; length]).unwrap()
}

/// An instrument that trades on other days than the traded one, and begins later.
pub fn other_instrument() -> Instrument {
    "made/OTHER".parse().unwrap()
}

/// Daily bars with the weekly ones that they make, beside those of [`other_instrument`], as far as these
/// have closed.
pub fn with_weeks(bars: Bars) -> InstrumentBars {
    let weekly = bars.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    let other = daily(1_234, 300);
    let last = bars.close_instants().last().copied().unwrap_or(i64::MIN);
    let closed = other.close_instants().partition_point(|close| *close <= last);
    let other = other.slice(7..closed);
    InstrumentBars::new("made/UP".parse().unwrap(), [bars, weekly]).with(other_instrument(), other)
}

/// Instruments that begin and end on different days, with their weeks; not in the order of their names. None has
/// a bar that closes after the first has ended.
pub fn universe(seed: u64, length: usize, count: usize) -> Vec<InstrumentBars> {
    let first = daily(seed, length);
    let last = first.close_instants().last().copied().unwrap_or(i64::MIN);
    let instrument = |(index, name): (usize, &str)| {
        let bars = if index == 0 { first.clone() } else { daily(seed.wrapping_add(77 * index as u64), length) };
        let closed = bars.close_instants().partition_point(|close| *close <= last);
        // The second begins late, the third ends early.
        let bars = match index {
            1 => bars.slice(length / 4..closed),
            2 => bars.slice(0..closed.min(length / 2)),
            _ => bars.slice(0..closed),
        };
        InstrumentBars { instrument: format!("made/{name}").parse().unwrap(), ..with_weeks(bars) }
    };
    ["MIDDLE", "UP", "DOWN"].into_iter().enumerate().take(count).map(instrument).collect()
}

/// Whose bars a random expression reads, and at which timeframe.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    Day,
    Week,
    Other,
}

impl Read {
    pub fn bars(self) -> BarsRef {
        match self {
            Read::Day => BarsRef::new(Timeframe::DAY),
            Read::Week => BarsRef::new(Timeframe::WEEK),
            Read::Other => BarsRef::of(other_instrument(), Timeframe::DAY),
        }
    }
}

/// A random number a bar.
#[derive(Clone, Debug)]
pub enum Tree {
    Column(Read, usize),
    Constant(f64),
    Unary(usize, Box<Tree>),
    Binary(usize, Box<[Tree; 2]>),
    Shift(usize, Box<Tree>),
    Select(Box<Truth>, Box<[Tree; 2]>),
    OfSeries(usize, i64, usize, Box<Tree>),
    OfBars(usize, usize, Read),
    /// Compared across instruments.
    Across(usize, Box<Tree>),
    /// A scan over states with their initial and next values, and which of them is read.
    Scan(Vec<(Tree, Tree)>, usize),
    /// In a scan: a state, one bar ago.
    State(usize),
    /// In an exit or a size: a figure of the position.
    Position(usize),
}

/// A random truth value a bar.
#[derive(Clone, Debug)]
pub enum Truth {
    Constant(bool),
    Compare(usize, Box<[Tree; 2]>),
    Crossed(bool, Box<[Tree; 2]>),
    And(Box<[Truth; 2]>),
    Or(Box<[Truth; 2]>),
    Not(Box<Truth>),
    Shift(usize, Box<Truth>),
    /// Among so many instruments with the highest values, or the lowest.
    Picked(bool, usize, Box<Tree>),
}

const COLUMNS: [&str; 8] = ["open", "high", "low", "close", "volume", "score", "void", "weekday"];
const OF_SERIES: [&str; 15] = [
    "sma",
    "ema",
    "rsi",
    "stddev",
    "highest",
    "lowest",
    "zscore",
    "roc",
    "returns",
    "wma",
    "linearreg",
    "cmo",
    "tsi",
    "bbands",
    "macd",
];
const OF_BARS: [&str; 9] = ["atr", "adx", "stoch", "obv", "natr", "supertrend", "keltner", "mfi", "cci"];

/// What the element-wise operators make of others; `past` says whether past values may be read.
fn elements(inner: BoxedStrategy<Tree>, past: bool) -> BoxedStrategy<Tree> {
    let two = || [inner.clone(), inner.clone()];
    prop_oneof![
        1 => (0..=Unary::FUNCTIONS.len(), inner.clone()).prop_map(|(o, a)| Tree::Unary(o, a.into())),
        2 => (0..Binary::ALL.len(), two()).prop_map(|(o, ab)| Tree::Binary(o, ab.into())),
        1 => (truths(inner.clone(), past), two()).prop_map(|(c, ab)| Tree::Select(c.into(), ab.into())),
    ]
    .boxed()
}

/// Truth values over numbers; `past` says whether past values may be read.
pub fn truths(inner: BoxedStrategy<Tree>, past: bool) -> BoxedStrategy<Truth> {
    let two = || [inner.clone(), inner.clone()];
    let compared = (0..Comparison::ALL.len(), two()).prop_map(|(c, ab)| Truth::Compare(c, ab.into()));
    let crossed = (any::<bool>(), two()).prop_map(|(above, ab)| Truth::Crossed(above, ab.into()));
    let constant = any::<bool>().prop_map(Truth::Constant);
    let picked = (any::<bool>(), 1..4_usize, inner.clone()).prop_map(|(top, n, a)| Truth::Picked(top, n, a.into()));
    let leaf = match past {
        true => prop_oneof![4 => compared, 2 => crossed, 1 => picked, 1 => constant].boxed(),
        false => prop_oneof![6 => compared, 1 => constant].boxed(),
    };
    leaf.prop_recursive(3, 6, 2, move |inner| {
        let two = || [inner.clone(), inner.clone()];
        let furthest: usize = if past { 4 } else { 1 };
        prop_oneof![
            two().prop_map(|ab| Truth::And(ab.into())),
            two().prop_map(|ab| Truth::Or(ab.into())),
            inner.clone().prop_map(|a| Truth::Not(a.into())),
            (0..furthest, inner.clone()).prop_map(|(n, a)| Truth::Shift(n, a.into())),
        ]
    })
    .boxed()
}

/// Numbers over symbols that have no past, and over others.
fn symbolic(symbols: BoxedStrategy<Tree>, inner: BoxedStrategy<Tree>) -> BoxedStrategy<Tree> {
    prop_oneof![2 => symbols, 1 => inner].prop_recursive(3, 12, 4, |inner| elements(inner.boxed(), false)).boxed()
}

/// Numbers over figures of the position.
pub fn of_position() -> BoxedStrategy<Tree> {
    let figure = (0..PositionFigure::ALL.len()).prop_map(Tree::Position).boxed();
    symbolic(figure, trees())
}

/// Truth values over figures of the position.
pub fn rules() -> BoxedStrategy<Truth> {
    truths(of_position(), false)
}

pub fn trees() -> BoxedStrategy<Tree> {
    let read = || prop_oneof![3 => Just(Read::Day), 2 => Just(Read::Week), 1 => Just(Read::Other)];
    let constant = prop_oneof![-3.0..3.0_f64, (-2..3_i64).prop_map(|n| n as f64), Just(-0.0), Just(1e300)];
    let leaf = prop_oneof![
        4 => (read(), 0..COLUMNS.len()).prop_map(|(read, name)| Tree::Column(read, name)),
        1 => constant.prop_map(Tree::Constant),
        2 => (0..OF_BARS.len(), 0..3_usize, read()).prop_map(|(name, output, read)| Tree::OfBars(name, output, read)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let state = (0..3_usize).prop_map(Tree::State).boxed();
        let states = vec((inner.clone(), symbolic(state, inner.clone().boxed())), 1..4);
        prop_oneof![
            5 => elements(inner.clone().boxed(), true),
            1 => (0..9_usize, inner.clone()).prop_map(|(n, a)| Tree::Shift(n, a.into())),
            2 => (0..OF_SERIES.len(), 2..20_i64, 0..3_usize, inner.clone())
                .prop_map(|(name, n, output, a)| Tree::OfSeries(name, n, output, a.into())),
            1 => (0..Across::ALL.len(), inner.clone()).prop_map(|(o, a)| Tree::Across(o, a.into())),
            1 => (states, 0..3_usize).prop_map(|(states, output)| Tree::Scan(states, output)),
        ]
    })
    .boxed()
}

/// An output of a node; where there are not so many, another.
fn output(registry: &Registry, name: &str, given: Vec<Given>, output: usize) -> Series {
    let call = Arc::new(registry.call(name, given, None).unwrap());
    let output = output % call.outputs.len();
    Series::new(SeriesKind::Output(call, output))
}

/// A series that differs between instruments, of any.
fn comparable(series: Series) -> Series {
    match series.bars().is_some_and(|bars| bars.is_traded()) {
        true => series,
        false => series + Read::Day.bars().close() * 0.0,
    }
}

impl Tree {
    /// The expression; `states` are those of the scan that it stands in.
    pub fn series(&self, registry: &Registry, states: &[Series]) -> Series {
        let of = |tree: &Tree| tree.series(registry, states);
        match self {
            Tree::Column(read, name) => read.bars().column(COLUMNS[*name]),
            Tree::Constant(value) => Series::constant(*value),
            Tree::Unary(operator, a) => of(a).unary(Unary::FUNCTIONS.get(*operator).copied().unwrap_or(Unary::Negate)),
            Tree::Binary(operator, ab) => of(&ab[0]).binary(Binary::ALL[*operator], of(&ab[1])),
            Tree::Shift(bars, a) => of(a).shift(*bars),
            Tree::Select(truth, ab) => truth.condition(registry, states).select(of(&ab[0]), of(&ab[1])),
            // An indicator reads no constant: a constant is turned into a series that is one.
            Tree::OfSeries(name, length, which, a) => {
                let input = match of(a) {
                    constant if constant.bars().is_none() => constant + Read::Day.bars().close() * 0.0,
                    input => input,
                };
                let given: Vec<Given> = match OF_SERIES[*name] {
                    "macd" => vec![input.into()],
                    "tsi" => vec![input.into(), (*length).into(), Argument::Integer(3).into()],
                    "returns" => vec![input.into()],
                    _ => vec![input.into(), (*length).into()],
                };
                output(registry, OF_SERIES[*name], given, *which)
            }
            Tree::OfBars(name, which, read) => output(registry, OF_BARS[*name], vec![read.bars().into()], *which),
            Tree::Across(operator, a) => comparable(of(a)).across(Across::ALL[*operator]).unwrap(),
            Tree::Scan(states, which) => {
                // Nor does a scan: the first state begins with a series.
                let initial = |(index, (initial, _)): (usize, &(Tree, Tree))| {
                    let initial = initial.series(registry, &[]);
                    let begins = if index == 0 { initial + Read::Week.bars().close() * 0.0 } else { initial };
                    (format!("state {index}"), begins)
                };
                let next =
                    |symbols: Vec<Series>| Ok(states.iter().map(|(_, next)| next.series(registry, &symbols)).collect());
                let scan = Scan::trace(states.iter().enumerate().map(initial).collect(), None, next).unwrap();
                scan.output(which % states.len())
            }
            Tree::State(index) => states[index % states.len()].clone(),
            Tree::Position(figure) => PositionFigure::ALL[*figure].into(),
        }
    }
}

impl Truth {
    /// The expression; `states` are those of the scan that it stands in.
    pub fn condition(&self, registry: &Registry, states: &[Series]) -> Condition {
        let of = |truth: &Truth| truth.condition(registry, states);
        let numbers = |ab: &[Tree; 2]| ab.each_ref().map(|tree| tree.series(registry, states));
        match self {
            Truth::Constant(value) => Condition::constant(*value),
            Truth::Compare(comparison, ab) => {
                let [a, b] = numbers(ab);
                a.compare(Comparison::ALL[*comparison], b)
            }
            Truth::Crossed(above, ab) => {
                let [a, b] = numbers(ab);
                if *above { a.crosses_above(b) } else { a.crosses_below(b) }
            }
            Truth::And(ab) => of(&ab[0]) & of(&ab[1]),
            Truth::Or(ab) => of(&ab[0]) | of(&ab[1]),
            Truth::Not(a) => !of(a),
            Truth::Shift(bars, a) => of(a).shift(*bars),
            Truth::Picked(top, count, a) => {
                let pick = if *top { Pick::Top(*count) } else { Pick::Bottom(*count) };
                comparable(a.series(registry, states)).pick(pick).unwrap()
            }
        }
    }
}
