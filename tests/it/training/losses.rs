//! What training minimises, and how much each sample counts.

use std::collections::BTreeMap;

use timeweave::expr::{Arguments, Classes};
use timeweave::models::{
    Configuration, Design, InstrumentData, Loss, ModelInputs, Provenance, Quality, Regime, SampleWeight, Scale,
    ScalerKind, Scalers, Trained, train, uniqueness,
};
use timeweave::networks::{DeviceKind, values};
use timeweave::standard_registry;

use super::fixture::{Market, configuration, weighted};
use super::{bytes, fold, trained};

const ALL: [Loss; 6] = [
    Loss::Mse,
    Loss::Huber { delta: 1.0 },
    Loss::CrossEntropy { classes: Classes::Two },
    Loss::CrossEntropy { classes: Classes::Three },
    Loss::Quantile { quantile: 0.8 },
    Loss::Sharpe,
];

/// A blend that learns enough in a test, and its data with a target that suits the loss.
fn setting(loss: Loss) -> (Configuration, Vec<InstrumentData>) {
    let mut configuration = Configuration { loss, ..weighted(Regime::Joint) };
    (configuration.training.epochs, configuration.training.patience) = (20, 8);
    let mut data = Market::signal(900, 9).data(&configuration);
    let class = |value: f64| match loss {
        Loss::CrossEntropy { classes: Classes::Three } if value.abs() < 0.01 => 0.0,
        Loss::CrossEntropy { .. } if !value.is_nan() => value.signum(),
        _ => value,
    };
    data[0].target.iter_mut().for_each(|value| *value = class(*value));
    (configuration, data)
}

fn fitted(configuration: &Configuration, data: &[InstrumentData]) -> Trained {
    train(configuration, data, DeviceKind::Flex, &mut |_| {}).unwrap()
}

