//! Made-up markets: their moments against the closed formulas of their models, and what they must never do.
//!
//! Tolerances are four standard errors or more: the seeds are fixed, so a test that passes goes on to.

use std::f64::consts::{LN_2, PI};
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{Datelike, Timelike};
use chrono_tz::America::New_York;
use rayon::ThreadPoolBuilder;
use timeweave::data::synth::{Garch, Gbm, Jumps, Length, Market, MeanReversion, Model, Mood, Regime};
use timeweave::data::{Adjust, Bars, Catalog, Field, sha256};
use timeweave::time::Calendar;

use super::{instant, new_york, timeframe};

/// A day of a calendar of weekdays, in years.
const DAY: f64 = 1.0 / 252.0;

fn market(model: Model, bars: usize) -> Market {
    let mut market = Market::new(model, timeframe("1d"), Calendar::Weekdays, instant("1990-01-01"), Length::Bars(bars));
    market.tick = None;
    market
}

fn returns(bars: &Bars) -> Vec<f64> {
    let (open, close) = (bars.field(Field::Open), bars.field(Field::Close));
    open.iter().zip(close.iter()).map(|(open, close)| (close / open).ln()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of a power of the departures from the mean.
fn central(values: &[f64], power: i32) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / values.len() as f64
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let both: f64 = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    both / a.len() as f64 / (central(a, 2) * central(b, 2)).sqrt()
}

fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    correlation(&values[lag..], &values[..values.len() - lag])
}

#[track_caller]
fn near(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() < error, "{found}, and {expected} ± {error} was expected");
}

fn gbm() -> Model {
    Model::Gbm(Gbm { drift: 0.1, volatility: 0.2 })
}

#[test]
fn brownian_returns_have_their_mean_variance_and_independence() {
    let count = 40_000.0_f64;
    let found = returns(&market(gbm(), 40_000).bars(0).unwrap());
    let deviation = 0.2 * DAY.sqrt();
    near(mean(&found), (0.1 - 0.02) * DAY, 4.0 * deviation / count.sqrt());
    near(central(&found, 2), deviation.powi(2), 4.0 * deviation.powi(2) * (2.0 / count).sqrt());
    near(central(&found, 4) / central(&found, 2).powi(2), 3.0, 4.0 * (24.0 / count).sqrt());
    near(autocorrelation(&found, 1), 0.0, 4.0 / count.sqrt());
}

#[test]
fn a_bars_range_is_that_of_a_brownian_path() {
    let count = 40_000.0_f64;
    let mut market = market(Model::Gbm(Gbm { drift: 0.02, volatility: 0.2 }), 40_000);
    market.seed = 5;
    let bars = market.bars(0).unwrap();
    let columns = bars.field(Field::High).iter().zip(bars.field(Field::Low).iter());
    let ranges: Vec<f64> = columns.map(|(high, low)| (high / low).ln() / (0.2 * DAY.sqrt())).collect();
    // Feller 1951: the mean range of a Brownian motion is √(8/π), its mean square 4 ln 2 (Parkinson 1980).
    let expected = (8.0 / PI).sqrt();
    near(mean(&ranges), expected, 4.0 * ((4.0 * LN_2 - expected.powi(2)) / count).sqrt());
    let rises = bars.field(Field::High).iter().zip(bars.field(Field::Open).iter());
    let rises: Vec<f64> = rises.map(|(high, open)| (high / open).ln() / (0.2 * DAY.sqrt())).collect();
    // The reflection principle: the highest is distributed as the absolute value of a normal number.
    near(mean(&rises), (2.0 / PI).sqrt(), 4.0 * ((1.0 - 2.0 / PI) / count).sqrt());
    near(rises.iter().map(|rise| rise * rise).sum::<f64>() / count, 1.0, 4.0 * (2.0 / count).sqrt());
}

