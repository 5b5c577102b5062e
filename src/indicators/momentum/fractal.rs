//! `fractal`: turning points, on the bar that confirms them.

use crate::data::Field;
use crate::indicators::window::{Lag, Max, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "fractal",
        family: "momentum",
        doc: "Fractals: 100 on the bar that confirms a swing high or a swing low, else 0.",
        formula: "swinghigh = 100 where high[rightbars] is above the leftbars highs before it and the rightbars highs after it; \
                  swinglow likewise with lows. The turning point itself lies rightbars bars back: it is not known earlier",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("leftbars", 2, 1, "How many bars before the turning point are looked at."),
            Parameter::length("rightbars", 2, 1, "How many bars after the turning point confirm it."),
        ],
        outputs: &["swinghigh", "swinglow"],
        example: "fractal(day).swinglow > 0",
        source: "Bill Williams, Trading Chaos, 1995; TA-Lib's FRACTAL.",
    },
    lookback: |arguments| Ok(arguments.length("leftbars")? + arguments.length("rightbars")?),
    machine: |arguments| {
        let peak = Peak::new(arguments.length("leftbars")?, arguments.length("rightbars")?);
        Ok(Box::new(Fractal { high: peak.clone(), low: peak }))
    },
};

/// Looks for values that are above those on either side.
#[derive(Clone)]
struct Peak {
    /// The highest of the values before the candidate, when it came.
    before: Sliding<Max>,
    held: Lag,
    candidate: Lag,
    after: Sliding<Max>,
}

impl Peak {
    fn new(left: usize, right: usize) -> Self {
        Self {
            before: Sliding::new(left),
            held: Lag::new(right + 1),
            candidate: Lag::new(right),
            after: Sliding::new(right),
        }
    }

    /// Takes the next value and gives 100 where it confirms a peak, else 0; NaN where there are too
    /// few values.
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let before = self.held.push(self.before.slide(value).0);
        let candidate = self.candidate.push(value);
        let after = self.after.slide(value).0;
        if before.is_nan() {
            return f64::NAN;
        }
        // Both are asked, whatever the first answers: nobody can guess that.
        if (candidate > before) & (candidate > after) { 100.0 } else { 0.0 }
    }
}

#[derive(Clone)]
struct Fractal {
    high: Peak,
    low: Peak,
}

impl Machine for Fractal {
    type Input = [f64; 2];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 2] {
        [self.high.next(high), self.low.next(-low)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn marks_the_bar_that_confirms() {
        let high = [5.0, 7.0, 9.0, 8.0, 8.0, 8.0];
        let low = [4.0, 6.0, 5.0, 4.0, 3.0, 6.0];
        let values = run(&NODE, &[&high, &low], &[("leftbars", 2.into()), ("rightbars", 1.into())]);
        assert_close(&values[0], &[NAN, NAN, NAN, 100.0, 0.0, 0.0]);
        assert_close(&values[1], &[NAN, NAN, NAN, 0.0, 0.0, 100.0]);
    }

    #[test]
    fn a_double_top_is_none() {
        let flat = [1.0, 2.0, 2.0, 1.0, 1.0];
        let values = run(&NODE, &[&flat, &flat], &[("leftbars", 1.into()), ("rightbars", 1.into())]);
        assert_close(&values[0], &[NAN, NAN, 0.0, 0.0, 0.0]);
    }
}
