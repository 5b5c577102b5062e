//! Every figure of metrics.json, and those of statistics.json, beside ours.

use serde_json::Value;
use timeweave::metrics::{
    Benchmark, Curve, Distribution, Drawdowns, Performance, Ratios, autocorrelation_penalty, by_month, by_year,
    periods_per_year, rolling_maximum_drawdown, rolling_sharpe,
};
use timeweave::time::Timestamp;

use super::{date, golden, near};
use crate::broker;

/// Returns with their dates, and an equity that has them.
struct Series {
    name: String,
    times: Vec<Timestamp>,
    returns: Vec<f64>,
    equity: Vec<f64>,
}

const INITIAL: f64 = 1_000.0;

impl Series {
    fn new(name: &str, times: Vec<Timestamp>, returns: Vec<f64>) -> Self {
        let grow = |equity: &mut f64, value: &f64| {
            *equity *= 1.0 + value;
            Some(*equity)
        };
        let equity = returns.iter().scan(INITIAL, grow).collect();
        Self { name: name.into(), times, returns, equity }
    }

    fn all() -> Vec<(Self, Value)> {
        let files = golden("metrics.json");
        let series = files.as_array().unwrap().iter().map(|one| {
            let times: Vec<Timestamp> = one["dates"].as_array().unwrap().iter().map(date).collect();
            let of = Self::new(one["series"].as_str().unwrap(), times, broker::numbers(&one["values"]));
            (of, one.clone())
        });
        series.collect()
    }

    fn curve(&self) -> Curve<'_> {
        Curve::new(INITIAL, &self.equity, &self.times, periods_per_year(&self.times))
    }

    /// The dates that both have.
    fn common(&self, other: &Self) -> Self {
        let at = |time: &Timestamp| other.times.binary_search(time).is_ok();
        let rows = self.times.iter().zip(&self.returns).filter(|(time, _)| at(time));
        let (times, returns) = rows.map(|(time, value)| (*time, *value)).unzip();
        Self::new(&self.name, times, returns)
    }
}

#[test]
fn metrics_agree_with_empyrical_and_quantstats() {
    let all = Series::all();
    assert_eq!(all.len(), 2);
    for (series, golden) in &all {
        let curve = series.curve();
        assert_eq!(curve.periods_per_year, golden["periods_per_year"].as_f64(), "told from the dates alone");
        let performance = Performance::of(&curve);
        let distribution = Distribution::of(&curve);
        let ratios = Ratios::of(&curve, &distribution);
        let ulcer_index = Drawdowns::of(&curve).ulcer_index;
        let figures = golden["figures"].as_object().unwrap();
        assert_eq!(figures.len(), 38);
        for (name, theirs) in figures {
            let ours = match name.as_str() {
                "empyrical.annual_return" | "quantstats.cagr" => performance.cagr,
                "empyrical.cum_return" => Some(performance.total_return),
                "empyrical.annual_volatility" => performance.volatility,
                "empyrical.sharpe_ratio" => performance.sharpe,
                "empyrical.sortino_ratio" => performance.sortino,
                "empyrical.calmar_ratio" => performance.calmar,
                "empyrical.max_drawdown" => Some(performance.maximum_drawdown),
                "empyrical.downside_risk" => curve.downside_risk(),
                "empyrical.omega_ratio" | "quantstats.profit_factor" => ratios.omega,
                "empyrical.tail_ratio" => distribution.tail_ratio,
                "empyrical.value_at_risk_5" => distribution.value_at_risk,
                "empyrical.conditional_value_at_risk_5" => distribution.conditional_value_at_risk,
                "empyrical.stability_of_timeseries" => ratios.stability,
                "quantstats.ulcer_index" => ulcer_index,
                "quantstats.skew" => distribution.skew,
                "quantstats.kurtosis" => distribution.kurtosis,
                "quantstats.gain_to_pain_ratio" => ratios.gain_to_pain,
                "quantstats.serenity_index" => ratios.serenity_index,
                "quantstats.recovery_factor" => ratios.recovery_factor,
                "quantstats.common_sense_ratio" => ratios.common_sense_ratio,
                "quantstats.cpc_index" => ratios.cpc_index,
                "quantstats.payoff_ratio" => distribution.payoff_ratio,
                "quantstats.win_rate" => distribution.win_rate,
                "quantstats.kelly_criterion" => ratios.kelly_criterion,
                "quantstats.probabilistic_sharpe_ratio" => ratios.probabilistic_sharpe,
                "quantstats.smart_sharpe" => ratios.smart_sharpe,
                "quantstats.smart_sortino" => ratios.smart_sortino,
                "quantstats.expected_return" | "quantstats.geometric_mean" => distribution.geometric_mean,
                // quantstats rounds the share up to a whole percent.
                "quantstats.exposure" => distribution.share_not_zero.map(|share| (share * 100.0).ceil() / 100.0),
                "quantstats.consecutive_wins" => Some(distribution.longest_gains as f64),
                "quantstats.consecutive_losses" => Some(distribution.longest_losses as f64),
                "quantstats.risk_of_ruin" => ratios.risk_of_ruin,
                "quantstats.outlier_win_ratio" => distribution.outlier_win_ratio,
                "quantstats.outlier_loss_ratio" => distribution.outlier_loss_ratio,
                "quantstats.rar" => ratios.return_over_exposure,
                other => panic!("{other} has no figure of ours"),
            };
            near(&format!("{name} of {}", series.name), ours, theirs.as_f64().unwrap());
        }
    }
}

