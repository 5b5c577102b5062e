//! The slow evaluator: what the docs say of each expression, written down bar by bar. It has no plan, no
//! compiled form, and nothing that it shares but the code of an indicator's machine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::slice;

use timeweave::expr::{
    Across, BarsRef, Binary, Call, Comparison, Condition, ConditionKind, Pick, Scan, Series, SeriesKind, Unary,
};
use timeweave::node::Registry;
use timeweave::run::InstrumentBars;
use timeweave::time::{ClockFigure, Timestamp};

/// What an expression comes to.
#[derive(Clone, Debug)]
pub enum Values {
    /// The same at every time, whatever the bars: also where it was before they began.
    Constant(f64),
    /// A number, or 1 and 0, for each of some bars.
    Bars(BarsRef, Vec<f64>),
}

/// What is known only bar after bar.
#[derive(Clone, Copy)]
pub struct Symbols<'a> {
    /// The states of the scan around, one bar ago.
    pub states: &'a [f64],
    /// The figures of the open position, in the order of `PositionFigure::ALL`.
    pub position: &'a [f64],
}

/// Values as some bars see them.
type Seen = Rc<Vec<f64>>;

/// By the identity of an expression: for each instrument when its bars close, and their values.
type Compared = Rc<RefCell<HashMap<usize, Rc<Vec<(Vec<i64>, Vec<f64>)>>>>>;

/// A market to evaluate expressions on.
pub struct Slow<'a> {
    registry: &'a Registry,
    bars: &'a InstrumentBars,
    /// All instruments, this one among them.
    universe: &'a [InstrumentBars],
    /// Values of expressions that are compared, for each instrument in the order of names.
    compared: Compared,
    /// Values of expressions without symbols that stand in one with them.
    columns: RefCell<HashMap<(usize, BarsRef), Seen>>,
}

const UNKNOWN: f64 = f64::NAN;
const FALSE: f64 = 0.0;

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// What an operator gives: what is not finite is not known, and -0 is 0.
fn given(value: f64) -> f64 {
    if value.is_finite() { value + 0.0 } else { UNKNOWN }
}

fn unary(operator: Unary, a: f64) -> f64 {
    given(match operator {
        Unary::Negate => -a,
        Unary::Absolute => a.abs(),
        Unary::SquareRoot => a.sqrt(),
        Unary::Exponential => a.exp(),
        Unary::Logarithm => a.ln(),
        Unary::DecimalLogarithm => a.log10(),
        Unary::Floor => a.floor(),
        Unary::Ceiling => a.ceil(),
        Unary::Sign if a > 0.0 => 1.0,
        Unary::Sign if a < 0.0 => -1.0,
        Unary::Sign => a * 0.0 + 0.0,
        Unary::Sine => a.sin(),
        Unary::Cosine => a.cos(),
        Unary::Tangent => a.tan(),
        Unary::ArcSine => a.asin(),
        Unary::ArcCosine => a.acos(),
        Unary::ArcTangent => a.atan(),
        Unary::HyperbolicSine => a.sinh(),
        Unary::HyperbolicCosine => a.cosh(),
        Unary::HyperbolicTangent => a.tanh(),
    })
}

fn binary(operator: Binary, a: f64, b: f64) -> f64 {
    given(match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Remainder => a % b,
        Binary::Power => a.powf(b),
        Binary::Minimum | Binary::Maximum if a.is_nan() || b.is_nan() => UNKNOWN,
        Binary::Minimum => {
            if b < a {
                b
            } else {
                a
            }
        }
        Binary::Maximum => {
            if b > a {
                b
            } else {
                a
            }
        }
    })
}

fn compare(comparison: Comparison, a: f64, b: f64) -> f64 {
    truth(
        !a.is_nan()
            && !b.is_nan()
            && match comparison {
                Comparison::Greater => a > b,
                Comparison::GreaterOrEqual => a >= b,
                Comparison::Less => a < b,
                Comparison::LessOrEqual => a <= b,
                Comparison::Equal => a == b,
                Comparison::NotEqual => a != b,
            },
    )
}

