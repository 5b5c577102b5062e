//! Rolling figures: the Sharpe ratio and the maximum drawdown of the last so many bars, at each bar.

use serde::Serialize;

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
    /// The maximum drawdown in the window: zero or negative.
    pub maximum_drawdown: Option<Spread>,
}

/// The values that a rolling figure took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The last.
    pub last: f64,
}

impl Spread {
    fn add(spread: &mut Option<Self>, value: f64) {
        let now = Self { lowest: value, highest: value, last: value };
        *spread = Some(spread.map_or(now, |before| Self {
            lowest: before.lowest.min(value),
            highest: before.highest.max(value),
            last: value,
        }));
    }
}

impl Rolling {
    /// The rolling figures of a curve. None where it is shorter than the window, or a year's length is not
    /// known.
    pub fn of(curve: &Curve<'_>) -> Option<Self> {
        let periods_per_year = curve.periods_per_year?;
        let bars = ((periods_per_year / 2.0).round() as usize).max(2);
        let (mut sharpe, mut maximum_drawdown) = (None, None);
        rayon::join(
            || each_sharpe(&curve.returns, bars, periods_per_year, |_, value| {
                value.into_iter().for_each(|value| Spread::add(&mut sharpe, value));
            }),
            || each_drawdown(curve.initial, curve.equity, bars, |_, value| Spread::add(&mut maximum_drawdown, value)),
        );
        (bars <= curve.returns.len()).then_some(Self { bars, sharpe, maximum_drawdown })
    }
}

/// The Sharpe ratio of the `window` returns up to each bar, a year (as empyrical's `roll_sharpe_ratio` and
/// quantstats' `rolling_sharpe`). NaN on the bars before the first window is full, and where its returns do
/// not differ.
pub fn rolling_sharpe(returns: &[f64], window: usize, periods_per_year: f64) -> Vec<f64> {
    let mut column = vec![f64::NAN; returns.len()];
    each_sharpe(returns, window, periods_per_year, |bar, value| column[bar] = value.unwrap_or(f64::NAN));
    column
}

/// The maximum drawdown over the `window` returns up to each bar, as a fraction: zero or negative (as
/// empyrical's `roll_max_drawdown`). NaN on the bars before the first window is full.
pub fn rolling_maximum_drawdown(initial: f64, equity: &[f64], window: usize) -> Vec<f64> {
    let mut column = vec![f64::NAN; equity.len()];
    each_drawdown(initial, equity, window, |bar, value| column[bar] = value);
    column
}

fn each_sharpe(returns: &[f64], window: usize, periods_per_year: f64, mut visit: impl FnMut(usize, Option<f64>)) {
    let (count, scale) = (window as f64, periods_per_year.sqrt());
    let of = |bar: usize| [returns[bar], returns[bar] * returns[bar]];
    let join = |early: [f64; 2], late: [f64; 2]| [early[0] + late[0], early[1] + late[1]];
    sliding(returns.len(), window, of, join, |bar, [sum, squares]| {
        let mean = sum / count;
        let variance = (squares - sum * mean) / (count - 1.0);
        let varies = variance * (count - 1.0) > ROUNDING * squares;
        visit(bar, if varies { defined(mean / variance.sqrt() * scale) } else { None });
    });
}

/// A stretch of equity: its highest and lowest, and its deepest fall as a lower equity beside a higher one
/// before it, which are not divided until they must be.
#[derive(Clone, Copy)]
struct Stretch {
    highest: f64,
    lowest: f64,
    bottom: f64,
    top: f64,
}

impl Stretch {
    #[inline]
    fn join(early: Self, late: Self) -> Self {
        let deeper = |(bottom, top), (other_bottom, other_top)| {
            if bottom * other_top < other_bottom * top { (bottom, top) } else { (other_bottom, other_top) }
        };
        let mut deepest = deeper((early.bottom, early.top), (late.bottom, late.top));
        if early.highest > 0.0 {
            deepest = deeper((late.lowest, early.highest), deepest);
        }
        Self {
            highest: early.highest.max(late.highest),
            lowest: early.lowest.min(late.lowest),
            bottom: deepest.0,
            top: deepest.1,
        }
    }
}

fn each_drawdown(initial: f64, equity: &[f64], window: usize, mut visit: impl FnMut(usize, f64)) {
    let of = |point: usize| {
        let value = if point == 0 { initial } else { equity[point - 1] };
        Stretch { highest: value, lowest: value, bottom: 1.0, top: 1.0 }
    };
    // So many returns lie between one point more.
    sliding(equity.len() + 1, window + 1, of, Stretch::join, |point, stretch| {
        visit(point - 1, stretch.bottom / stretch.top - 1.0);
    });
}

/// What the last `window` values come to, at each place from the first full window on. Every value is
/// joined three times, whatever the window: a window is the end of one block of that length and the
/// beginning of the next. Nothing is ever taken away again, so no rounding builds up.
fn sliding<T: Copy>(
    count: usize,
    window: usize,
    of: impl Fn(usize) -> T,
    join: impl Fn(T, T) -> T,
    mut visit: impl FnMut(usize, T),
) {
    if window == 0 || window > count {
        return;
    }
    let mut ends: Vec<T> = (0..window).map(&of).collect();
    let mut start = 0;
    loop {
        for place in (0..window - 1).rev() {
            ends[place] = join(of(start + place), ends[place + 1]);
        }
        visit(start + window - 1, ends[0]);
        start += window;
        let rest = window.min(count - start);
        let mut beginning: Option<T> = None;
        for place in 0..rest {
            let value = of(start + place);
            let joined = beginning.map_or(value, |before| join(before, value));
            beginning = Some(joined);
            if place + 1 < window {
                visit(start + place, join(ends[place + 1], joined));
            }
        }
        if rest < window {
            return;
        }
        ends[window - 1] = of(start + window - 1);
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
                    None => prop_assert!(!(sharpe[bar].abs() < 1e5)),
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
        assert_eq!(fall[1..], [-1.1, -1.4, 0.0, 0.0]);
    }
}