#[test]
fn metrics_agree_with_more_of_quantstats() {
    let statistics = golden("statistics.json");
    for (series, _) in Series::all() {
        let curve = series.curve();
        let distribution = Distribution::of(&curve);
        let ratios = Ratios::of(&curve, &distribution);
        let gains = curve.gains;
        for (name, theirs) in statistics["returns"][&series.name]["figures"].as_object().unwrap() {
            let ours = match name.as_str() {
                "value_at_risk" => distribution.value_at_risk_normal,
                "conditional_value_at_risk" => distribution.conditional_value_at_risk_normal,
                "ulcer_performance_index" => ratios.ulcer_performance_index,
                "adjusted_sortino" => ratios.adjusted_sortino,
                "probabilistic_sortino_ratio" => ratios.probabilistic_sortino,
                "risk_return_ratio" => curve.moments.return_over_deviation(),
                "avg_win" => distribution.average_gain,
                "avg_loss" => distribution.average_loss,
                "best" => distribution.best,
                "worst" => distribution.worst,
                "autocorr_penalty" => {
                    distribution.autocorrelation.map(|own| autocorrelation_penalty(own, series.returns.len()))
                }
                "omega" => gains.profit_factor(),
                "calmar" => Performance::of(&curve).calmar,
                "max_drawdown" => Some(curve.maximum_drawdown()),
                // Of what is there, in a line.
                "avg_return" => Some(curve.sum_of_returns() / (gains.winning + gains.losing) as f64),
                "profit_ratio" => Some({
                    let (kept, lost) = ((gains.count - gains.losing) as f64, gains.losing as f64);
                    gains.gains / (kept * kept) / (gains.losses / (lost * lost))
                }),
                "probabilistic_adjusted_sortino_ratio" => continue,
                other => panic!("{other} has no figure of ours"),
            };
            near(&format!("{name} of {}", series.name), ours, theirs.as_f64().unwrap());
        }
    }
}

#[test]
fn metrics_against_a_benchmark_agree_with_empyrical_and_quantstats() {
    let statistics = golden("statistics.json");
    let series: Vec<Series> = Series::all().into_iter().map(|(series, _)| series).collect();
    let mut pairs = 0;
    for (own, other) in [(&series[0], &series[1]), (&series[1], &series[0])] {
        let (own, other) = (own.common(other), other.common(own));
        let curve = own.curve();
        let benchmark = Benchmark::of(&curve, &other.equity);
        let year = 252.0_f64;
        let pair = format!("{} against {}", own.name, other.name);
        for (name, theirs) in statistics["pairs"][&pair].as_object().unwrap() {
            let ours = match name.as_str() {
                "empyrical.alpha" => benchmark.alpha,
                "empyrical.beta" | "quantstats.greeks.beta" => benchmark.beta,
                "empyrical.up_capture" => benchmark.up_capture,
                "empyrical.down_capture" => benchmark.down_capture,
                "empyrical.up_down_capture" => {
                    benchmark.up_capture.zip(benchmark.down_capture).map(|(up, down)| up / down)
                }
                "empyrical.batting_average" => benchmark.batting_average,
                "empyrical.annual_volatility of the difference" => benchmark.tracking_error,
                // Theirs are of a bar.
                "empyrical.excess_sharpe" | "quantstats.information_ratio" => {
                    benchmark.information_ratio.map(|ratio| ratio / year.sqrt())
                }
                "quantstats.r_squared" => benchmark.r_squared,
                // Its numerator is the total return, ours the mean return a year.
                "quantstats.treynor_ratio" => benchmark
                    .treynor_ratio
                    .map(|ratio| ratio * curve.total_return() / (curve.moments.mean().unwrap() * year)),
                // Its alpha is summed up over a year, ours compounded.
                "quantstats.greeks.alpha" => benchmark.alpha.map(|alpha| ((1.0 + alpha).powf(1.0 / year) - 1.0) * year),
                other => panic!("{other} has no figure of ours"),
            };
            near(&format!("{name} of {pair}"), ours, theirs.as_f64().unwrap());
            pairs += 1;
        }
    }
    assert_eq!(pairs, 26);
}