/// One instrument's value across all, which are in the order of names.
fn across(operator: Across, values: &[f64], own: usize) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let count = known.len() as f64;
    let sum: f64 = known.iter().sum();
    let mean = sum / count;
    let value = values[own];
    let rank = || {
        let lower = known.iter().filter(|other| **other < value).count() as f64;
        let equal = known.iter().filter(|other| **other == value).count() as f64;
        if value.is_nan() { UNKNOWN } else { lower + (1.0 + equal) / 2.0 }
    };
    match operator {
        Across::Rank => rank(),
        Across::PercentRank => given(rank() / count),
        Across::ZScore if known.iter().all(|other| *other == known[0]) => UNKNOWN,
        Across::ZScore => {
            let variance = known.iter().map(|other| (other - mean) * (other - mean)).sum::<f64>() / count;
            given((value - mean) / variance.sqrt())
        }
        Across::Demean => given(value - given(mean)),
        Across::Mean => given(mean),
        Across::Sum if known.is_empty() => UNKNOWN,
        Across::Sum => given(sum),
        Across::Count => count,
    }
}

/// Whether one instrument is picked of all, which are in the order of names.
fn picked(pick: Pick, values: &[f64], own: usize) -> f64 {
    let goes_before = |other: usize| match pick {
        Pick::Top(_) => values[other] > values[own] || (values[other] == values[own] && other < own),
        Pick::Bottom(_) => values[other] < values[own] || (values[other] == values[own] && other < own),
    };
    truth(!values[own].is_nan() && (0..values.len()).filter(|other| goes_before(*other)).count() < pick.count())
}

impl<'a> Slow<'a> {
    pub fn new(registry: &'a Registry, bars: &'a InstrumentBars) -> Self {
        Self::among(registry, slice::from_ref(bars), 0)
    }

    /// One of the instruments of a universe.
    pub fn among(registry: &'a Registry, universe: &'a [InstrumentBars], which: usize) -> Self {
        let (columns, compared) = Default::default();
        Self { registry, bars: &universe[which], universe, compared, columns }
    }

