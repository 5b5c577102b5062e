//! Filters, oscillators and trends.

use std::f64::consts::PI;

use super::{assert_is, compute, exponential, highest, lowest, markets, mean, of_bars, walk, window};

/// The answer of a two-pole filter to a single 1, from the place of its poles: a pair at `radius`
/// and ± `angle`, or a double one where the angle is 0.
fn impulse(radius: f64, angle: f64, length: usize) -> Vec<f64> {
    let ring = |bar: usize| {
        let place = (bar + 1) as f64;
        if angle == 0.0 { place } else { (place * angle).sin() / angle.sin() }
    };
    (0..length).map(|bar| radius.powi(i32::try_from(bar).unwrap()) * ring(bar)).collect()
}

fn convolve(values: &[f64], impulse: &[f64], bar: usize) -> f64 {
    (0..=bar).map(|age| impulse[age] * values[bar - age]).sum()
}

/// The super smoother on each bar, by convolution with its answer to a single 1.
fn smoothed(values: &[f64], length: usize) -> Vec<f64> {
    let angle = 2f64.sqrt() * PI / length as f64;
    let radius = (-angle).exp();
    let impulse = impulse(radius, angle, values.len());
    // The gain at a standstill is 1.
    let gain = 1.0 - 2.0 * radius * angle.cos() + radius * radius;
    let from_first: Vec<f64> = values.iter().map(|value| value - values[0]).collect();
    let pairs: Vec<f64> =
        (0..values.len()).map(|bar| (from_first[bar] + from_first[bar.saturating_sub(1)]) / 2.0).collect();
    (0..values.len()).map(|bar| values[0] + gain * convolve(&pairs, &impulse, bar)).collect()
}

#[test]
fn super_smoother_is_a_convolution() {
    for market in markets() {
        for length in [2, 10, 40] {
            let slow = smoothed(&market.close, length);
            let given = [("timeperiod", (length as i64).into())];
            let outputs = compute("super_smoother", &given, &[&market.close]);
            assert_eq!(outputs.1, length - 1);
            assert_is(&market.name, outputs, 0.0, |bar| [slow[bar]]);
        }
    }
}

/// Waves longer than `length` taken out, by convolution.
fn high_passed(values: &[f64], length: usize) -> Vec<f64> {
    let angle = 0.707_106_781_186_547_5 * 2.0 * PI / length as f64;
    let alpha = 1.0 + (angle.sin() - 1.0) / angle.cos();
    let impulse = impulse(1.0 - alpha, 0.0, values.len());
    let at = |bar: usize, ago: usize| values[bar.saturating_sub(ago)];
    let bends: Vec<f64> = (0..values.len()).map(|bar| at(bar, 0) - 2.0 * at(bar, 1) + at(bar, 2)).collect();
    (0..values.len()).map(|bar| (1.0 - alpha / 2.0).powi(2) * convolve(&bends, &impulse, bar)).collect()
}

#[test]
fn roofing_filter_is_two_convolutions() {
    for market in markets() {
        for (longest, shortest) in [(48, 10), (80, 40), (5, 12)] {
            let slow = smoothed(&high_passed(&market.close, longest), shortest);
            let given = [("highpass", (longest as i64).into()), ("lowpass", (shortest as i64).into())];
            let outputs = compute("roofing_filter", &given, &[&market.close]);
            assert_is(&market.name, outputs, mean(&market.close), |bar| [slow[bar]]);
        }
    }
}

#[test]
fn mcginley_is_its_formula() {
    for market in markets() {
        for (length, constant) in [(14, 0.6), (10, 1.0)] {
            let mut slow = vec![mean(&market.close[..length])];
            for close in &market.close[length..] {
                let last = slow[slow.len() - 1];
                slow.push(last + (close - last) / f64::max(constant * length as f64 * (close / last).powi(4), 1.0));
            }
            let given = [("timeperiod", (length as i64).into()), ("constant", constant.into())];
            let outputs = compute("mcginley", &given, &[&market.close]);
            assert_is(&market.name, outputs, 0.0, |bar| [slow[bar + 1 - length]]);
        }
    }
}

#[test]
fn fisher_is_the_published_code() {
    for market in markets() {
        let middle: Vec<f64> = market.high.iter().zip(&market.low).map(|(high, low)| (high + low) / 2.0).collect();
        let (mut value, mut fish) = (vec![0.0; market.len()], vec![0.0; market.len()]);
        for bar in 9..market.len() {
            let (high, low) = (highest(window(&middle, bar, 10)), lowest(window(&middle, bar, 10)));
            value[bar] = 0.33 * 2.0 * ((middle[bar] - low) / (high - low) - 0.5) + 0.67 * value[bar - 1];
            if value[bar] > 0.99 {
                value[bar] = 0.999;
            }
            if value[bar] < -0.99 {
                value[bar] = -0.999;
            }
            fish[bar] = f64::atanh(value[bar]) + 0.5 * fish[bar - 1];
        }
        assert_is(&market.name, of_bars("fisher", &[], &market), 1.0, |bar| [fish[bar]]);
    }
}

