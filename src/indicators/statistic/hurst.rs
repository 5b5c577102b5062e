//! `hurst`: the Hurst exponent by rescaled ranges.

use crate::indicators::average::Average;
use crate::indicators::window::History;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

/// The shortest piece whose range is measured.
const SHORTEST: usize = 8;

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "hurst",
        family: "statistic",
        doc: "Hurst exponent of the last returns by rescaled ranges: above 0.5 where moves go on, below it where they turn back. Without a correction for small samples: steps without memory measure about 0.57 over 128 bars. It costs O(timeperiod * log(timeperiod)) a bar.",
        formula: "the slope of the line of least squares of ln(mean(R / S)) on ln(size), over pieces of timeperiod, timeperiod / 2, … values, at least 8, cut off from the newest on; R = the range of the running sum of the distances from the piece's mean, S = the piece's standard deviation, the population's; not known where nothing has moved",
        inputs: Inputs::Series(&["returns"]),
        parameters: &[Parameter::length("timeperiod", 128, 16, "How many returns are looked at.")],
        outputs: &["hurst"],
        example: "hurst(log_returns(close), 256) > 0.6",
        source: "H. E. Hurst, Long-term storage capacity of reservoirs, 1951; B. Mandelbrot and J. Wallis, 1969; Edgar Peters, Fractal Market Analysis, 1994, chapter 4.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Hurst(History::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Hurst(History);

impl Average for Hurst {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        self.0.push(value).map_or(f64::NAN, exponent)
    }
}

/// The slope of the logarithm of the mean rescaled range on that of the size.
fn exponent(window: &[f64]) -> f64 {
    let (mut count, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut size = window.len();
    while size >= SHORTEST {
        // Distances from the logarithm of the longest, which is 0, keep the sums small.
        let log_size = (size as f64 / window.len() as f64).ln();
        let log_range = mean_rescaled_range(window, size).ln();
        count += 1.0;
        x += log_size;
        y += log_range;
        xx += log_size * log_size;
        xy += log_size * log_range;
        size /= 2;
    }
    (count * xy - x * y) / (count * xx - x * x)
}

/// The mean over the pieces of one size; pieces where nothing moved are left out.
fn mean_rescaled_range(window: &[f64], size: usize) -> f64 {
    let ranges = window.rchunks_exact(size).filter_map(rescaled_range);
    let (sum, count) = ranges.fold((0.0, 0.0), |(sum, count), range| (sum + range, count + 1.0));
    sum / count
}

fn rescaled_range(piece: &[f64]) -> Option<f64> {
    let length = piece.len() as f64;
    // The distance from the first value is taken, so that a flat piece is one exactly.
    let first = *piece.first()?;
    let mean = piece.iter().map(|value| value - first).sum::<f64>() / length;
    let (mut sum, mut lowest, mut highest, mut squares) = (0.0_f64, f64::INFINITY, f64::NEG_INFINITY, 0.0);
    for value in piece {
        let distance = value - first - mean;
        sum += distance;
        lowest = lowest.min(sum);
        highest = highest.max(sum);
        squares += distance * distance;
    }
    (squares > 0.0).then(|| (highest - lowest) / (squares / length).sqrt())
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_0_where_each_move_turns_back_and_unknown_where_half_of_the_sizes_are_flat() {
        let turning: Vec<f64> = (0..64).map(|bar| if bar % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let values = run(&NODE, &[&turning], &[("timeperiod", 64.into())]);
        assert_close(&values[0][62..], &[NAN, 0.0]);
        let step: Vec<f64> = (0..64).map(|bar| if bar < 32 { 1.0 } else { -1.0 }).collect();
        let values = run(&NODE, &[&step], &[("timeperiod", 64.into())]);
        assert!(values[0][63].is_nan());
    }

    #[test]
    fn is_the_slope_between_two_sizes_by_hand() {
        // four up and four down, twice: R / S is 4 at either size
        let twice: Vec<f64> = (0..16).map(|bar| if bar % 8 < 4 { 1.0 } else { -1.0 }).collect();
        let values = run(&NODE, &[&twice], &[("timeperiod", 16.into())]);
        assert_close(&values[0][14..], &[NAN, 0.0]);
        // up by 24 and down again, S = sqrt(10); each half is a ripple of range 1 and S = 1
        let wave: Vec<f64> =
            (0..16).map(|bar| if bar < 8 { 3.0 } else { -3.0 } + if bar % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let values = run(&NODE, &[&wave], &[("timeperiod", 16.into())]);
        assert_close(&values[0][15..], &[(24.0 / 10f64.sqrt()).log2()]);
    }
}
