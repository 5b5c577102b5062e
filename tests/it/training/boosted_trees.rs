//! Boosted trees as a model: what they learn that a straight line cannot, when they stop, and what is kept of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use timeweave::expr::{Argument, Arguments, Classes};
use timeweave::models::{
    Artifact, BoostedTrees, Configuration, CrossValidation, Design, Division, Forecaster, InstrumentData, Loss,
    ModelInputs, Objective, PastWindow, Provenance, Quality, SampleWeight, ScalerKind, Trained, WalkForward, train,
};
use timeweave::networks::{Boosting, DeviceKind, Dropout, Forest, StateDict, values};
use timeweave::standard_registry;

use super::fixture::{Market, configuration};
use super::{bits, bytes, fold};

/// Small trees for a loss with so many outputs.
pub fn boosted(outputs: usize) -> Design {
    let boosting = Boosting { rounds: 60, depth: 3, shrinkage: 0.2, min_child_weight: 5.0, l2: 1.0, subsample: 0.8 };
    Design {
        name: "boosted_trees".into(),
        settings: BTreeMap::new(),
        architecture: Arc::new(BoostedTrees { boosting, outputs }),
    }
}

fn of(loss: Loss) -> Configuration {
    let mut configuration = Configuration { design: boosted(loss.outputs()), loss, ..configuration() };
    configuration.training.patience = 10;
    configuration
}

fn fitted(configuration: &Configuration, data: &[InstrumentData]) -> Trained {
    train(configuration, data, DeviceKind::Flex, &mut |_| {}).unwrap()
}

/// A market whose target is a function of the two daily features of the same bar, with a little noise.
fn market_of(bars: usize, target: impl Fn(f64, f64) -> f64, configuration: &Configuration) -> Vec<InstrumentData> {
    let mut data = Market::noise(bars, 51).data(configuration);
    let day = &data[0].groups[0].features;
    let told = day[0].iter().zip(day[1].iter()).map(|(first, second)| target(*first, *second));
    data[0].target = told.zip(data[0].target.iter()).map(|(told, noise)| 0.02 * told + 0.2 * noise).collect();
    data
}

/// The share of the daily forecasts' target in the test range that they tell.
fn told(configuration: &Configuration, data: &[InstrumentData]) -> f64 {
    let model = fitted(configuration, data);
    let forecasts = &model.predict(data, false).unwrap()[0].groups[0];
    let known = || forecasts.iter().zip(data[0].target.iter()).filter(|(f, y)| f.is_finite() && y.is_finite());
    let error: f64 = known().map(|(forecast, target)| (forecast - target).powi(2)).sum();
    let spread: f64 = known().map(|(_, target)| target * target).sum();
    1.0 - error / spread
}

fn linear() -> Design {
    let (registry, node) = (standard_registry().unwrap(), "linear");
    let architecture = registry.model(node).unwrap().architecture.unwrap();
    let arguments = Arguments::new(node, vec![("penalty", Argument::from(0.01).into())]);
    Design { name: node.into(), settings: BTreeMap::new(), architecture: architecture(&arguments).unwrap() }
}

#[test]
fn trees_learn_what_no_straight_line_can() {
    let sign = |value: f64| if value > 0.0 { 1.0 } else { -1.0 };
    let exclusive = |first: f64, second: f64| sign(first) * sign(second);
    let interaction = |first: f64, second: f64| if first > 0.5 { second } else { -second };
    let step = |first: f64, _: f64| if first.abs() < 0.7 { 1.0 } else { -1.0 };
    let check = |name: &str, target: &dyn Fn(f64, f64) -> f64| {
        let mut trees = of(Loss::Mse);
        // Of many columns a tree may take long to come upon the two that say something only together.
        trees.groups[0].lookback = 1;
        let data = market_of(1_200, target, &trees);
        let line = Configuration { design: linear(), ..trees.clone() };
        let (trees, line) = (told(&trees, &data), told(&line, &data));
        assert!(trees > 0.6, "{name}: trees tell {trees}");
        assert!(line < 0.3 && line < trees - 0.4, "{name}: a line tells {line}");
    };
    check("either but not both", &exclusive);
    check("interaction", &interaction);
    check("a step up and down", &step);
}