/// Score and target on the bars of the test range.
fn tested(model: &Trained, data: &[InstrumentData]) -> Vec<(f64, f64)> {
    let score = model.predict(data, false).unwrap().remove(0).blend.unwrap().score;
    score.iter().copied().zip(data[0].target.iter().copied()).filter(|(a, b)| !a.is_nan() && !b.is_nan()).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[test]
fn training_by_each_loss_learns_what_the_loss_is_about() {
    for loss in ALL {
        let (configuration, data) = setting(loss);
        let model = fitted(&configuration, &data);
        let pairs = tested(&model, &data);
        assert!(pairs.len() > 150);
        let deviation = mean(pairs.iter().map(|(_, target)| target * target)).sqrt();
        let error = |constant: Option<f64>| mean(pairs.iter().map(|(f, y)| (constant.unwrap_or(*f) - y).powi(2)));
        let hits = mean(pairs.iter().map(|(f, y)| if f * y > 0.0 { 1.0 } else { 0.0 }));
        let largest = pairs.iter().map(|(forecast, _)| forecast.abs()).fold(0.0, f64::max);
        match loss {
            Loss::Mse | Loss::Huber { .. } => {
                assert!(error(None) < 0.6 * error(Some(0.0)), "{loss:?}: {} {}", error(None), error(Some(0.0)));
                // A forecast is in units of the target, not of a scaled one.
                assert!(largest < 5.0 * deviation, "{loss:?}: {largest}");
            }
            Loss::Quantile { quantile } => {
                let below = mean(pairs.iter().map(|(f, y)| if y <= f { 1.0 } else { 0.0 }));
                assert!((below - quantile).abs() < 0.1, "{below} of the targets are below the forecast");
                assert!(largest < 5.0 * deviation, "{largest}");
            }
            Loss::CrossEntropy { classes } => {
                assert!(largest < 1.0 && largest > 0.3, "{loss:?}: {largest}");
                let flat = mean(pairs.iter().map(|(_, y)| if *y == 0.0 { 1.0 } else { 0.0 }));
                assert!(hits > 0.75 * (1.0 - flat), "{loss:?}: {hits}");
                assert_eq!(flat > 0.0, classes == Classes::Three);
            }
            Loss::Sharpe => {
                assert!(largest < 1.0, "{largest}");
                let gains: Vec<f64> = pairs.iter().map(|(position, gain)| position * gain).collect();
                let average = mean(gains.iter().copied());
                let spread = mean(gains.iter().map(|gain| (gain - average).powi(2))).sqrt();
                assert!(average / spread > 0.5, "a Sharpe ratio of {} a bar", average / spread);
            }
        }
    }
}

#[test]
fn training_by_each_loss_makes_the_score_of_weights_and_forecasts_and_is_kept() {
    for loss in ALL {
        let (mut configuration, data) = setting(loss);
        configuration.training.epochs = 2;
        let model = fitted(&configuration, &data);
        let prediction = model.predict(&data, false).unwrap().remove(0);
        let blend = prediction.blend.unwrap();
        for bar in (0..900).filter(|bar| !blend.score[*bar].is_nan()) {
            let sum: f64 =
                blend.weights.iter().zip(&prediction.groups).map(|(weight, group)| weight[bar] * group[bar]).sum();
            assert!((blend.score[bar] - sum).abs() < 1e-14, "{loss:?}");
        }
        let head = model.fits[0].state.shapes().find(|(name, _)| *name == "day.head.weight").unwrap();
        assert_eq!(head.1, [loss.outputs(), 8]);
        let folder = tempfile::tempdir().unwrap();
        model.save(&folder.path().join("model"), &Provenance::default()).unwrap();
        assert_eq!(bytes(&fitted(&configuration, &data)), super::artifacts::files(&folder.path().join("model")));
    }
}

#[test]
fn training_is_judged_by_what_the_loss_is_about() {
    let mut behind: Vec<String> = Vec::new();
    for loss in ALL {
        let (configuration, data) = setting(loss);
        let model = fitted(&configuration, &data);
        let quality = Quality::new(&model, &data, &model.predict(&data, false).unwrap()).unwrap();
        let verdict = quality.verdict.unwrap();
        if !(verdict.beats_best_baseline && verdict.forecast == "score") {
            behind.push(format!("{loss:?}: {}", verdict.text));
        }
        let score = quality.forecasts.last().unwrap();
        assert!(score.information_coefficient_t.unwrap() > 5.0, "{loss:?}: {score:?}");
        assert_eq!(score.r_squared.is_some(), loss.forecasts_the_mean(), "{loss:?}");
        let worth = quality.importance.unwrap().inputs;
        let momentum = worth.iter().find(|input| input.input == "day.momentum").unwrap();
        assert!(worth.iter().all(|input| input.error_rise <= momentum.error_rise), "{loss:?}: {worth:?}");
    }
    assert_eq!(behind, Vec::<String>::new());
    // A model of nothing is no better than what needs no model, by its own loss either.
    for loss in [Loss::Quantile { quantile: 0.8 }, Loss::Sharpe] {
        let (configuration, _) = setting(loss);
        let data = Market::noise(900, 10).data(&configuration);
        let model = fitted(&configuration, &data);
        let quality = Quality::new(&model, &data, &model.predict(&data, false).unwrap()).unwrap();
        assert!(quality.verdict.unwrap().doubt, "{loss:?}");
    }
}

#[test]
fn training_scales_targets_as_the_loss_needs_it() {
    for loss in ALL {
        let (configuration, data) = setting(loss);
        let fold = fold(&configuration, &data);
        let Scalers::Joint(scaler) = Scalers::fit(&configuration, &data, &fold.train, fold.ranges.train).unwrap()
        else {
            panic!("one for all")
        };
        let targets: Vec<f64> = fold.train.iter().map(|sample| data[0].target[sample.bar]).collect();
        let average = mean(targets.iter().copied());
        let deviation = mean(targets.iter().map(|value| (value - average).powi(2))).sqrt();
        assert!((scaler.target_mean - average).abs() < 1e-12);
        let expected = match loss {
            Loss::CrossEntropy { .. } => Scale { centre: 0.0, spread: 1.0 },
            Loss::Sharpe => Scale { centre: 0.0, spread: deviation },
            _ => Scale { centre: average, spread: deviation },
        };
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(scaler.target.centre, expected.centre) && close(scaler.target.spread, expected.spread));
    }
}

