//! Cross-validation: what is trained on knows nothing of what is held out, nor of the test range.

use timeweave::models::{Configuration, CrossValidation, HeldOut, InstrumentData, usable};
use timeweave::networks::DeviceKind;

use super::fixture::{Market, configuration};

const SIX_BY_TWO: CrossValidation = CrossValidation { groups: 6, held_out: 2 };

fn small() -> Configuration {
    let mut configuration = configuration();
    configuration.training.epochs = 2;
    configuration
}

fn validated(configuration: &Configuration, data: &[InstrumentData]) -> Vec<HeldOut> {
    SIX_BY_TWO.of(configuration, data, DeviceKind::Flex, &mut |_| {}).unwrap()
}

#[test]
fn what_is_trained_on_is_apart_from_what_is_held_out() {
    let market = Market::noise(500, 41);
    let configuration = small();
    let data = market.data(&configuration);
    let found = validated(&configuration, &data);
    assert_eq!(found.len(), 15);

    // The slow and obvious version: for each sample whether any bar of its label, or of the two bars of the embargo, is
    // one that is held out or that a held-out label reads.
    let samples = usable(&configuration, &data).unwrap();
    let test = 86_400_000_000_i64 * (1 + bar_of_the_test(&configuration, &data) as i64);
    let before: Vec<usize> =
        samples.iter().map(|sample| sample.bar).filter(|bar| data[0].known_at[*bar] < test).collect();
    let group = |place: usize| place * 6 / before.len();
    for held in &found {
        let is_held = |place: usize| held.groups.contains(&group(place));
        let mut trained = 0;
        for (_, bar) in before.iter().enumerate().filter(|(place, _)| !is_held(*place)) {
            let clear = before.iter().enumerate().filter(|(other, _)| is_held(*other)).all(|(_, other)| {
                // The label of a bar reads the five bars after it.
                bar + 5 < *other || other + 5 + 2 < *bar
            });
            trained += usize::from(clear);
        }
        assert_eq!((held.trained, held.samples), (trained, (0..before.len()).filter(|place| is_held(*place)).count()));
    }
}

/// The first bar that the model is tested on: 60 and 20 % of the usable bars and two gaps of seven come before.
fn bar_of_the_test(configuration: &Configuration, data: &[InstrumentData]) -> usize {
    let samples = usable(configuration, data).unwrap();
    samples[(0.8 * samples.len() as f64).floor() as usize + 7].bar
}

#[test]
fn the_test_range_is_not_looked_at() {
    let market = Market::signal(400, 42);
    let configuration = small();
    let data = market.data(&configuration);
    let from = bar_of_the_test(&configuration, &data);
    let spoiled = market.clone().spoiled_from(from + 1).data(&configuration);
    assert_eq!(validated(&configuration, &data), validated(&configuration, &spoiled));
}

#[test]
fn a_market_that_can_be_learnt_costs_less_than_noise() {
    let mean = |market: Market| {
        let mut configuration = small();
        (configuration.training.epochs, configuration.training.learning_rate) = (8, 0.02);
        let found = validated(&configuration, &market.data(&configuration));
        found.iter().map(|held| held.loss).sum::<f64>() / found.len() as f64
    };
    let (signal, noise) = (mean(Market::signal(500, 43)), mean(Market::noise(500, 43)));
    assert!(signal < 0.8 && noise > 0.9, "{signal} and {noise}");
}

#[test]
fn too_little_to_hold_out_is_said_with_numbers() {
    let market = Market::noise(150, 44);
    let error = CrossValidation { groups: 6, held_out: 5 }
        .of(&small(), &market.data(&small()), DeviceKind::Flex, &mut |_| {})
        .unwrap_err();
    insta::assert_snapshot!(error.to_string());
}
