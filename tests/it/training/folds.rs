//! Folds of walking forward, pools of instruments, and learning on: what each may see.

use proptest::prelude::*;
use timeweave::models::{
    Configuration, Division, Fold, InstrumentData, PastWindow, Pool, Regime, Sample, Trained, Update, WalkForward,
    train, usable,
};
use timeweave::networks::{DeviceKind, values};

use super::fixture::{Market, configuration, weighted};
use super::predict;

fn walk(train: &str, test: &str, window: PastWindow) -> Division {
    let (train, test) = (train.parse().unwrap(), test.parse().unwrap());
    Division::WalkForward(WalkForward { train, test, validation: 0.2, window, embargo: 2 })
}

fn walking(window: PastWindow) -> Configuration {
    let mut configuration = Configuration { division: walk("200d", "60d", window), ..weighted(Regime::Joint) };
    configuration.training.epochs = 2;
    configuration
}

fn trained(configuration: &Configuration, data: &[InstrumentData]) -> Trained {
    train(configuration, data, DeviceKind::Flex, &mut |_| {}).unwrap()
}

fn parameters(trained: &Trained, fit: usize) -> Vec<Vec<f32>> {
    let state = &trained.fits[fit].state;
    state.names().map(|name| values(state.flat(name).unwrap()).unwrap()).collect()
}

proptest! {
    #[test]
    fn training_folds_are_purged_and_their_tests_leave_no_gap(
        past in 120..260_usize,
        test in 15..90_usize,
        horizon in 1..9_usize,
        expanding: bool,
        absent in proptest::collection::btree_set(0..500_usize, 0..60),
    ) {
        let markets = [Market::noise(500, 1), Market::noise(500, 2).without(&absent)];
        let window = if expanding { PastWindow::Expanding } else { PastWindow::Rolling };
        let division = walk(&format!("{past}d"), &format!("{test}d"), window);
        let configuration = Configuration { division, horizon, ..configuration() };
        let data: Vec<_> = markets.iter().flat_map(|market| market.data(&configuration)).collect();
        let samples = usable(&configuration, &data).unwrap();
        let Ok(folds) = Fold::all(&configuration, &data, &samples) else {
            // Refused only where a range really is small: 50 samples to train on, of two instruments.
            prop_assert!(past < 180);
            return Ok(());
        };
        let instant = |sample: &Sample| data[sample.instrument].instants[sample.bar];
        let known = |sample: &Sample| data[sample.instrument].known_at[sample.bar];
        let day = 86_400_000_000_i64;
        for fold in &folds {
            let (first, next) = (fold.validation.iter().map(instant).min().unwrap(), fold.from);
            prop_assert!(fold.train.iter().all(|sample| known(sample) < first));
            prop_assert!(fold.validation.iter().all(|sample| known(sample) < next));
            prop_assert!(fold.test.iter().all(|sample| (fold.from..fold.until).contains(&instant(sample))));
            if !expanding {
                prop_assert!(fold.train.iter().all(|sample| instant(sample) >= next - past as i64 * day));
            }
        }
        for pair in folds.windows(2) {
            prop_assert_eq!(pair[0].until, pair[1].from);
            prop_assert_eq!(pair[1].from - pair[0].from, test as i64 * day);
        }
        // Every sample from the first test on is tested, once.
        let tested: Vec<Sample> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
        let after: Vec<Sample> = samples.iter().filter(|sample| instant(sample) >= folds[0].from).copied().collect();
        prop_assert_eq!(tested, after);
    }
}

#[test]
fn training_walks_forward_without_looking_ahead() {
    let market = Market::signal(500, 8);
    for window in [PastWindow::Rolling, PastWindow::Expanding] {
        let configuration = walking(window);
        let whole = trained(&configuration, &market.data(&configuration));
        assert!(whole.fits.len() >= 4, "{}", whole.fits.len());
        let bar = market.bar_at(whole.fits[2].ranges.test.from);
        let cut = market.clone().cut(bar + 30);
        let again = trained(&configuration, &cut.data(&configuration));
        assert_eq!(again.fits.len(), 3);
        for fit in 0..3 {
            assert_eq!(parameters(&whole, fit), parameters(&again, fit), "fold {fit}");
        }
        for (whole, again) in predict(&whole, &market).iter().zip(&predict(&again, &cut)) {
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&whole[..bar + 30]), bits(again));
        }
        // Each fold is trained on a past of its own.
        assert_ne!(parameters(&whole, 0), parameters(&whole, 1));
    }
}

