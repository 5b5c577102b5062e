//! Training that is stopped goes on where it was, to the same bytes; and says what made a loss no number.

use std::sync::atomic::{AtomicBool, Ordering};

use timeweave::models::{
    Checkpoints, Configuration, Division, InstrumentData, PastWindow, Regime, Session, Trained, WalkForward, train,
    train_in,
};
use timeweave::networks::DeviceKind;

use super::boosted_trees::boosted;
use super::bytes;
use super::fixture::{Market, configuration, weighted};

/// Trains in a folder, stopped after each epoch that `stops` names; gives the model and how often it was begun.
fn stopped(configuration: &Configuration, data: &[InstrumentData], stops: impl Fn(usize) -> bool) -> (Trained, usize) {
    let folder = tempfile::tempdir().unwrap();
    let (mut epochs, mut begun) = (0, 0);
    loop {
        begun += 1;
        let stop = AtomicBool::new(false);
        let mut session = Session {
            progress: &mut |_| {},
            stop: Some(&stop),
            checkpoints: Some(Checkpoints::beside(&folder.path().join("model"), "key".into())),
        };
        let mut count = |_| {
            epochs += 1;
            stop.store(stops(epochs), Ordering::Relaxed);
        };
        session.progress = &mut count;
        match train_in(configuration, data, DeviceKind::Flex, &mut session) {
            Ok(trained) => return (trained, begun),
            Err(error) => assert!(error.to_string().contains("training was stopped after epoch"), "{error}"),
        }
    }
}

#[test]
fn training_that_is_stopped_after_every_epoch_comes_to_the_same_bytes() {
    let market = Market::signal(400, 31);
    let span = |text: &str| text.parse().unwrap();
    let walk = Division::WalkForward(WalkForward {
        train: span("200d"),
        test: span("60d"),
        validation: 0.2,
        window: PastWindow::Rolling,
        embargo: 0,
    });
    let several = Configuration { division: walk, ..weighted(Regime::Joint) };
    let trees = Configuration { design: boosted(1), ..several.clone() };
    for configuration in [weighted(Regime::Staged), several, configuration(), trees] {
        let data = market.data(&configuration);
        let whole = train(&configuration, &data, DeviceKind::Flex, &mut |_| {}).unwrap();
        let (each, begun) = stopped(&configuration, &data, |_| true);
        assert!(begun > 6, "{begun}");
        assert_eq!(bytes(&whole), bytes(&each));
        let (some, _) = stopped(&configuration, &data, |epoch| epoch % 3 == 0);
        assert_eq!(bytes(&whole), bytes(&some));
    }
}

#[test]
fn checkpoints_of_another_model_are_not_looked_at() {
    let market = Market::signal(300, 32);
    let folder = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(true);
    let run = |configuration: &Configuration, key: &str, stop: &AtomicBool| {
        let checkpoints = Some(Checkpoints::beside(&folder.path().join("model"), key.into()));
        let mut session = Session { progress: &mut |_| {}, stop: Some(stop), checkpoints };
        train_in(configuration, &market.data(configuration), DeviceKind::Flex, &mut session)
    };
    run(&configuration(), "one", &stop).unwrap_err();
    let mut other = configuration();
    other.seed = 99;
    let found = run(&other, "two", &AtomicBool::new(false)).unwrap();
    let fresh = train(&other, &market.data(&other), DeviceKind::Flex, &mut |_| {}).unwrap();
    assert_eq!(bytes(&found), bytes(&fresh));
}

#[test]
fn a_loss_that_is_no_number_names_epoch_batch_and_input() {
    let market = Market::noise(300, 33).with_feature(|bar| if bar == 150 { 1e30 } else { (bar as f64).sin() });
    let mut configuration = configuration();
    configuration.training.gradient_clip = 0.0;
    configuration.training.learning_rate = 1e20;
    let error = train(&configuration, &market.data(&configuration), DeviceKind::Flex, &mut |_| {}).unwrap_err();
    insta::assert_snapshot!(error.to_string());
}
