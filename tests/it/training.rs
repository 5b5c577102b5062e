//! Training: what it may see, what it learns, and that it is the same every time.

mod architectures;
mod artifacts;
mod boosted_trees;
mod checkpoints;
mod cross_validation;
pub mod fixture;
mod folds;
mod losses;
mod plan;
mod stream;
mod quality;

use std::collections::BTreeSet;
use std::thread;

use proptest::prelude::*;
use timeweave::data::Column;
use timeweave::models::{
    Configuration, Division, Fold, Forecaster, InstrumentData, ModelInputs, Objective, Provenance, Quality, Regime,
    Sample, Scaler, ScalerKind, Scalers, SplitFractions, Trained, train, usable,
};
use timeweave::networks::{DeviceKind, Dropout, values};

use fixture::{Market, configuration, lstm, weighted};

fn trained(configuration: &Configuration, market: &Market) -> Trained {
    train(configuration, &market.data(configuration), DeviceKind::Flex, &mut |_| {}).unwrap()
}

/// The only fold.
fn fold(configuration: &Configuration, data: &[InstrumentData]) -> Fold {
    Fold::all(configuration, data, &usable(configuration, data).unwrap()).unwrap().swap_remove(0)
}

fn bytes(trained: &Trained) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    trained.save(&model, &Provenance::default()).unwrap();
    artifacts::files(&model)
}

proptest! {
    #[test]
    fn training_splits_are_purged(
        train in 0.2..0.7_f64,
        validation in 0.1..0.25_f64,
        horizon in 1..12_usize,
        embargo in 0..8_usize,
        bars in 150..400_usize,
        absent in proptest::collection::btree_set(0..400_usize, 0..60),
    ) {
        // The second instrument lacks some bars, so that its labels reach further in time.
        let markets = [Market::noise(bars, 1), Market::noise(bars, 2).without(&absent)];
        let mut configuration = configuration();
        configuration.horizon = horizon;
        configuration.division = Division::Split(SplitFractions { train, validation, embargo });
        let data: Vec<_> = markets.iter().flat_map(|market| market.data(&configuration)).collect();
        let samples = usable(&configuration, &data).unwrap();
        let folds = Fold::all(&configuration, &data, &samples);
        let Ok([split]) = folds.as_deref() else {
            // Refused only where a range really is small.
            prop_assert!((bars as f64) * (1.0 - train - validation).min(validation).min(train) < 120.0);
            return Ok(());
        };
        let instant = |sample: &Sample| data[sample.instrument].instants[sample.bar];
        let known = |sample: &Sample| data[sample.instrument].known_at[sample.bar];
        let all: BTreeSet<i64> = samples.iter().map(instant).collect();
        for (range, next) in [(&split.train, &split.validation), (&split.validation, &split.test)] {
            let first = next.iter().map(instant).min().unwrap();
            let last = range.iter().map(instant).max().unwrap();
            prop_assert!(range.iter().all(|sample| known(sample) < first), "a label reaches into the next range");
            prop_assert!(all.range(last + 1..first).count() >= horizon + embargo, "the gap is too small");
        }
        let share = |range: &[Sample]| range.iter().map(instant).collect::<BTreeSet<_>>().len() as f64 / all.len() as f64;
        prop_assert!(share(&split.train) <= train && share(&split.train) > train - 0.1);
        prop_assert!(split.test.last().map(instant) == samples.last().map(instant), "the rest is the test range");
    }
}

#[test]
fn training_fits_the_scaler_to_the_rows_that_training_windows_show() {
    let market = Market::signal(400, 3);
    for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust, ScalerKind::Rank] {
        let mut configuration = weighted(Regime::Joint);
        configuration.scaler = kind;
        let data = market.data(&configuration);
        let split = fold(&configuration, &data);
        let scaler = Scaler::fit(&configuration, &data, &split.train, split.ranges.train).unwrap();

        // The slow and obvious version: every row of every window, in a set.
        let mut spoiled = data.clone();
        for (index, group) in configuration.groups.iter().enumerate() {
            let columns = &mut spoiled[0].groups[index];
            let shown: BTreeSet<usize> = split
                .train
                .iter()
                .flat_map(|sample| {
                    let last = columns.visible[sample.bar].unwrap();
                    last + 1 - group.lookback..=last
                })
                .collect();
            for feature in &mut columns.features {
                let rows = feature.iter().enumerate();
                *feature = rows.map(|(row, value)| if shown.contains(&row) { *value } else { 1e9 }).collect();
            }
            if kind == ScalerKind::Standard {
                let rows: Vec<f64> = shown.iter().map(|row| data[0].groups[index].features[0][*row]).collect();
                let mean = rows.iter().sum::<f64>() / rows.len() as f64;
                let (_, centre) = scaler.groups[index][0].statistics()[0];
                assert!((centre - mean).abs() < 1e-12);
            }
        }
        let trained: BTreeSet<usize> = split.train.iter().map(|sample| sample.bar).collect();
        let keep = |bar: usize, value: f64| if trained.contains(&bar) { value } else { 1e9 };
        spoiled[0].target = data[0].target.iter().enumerate().map(|(bar, value)| keep(bar, *value)).collect();
        spoiled[0].given = data[0]
            .given
            .iter()
            .map(|column| column.iter().enumerate().map(|(bar, v)| keep(bar, *v)).collect())
            .collect();
        assert_eq!(Scaler::fit(&configuration, &spoiled, &split.train, split.ranges.train).unwrap(), scaler);
    }
}

