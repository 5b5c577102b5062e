//! Statistics of windows.

use super::{assert_is, compute, highest, lowest, markets, mean, moment, window};

/// Intercept and slope of the line of least squares, by distances from the means.
pub fn line(values: &[f64]) -> (f64, f64) {
    let places: Vec<f64> = (0..values.len()).map(|place| place as f64).collect();
    line_through(&places, values)
}

fn line_through(x: &[f64], y: &[f64]) -> (f64, f64) {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let products: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = products / x.iter().map(|x| (x - mean_x).powi(2)).sum::<f64>();
    (mean_y - slope * mean_x, slope)
}

fn period(length: usize) -> [super::Given; 1] {
    [("timeperiod", (length as i64).into())]
}

#[test]
fn linearreg_channel_is_as_wide_as_the_residuals() {
    for market in markets() {
        for length in [2, 20, 100] {
            let given = [period(length)[0].clone(), ("nbdev", 1.5.into())];
            let outputs = compute("linearreg_channel", &given, &[&market.close]);
            assert_is(&market.name, outputs, 0.0, |bar| {
                let values = window(&market.close, bar, length);
                let (intercept, slope) = line(values);
                let residuals: Vec<f64> = (0..length).map(|i| values[i] - intercept - slope * i as f64).collect();
                let (middle, width) = (values[length - 1] - residuals[length - 1], 1.5 * moment(&residuals, 2).sqrt());
                [middle + width, middle, middle - width]
            });
        }
    }
}

fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let sample = (moment(values, 2) * n / (n - 1.0)).sqrt();
    n / ((n - 1.0) * (n - 2.0)) * n * moment(values, 3) / sample.powi(3)
}

fn excess_kurtosis(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let sample = moment(values, 2) * n / (n - 1.0);
    let fourth = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0)) * n * moment(values, 4) / sample.powi(2);
    fourth - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0))
}

#[test]
fn skew_and_kurtosis_are_those_of_a_sample() {
    for market in markets() {
        for (what, series) in [("close", market.close.clone()), ("returns", market.returns())] {
            for length in [4, 20, 250] {
                let name = format!("{what} of {} over {length}", market.name);
                let flat = |bar: usize| moment(window(&series, bar, length), 2) == 0.0;
                assert!(!(length..series.len()).any(flat), "{name}");
                let skew = compute("skew", &period(length), &[&series]);
                assert_is(&name, skew, 1.0, |bar| [skewness(window(&series, bar, length))]);
                let kurtosis = compute("kurtosis", &period(length), &[&series]);
                assert_is(&name, kurtosis, 1.0, |bar| [excess_kurtosis(window(&series, bar, length))]);
            }
        }
    }
}

#[test]
fn skew_and_kurtosis_are_excels() {
    // The examples of Microsoft's documentation of SKEW and KURT.
    let data = [3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 5.0, 6.0, 4.0, 7.0];
    for (name, expected) in [("skew", 0.359_543_071), ("kurtosis", -0.151_799_637)] {
        let (outputs, lookback) = compute(name, &period(10), &[&data]);
        assert_eq!(lookback, 9);
        assert!((outputs[0][9] - expected).abs() < 5e-10, "{name} is {}", outputs[0][9]);
    }
}

#[test]
fn quantiles_are_those_of_sorted_windows() {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    for market in markets() {
        for length in [1, 9, 20, 100] {
            let median = compute("median", &period(length), &[&market.close]);
            assert_is(&market.name, median, 0.0, |bar| {
                let values = sorted(window(&market.close, bar, length));
                [(values[(length - 1) / 2] + values[length / 2]) / 2.0]
            });
            for fraction in [0.0, 0.05, 0.3, 0.9, 1.0] {
                let given = [period(length)[0].clone(), ("fraction", fraction.into())];
                assert_is(&market.name, compute("quantile", &given, &[&market.close]), 0.0, |bar| {
                    let values = sorted(window(&market.close, bar, length));
                    // Each value weighs by its nearness to the place that is asked for.
                    let place = fraction * (length - 1) as f64;
                    let near = |i: usize| (1.0 - (i as f64 - place).abs()).max(0.0);
                    [values.iter().enumerate().map(|(i, value)| value * near(i)).sum()]
                });
            }
        }
    }
    // The example of Microsoft's documentation of PERCENTILE.INC.
    let given = [("timeperiod", 4.into()), ("fraction", 0.3.into())];
    assert!((compute("quantile", &given, &[&[1.0, 3.0, 2.0, 4.0]]).0[0][3] - 1.9).abs() < 1e-12);
}