    /// What a series is across instruments, on the bars `at` of this one.
    fn across(&self, series: &Series, at: &BarsRef, of: impl Fn(&[f64], usize) -> f64) -> Vec<f64> {
        let known = self.compared.borrow().get(&series.identity()).cloned();
        let all = known.unwrap_or_else(|| {
            let mut order: Vec<&InstrumentBars> = self.universe.iter().collect();
            order.sort_by_key(|bars| bars.instrument.to_string());
            let values = |bars: &'a InstrumentBars| {
                let (columns, compared) = (RefCell::default(), self.compared.clone());
                let slow = Slow { bars, columns, compared, ..*self };
                (bars.of(at).unwrap().close_instants().to_vec(), slow.seen(&slow.series(series), at, UNKNOWN))
            };
            Rc::new(order.into_iter().map(values).collect())
        });
        self.compared.borrow_mut().insert(series.identity(), all.clone());
        let own = self.universe.iter().filter(|other| other.instrument.to_string() < self.bars.instrument.to_string());
        let own = own.count();
        let longest = (at.timeframe().unwrap().seconds() + 10 * 24 * 60 * 60) * 1_000_000;
        let at_instant = |now: &i64| {
            let last = |(closes, values): &(Vec<i64>, Vec<f64>)| match closes.iter().rposition(|close| close <= now) {
                Some(bar) if now - closes[bar] <= longest && values[bar].is_finite() => values[bar],
                _ => UNKNOWN,
            };
            of(&all.iter().map(last).collect::<Vec<_>>(), own)
        };
        self.bars.of(at).unwrap().close_instants().iter().map(at_instant).collect()
    }

    fn length(&self, bars: &BarsRef) -> usize {
        self.bars.of(bars).unwrap().len()
    }

    /// Values as the bars `at` see them: on each, those of the last bar that had closed; `before` where none
    /// had.
    pub fn seen(&self, values: &Values, at: &BarsRef, before: f64) -> Vec<f64> {
        let (of, values) = match values {
            Values::Constant(value) => return vec![*value; self.length(at)],
            Values::Bars(of, values) if of == at => return values.clone(),
            Values::Bars(of, values) => (self.bars.of(of).unwrap().close_instants(), values),
        };
        let last_closed = |now: &i64| of.iter().rposition(|close| close <= now);
        let now = self.bars.of(at).unwrap().close_instants();
        now.iter().map(|now| last_closed(now).map_or(before, |bar| values[bar])).collect()
    }

    pub fn series(&self, series: &Series) -> Values {
        let at = series.bars();
        match series.kind() {
            SeriesKind::Constant(value) => Values::Constant(*value),
            SeriesKind::Column(of, name) => Values::Bars(of.clone(), self.column(of, name)),
            SeriesKind::Unary(operator, a) => each(self, at, [(self.series(a), UNKNOWN)], |[a]| unary(*operator, a)),
            SeriesKind::Binary(operator, a, b) => {
                each(self, at, [a, b].map(|s| (self.series(s), UNKNOWN)), |[a, b]| binary(*operator, a, b))
            }
            SeriesKind::Select(condition, a, b) => {
                let (condition, a, b) = (self.condition(condition), self.series(a), self.series(b));
                // Where the condition is always the same, there is no choice.
                let chosen = match condition {
                    Values::Constant(value) => Some(if value == 1.0 { &a } else { &b }),
                    Values::Bars(..) => None,
                };
                if let Some(Values::Constant(value)) = chosen {
                    return Values::Constant(*value);
                }
                let parts = [(condition, FALSE), (a, UNKNOWN), (b, UNKNOWN)];
                each(self, at, parts, |[c, a, b]| if c == 1.0 { a } else { b })
            }
            SeriesKind::Shift(a, count) => shifted(self.series(a), *count, UNKNOWN),
            SeriesKind::Across(operator, a) => {
                let at = at.unwrap().clone();
                let values = self.across(a, &at, |values, own| across(*operator, values, own));
                Values::Bars(at, values)
            }
            SeriesKind::Output(call, output) => {
                let at = at.unwrap().clone();
                let values = self.indicator(call, *output, &at);
                Values::Bars(at, values)
            }
            SeriesKind::Scan(scan, output) => {
                let at = at.unwrap().clone();
                let values = self.scan(scan, *output, &at);
                Values::Bars(at, values)
            }
            SeriesKind::State(..) | SeriesKind::Position(_) => panic!("a symbol is known only bar after bar"),
        }
    }

    pub fn condition(&self, condition: &Condition) -> Values {
        let at = condition.bars();
        let both = |a: &Condition, b: &Condition| [a, b].map(|c| (self.condition(c), FALSE));
        match condition.kind() {
            ConditionKind::Constant(value) => Values::Constant(truth(*value)),
            ConditionKind::Compare(comparison, a, b) => {
                each(self, at, [a, b].map(|s| (self.series(s), UNKNOWN)), |[a, b]| compare(*comparison, a, b))
            }
            ConditionKind::CrossesAbove(a, b) => self.crossed(at, a, b, |a, b| a <= b, |a, b| a > b),
            ConditionKind::CrossesBelow(a, b) => self.crossed(at, a, b, |a, b| a >= b, |a, b| a < b),
            ConditionKind::And(a, b) => match both(a, b) {
                // What is false whatever the bars stays so.
                [(Values::Constant(FALSE), _), _] | [_, (Values::Constant(FALSE), _)] => Values::Constant(FALSE),
                parts => each(self, at, parts, |[a, b]| truth(a == 1.0 && b == 1.0)),
            },
            ConditionKind::Or(a, b) => match both(a, b) {
                [(Values::Constant(1.0), _), _] | [_, (Values::Constant(1.0), _)] => Values::Constant(1.0),
                parts => each(self, at, parts, |[a, b]| truth(a == 1.0 || b == 1.0)),
            },
            ConditionKind::Not(a) => each(self, at, [(self.condition(a), FALSE)], |[a]| truth(a != 1.0)),
            ConditionKind::Shift(a, count) => shifted(self.condition(a), *count, FALSE),
            ConditionKind::Pick(pick, a) => {
                let at = at.unwrap().clone();
                let values = self.across(a, &at, |values, own| picked(*pick, values, own));
                Values::Bars(at, values)
            }
        }
    }

    fn column(&self, of: &BarsRef, name: &str) -> Vec<f64> {
        let bars = &self.bars.bars[of];
        if let Some(column) = bars.column(name) {
            return column.to_vec();
        }
        let figure = ClockFigure::called(name).unwrap();
        let at = |open: &i64| figure.at(bars.calendar(), bars.timeframe(), Timestamp(*open));
        bars.timestamps().iter().map(at).collect()
    }

    fn crossed(
        &self,
        at: Option<&BarsRef>,
        a: &Series,
        b: &Series,
        before: fn(f64, f64) -> bool,
        now: fn(f64, f64) -> bool,
    ) -> Values {
        let sides = [self.series(a), self.series(b)];
        // What never changes never crosses.
        if let [Values::Constant(_), Values::Constant(_)] = sides {
            return Values::Constant(FALSE);
        }
        let at = at.unwrap();
        let [a, b] = sides.map(|side| self.seen(&side, at, UNKNOWN));
        let crossed = |bar: usize| bar > 0 && before(a[bar - 1], b[bar - 1]) && now(a[bar], b[bar]);
        Values::Bars(at.clone(), (0..a.len()).map(|bar| truth(crossed(bar))).collect())
    }

    /// An indicator: two by their formula, the others by their machine, which sees only bars on which all
    /// of its inputs are known.
    fn indicator(&self, call: &Call, output: usize, at: &BarsRef) -> Vec<f64> {
        let inputs: Vec<Vec<f64>> =
            call.inputs.iter().map(|input| self.seen(&self.series(input), at, UNKNOWN)).collect();
        let rows: Vec<Vec<f64>> =
            (0..self.length(at)).map(|bar| inputs.iter().map(|input| input[bar]).collect()).collect();
        let known = |row: &[f64]| row.iter().all(|value| value.is_finite());
        let extreme = |better: fn(f64, f64) -> f64| {
            let count = call.arguments.length("timeperiod").unwrap();
            let values = (0..rows.len()).map(|bar| {
                let past: Vec<f64> = rows[..=bar].iter().filter(|row| known(row)).map(|row| row[0]).collect();
                let full = known(&rows[bar]) && past.len() >= count;
                if full { past[past.len() - count..].iter().copied().reduce(better).unwrap() } else { UNKNOWN }
            });
            values.collect()
        };
        match call.node.as_str() {
            "highest" => return extreme(|a, b| if b > a { b } else { a }),
            "lowest" => return extreme(|a, b| if b < a { b } else { a }),
            _ => {}
        }
        let node = self.registry.indicator(&call.node).unwrap();
        let mut machine = (node.machine)(&call.arguments).unwrap();
        let mut outputs = vec![UNKNOWN; node.spec.outputs.len()];
        let mut update = |row: &Vec<f64>| {
            if !known(row) {
                return UNKNOWN;
            }
            machine.update_row(row, &mut outputs);
            outputs[output]
        };
        rows.iter().map(&mut update).collect()
    }

    fn scan(&self, scan: &Scan, output: usize, at: &BarsRef) -> Vec<f64> {
        let initial: Vec<Vec<f64>> =
            scan.states.iter().map(|state| self.seen(&self.series(&state.initial), at, UNKNOWN)).collect();
        let mut states: Option<Vec<f64>> = None;
        let mut values = vec![UNKNOWN; self.length(at)];
        for (bar, value) in values.iter_mut().enumerate() {
            let now: Vec<f64> = match &states {
                None => initial.iter().map(|column| column[bar]).collect(),
                Some(states) => {
                    let symbols = Symbols { states, position: &[] };
                    scan.states.iter().map(|state| self.number_at(&state.next, symbols, at, bar)).collect()
                }
            };
            if now.iter().all(|state| state.is_finite()) {
                *value = now[output];
                states = Some(now);
            }
        }
        values
    }

    fn column_of(&self, identity: usize, at: &BarsRef, compute: impl Fn() -> Vec<f64>) -> Seen {
        let key = (identity, at.clone());
        if let Some(column) = self.columns.borrow().get(&key) {
            return column.clone();
        }
        let column = Rc::new(compute());
        self.columns.borrow_mut().insert(key, column.clone());
        column
    }

    /// A number with symbols in it, on one of the bars `at`.
    pub fn number_at(&self, series: &Series, symbols: Symbols<'_>, at: &BarsRef, bar: usize) -> f64 {
        if !series.symbols().any() {
            return self.column_of(series.identity(), at, || self.seen(&self.series(series), at, UNKNOWN))[bar];
        }
        let of = |series: &Series| self.number_at(series, symbols, at, bar);
        match series.kind() {
            SeriesKind::State(_, index) => symbols.states[*index],
            SeriesKind::Position(figure) => symbols.position[*figure as usize],
            SeriesKind::Unary(operator, a) => unary(*operator, of(a)),
            SeriesKind::Binary(operator, a, b) => binary(*operator, of(a), of(b)),
            SeriesKind::Select(condition, a, b) => match self.truth_at(condition, symbols, at, bar) {
                true => of(a),
                false => of(b),
            },
            SeriesKind::Shift(a, 0) => of(a),
            other => panic!("{other:?} has no past"),
        }
    }

    /// A truth value with symbols in it, on one of the bars `at`.
    pub fn truth_at(&self, condition: &Condition, symbols: Symbols<'_>, at: &BarsRef, bar: usize) -> bool {
        if !condition.symbols().any() {
            let column = || self.seen(&self.condition(condition), at, FALSE);
            return self.column_of(condition.identity(), at, column)[bar] == 1.0;
        }
        let number = |series: &Series| self.number_at(series, symbols, at, bar);
        let of = |condition: &Condition| self.truth_at(condition, symbols, at, bar);
        match condition.kind() {
            ConditionKind::Compare(comparison, a, b) => compare(*comparison, number(a), number(b)) == 1.0,
            ConditionKind::And(a, b) => of(a) && of(b),
            ConditionKind::Or(a, b) => of(a) || of(b),
            ConditionKind::Not(a) => !of(a),
            ConditionKind::Shift(a, 0) => of(a),
            other => panic!("{other:?} has no past"),
        }
    }
}