#[test]
fn training_does_not_see_the_test_range() {
    let market = Market::signal(400, 4);
    let configuration = weighted(Regime::Joint);
    let before = trained(&configuration, &market);
    let from = market.bar_at(before.fits[0].ranges.test.from);
    let spoiled = market.clone().spoiled_from(from + 20);
    let after = trained(&configuration, &spoiled);
    assert_eq!(bytes(&before), bytes(&after));

    let (whole, changed) = (predict(&before, &market), predict(&after, &spoiled));
    for (whole, changed) in whole.iter().zip(&changed) {
        assert!(whole[..from].iter().all(|value| value.is_nan()), "a value before the test range");
        assert!(whole[from..from + 20].iter().all(|value| value.is_finite()));
        assert_eq!(bits(&whole[..from + 20]), bits(&changed[..from + 20]));
    }
    for bars in [1, 2, 3, 5, 8, 17, 20] {
        let cut = predict(&before, &market.clone().cut(from + bars));
        for (whole, cut) in whole.iter().zip(&cut) {
            assert_eq!(bits(&whole[..from + bars]), bits(cut), "{bars} bars of the test range");
        }
    }
}

#[test]
fn training_windows_do_not_change_when_later_bars_do() {
    let market = Market::signal(300, 5);
    let configuration = weighted(Regime::Joint);
    let data = market.data(&configuration);
    let split = fold(&configuration, &data);
    let scaler = Scalers::fit(&configuration, &data, &split.train, split.ranges.train).unwrap();
    let whole = ModelInputs::new(&configuration, &scaler, &data);
    for bar in (60..290).step_by(23) {
        let sample = Sample { instrument: 0, bar };
        for other in [market.clone().spoiled_from(bar + 1), market.clone().cut(bar + 1)] {
            let other = ModelInputs::new(&configuration, &scaler, &other.data(&configuration));
            for group in 0..configuration.groups.len() {
                assert!(!whole.window(group, sample).is_empty());
                assert_eq!(whole.window(group, sample), other.window(group, sample), "bar {bar}");
            }
            assert_eq!(whole.given(sample), other.given(sample), "bar {bar}");
        }
    }
}

#[test]
fn training_gives_the_same_bytes_on_every_run_and_any_thread() {
    let market = Market::signal(300, 6);
    let deep = Configuration { design: lstm(8, 2), ..weighted(Regime::Joint) };
    for configuration in [configuration(), deep, weighted(Regime::Staged)] {
        let first = bytes(&trained(&configuration, &market));
        assert_eq!(first, bytes(&trained(&configuration, &market)), "a second run");
        // Others train at the same time, with other seeds.
        let mut other = configuration.clone();
        other.seed += 1;
        thread::scope(|scope| {
            let runs = [&configuration, &other, &configuration].map(|c| scope.spawn(|| bytes(&trained(c, &market))));
            let [a, b, c] = runs.map(|run| run.join().unwrap());
            assert_eq!((&first, &first), (&a, &c), "beside others");
            assert_ne!(first, b, "another seed");
        });
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(first, pool.install(|| bytes(&trained(&configuration, &market))), "{threads} threads");
        }
    }
}