#[test]
fn every_loss_of_trees_beats_the_best_constant_out_of_sample() {
    let losses = [
        Loss::Mse,
        Loss::Huber { delta: 0.5 },
        Loss::Quantile { quantile: 0.8 },
        Loss::CrossEntropy { classes: Classes::Two },
        Loss::CrossEntropy { classes: Classes::Three },
    ];
    for loss in losses {
        let configuration = of(loss);
        let mut data = Market::signal(800, 52).data(&configuration);
        let class = |value: f64| match loss {
            Loss::CrossEntropy { classes: Classes::Two } => value.signum(),
            Loss::CrossEntropy { .. } if value.abs() < 0.01 => 0.0,
            Loss::CrossEntropy { .. } => value.signum(),
            _ => value,
        };
        data[0].target =
            data[0].target.iter().map(|value| if value.is_nan() { *value } else { class(*value) }).collect();
        let model = fitted(&configuration, &data);
        let fit = &model.fits[0];
        let mut constant = fit.state.clone();
        let device = DeviceKind::Flex.device().unwrap();
        for group in ["day", "week"] {
            let idle = Forest { depth: 3, outputs: loss.outputs(), trees: Vec::new() };
            idle.write(&mut constant, group, 60, &device).unwrap();
        }
        let fold = fold(&configuration, &data);
        let inputs = ModelInputs::new(&configuration, &fit.scalers, &data);
        let lost = |state: &StateDict, samples| {
            let forecaster = Forecaster::new(&configuration, state).unwrap();
            let batch = inputs.batch(samples, &device);
            let lost = forecaster.loss(Objective::Group(0), &batch, &mut Dropout::none()).unwrap();
            f64::from(values(lost).unwrap()[0])
        };
        for (range, samples) in [("training", &fold.train), ("test", &fold.test)] {
            let (trees, constant) = (lost(&fit.state, samples), lost(&constant, samples));
            assert!(trees < 0.85 * constant, "{loss:?}, {range}: {trees} of {constant}");
        }
    }
}

#[test]
fn rounds_stop_where_validation_no_longer_gains_and_the_best_are_kept() {
    let configuration = of(Loss::Mse);
    let data = Market::noise(400, 53).data(&configuration);
    let mut seen = Vec::new();
    let model = train(&configuration, &data, DeviceKind::Flex, &mut |progress| seen.push(progress)).unwrap();
    let fit = &model.fits[0];
    assert_eq!(seen.len(), fit.history.len());
    assert!(seen.iter().all(|progress| progress.of == 60));
    let fold = fold(&configuration, &data);
    let device = DeviceKind::Flex.device().unwrap();
    let inputs = ModelInputs::new(&configuration, &fit.scalers, &data);
    for (index, group) in ["day", "week"].into_iter().enumerate() {
        let rounds: Vec<_> = fit.history.iter().filter(|round| round.phase == group).collect();
        let lowest = rounds.iter().map(|round| round.validation_loss).fold(f64::INFINITY, f64::min);
        let kept = rounds.iter().find(|round| round.kept).unwrap();
        assert_eq!((kept.validation_loss, kept.learning_rate), (lowest, 0.2));
        assert_eq!(rounds.len(), kept.epoch + 10, "it stops after `patience` rounds without a better one");
        // What is kept holds so many trees, and gives that loss again, to the last bit.
        let forest = Forest::read(&fit.state, group, 3, 1).unwrap();
        assert_eq!((forest.trees.len(), forest.without_idle().trees.len()), (60, kept.epoch));
        let forecaster = Forecaster::new(&configuration, &fit.state).unwrap();
        let batch = inputs.batch(&fold.validation, &device);
        let loss = forecaster.loss(Objective::Group(index), &batch, &mut Dropout::none()).unwrap();
        assert_eq!(f64::from(values(loss).unwrap()[0]), lowest);
    }
}