#[test]
fn garch_has_its_variance_kurtosis_and_correlated_squares() {
    let (alpha, beta) = (0.1, 0.8);
    let mut market = market(Model::Garch(Garch { drift: 0.0, volatility: 0.3, alpha, beta }), 60_000);
    market.from = instant("1900-01-01");
    // Seeds apart give independent samples: their spread is the standard error, whatever the law's tails.
    let samples: Vec<Vec<f64>> =
        (0..12).map(|seed| returns(&Market { seed, ..market.clone() }.bars(0).unwrap())).collect();
    let check = |expected: f64, figure: &dyn Fn(&[f64]) -> f64| {
        let figures: Vec<f64> = samples.iter().map(|sample| figure(sample)).collect();
        near(mean(&figures), expected, 4.0 * (central(&figures, 2) / 11.0).sqrt());
    };
    let squares = |sample: &[f64]| {
        let centre = mean(sample);
        sample.iter().map(|r| (r - centre).powi(2)).collect::<Vec<f64>>()
    };
    check(0.09 * DAY, &|sample| central(sample, 2));
    let sum: f64 = alpha + beta;
    let kurtosis = 3.0 * (1.0 - sum.powi(2)) / (1.0 - sum.powi(2) - 2.0 * alpha.powi(2));
    check(kurtosis, &|sample| central(sample, 4) / central(sample, 2).powi(2));
    let first = alpha * (1.0 - alpha * beta - beta.powi(2)) / (1.0 - 2.0 * alpha * beta - beta.powi(2));
    check(first, &|sample| autocorrelation(&squares(sample), 1));
    check(first * sum.powi(4), &|sample| autocorrelation(&squares(sample), 5));
    check(0.0, &|sample| autocorrelation(sample, 1));
}

#[test]
fn moods_hold_as_long_and_as_often_as_they_should() {
    let mood = |volatility, memory, duration| Mood { drift: 0.0, volatility, memory, duration };
    // So far apart that each bar tells its mood; the calm one takes nothing over from the wild.
    let regime = Regime { calm: mood(0.0001, 0.0, 30.0), wild: mood(1.0, -0.4, 10.0) };
    let count = 60_000;
    let mut market = market(Model::Regime(regime), count);
    market.from = instant("1900-01-01");
    market.instruments = 2;
    let all = market.all().unwrap();
    let wild = |bars: &Bars| {
        let ranges = bars.field(Field::High).iter().zip(bars.field(Field::Low).iter());
        ranges.map(|(high, low)| (high / low).ln() > 30.0 * 0.0001 * DAY.sqrt()).collect::<Vec<bool>>()
    };
    let moods = wild(&all[0]);
    // A chain that keeps λ = 1 - 1/30 - 1/10 of a departure has (1 + λ) / (1 - λ) times the error of independent draws.
    let share = moods.iter().filter(|wild| **wild).count() as f64 / count as f64;
    let kept = 1.0 - 1.0 / 30.0 - 1.0 / 10.0;
    near(share, 0.25, 4.0 * (0.25 * 0.75 / count as f64 * (1.0 + kept) / (1.0 - kept)).sqrt());
    // A mood's end is a coin of its own each bar: durations are geometric, with deviation √(d (d - 1)).
    for (is_wild, duration) in [(false, 30.0_f64), (true, 10.0)] {
        let runs: Vec<usize> =
            moods.chunk_by(|a, b| a == b).filter(|run| run[0] == is_wild).map(<[bool]>::len).collect();
        let found = runs.iter().sum::<usize>() as f64 / runs.len() as f64;
        near(found, duration, 4.0 * (duration * (duration - 1.0) / runs.len() as f64).sqrt());
    }
    // Within a wild stretch the last move is turned back by 0.4.
    let found = returns(&all[0]);
    let pairs: Vec<usize> = (1..count).filter(|bar| moods[*bar] && moods[bar - 1]).collect();
    let slope = pairs.iter().map(|bar| found[*bar] * found[bar - 1]).sum::<f64>()
        / pairs.iter().map(|bar| found[bar - 1].powi(2)).sum::<f64>();
    near(slope, -0.4, 4.0 / (pairs.len() as f64).sqrt());
    // The market's mood is every instrument's.
    assert!(moods == wild(&all[1]) && returns(&all[0]) != returns(&all[1]));
}