#[test]
fn training_stops_early_and_keeps_the_best_parameters() {
    let market = Market::noise(400, 7);
    let mut configuration = weighted(Regime::Joint);
    let training = &mut configuration.training;
    (training.epochs, training.patience, training.learning_rate) = (60, 4, 0.02);
    let mut seen = Vec::new();
    let model =
        train(&configuration, &market.data(&configuration), DeviceKind::Flex, &mut |progress| seen.push(progress))
            .unwrap();

    let lowest = model.fits[0].history.iter().map(|epoch| epoch.validation_loss).fold(f64::INFINITY, f64::min);
    let kept: Vec<_> = model.fits[0].history.iter().filter(|epoch| epoch.kept).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].validation_loss, lowest);
    assert_eq!(model.fits[0].history.len(), kept[0].epoch + 4, "it stops after `patience` epochs without a better one");
    assert!(model.fits[0].history.len() < 60);
    assert_eq!(seen.len(), model.fits[0].history.len());
    assert_eq!(seen.last().unwrap().best, lowest);

    // The parameters are those of the best epoch: they give its loss again.
    let data = market.data(&configuration);
    let split = fold(&configuration, &data);
    let batch = ModelInputs::new(&configuration, &model.fits[0].scalers, &data)
        .batch(&split.validation, &DeviceKind::Flex.device().unwrap());
    let forecaster = Forecaster::new(&configuration, &model.fits[0].state).unwrap();
    let loss = forecaster.loss(Objective::Joint(0.5), &batch, &mut Dropout::none()).unwrap();
    assert_eq!(f64::from(values(loss).unwrap()[0]), lowest);
}

#[test]
fn training_in_stages_leaves_the_lstms_as_they_are_alone() {
    let market = Market::signal(300, 8);
    let (alone, staged) = (trained(&configuration(), &market), trained(&weighted(Regime::Staged), &market));
    for name in alone.fits[0].state.names() {
        let of = |model: &Trained| values(model.fits[0].state.flat(name).unwrap()).unwrap();
        assert_eq!(of(&alone), of(&staged), "{name}");
    }
    let phases: BTreeSet<&str> = staged.fits[0].history.iter().map(|epoch| epoch.phase.as_str()).collect();
    assert_eq!(phases, BTreeSet::from(["day", "week", "weights"]));
}

#[test]
fn training_learns_what_can_be_learnt_and_no_more() {
    for regime in [Regime::Joint, Regime::Staged] {
        let mut configuration = weighted(regime);
        (configuration.training.epochs, configuration.training.patience) = (25, 8);
        let quality = |market: &Market| {
            let model = trained(&configuration, market);
            let predictions = model.predict(&market.data(&configuration), false).unwrap();
            Quality::new(&model, &market.data(&configuration), &predictions).unwrap()
        };
        let signal = quality(&Market::signal(900, 9));
        let score = signal.forecasts.last().unwrap();
        assert_eq!(score.name, "score");
        assert!(score.r_squared.unwrap() > 0.5, "{regime:?}: {score:?}");
        assert!(score.information_coefficient.unwrap() > 0.7 && score.hit_rate.unwrap() > 0.75, "{score:?}");
        assert!(signal.beats_baselines(score));

        let noise = quality(&Market::noise(900, 10));
        for figures in &noise.forecasts {
            assert!(figures.r_squared.unwrap() < 0.03, "{regime:?}: {figures:?}");
            assert!(figures.r_squared.unwrap() > -0.5, "{regime:?}: {figures:?}");
            assert!(figures.information_coefficient.unwrap().abs() < 0.25, "{regime:?}: {figures:?}");
        }
        let mean = noise.baselines.iter().find(|figures| figures.name == "training_mean").unwrap();
        assert_eq!(mean.r_squared, Some(0.0));
    }
}

#[test]
fn training_weights_are_positive_and_sum_to_one_and_make_the_score() {
    let market = Market::signal(300, 11);
    let configuration = weighted(Regime::Joint);
    let model = trained(&configuration, &market);
    let from = market.bar_at(model.fits[0].ranges.test.from);
    let [prediction] = &model.predict(&market.data(&configuration), true).unwrap()[..] else {
        panic!("one instrument")
    };
    let blend = prediction.blend.as_ref().unwrap();
    // In sample a bar stands in another place of its batch; its figures are the same.
    let tested = predict(&model, &market);
    assert_eq!(bits(&blend.score[from..]), bits(&tested[tested.len() - 1][from..]));
    let mut known = 0;
    for bar in 0..300 {
        let column = |columns: &[Column]| columns.iter().map(|column| column[bar]).collect::<Vec<f64>>();
        let (weights, forecasts) = (column(&blend.weights), column(&prediction.groups));
        if !blend.score[bar].is_nan() {
            known += 1;
            assert!(weights.iter().all(|weight| *weight > 0.0));
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let score: f64 = weights.iter().zip(&forecasts).map(|(weight, forecast)| weight * forecast).sum();
            assert!((blend.score[bar] - score).abs() < 1e-15);
        }
    }
    assert!(known > 300 - from, "in sample there are values before the test range");
    assert!(
        model.predict(&market.data(&configuration), false).unwrap()[0].blend.as_ref().unwrap().score[from - 1].is_nan()
    );
}

