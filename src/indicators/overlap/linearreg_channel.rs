//! `linearreg_channel`: a channel around the line of least squares.

use crate::indicators::statistic::line;
use crate::indicators::window::{History, Weighted};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "linearreg_channel",
        family: "overlap",
        doc: "Linear regression channel: where the line of least squares stands on this bar, and lines some deviations from it. It costs O(timeperiod) a bar: the distances are added up one by one, since the difference of sums loses the digits of a close fit.",
        formula: "middleband = linearreg(close, timeperiod); upperband and lowerband are nbdev * sqrt(mean((close - line)²)) away, the population's deviation of the window from its line",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 100, 2, "How many bars the line is laid through."),
            Parameter::number("nbdev", 2.0, 0.0, f64::MAX, "Deviations from the middle to each line."),
        ],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "close < linearreg_channel(close, 100).lowerband",
        source: "Gilbert Raff, Trading the Regression Channel, 1991, whose lines stand at the farthest distance; with deviations, as charts draw it.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let (start, slope) = (line::height(length, 0), line::slope(length));
        Ok(Box::new(Channel { start, slope, window: History::new(length), factor: arguments.number("nbdev")? }))
    },
};

#[derive(Clone)]
struct Channel {
    start: Weighted,
    slope: Weighted,
    window: History,
    factor: f64,
}

impl Machine for Channel {
    type Input = [f64; 1];
    type Output = [f64; 3];

    #[inline]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 3] {
        let (start, slope) = (self.start.push(value), self.slope.push(value));
        let Some(values) = self.window.push(value) else {
            return [f64::NAN; 3];
        };
        let on_line = |position: usize| start + slope * position as f64;
        let squares: f64 = values.iter().enumerate().map(|(position, value)| (value - on_line(position)).powi(2)).sum();
        let middle = on_line(values.len() - 1);
        let width = self.factor * (squares / values.len() as f64).sqrt();
        [middle + width, middle, middle - width]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn lies_around_the_line_through_three_points() {
        // the line 1.5, 4, 6.5 leaves -0.5, 1 and -0.5
        let values = run(&NODE, &[&[1.0, 5.0, 6.0]], &[("timeperiod", 3.into()), ("nbdev", 2.into())]);
        let width = 2.0 * 0.5_f64.sqrt();
        assert_close(&values[0], &[NAN, NAN, 6.5 + width]);
        assert_close(&values[1], &[NAN, NAN, 6.5]);
        assert_close(&values[2], &[NAN, NAN, 6.5 - width]);
    }
}