#[test]
fn training_on_ranks_learns_as_training_on_lines_does() {
    let (mut configuration, data) = setting(Loss::Mse);
    configuration.scaler = ScalerKind::Rank;
    let pairs = tested(&fitted(&configuration, &data), &data);
    let error = mean(pairs.iter().map(|(forecast, target)| (forecast - target).powi(2)));
    assert!(error < 0.6 * mean(pairs.iter().map(|(_, target)| target * target)), "{error}");
}

/// Labels of the fixture that end after one bar for a while, then after five.
fn of_different_lengths(configuration: &Configuration) -> Vec<InstrumentData> {
    let mut data = Market::signal(400, 3).data(configuration);
    let instants = data[0].instants.clone();
    for (bar, known_at) in data[0].known_at.iter_mut().enumerate().filter(|(_, known_at)| **known_at < i64::MAX) {
        *known_at = instants[bar + if bar % 40 < 20 { 1 } else { 5 }];
    }
    data
}

#[test]
fn training_weighs_samples_by_how_little_their_labels_overlap() {
    let configuration = Configuration { sample_weight: SampleWeight::Uniqueness, ..configuration() };
    let data = of_different_lengths(&configuration);
    let fold = fold(&configuration, &data);
    let scalers = Scalers::fit(&configuration, &data, &fold.train, fold.ranges.train).unwrap();
    let weights = uniqueness(&data, &fold.train);
    assert!(weights.iter().any(|weight| *weight > 1.1) && weights.iter().any(|weight| *weight < 0.9));
    let inputs = ModelInputs::new(&configuration, &scalers, &data).weighed(&fold.train, &weights);
    let device = DeviceKind::Flex.device().unwrap();
    let some = [fold.train[5], fold.validation[0], fold.train[9]];
    let ours = values(inputs.batch(&some, &device).weights.unwrap()).unwrap();
    assert_eq!(ours, [weights[5] as f32, 1.0, weights[9] as f32]);

    // Of networks that descend, and of what is solved for at once.
    for design in [configuration.design.clone(), linear()] {
        let parameters = |sample_weight| {
            let configuration = Configuration { sample_weight, design: design.clone(), ..configuration.clone() };
            let files = bytes(&fitted(&configuration, &data)).into_iter();
            files.filter(|(name, _)| name == "weights.safetensors").collect::<Vec<_>>()
        };
        assert_ne!(parameters(SampleWeight::Uniqueness), parameters(SampleWeight::Equal), "{}", design.name);
    }
}

/// A ridge regression on the window.
fn linear() -> Design {
    let (registry, node) = (standard_registry().unwrap(), "linear");
    let arguments = Arguments::new(node, vec![("penalty", 0.01.into())]);
    let architecture = registry.model(node).unwrap().architecture.unwrap();
    Design { name: node.into(), settings: BTreeMap::new(), architecture: architecture(&arguments).unwrap() }
}

#[test]
fn training_on_labels_that_do_not_overlap_weighs_none_less() {
    let market = Market::signal(300, 4);
    let parameters = |sample_weight| {
        let configuration = Configuration { sample_weight, horizon: 1, ..configuration() };
        let model = trained(&configuration, &market);
        bytes(&model).into_iter().filter(|(name, _)| name != "metadata.json").collect::<Vec<_>>()
    };
    assert_eq!(parameters(SampleWeight::Uniqueness), parameters(SampleWeight::Equal));
}