/// The relative strength index at the end of some values, by the weight of each change.
fn strength(values: &[f64], length: usize) -> f64 {
    let changes =
        |sign: f64| -> Vec<f64> { values.windows(2).map(|pair| (sign * (pair[1] - pair[0])).max(0.0)).collect() };
    let [gain, loss] = [1.0, -1.0].map(|sign| exponential(&changes(sign), length, 1.0 / length as f64));
    if gain + loss == 0.0 { 0.0 } else { 100.0 * gain / (gain + loss) }
}

#[test]
fn connors_rsi_is_the_mean_of_its_parts() {
    let streak = |close: &[f64], bar: usize| -> f64 {
        let sign = |bar: usize| {
            if bar == 0 || close[bar] == close[bar - 1] { 0.0 } else { (close[bar] - close[bar - 1]).signum() }
        };
        sign(bar) * (0..=bar).rev().take_while(|other| sign(bar) != 0.0 && sign(*other) == sign(bar)).count() as f64
    };
    for mut market in markets() {
        // Prices that stand still now and then, as they do in cents.
        market.close.iter_mut().for_each(|close| *close = (*close * 10.0).round() / 10.0);
        let streaks: Vec<f64> = (0..market.len()).map(|bar| streak(&market.close, bar)).collect();
        let returns = market.returns();
        for rank in [100, 20] {
            let outputs = compute("connors_rsi", &[("rankperiod", rank.into())], &[&market.close]);
            let rank = rank as usize;
            assert_eq!(outputs.1, rank + 1);
            assert_is(&market.name, outputs, 1.0, |bar| {
                let before = &returns[bar - 1 - rank..bar - 1];
                let lower = before.iter().filter(|other| **other < returns[bar - 1]).count();
                let ranked = 100.0 * lower as f64 / rank as f64;
                [mean(&[strength(&market.close[..=bar], 3), strength(&streaks[..=bar], 2), ranked])]
            });
        }
    }
}

/// The solution of linear equations, by elimination.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rows.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs())).unwrap();
        rows.swap(column, pivot);
        let chosen = rows[column].clone();
        for row in &mut rows[column + 1..] {
            let factor = row[column] / chosen[column];
            row.iter_mut().zip(&chosen).for_each(|(value, chosen)| *value -= factor * chosen);
        }
    }
    let mut solution = vec![0.0; n];
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| rows[row][column] * solution[column]).sum();
        solution[row] = (rows[row][n] - known) / rows[row][row];
    }
    solution
}

/// The last level and slope of the path that fits all prices best: the least sum of the squares of
/// every noise, each by its variance.
fn best_path(prices: &[f64], level_noise: f64, slope_noise: f64) -> [f64; 2] {
    let n = prices.len();
    let mut equations = vec![vec![0.0; 2 * n + 1]; 2 * n];
    let mut add = |terms: &[(usize, f64)], target: f64, variance: f64| {
        for (i, a) in terms {
            for (j, b) in terms {
                equations[*i][*j] += a * b / variance;
            }
            equations[*i][2 * n] += a * target / variance;
        }
    };
    for (bar, price) in prices.iter().enumerate() {
        add(&[(2 * bar, 1.0)], *price, 1.0);
        if bar > 0 {
            add(&[(2 * bar, 1.0), (2 * bar - 2, -1.0), (2 * bar - 1, -1.0)], 0.0, level_noise);
            add(&[(2 * bar + 1, 1.0), (2 * bar - 1, -1.0)], 0.0, slope_noise);
        }
    }
    let solution = solve(equations);
    [solution[2 * n - 2], solution[2 * n - 1]]
}

#[test]
fn kalman_trend_is_the_end_of_the_best_path() {
    for market in [walk(5, 40), walk(6, 40)] {
        for (level, slope) in [(0.1, 0.001), (2.0, 0.5), (0.01, 4.0)] {
            let given = [("levelnoise", level.into()), ("slopenoise", slope.into())];
            let outputs = compute("kalman_trend", &given, &[&market.close]);
            assert_is(&market.name, outputs, 1.0, |bar| best_path(&market.close[..=bar], level, slope));
        }
    }
}

#[test]
fn kalman_trend_without_noise_is_the_line_through_everything() {
    for market in markets() {
        let given = [("levelnoise", 0.into()), ("slopenoise", 0.into())];
        let outputs = compute("kalman_trend", &given, &[&market.close]);
        assert_is(&market.name, outputs, 1.0, |bar| {
            let (intercept, slope) = super::statistics::line(&market.close[..=bar]);
            [intercept + slope * bar as f64, slope]
        });
    }
}
