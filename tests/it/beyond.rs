//! Indicators that TA-Lib has not, each against a slow and obvious version that was written for this
//! test alone and looks at whole windows, or against published figures.

mod filters;
mod levels;
mod statistics;
mod time;
mod volatility;
mod volume;

use timeweave::data::{Adjust, Catalog, Column, Field};
use timeweave::expr::{Argument, Entry};
use timeweave::indicators;
use timeweave::node::{Inputs, Registry, bind_record};
use timeweave::time::Timeframe;

/// Bars as plain columns.
struct Market {
    name: String,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl Market {
    fn len(&self) -> usize {
        self.close.len()
    }

    fn column(&self, field: Field) -> &[f64] {
        [&self.open, &self.high, &self.low, &self.close, &self.volume][field as usize]
    }

    fn returns(&self) -> Vec<f64> {
        self.close.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
    }
}

/// A random walk of prices with gaps between bars and a drift that turns now and then.
fn walk(seed: u64, length: usize) -> Market {
    let mut state = seed;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let name = format!("walk {seed}");
    let mut market = Market { name, open: vec![], high: vec![], low: vec![], close: vec![], volume: vec![] };
    let (mut close, mut drift) = (50.0, 0.0);
    for bar in 0..length {
        if bar % 40 == 0 {
            drift = 0.02 * (uniform() - 0.5);
        }
        let open = close * (1.0 + 0.01 * (uniform() - 0.5));
        close = open * (1.0 + drift + 0.04 * (uniform() - 0.5));
        market.open.push(open);
        market.high.push(f64::max(open, close) * (1.0 + 0.01 * uniform()));
        market.low.push(f64::min(open, close) * (1.0 - 0.01 * uniform()));
        market.close.push(close);
        market.volume.push((1e6 * uniform()).floor());
    }
    market
}

/// The daily bars of AAPL, adjusted.
fn aapl() -> Market {
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    let bars = catalog.bars(&"us_equities/AAPL".parse().unwrap(), Timeframe::DAY, Adjust::Total).unwrap();
    let [open, high, low, close, volume] = Field::ALL.map(|field| bars.field(field).to_vec());
    Market { name: "AAPL".into(), open, high, low, close, volume }
}

fn markets() -> Vec<Market> {
    vec![walk(1, 400), walk(2, 400), aapl()]
}

/// What is given by name.
type Given = (&'static str, Argument);

/// The outputs of an indicator over columns, and its lookback.
fn compute(name: &str, given: &[Given], inputs: &[&[f64]]) -> (Vec<Column>, usize) {
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    let node = registry.indicator(name).unwrap();
    let entry = |(name, value): &Given| Entry { name: (*name).into(), given: value.clone().into() };
    let entries = given.iter().map(entry).collect();
    let arguments = bind_record(&registry, node.spec.name, node.spec.parameters, entries).unwrap();
    let inputs: Vec<Column> = inputs.iter().map(|column| Column::from(column.to_vec())).collect();
    ((node.machine)(&arguments).unwrap().columns(&inputs), (node.lookback)(&arguments).unwrap())
}

/// Runs an indicator of bars over a market.
fn of_bars(name: &str, given: &[Given], market: &Market) -> (Vec<Column>, usize) {
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    let Inputs::Bars(fields) = registry.indicator(name).unwrap().spec.inputs else { panic!("{name} reads no bars") };
    let inputs: Vec<&[f64]> = fields.iter().map(|field| market.column(*field)).collect();
    compute(name, given, &inputs)
}

/// Asserts that every output has its first value at the lookback, and from there on the value that
/// `slow` gives for the bar, to 1e-9 of it or of `scale`, whichever is the greater.
fn assert_is<const N: usize>(
    what: &str,
    (outputs, lookback): (Vec<Column>, usize),
    scale: f64,
    slow: impl Fn(usize) -> [f64; N],
) {
    assert_eq!(outputs.len(), N, "{what}");
    let length = outputs[0].len();
    assert!(length > lookback, "{what}: too few bars");
    for bar in 0..length {
        let expected = if bar < lookback { [f64::NAN; N] } else { slow(bar) };
        for (output, (column, expected)) in outputs.iter().zip(expected).enumerate() {
            let value = column[bar];
            let same = (value - expected).abs() <= 1e-9 * expected.abs().max(scale);
            let unknown = value.is_nan() && expected.is_nan();
            assert!(same || unknown, "{what}, output {output}, bar {bar}: {value} is not {expected}");
            assert!(bar < lookback || !expected.is_nan(), "{what}, bar {bar}: the slow version knows nothing");
        }
    }
}

/// The window of so many values that ends with a bar.
fn window(values: &[f64], bar: usize, length: usize) -> &[f64] {
    &values[bar + 1 - length..=bar]
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of a power of the distances from the mean.
fn moment(values: &[f64], power: i32) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / values.len() as f64
}

/// True ranges from the second bar on.
fn true_ranges(market: &Market) -> Vec<f64> {
    (1..market.len())
        .map(|bar| {
            let last = market.close[bar - 1];
            market.high[bar].max(last) - market.low[bar].min(last)
        })
        .collect()
}

/// The exponential average at the end of some values, without a recursion: the mean of the first
/// `length` and what came after, each by its own weight.
fn exponential(values: &[f64], length: usize, weight: f64) -> f64 {
    let after = &values[length..];
    let power = |bars: usize| (1.0 - weight).powi(i32::try_from(bars).unwrap());
    let later: f64 = after.iter().rev().enumerate().map(|(age, value)| value * weight * power(age)).sum();
    later + mean(&values[..length]) * power(after.len())
}

/// The average true range on a bar, by Wilder's average of all ranges so far.
fn average_range(ranges: &[f64], bar: usize, length: usize) -> f64 {
    exponential(&ranges[..bar], length, 1.0 / length as f64)
}