#[test]
fn training_goes_on_in_the_test_range_with_what_is_known_by_then() {
    let market = Market::signal(500, 9);
    let mut configuration = walking(PastWindow::Rolling);
    configuration.division = walk("200d", "400d", PastWindow::Rolling);
    let still = trained(&configuration, &market.data(&configuration));
    configuration.training.update = Some(Update { every: "30d".parse().unwrap(), epochs: 1 });
    let whole = trained(&configuration, &market.data(&configuration));
    assert_eq!(parameters(&whole, 0), parameters(&still, 0));
    let updates = &whole.fits[0].updates;
    assert!(updates.len() >= 8, "{}", updates.len());

    // Nothing changes before the first update, and something does after it.
    let first = market.bar_at(updates[0].from);
    for (with, without) in predict(&whole, &market).iter().zip(&predict(&still, &market)) {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&with[..first]), bits(&without[..first]));
        assert_ne!(bits(&with[first..]), bits(&without[first..]));
    }

    // On a shorter history the same updates give the same parameters, and no more.
    let bar = market.bar_at(updates[4].from);
    let cut = market.clone().cut(bar + 1);
    let again = trained(&configuration, &cut.data(&configuration));
    assert_eq!(again.fits[0].updates.len(), 5);
    for (long, short) in updates.iter().zip(&again.fits[0].updates) {
        assert_eq!(long.from, short.from);
        for name in long.state.names() {
            let of = |state: &timeweave::networks::StateDict| values(state.flat(name).unwrap()).unwrap();
            assert_eq!(of(&long.state), of(&short.state), "{name}");
        }
    }
}

#[test]
fn training_separately_is_training_each_alone() {
    let markets = [Market::signal(400, 10), Market::noise(400, 11)];
    let configuration = Configuration { pool: Pool::Separate, ..weighted(Regime::Joint) };
    let data: Vec<InstrumentData> = markets.iter().flat_map(|market| market.data(&configuration)).collect();
    let both = trained(&configuration, &data);
    assert_eq!(both.fits.len(), 2);
    for (index, market) in markets.iter().enumerate() {
        let alone = trained(&configuration, &market.data(&configuration));
        assert_eq!(parameters(&both, index), parameters(&alone, 0));
        assert_eq!(both.fits[index].instrument, Some(index));
        let together = both.predict(&data, false).unwrap().swap_remove(index);
        let alone = alone.predict(&market.data(&configuration), false).unwrap().swap_remove(0);
        let bits = |column: &[f64]| column.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&together.groups[0]), bits(&alone.groups[0]));
    }
}

#[test]
fn training_can_scale_each_instrument_by_itself() {
    // The same market at two scales: scaled each, both show the network the same.
    let market = Market::signal(400, 12);
    let configuration = Configuration { pool: Pool::ScaledEach, ..weighted(Regime::Joint) };
    let mut data = [market.data(&configuration), market.data(&configuration)].concat();
    for column in &mut data[1].groups[0].features {
        *column = column.iter().map(|value| 1024.0 * value).collect();
    }
    let model = trained(&configuration, &data);
    let predictions = model.predict(&data, false).unwrap();
    let bits = |column: &[f64]| column.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&predictions[0].groups[0]), bits(&predictions[1].groups[0]));
    assert!(predictions[0].groups[0].iter().any(|value| value.is_finite()));
}

#[test]
fn training_refuses_to_walk_where_the_past_is_too_short() {
    let message = |train: &str, test: &str| {
        let configuration = Configuration { division: walk(train, test, PastWindow::Rolling), ..configuration() };
        train_error(&configuration, &Market::noise(300, 1).data(&configuration)).to_string()
    };
    insta::assert_snapshot!([message("30d", "30d"), message("3y", "6mo")].join("\n"));
}

fn train_error(configuration: &Configuration, data: &[InstrumentData]) -> timeweave::error::Diagnostic {
    train(configuration, data, DeviceKind::Flex, &mut |_| {}).unwrap_err()
}