#[test]
fn jumps_give_the_variance_skew_and_tails_of_merton() {
    let jumps = Jumps { drift: 0.1, volatility: 0.2, rate: 20.0, mean: -0.02, deviation: 0.03 };
    let mut market = market(Model::Jumps(jumps), 60_000);
    market.from = instant("1900-01-01");
    let samples: Vec<Vec<f64>> =
        (0..12).map(|seed| returns(&Market { seed, ..market.clone() }.bars(0).unwrap())).collect();
    let check = |expected: f64, figure: &dyn Fn(&[f64]) -> f64| {
        let figures: Vec<f64> = samples.iter().map(|sample| figure(sample)).collect();
        near(mean(&figures), expected, 4.0 * (central(&figures, 2) / 11.0).sqrt());
    };
    let (rate, m, s) = (20.0 * DAY, -0.02_f64, 0.03_f64);
    let variance = 0.04 * DAY + rate * (m * m + s * s);
    check(variance, &|sample| central(sample, 2));
    check(rate * (m.powi(3) + 3.0 * m * s * s), &|sample| central(sample, 3));
    let fourth = rate * (m.powi(4) + 6.0 * m * m * s * s + 3.0 * s.powi(4));
    check(3.0 + fourth / variance.powi(2), &|sample| central(sample, 4) / central(sample, 2).powi(2));
    // The drift makes up for the jumps: the price itself grows by it.
    check((0.1 * DAY).exp(), &|sample| mean(&sample.iter().map(|r| r.exp()).collect::<Vec<f64>>()));
}

#[test]
fn a_drawn_back_price_has_its_half_life_and_spread() {
    let model = Model::MeanReversion(MeanReversion { volatility: 0.3, half_life: 12.0 });
    let mut market = market(model, 60_000);
    market.from = instant("1900-01-01");
    let logs = |seed| {
        let bars = Market { seed, ..market.clone() }.bars(0).unwrap();
        bars.field(Field::Close).iter().map(|close| (close / 100.0).ln()).collect::<Vec<f64>>()
    };
    let samples: Vec<Vec<f64>> = (0..12).map(logs).collect();
    let check = |expected: f64, figure: &dyn Fn(&[f64]) -> f64| {
        let figures: Vec<f64> = samples.iter().map(|sample| figure(sample)).collect();
        near(mean(&figures), expected, 4.0 * (central(&figures, 2) / 11.0).sqrt());
    };
    check(0.5, &|sample| autocorrelation(sample, 12));
    check(0.25, &|sample| autocorrelation(sample, 24));
    check(0.09 * DAY / (2.0 * LN_2 / 12.0), &|sample| central(sample, 2));
    check(0.0, &mean);
}

#[test]
fn instruments_move_together_as_asked_and_alone_as_in_company() {
    let mut market = market(gbm(), 20_000);
    market.instruments = 3;
    for correlated in [0.0_f64, 0.7] {
        market.correlation = correlated;
        let all: Vec<Vec<f64>> = market.all().unwrap().iter().map(returns).collect();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let error = 4.0 * (1.0 - correlated.powi(2)) / 20_000.0_f64.sqrt();
            near(correlation(&all[a], &all[b]), correlated, error);
        }
        let alone = Market { instruments: 1, ..market.clone() }.bars(0).unwrap();
        assert_eq!(returns(&alone), all[0]);
        let deviation = 0.2 * DAY.sqrt();
        near(central(&all[2], 2), deviation.powi(2), 4.0 * deviation.powi(2) * (2.0 / 20_000.0_f64).sqrt());
    }
}

