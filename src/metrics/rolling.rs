//! Rolling figures: the Sharpe ratio and the maximum drawdown of the last so many bars, at each bar.

use serde::Serialize;

use crate::data::long_vector;
use crate::metrics::{Curve, defined};

/// Variances smaller than this part of the mean square are those of rounding: the returns are equal.
const ROUNDING: f64 = 1e-14;

/// Figures of a window that moves over the bars: half a year wide.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rolling {
    /// How many bars the window holds.
    pub bars: usize,
    /// The Sharpe ratio in the window.
    pub sharpe: Option<Spread>,
    /// The maximum drawdown in the window, from -1 to 0.
    pub maximum_drawdown: Option<Spread>,
}

/// The values that a rolling figure took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// That of the last window. None where it is not defined there.
    pub last: Option<f64>,
}

/// A spread that is still being gathered.
struct Collector {
    lowest: f64,
    highest: f64,
    last: f64,
}

impl Collector {
    #[inline]
    fn add(&mut self, value: f64) {
        self.lowest = if value < self.lowest { value } else { self.lowest };
        self.highest = if value > self.highest { value } else { self.highest };
        self.last = value;
    }
}

impl Spread {
    /// The spread of the values that `each` hands on, NaN where one is not defined. None where none is.
    fn of(each: impl FnOnce(&mut Collector)) -> Option<Self> {
        let mut all = Collector { lowest: f64::INFINITY, highest: f64::NEG_INFINITY, last: f64::NAN };
        each(&mut all);
        let Collector { lowest, highest, last } = all;
        (lowest <= highest).then_some(Self { lowest, highest, last: defined(last) })
    }
}

impl Rolling {
    /// The rolling figures of a curve. None where it is shorter than the window, or a year's length is not
    /// known.
    pub fn of(curve: &Curve<'_>) -> Option<Self> {
        let periods_per_year = curve.periods_per_year?;
        let bars = ((periods_per_year / 2.0).round() as usize).max(2);
        if bars > curve.returns.len() {
            return None;
        }
        let Curve { initial, equity, returns, .. } = curve;
        let (sharpe, maximum_drawdown) = rayon::join(
            || Spread::of(|all| each_sharpe(returns, bars, periods_per_year, |_, value| all.add(value))),
            || Spread::of(|all| each_drawdown(*initial, equity, bars, |_, value| all.add(value))),
        );
        Some(Self { bars, sharpe, maximum_drawdown })
    }
}

/// The Sharpe ratio of the `window` returns up to each bar, a year (as empyrical's `roll_sharpe_ratio` and
/// quantstats' `rolling_sharpe`). NaN on the bars before the first window is full, and where its returns do
/// not differ.
pub fn rolling_sharpe(returns: &[f64], window: usize, periods_per_year: f64) -> Vec<f64> {
    let mut column = vec![f64::NAN; returns.len()];
    each_sharpe(returns, window, periods_per_year, |bar, value| column[bar] = value);
    column
}

/// The maximum drawdown over the `window` returns up to each bar, as a fraction from -1 (equity fell to zero
/// or below) to 0 (as empyrical's `roll_max_drawdown`). NaN on the bars before the first window is full.
pub fn rolling_maximum_drawdown(initial: f64, equity: &[f64], window: usize) -> Vec<f64> {
    let mut column = vec![f64::NAN; equity.len()];
    each_drawdown(initial, equity, window, |bar, value| column[bar] = value);
    column
}

fn each_sharpe(returns: &[f64], window: usize, periods_per_year: f64, mut visit: impl FnMut(usize, f64)) {
    let (count, scale) = (window as f64, periods_per_year.sqrt());
    let (a_value, a_difference) = (1.0 / count, 1.0 / (count - 1.0));
    let of = |bar: usize| [returns[bar], returns[bar] * returns[bar]];
    let join = |early: [f64; 2], late: [f64; 2]| [early[0] + late[0], early[1] + late[1]];
    sliding(
        returns.len(),
        window,
        [0.0; 2],
        of,
        join,
        |sums| sums,
        |bar, early, late| {
            let [sum, squares] = join(early, late);
            let mean = sum * a_value;
            let differences = squares - sum * mean;
            let sharpe = mean / (differences * a_difference).sqrt() * scale;
            visit(bar, if differences > ROUNDING * squares { sharpe } else { f64::NAN });
        },
    );
}

/// A stretch of equity: its highest and lowest, and the least share of a higher equity that a later one was.
#[derive(Clone, Copy)]
struct Stretch {
    highest: f64,
    lowest: f64,
    left: f64,
}

/// What of a stretch counts for later ones: its highest, and what was left.
type Early = [f64; 2];

