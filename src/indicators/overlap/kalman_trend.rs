//! `kalman_trend`: the local linear trend by a Kalman filter.

use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "kalman_trend",
        family: "overlap",
        doc: "Local linear trend: the level and the slope, in price units a bar, that a Kalman filter sees behind a noisy price. Nothing is assumed of where they begin. Smaller noises give a smoother level; both 0 give the line of least squares through all bars so far.",
        formula: "close = level + e; level = level[1] + slope[1] + u; slope = slope[1] + w; the variances of u and w are levelnoise and slopenoise times that of e",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::number(
                "levelnoise",
                0.1,
                0.0,
                1e6,
                "How much the level wanders, as a part of the price's noise.",
            ),
            Parameter::number(
                "slopenoise",
                0.001,
                0.0,
                1e6,
                "How much the slope wanders, as a part of the price's noise.",
            ),
        ],
        outputs: &["level", "slope"],
        example: "kalman_trend(close, 0.1, 0.001).slope > 0",
        source: "Andrew Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, section 2.3.2, with the exact diffuse start.",
    },
    lookback: |_| Ok(1),
    machine: |arguments| {
        let (level, slope) = (arguments.number("levelnoise")?, arguments.number("slopenoise")?);
        Ok(Box::new(Kalman { noise: [level, slope], first: f64::NAN, state: None }))
    },
};

/// What is known of level and slope: their means, and their variances and covariance as parts of
/// the variance of the price's noise.
#[derive(Clone, Copy)]
struct State {
    level: f64,
    slope: f64,
    level_variance: f64,
    covariance: f64,
    slope_variance: f64,
}

#[derive(Clone)]
struct Kalman {
    noise: [f64; 2],
    first: f64,
    state: Option<State>,
}

impl Machine for Kalman {
    type Input = [f64; 1];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 2] {
        let [level_noise, slope_noise] = self.noise;
        let state = match self.state {
            None if self.first.is_nan() => {
                self.first = value;
                return [f64::NAN; 2];
            }
            // Two prices are as many as there are unknowns: they say all that is known.
            None => State {
                level: value,
                slope: value - self.first,
                level_variance: 1.0,
                covariance: 1.0,
                slope_variance: 2.0 + level_noise + slope_noise,
            },
            Some(last) => {
                let level_variance = last.level_variance + 2.0 * last.covariance + last.slope_variance + level_noise;
                let covariance = last.covariance + last.slope_variance;
                let slope_variance = last.slope_variance + slope_noise;
                let surprise_variance = level_variance + 1.0;
                let expected = last.level + last.slope;
                let surprise = value - expected;
                State {
                    level: expected + surprise * (level_variance / surprise_variance),
                    slope: last.slope + surprise * (covariance / surprise_variance),
                    level_variance: level_variance / surprise_variance,
                    covariance: covariance / surprise_variance,
                    slope_variance: slope_variance - covariance * (covariance / surprise_variance),
                }
            }
        };
        self.state = Some(state);
        [state.level, state.slope]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn without_noise_it_is_the_line_of_least_squares_so_far() {
        let parameters = [("levelnoise", 0.into()), ("slopenoise", 0.into())];
        let values = run(&NODE, &[&[1.0, 5.0, 6.0, 4.0]], &parameters);
        assert_close(&values[0], &[NAN, 5.0, 6.5, 5.5]);
        assert_close(&values[1], &[NAN, 4.0, 2.5, 1.0]);
    }

    #[test]
    fn a_straight_line_is_followed_whatever_the_noise() {
        let line: Vec<f64> = (0..50).map(|bar| 100.0 - 2.0 * f64::from(bar)).collect();
        let values = run(&NODE, &[&line], &[]);
        assert_close(&values[0][1..], &line[1..]);
        assert_close(&values[1][1..], &[-2.0; 49]);
    }
}