fn models() -> Vec<Model> {
    let mood = |volatility, memory| Mood { drift: 0.05, volatility, memory, duration: 40.0 };
    vec![
        gbm(),
        Model::Garch(Garch { drift: 0.05, volatility: 0.3, alpha: 0.1, beta: 0.85 }),
        Model::Regime(Regime { calm: mood(0.1, 0.3), wild: mood(0.4, -0.3) }),
        Model::Jumps(Jumps { drift: 0.05, volatility: 0.2, rate: 50.0, mean: -0.01, deviation: 0.04 }),
        Model::MeanReversion(MeanReversion { volatility: 0.5, half_life: 8.0 }),
    ]
}

#[test]
fn a_seed_makes_the_same_bytes_here_and_everywhere() {
    // Of the numbers themselves: how a Parquet file writes them may change.
    let hash = |market: &Market| {
        let mut bytes = Vec::new();
        for bars in market.all().unwrap() {
            bytes.extend(bars.timestamps().iter().flat_map(|open| open.to_le_bytes()));
            for field in Field::ALL {
                bytes.extend(bars.field(field).iter().flat_map(|value| value.to_le_bytes()));
            }
        }
        sha256(bytes)
    };
    let hashes = models().into_iter().map(|model| {
        let mut market = Market::new(model, timeframe("1h"), new_york(), instant("2020-01-01"), Length::Bars(3_000));
        market.instruments = 3;
        market.correlation = 0.4;
        let found = hash(&market);
        let one_thread = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one_thread.install(|| hash(&market)), found);
        market.seed = 2;
        assert_ne!(hash(&market), found);
        found[..16].to_owned()
    });
    // Written down once: a change means that recorded commands no longer make the data that they made.
    let golden = ["2718784a5465340f", "d1c47223db0ca56f", "1d9326e9dd99be87", "624710249d5d15cb", "c7cd3f892872ce0c"];
    assert_eq!(hashes.collect::<Vec<String>>(), golden);
}