#[test]
fn rolling_figures_agree_with_empyrical() {
    let statistics = golden("statistics.json");
    for (series, _) in Series::all() {
        let theirs = &statistics["returns"][&series.name];
        let window = theirs["window"].as_u64().unwrap() as usize;
        let sharpe = rolling_sharpe(&series.returns, window, 252.0);
        let fall = rolling_maximum_drawdown(INITIAL, &series.equity, window);
        assert!(sharpe[..window - 1].iter().chain(&fall[..window - 1]).all(|value| value.is_nan()));
        for (ours, name) in [(sharpe, "rolling_sharpe"), (fall, "rolling_maximum_drawdown")] {
            let theirs = broker::numbers(&theirs[name]);
            assert_eq!(theirs.len(), ours.len() + 1 - window);
            for (bar, (ours, theirs)) in ours[window - 1..].iter().zip(theirs).enumerate() {
                near(&format!("{name} {bar} of {}", series.name), Some(*ours), theirs);
            }
        }
    }
}

#[test]
fn months_years_and_drawdowns_agree_with_empyrical_and_quantstats() {
    let statistics = golden("statistics.json");
    for (series, _) in Series::all() {
        let theirs = &statistics["returns"][&series.name];
        let curve = series.curve();
        let (months, years) = (by_month(&curve, curve.equity, &[]), by_year(&curve, curve.equity, &[]));
        let rows = |name: &str| theirs[name].as_array().unwrap().clone();
        assert_eq!((months.len(), years.len()), (rows("monthly").len(), rows("yearly").len()));
        for (ours, theirs) in months.iter().zip(rows("monthly")) {
            assert_eq!(
                (Some(i64::from(ours.year)), ours.month.map(u64::from)),
                (theirs[0].as_i64(), theirs[1].as_u64())
            );
            // A month's return is a difference of near values: 1e-9 of the value, not of the difference.
            let (ours, theirs) = (ours.total_return.unwrap(), theirs[2].as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
        }
        for (ours, theirs) in years.iter().zip(rows("yearly")) {
            assert_eq!(Some(i64::from(ours.year)), theirs[0].as_i64());
            near("a year", ours.total_return, theirs[1].as_f64().unwrap());
        }
        assert_eq!(months.iter().map(|month| month.bars).sum::<usize>(), series.times.len());

        // quantstats dates a drawdown from the first bar below the top to the last: a bar less at both ends.
        let details = rows("drawdowns");
        let drawdowns = Drawdowns::of(&curve);
        assert_eq!(drawdowns.count, details.len());
        let mut deepest: Vec<&Value> = details.iter().collect();
        deepest.sort_by(|a, b| a[3].as_f64().unwrap().total_cmp(&b[3].as_f64().unwrap()));
        let place = |date: &str| series.times.binary_search(&date.parse().unwrap()).unwrap();
        for (ours, theirs) in drawdowns.worst.iter().zip(deepest) {
            near("the depth", Some(ours.depth * 100.0), theirs[3].as_f64().unwrap());
            assert_eq!(ours.bottom, theirs[1].as_str().unwrap());
            let first = place(theirs[0].as_str().unwrap());
            assert_eq!(place(&ours.from), first.saturating_sub(1));
            match &ours.until {
                Some(until) => assert_eq!(place(until), place(theirs[2].as_str().unwrap()) + 1),
                None => assert_eq!(place(theirs[2].as_str().unwrap()), series.times.len() - 1),
            }
        }
        let depths: f64 = details.iter().map(|row| row[3].as_f64().unwrap() / 100.0).sum();
        near("the average", drawdowns.average, depths / details.len() as f64);
    }
}

#[test]
fn the_docs_name_every_figure_of_the_golden_file() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/statistics.md")).unwrap();
    for (_, golden) in Series::all() {
        for name in golden["figures"].as_object().unwrap().keys() {
            let (_, figure) = name.split_once('.').unwrap();
            assert!(page.contains(&format!("`{figure}`")), "docs/statistics.md does not name {name}");
        }
    }
}
