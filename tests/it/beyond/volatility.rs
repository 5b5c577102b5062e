//! Volatility by open, high, low and close.

use super::{assert_is, highest, lowest, markets, mean, moment, of_bars, true_ranges, window};

#[test]
fn choppiness_is_the_way_by_the_range() {
    for market in markets() {
        let ranges = true_ranges(&market);
        for length in [2, 14, 50] {
            let given = [("timeperiod", (length as i64).into())];
            assert_is(&market.name, of_bars("choppiness", &given, &market), 1.0, |bar| {
                let way: f64 = window(&ranges, bar - 1, length).iter().sum();
                let range = highest(window(&market.high, bar, length)) - lowest(window(&market.low, bar, length));
                [100.0 * (way.ln() - range.ln()) / (length as f64).ln()]
            });
        }
    }
}

#[test]
fn estimators_are_the_papers_sums() {
    for market in markets() {
        let logarithms = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value.ln()).collect() };
        let [open, high, low, close] = [&market.open, &market.high, &market.low, &market.close].map(|v| logarithms(v));
        let ln_2 = 2f64.ln();
        // The papers' normalised high, low and close: from the open.
        let (u, d) = (|bar: usize| high[bar] - open[bar], |bar: usize| low[bar] - open[bar]);
        let c = |bar: usize| close[bar] - open[bar];
        for length in [2, 20, 60] {
            let given = [("timeperiod", (length as i64).into())];
            let average =
                |bar: usize, of: &dyn Fn(usize) -> f64| mean(&(bar + 1 - length..=bar).map(of).collect::<Vec<_>>());
            let rogers_satchell = |bar| u(bar) * (u(bar) - c(bar)) + d(bar) * (d(bar) - c(bar));
            assert_is(&market.name, of_bars("parkinson", &given, &market), 0.0, |bar| {
                [(average(bar, &|bar| (u(bar) - d(bar)).powi(2)) / (4.0 * ln_2)).sqrt()]
            });
            assert_is(&market.name, of_bars("garman_klass", &given, &market), 0.0, |bar| {
                let of = |bar| 0.5 * (u(bar) - d(bar)).powi(2) - (2.0 * ln_2 - 1.0) * c(bar).powi(2);
                [average(bar, &of).sqrt()]
            });
            assert_is(&market.name, of_bars("rogers_satchell", &given, &market), 0.0, |bar| {
                [average(bar, &rogers_satchell).sqrt()]
            });
            assert_is(&market.name, of_bars("yang_zhang", &given, &market), 0.0, |bar| {
                let n = length as f64;
                let sample = |of: &dyn Fn(usize) -> f64| {
                    moment(&(bar + 1 - length..=bar).map(of).collect::<Vec<_>>(), 2) * n / (n - 1.0)
                };
                let k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));
                let gaps = sample(&|bar| open[bar] - close[bar - 1]);
                [(gaps + k * sample(&c) + (1.0 - k) * average(bar, &rogers_satchell)).sqrt()]
            });
        }
    }
}

#[test]
fn estimators_find_the_volatility_of_a_walk() {
    // Bars of a fine random walk of known volatility: each estimator comes near it, from below, since
    // a walk of steps does not reach as far as one without.
    let mut state = 3_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (steps, deviation) = (400, 0.02);
    let step = deviation * (12.0 / f64::from(steps)).sqrt();
    let mut market = super::walk(0, 0);
    let mut logarithm: f64 = 4.0;
    for _ in 0..2000 {
        let path: Vec<f64> = (0..=steps)
            .map(|i| {
                logarithm += if i == 0 { 0.0 } else { step * (uniform() - 0.5) };
                logarithm.exp()
            })
            .collect();
        market.open.push(path[0]);
        market.high.push(highest(&path));
        market.low.push(lowest(&path));
        market.close.push(path[path.len() - 1]);
        market.volume.push(1.0);
    }
    for name in ["parkinson", "garman_klass", "rogers_satchell", "yang_zhang"] {
        let (outputs, _) = of_bars(name, &[("timeperiod", 1900.into())], &market);
        let ratio = outputs[0][1999] / deviation;
        println!("{name} finds {ratio:.3} of the volatility");
        assert!((0.92..1.02).contains(&ratio), "{name}: {ratio}");
    }
}