#[test]
fn bars_lie_in_the_calendars_hours_and_hold_together() {
    for (at, hours) in [
        ("1m", "24x7"),
        ("15m", "session"),
        ("1h", "session"),
        ("4h", "weekdays"),
        ("1d", "weekdays"),
        ("1d", "session"),
        ("1wk", "weekdays"),
        ("1mo", "24x7"),
    ] {
        let calendar = || match hours {
            "24x7" => Calendar::Continuous,
            "session" => new_york(),
            _ => Calendar::Weekdays,
        };
        for model in models() {
            // Over the end of daylight saving in New York, on 1 November 2020.
            let from = instant("2020-10-23 10:00");
            let mut market = Market::new(model, timeframe(at), calendar(), from, Length::Bars(400));
            market.start_price = 3.0;
            let bars = market.bars(0).unwrap();
            assert_eq!(bars.len(), 400);
            let [open, high, low, close, volume] = Field::ALL.map(|field| bars.field(field));
            for bar in 0..400 {
                let instant = bars.timestamp(bar);
                assert!(instant >= from && (hours == "24x7" || instant.date().weekday().number_from_monday() < 6));
                assert!(
                    low[bar] > 0.0 && low[bar] <= open[bar].min(close[bar]) && high[bar] >= open[bar].max(close[bar])
                );
                assert!(volume[bar] >= 0.0 && volume[bar].fract() == 0.0);
                assert!(bar == 0 || open[bar] == close[bar - 1], "a bar opens where the last closed");
                assert_eq!(format!("{:.2}", close[bar]).parse::<f64>().unwrap(), close[bar], "on the tick");
                if hours == "session" {
                    let local = chrono::DateTime::from_timestamp_micros(instant.0).unwrap().with_timezone(&New_York);
                    let minutes = local.hour() * 60 + local.minute();
                    assert!((570..960).contains(&minutes) && (at != "1d" || minutes == 570), "{local}");
                }
                assert_eq!(calendar().period(timeframe(at), instant).start, instant, "{at} {hours}: off the grid");
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("X.parquet");
            bars.write_parquet(&path).unwrap();
            assert_eq!(Bars::read_parquet(&path, timeframe(at), &calendar()).unwrap(), bars);
        }
    }
}

#[test]
fn the_last_bar_has_closed_where_the_data_end() {
    let until = |to| Length::Until(instant(to));
    let market = |length| Market::new(gbm(), timeframe("1d"), Calendar::Weekdays, instant("2024-01-01"), length);
    let last = |length| market(length).bars(0).unwrap().timestamps().last().copied().unwrap();
    assert_eq!(last(until("2024-01-06")), instant("2024-01-05").0);
    assert_eq!(last(until("2024-01-05 12:00")), instant("2024-01-04").0);
    let error = market(until("2024-01-01")).bars(0).unwrap_err();
    assert_eq!(error.message(), "no bar lies there");
}

#[test]
fn more_is_traded_where_prices_move() {
    let bars = market(gbm(), 20_000).bars(0).unwrap();
    let moves: Vec<f64> = returns(&bars).iter().map(|r| r.abs()).collect();
    let volume = bars.field(Field::Volume).to_vec();
    near(mean(&volume), 10_000.0, 4.0 * (central(&volume, 2) / 20_000.0).sqrt());
    assert!(correlation(&moves, &volume) > 0.4);
}

#[test]
fn what_is_out_of_range_is_told() {
    let told = |change: &dyn Fn(&mut Market)| {
        let mut market = market(gbm(), 10);
        change(&mut market);
        market.bars(0).unwrap_err().message().to_owned()
    };
    let messages = [
        told(&|market| market.model = Model::Gbm(Gbm { drift: 0.0, volatility: -0.2 })),
        told(&|market| market.model = Model::Gbm(Gbm { drift: f64::NAN, volatility: 0.2 })),
        told(&|market| market.model = Model::Garch(Garch { drift: 0.0, volatility: 0.2, alpha: 0.2, beta: 0.8 })),
        told(&|market| {
            let mood = |duration| Mood { drift: 0.0, volatility: 0.1, memory: 0.0, duration };
            market.model = Model::Regime(Regime { calm: mood(3.0), wild: mood(0.5) });
        }),
        told(&|market| market.model = Model::MeanReversion(MeanReversion { volatility: 0.2, half_life: 0.0 })),
        told(&|market| market.correlation = 1.0),
        told(&|market| market.instruments = 0),
        told(&|market| market.start_price = 0.0),
        told(&|market| market.tick = Some(-0.01)),
        told(&|market| market.timeframe = timeframe("36h")),
        told(&|market| market.length = Length::Bars(0)),
        told(&|market| market.length = Length::Bars(10_000_000)),
        told(&|market| {
            (market.model, market.length) = (Model::Gbm(Gbm { drift: 100.0, volatility: 1.0 }), Length::Bars(4_000))
        }),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_shipped_dataset_is_made_by_the_command_that_it_records() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("datasets/synthetic/dataset.toml")).unwrap();
    let source =
        text.lines().find_map(|line| line.strip_prefix("source = \"made by: runner ")?.strip_suffix('"')).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    let output = command.args(source.split(' ')).arg("--datasets").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bars = |datasets: &Path| {
        let catalog = Catalog::open(datasets).unwrap();
        catalog.bars(&"synthetic/MOODS".parse().unwrap(), timeframe("1h"), Adjust::None).unwrap()
    };
    assert!(bars(folder.path()) == bars(&root.join("datasets")));
    // The hash of a file says how it was written, too, which may change from one version to the next.
    let said = |datasets: &Path| {
        let text = fs::read_to_string(datasets.join("synthetic/dataset.toml")).unwrap();
        text.split("[files]").next().unwrap().to_owned()
    };
    assert_eq!(said(folder.path()), said(&root.join("datasets")));
}
