//! Drawdown: how far below its highest equity an account fell, and for how long.

/// The deepest fall from a highest equity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// The equity at the bottom against that at the top, as a fraction: zero or negative.
    pub depth: f64,
    /// The point of the top: 0 is the initial equity, `bar + 1` the close of a bar.
    pub top: usize,
    /// The point at which the top was reached again; the last point, where it never was.
    pub end: usize,
}

/// The maximum drawdown of an equity that began at `initial`; the first of equals. All zero where
/// equity never fell.
pub fn maximum_drawdown(initial: f64, equity: &[f64]) -> Drawdown {
    let points = || [initial].into_iter().chain(equity.iter().copied()).enumerate();
    let mut deepest = Drawdown { depth: 0.0, top: 0, end: 0 };
    let (mut top, mut highest, mut lowest) = (0, initial, initial);
    for (point, value) in points() {
        if value >= highest {
            (top, highest, lowest) = (point, value, value);
        } else if value < lowest {
            lowest = value;
            let depth = value / highest - 1.0;
            if depth < deepest.depth {
                deepest = Drawdown { depth, top, end: point };
            }
        }
    }
    if deepest.depth < 0.0 {
        let level = points().nth(deepest.top).map_or(initial, |(_, value)| value);
        let recovery = points().skip(deepest.end).find(|(_, value)| *value >= level);
        deepest.end = recovery.map_or(equity.len(), |(point, _)| point);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_fall_lasts_until_its_top_is_reached_again() {
        let equity = [110.0, 99.0, 120.0, 60.0, 115.0, 120.0, 100.0];
        assert_eq!(maximum_drawdown(100.0, &equity), Drawdown { depth: -0.5, top: 3, end: 6 });
        assert_eq!(maximum_drawdown(100.0, &equity[..5]), Drawdown { depth: -0.5, top: 3, end: 5 });
    }

    #[test]
    fn the_initial_equity_is_a_top_too() {
        assert_eq!(maximum_drawdown(100.0, &[80.0, 90.0]), Drawdown { depth: 80.0 / 100.0 - 1.0, top: 0, end: 2 });
        assert_eq!(maximum_drawdown(100.0, &[]), Drawdown { depth: 0.0, top: 0, end: 0 });
        assert_eq!(maximum_drawdown(100.0, &[100.0, 101.0]).depth, 0.0);
    }
}