#[test]
fn training_pools_instruments_and_forecasts_each_by_itself() {
    let configuration = weighted(Regime::Joint);
    let markets = [Market::signal(300, 13), Market::signal(200, 14)];
    let data: Vec<_> = markets.iter().flat_map(|market| market.data(&configuration)).collect();
    let model = train(&configuration, &data, DeviceKind::Flex, &mut |_| {}).unwrap();
    let alone = fold(&configuration, &data[..1]);
    assert!(model.fits[0].ranges.train.samples > alone.train.len());
    let together = model.predict(&data, true).unwrap();
    for (index, market) in markets.iter().enumerate() {
        let alone = model.predict(&market.data(&configuration), true).unwrap();
        assert_eq!(format!("{:?}", together[index]), format!("{:?}", alone[0]));
    }
    let mut unusable = data.clone();
    unusable[1].name = "test/EMPTY".into();
    unusable[1].given = vec![vec![f64::NAN; 200].into()];
    let error = train(&configuration, &unusable, DeviceKind::Flex, &mut |_| {}).unwrap_err();
    assert_eq!(error.message(), "test/EMPTY: series 1 of `given` has no value on any bar");
}

#[test]
fn training_says_what_is_wrong_with_its_columns() {
    let message = |configuration: &Configuration, market: Market| {
        train(configuration, &market.data(configuration), DeviceKind::Flex, &mut |_| {}).unwrap_err().to_string()
    };
    let market = || Market::signal(300, 12);
    let plain = configuration();
    insta::assert_snapshot!(message(&plain, market().cut(80)), @r"
    61 usable bars are too few: with train 0.6 and validation 0.2 and gaps of 7 bars (the target's horizon and the embargo), there must be at least 50 to train, 10 to validate and 10 to test on
      help: import more bars, shorten the lookbacks (the coarsest group's first), or look less far ahead
    ");
    insta::assert_snapshot!(message(&plain, market().cut(10)), @r"
    test/MADE: group `week` has 2 bars at 1wk, but its lookback is 3
      help: give the group a shorter lookback, or import more bars
    ");
    insta::assert_snapshot!(message(&plain, market().with_feature(|_| f64::NAN)), @r"
    test/MADE: the feature `day.momentum` has no value on any bar
      help: take it out, or give its indicator a shorter lookback
    ");
    insta::assert_snapshot!(message(&plain, market().with_feature(|_| 0.1)), @r"
    the feature `day.momentum` has the same value on every bar of the training range: nothing to learn from
      help: take it out, or train on more bars
    ");
    insta::assert_snapshot!(message(&plain, market().with_feature(|row| if row % 2 == 0 { 1.0 } else { f64::NAN })), @r"
    test/MADE: no bar has every feature in every window together with the target
      help: shorten the lookbacks, of the coarsest group first, or import more bars, or leave the instrument out
    ");
    insta::assert_snapshot!(message(&Configuration { horizon: 300, ..plain.clone() }, market()), @r"
    test/MADE: the target looks 300 bars ahead and is not known on any of 300 bars
      help: look less far ahead, or import more bars
    ");
    let mut diverging = weighted(Regime::Joint);
    (diverging.training.learning_rate, diverging.training.gradient_clip) = (1e30, 0.0);
    insta::assert_snapshot!(message(&diverging, market()), @r"
    training of `joint` diverged: the loss is no number in epoch 1, batch 2; the largest input of that batch is `day.strength` of test/MADE, 3.521e0 once scaled, in a window up to 1970-06-07
      help: lower `learning_rate`, set `gradient_clip` to 1.0, or look for outliers in the features
    ");
    let mut wide = configuration();
    wide.groups[0].features.push("more".into());
    insta::assert_snapshot!(message(&wide, market()), @r"
    the columns of test/MADE do not fit the model's configuration
      help: this is a mistake of whoever made the columns, not of the strategy
    ");
}

/// Every column of a prediction of one instrument: the groups', the weights' and the score.
fn predict(model: &Trained, market: &Market) -> Vec<Column> {
    let mut predictions = model.predict(&market.data(&model.configuration), false).unwrap();
    let prediction = predictions.remove(0);
    let blend = prediction.blend.unwrap();
    prediction.groups.into_iter().chain(blend.weights).chain([blend.score]).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}