#[test]
fn entropy_is_that_of_the_histogram() {
    for market in markets() {
        let returns = market.returns();
        for (length, bins) in [(100, 10), (20, 4), (2, 2)] {
            let given = [period(length)[0].clone(), ("bins", (bins as i64).into())];
            assert_is(&market.name, compute("entropy", &given, &[&returns]), 1.0, |bar| {
                let values = window(&returns, bar, length);
                let (low, high) = (lowest(values), highest(values));
                let edge = |bin: usize| low + (high - low) * bin as f64 / bins as f64;
                let mut left = values.to_vec();
                let mut bits = 0.0;
                for bin in 1..=bins {
                    let before = left.len();
                    left.retain(|value| bin < bins && *value >= edge(bin));
                    let share = (before - left.len()) as f64 / length as f64;
                    bits += if share > 0.0 { share * share.recip().log2() } else { 0.0 };
                }
                [bits]
            });
        }
    }
}

#[test]
fn frac_diff_is_the_binomial_series() {
    for market in markets() {
        let logarithms: Vec<f64> = market.close.iter().map(|close| close.ln()).collect();
        for (order, length) in [(0.4, 100), (1.3, 30), (0.0, 5), (1.0, 10), (2.0, 10)] {
            let given = [("order", order.into()), period(length)[0].clone()];
            assert_is(&market.name, compute("frac_diff", &given, &[&logarithms]), 1.0, |bar| {
                let weight = |k: usize| (1..=k).map(|j| ((j - 1) as f64 - order) / j as f64).product::<f64>();
                [(0..length).map(|k| weight(k) * logarithms[bar - k]).sum()]
            });
        }
    }
}

/// The mean over pieces, counted from the end, of the range of the path around the straight way from
/// its beginning to its end, by the deviation of its steps.
fn rescaled(values: &[f64], size: usize) -> f64 {
    let pieces = values.len() / size;
    let of_piece = |piece: usize| {
        let end = values.len() - piece * size;
        let steps = &values[end - size..end];
        let total: f64 = steps.iter().sum();
        let path: Vec<f64> =
            (1..=size).map(|place| steps[..place].iter().sum::<f64>() - total * place as f64 / size as f64).collect();
        (highest(&path) - lowest(&path)) / moment(steps, 2).sqrt()
    };
    mean(&(0..pieces).map(of_piece).collect::<Vec<_>>())
}

#[test]
fn hurst_is_the_slope_of_rescaled_ranges() {
    for market in markets() {
        let returns = market.returns();
        let returns = &returns[..returns.len().min(1500)];
        for length in [16, 60, 128] {
            assert_is(&market.name, compute("hurst", &period(length), &[returns]), 1.0, |bar| {
                let values = window(returns, bar, length);
                let sizes: Vec<usize> = (0..).map(|halves| length >> halves).take_while(|size| *size >= 8).collect();
                let x: Vec<f64> = sizes.iter().map(|size| (*size as f64).ln()).collect();
                let y: Vec<f64> = sizes.iter().map(|size| rescaled(values, *size).ln()).collect();
                [line_through(&x, &y).1]
            });
        }
    }
}

#[test]
fn hurst_tells_memory_from_none() {
    // Steps of a generator, with none of the last step in them, with half of it, and against it.
    let measured = [0.0, 0.7, -0.7].map(|memory| {
        let mut state = 11_u64;
        let mut last = 0.0;
        let steps: Vec<f64> = (0..40_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                last = memory * last + (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
                last
            })
            .collect();
        mean(&compute("hurst", &period(128), &[&steps]).0[0][127..])
    });
    println!("hurst over 128 without memory, with and against it: {measured:?}");
    let [none, with, against] = measured;
    assert!((0.55..0.65).contains(&none) && with > none + 0.15 && against < none - 0.15, "{measured:?}");
}