/// A function of the values of each bar; where all parts are constant, of these. Each part comes with what
/// stands for it before its bars begin.
fn each<const N: usize>(
    slow: &Slow<'_>,
    at: Option<&BarsRef>,
    parts: [(Values, f64); N],
    apply: impl Fn([f64; N]) -> f64,
) -> Values {
    let constants: Vec<f64> = parts
        .iter()
        .filter_map(|(values, _)| match values {
            Values::Constant(value) => Some(*value),
            Values::Bars(..) => None,
        })
        .collect();
    if let Ok(constants) = <[f64; N]>::try_from(constants) {
        return Values::Constant(apply(constants));
    }
    let at = at.unwrap();
    let columns = parts.map(|(values, before)| slow.seen(&values, at, before));
    let on = |bar: usize| apply(columns.each_ref().map(|column| column[bar]));
    Values::Bars(at.clone(), (0..slow.length(at)).map(on).collect())
}

/// What it was so many bars ago on its own bars.
fn shifted(values: Values, count: usize, before: f64) -> Values {
    match values {
        Values::Constant(value) => Values::Constant(value),
        Values::Bars(at, values) => {
            let on = |bar: usize| bar.checked_sub(count).map_or(before, |bar| values[bar]);
            let values = (0..values.len()).map(on).collect();
            Values::Bars(at, values)
        }
    }
}