#[test]
fn the_scaling_of_features_makes_no_difference() {
    let losses = |scaler| {
        let configuration = Configuration { scaler, ..of(Loss::Mse) };
        let data = Market::signal(400, 54).data(&configuration);
        let history = fitted(&configuration, &data).fits.swap_remove(0).history;
        history.into_iter().filter(|round| round.phase == "day").map(|round| round.train_loss).collect::<Vec<_>>()
    };
    // Ranks put the same samples on the same side; what lies between two of them they may not, so validation stops elsewhere.
    let (standard, rank) = (losses(ScalerKind::Standard), losses(ScalerKind::Rank));
    assert!(standard.len().min(rank.len()) > 15);
    for (standard, rank) in standard.iter().zip(&rank) {
        assert!((standard - rank).abs() < 1e-5 * standard, "{standard} is not {rank}");
    }
}

#[test]
fn kept_trees_are_found_again_and_a_longer_history_changes_none() {
    let span = |text: &str| text.parse().unwrap();
    let walk = Division::WalkForward(WalkForward {
        train: span("200d"),
        test: span("60d"),
        validation: 0.2,
        window: PastWindow::Expanding,
        embargo: 0,
    });
    let configuration = Configuration { division: walk, sample_weight: SampleWeight::Uniqueness, ..of(Loss::Mse) };
    let market = Market::signal(460, 55);
    let data = market.data(&configuration);
    let model = fitted(&configuration, &data);
    assert!(model.fits.len() > 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model.save(&path, &Provenance::default()).unwrap();
    let loaded = Artifact::load(&path, &configuration, DeviceKind::Flex, &Provenance::default()).unwrap();
    let Artifact::Match(found) = loaded else { panic!("it fits") };
    let forecasts =
        |model: &Trained, data: &[InstrumentData]| model.predict(data, false).unwrap().swap_remove(0).groups;
    let whole = forecasts(&model, &data);
    for (ours, theirs) in whole.iter().zip(&forecasts(&found, &data)) {
        assert_eq!(bits(ours), bits(theirs));
    }
    let cut = market.cut(400).data(&configuration);
    for (whole, cut) in whole.iter().zip(&forecasts(&fitted(&configuration, &cut), &cut)) {
        // In the last days of the shorter history a fold began that it has not enough of.
        assert!(bits(&whole[..390]) == bits(&cut[..390]), "trained on what there was then");
    }
    assert_eq!(bytes(&model), bytes(&fitted(&configuration, &data)));
}

#[test]
fn trees_are_compared_and_judged_as_any_model() {
    let configuration = of(Loss::Mse);
    let data = Market::signal(700, 56).data(&configuration);
    let model = fitted(&configuration, &data);
    let quality = Quality::new(&model, &data, &model.predict(&data, false).unwrap()).unwrap();
    assert!(quality.forecasts[0].r_squared.unwrap() > 0.3, "{:?}", quality.forecasts[0]);
    let cross = CrossValidation { groups: 4, held_out: 1 };
    let held = cross.of(&configuration, &data, DeviceKind::Flex, &mut |_| {}).unwrap();
    assert_eq!(held.len(), 4);
    assert!(held.iter().all(|held| held.loss < 1.1), "{held:?}");
}

#[test]
fn trees_of_another_shape_are_refused() {
    let configuration = of(Loss::Mse);
    let data = Market::signal(300, 57).data(&configuration);
    let model = fitted(&configuration, &data);
    let device = DeviceKind::Flex.device().unwrap();
    let mut state = model.fits[0].state.clone();
    let mut forest = Forest::read(&state, "day", 3, 1).unwrap();
    forest.trees[0].splits[0].feature = 12;
    forest.write(&mut state, "day", 60, &device).unwrap();
    let spoiled = Trained { fits: vec![timeweave::models::Fit { state, ..model.fits[0].clone() }], ..model.clone() };
    let error = spoiled.predict(&data, false).unwrap_err();
    assert_eq!(error.message(), "the trees read value 13 of a window that has 12");

    let sharpe = Configuration { loss: Loss::Sharpe, ..of(Loss::Mse) };
    let error = train(&sharpe, &data, DeviceKind::Flex, &mut |_| {}).unwrap_err();
    assert_eq!(error.message(), "no tree can be grown by the loss \"sharpe\": it is no sum over samples");
}