impl Stretch {
    const NONE: Self = Self { highest: 0.0, lowest: f64::INFINITY, left: 1.0 };

    #[inline]
    fn join(early: Self, late: Self) -> Self {
        Self {
            highest: if late.highest > early.highest { late.highest } else { early.highest },
            lowest: less(early.lowest, late.lowest),
            left: Self::left(early.early(), late),
        }
    }

    #[inline]
    fn early(self) -> Early {
        [self.highest, self.left]
    }

    #[inline]
    fn left([highest, left]: Early, late: Self) -> f64 {
        // From nothing there is nothing to fall.
        let across = if highest > 0.0 { late.lowest / highest } else { 1.0 };
        less(less(left, late.left), across)
    }
}

#[inline]
fn less(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

fn each_drawdown(initial: f64, equity: &[f64], window: usize, mut visit: impl FnMut(usize, f64)) {
    let of = |point: usize| {
        let value = if point == 0 { initial } else { equity[point - 1] }.max(0.0);
        Stretch { highest: value, lowest: value, left: 1.0 }
    };
    // So many returns lie between one point more.
    sliding(equity.len() + 1, window + 1, Stretch::NONE, of, Stretch::join, Stretch::early, |point, early, late| {
        visit(point - 1, Stretch::left(early, late) - 1.0);
    });
}

/// What the last `window` values come to, at each place from the first full window on: the end of one block of that
/// length, of which `keep` is enough, and the beginning of the next, which may be `none`. Every value is joined three
/// times, whatever the window. Nothing is ever taken away again, so no rounding builds up.
fn sliding<T: Copy, K: Copy>(
    count: usize,
    window: usize,
    none: T,
    of: impl Fn(usize) -> T,
    join: impl Fn(T, T) -> T,
    keep: impl Fn(T) -> K,
    mut visit: impl FnMut(usize, K, T),
) {
    if window == 0 || window > count {
        return;
    }
    let mut ends = long_vector(window);
    ends.resize(window, keep(none));
    for start in (0..=count - window).step_by(window) {
        let mut end = none;
        for (bar, kept) in (start..start + window).zip(&mut ends).rev() {
            end = join(of(bar), end);
            *kept = keep(end);
        }
        visit(start + window - 1, ends[0], none);
        let next = start + window;
        let mut beginning = none;
        for (bar, end) in (next..count).zip(&ends[1..]) {
            beginning = join(beginning, of(bar));
            visit(bar, *end, beginning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Moments, maximum_drawdown, returns};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rolling_figures_are_those_of_each_window(
            steps in prop::collection::vec(-30_i32..31, 0..60),
            window in 2_usize..12,
        ) {
            let grow = |equity: &mut f64, step: &i32| {
                *equity *= 1.0 + f64::from(*step) / 100.0;
                Some(*equity)
            };
            let equity: Vec<f64> = steps.iter().scan(100.0, grow).collect();
            let returns = returns(100.0, &equity);
            let sharpe = rolling_sharpe(&returns, window, 252.0);
            let fall = rolling_maximum_drawdown(100.0, &equity, window);
            for bar in 0..equity.len() {
                let Some(start) = (bar + 1).checked_sub(window) else {
                    prop_assert!(sharpe[bar].is_nan() && fall[bar].is_nan());
                    continue;
                };
                let own = Moments::of(&returns[start..=bar]).sharpe(252.0);
                match own.filter(|own| own.abs() < 1e6) {
                    Some(own) => prop_assert!((own - sharpe[bar]).abs() < 1e-7 * own.abs().max(1.0), "{} {}", own, sharpe[bar]),
                    None => prop_assert!(sharpe[bar].is_nan() || sharpe[bar].abs() >= 1e5),
                }
                let before = if start == 0 { 100.0 } else { equity[start - 1] };
                let own = maximum_drawdown(before, &equity[start..=bar]).map_or(0.0, |fall| fall.depth);
                prop_assert!((own - fall[bar]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_window_without_a_change_has_no_sharpe_ratio() {
        let mut returns = vec![0.01, -0.02, 0.03];
        returns.extend([0.0; 6]);
        let rolling = rolling_sharpe(&returns, 3, 252.0);
        assert!(rolling[2].is_finite() && rolling[4].is_finite());
        assert!(rolling[5..].iter().all(|value| value.is_nan()));
    }

    #[test]
    fn below_zero_there_is_no_further_fall() {
        let fall = rolling_maximum_drawdown(100.0, &[50.0, -10.0, -20.0, -20.0, -20.0], 2);
        assert_eq!(fall[1..], [-1.0, -1.0, 0.0, 0.0]);
    }
}
