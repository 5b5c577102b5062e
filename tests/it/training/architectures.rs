//! Architectures and weights: the same as PyTorch's, able to learn, and no further ahead than an LSTM.

use std::sync::Arc;

use burn_core::tensor::Tensor;
use timeweave::data::Column;
use timeweave::error::Diagnostic;
use timeweave::expr::{Argument, Arguments};
use timeweave::models::{Configuration, Design, LstmStack, Pooling, Regime, Trained, WeightMethod, Weighting, train};
use timeweave::networks::{Architecture, DeviceKind, Dropout, StateDict, values};
use timeweave::script;
use timeweave::standard_registry;

use super::boosted_trees::boosted;
use super::fixture::{Market, configuration, weighted};
use super::{bits, bytes, predict};

/// The architecture that a node makes of its own arguments.
fn architecture(node: &str, own: Vec<(&'static str, Argument)>) -> Arc<dyn Architecture> {
    let registry = standard_registry().unwrap();
    let node = registry.model(node).unwrap();
    let given = own.into_iter().map(|(name, value)| (name, value.into())).collect();
    (node.architecture.unwrap())(&Arguments::new(node.spec.name, given)).unwrap()
}

fn sized(hidden: i64, layers: i64) -> Vec<(&'static str, Argument)> {
    vec![("hidden", hidden.into()), ("layers", layers.into())]
}

fn lstm(bidirectional: bool, layer_norm: bool, pooling: Pooling) -> Arc<dyn Architecture> {
    Arc::new(LstmStack { bidirectional, layer_norm, pooling, ..LstmStack::new(5, 2) })
}

fn of(architecture: Arc<dyn Architecture>) -> Design {
    Design { name: format!("{architecture:?}"), settings: [].into(), architecture }
}

/// Every architecture, small.
fn all() -> Vec<Design> {
    vec![
        of(architecture("gru", sized(6, 2))),
        of(architecture("mlp", sized(8, 2))),
        of(architecture("linear", vec![("penalty", 0.01.into())])),
        boosted(1),
        of(lstm(true, false, Pooling::Last)),
        of(lstm(false, true, Pooling::Last)),
        of(lstm(true, true, Pooling::Attention)),
    ]
}

fn trained(configuration: &Configuration, market: &Market) -> Trained {
    train(configuration, &market.data(configuration), DeviceKind::Flex, &mut |_| {}).unwrap()
}

#[test]
fn networks_are_those_of_pytorch() {
    let device = DeviceKind::Flex.device().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/networks_torch.safetensors");
    let golden = StateDict::from_safetensors(&std::fs::read(file).unwrap(), &device).unwrap();
    let window: Tensor<3> = golden.flat("window").unwrap().reshape([7, 4, 3]);
    let check = |architecture: Arc<dyn Architecture>, name: &str| {
        let networks = architecture.networks(&golden, &["day"]).unwrap();
        let found = networks.forward(&[(0, &window)], &mut Dropout::none()).unwrap().swap_remove(0);
        let (found, expected) = (values(found).unwrap(), values(golden.flat(name).unwrap()).unwrap());
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-5 * expected.abs().max(1e-2), "{name}: {found} is not {expected}");
        }
    };
    check(architecture("gru", sized(5, 2)), "gru_last");
    check(lstm(true, false, Pooling::Last), "lstm_last");
    check(lstm(true, true, Pooling::Last), "lstm_norm");
}

#[test]
fn every_architecture_learns_what_can_be_learnt_without_looking_ahead() {
    let market = Market::signal(700, 21);
    for design in all() {
        let mut configuration = Configuration { design, ..configuration() };
        let training = &mut configuration.training;
        (training.epochs, training.patience, training.learning_rate) = (30, 30, 0.02);
        let model = trained(&configuration, &market);
        let name = &configuration.design.name;
        let data = market.data(&configuration);
        let prediction = model.predict(&data, false).unwrap().swap_remove(0);
        // The daily group sees most of what the target is made of.
        let pairs: Vec<(f64, f64)> = prediction.groups[0].iter().copied().zip(data[0].target.iter().copied()).collect();
        let known = pairs.iter().filter(|(forecast, target)| forecast.is_finite() && target.is_finite());
        let (mut error, mut spread) = (0.0, 0.0);
        for (forecast, target) in known {
            error += (forecast - target).powi(2);
            spread += target * target;
        }
        assert!(error < 0.6 * spread, "{name}: {}", 1.0 - error / spread);

        // A shorter history gives the same forecasts: what is trained on ends before.
        let from = market.bar_at(model.fits[0].ranges.test.from);
        let cut = market.clone().cut(from + 9);
        let again = model.predict(&cut.data(&configuration), false).unwrap().swap_remove(0);
        for (whole, again) in prediction.groups.iter().zip(&again.groups) {
            assert_eq!(bits(&whole[..from + 9]), bits(again), "{name}");
        }
    }
}

#[test]
fn every_architecture_is_trained_to_the_same_bytes() {
    let market = Market::signal(300, 22);
    for design in all() {
        let configuration = Configuration { design, ..weighted(Regime::Joint) };
        let first = bytes(&trained(&configuration, &market));
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let second = single.install(|| bytes(&trained(&configuration, &market)));
        assert_eq!(first, second, "{}", configuration.design.name);
    }
}

fn weighing(method: WeightMethod) -> Configuration {
    let given = usize::from(method.reads_given());
    let weighting = Weighting { method, window: 20, given, hidden: 4, regime: Regime::Joint, auxiliary: 0.5 };
    Configuration { weighting: Some(weighting), ..configuration() }
}

#[test]
fn every_way_to_weigh_gives_positive_weights_of_sum_one_and_sees_no_future() {
    let market = Market::signal(500, 23);
    let methods = [
        WeightMethod::Softmax,
        WeightMethod::Attention,
        WeightMethod::InverseError,
        WeightMethod::Regime,
        WeightMethod::Equal,
    ];
    for method in methods {
        let configuration = weighing(method);
        let model = trained(&configuration, &market);
        let whole = predict(&model, &market);
        let from = market.bar_at(model.fits[0].ranges.test.from);
        // Two forecasts, two weights, a score.
        let [day, week, day_weight, week_weight, score] = &whole[..] else { panic!("{method:?}") };
        let row = |bar: usize| [day, week, day_weight, week_weight, score].map(|column: &Column| column[bar]);
        let mut differ = false;
        for [day, week, first, second, score] in (from..day.len()).map(row) {
            assert!(first >= 0.0 && second >= 0.0 && (first + second - 1.0).abs() < 1e-12, "{method:?}");
            assert!((score - (first * day + second * week)).abs() < 1e-12, "{method:?}");
            differ |= (first - second).abs() > 1e-3;
        }
        assert_eq!(differ, method != WeightMethod::Equal, "{method:?}");

        // Changing what comes later changes no weight before it.
        let spoiled = market.clone().spoiled_from(from + 40);
        for (whole, changed) in whole.iter().zip(&predict(&model, &spoiled)) {
            assert_eq!(bits(&whole[..from + 40]), bits(&changed[..from + 40]), "{method:?}");
        }
    }
}

#[test]
fn weights_by_inverse_error_trust_the_group_that_was_right() {
    // The target is what the days tell: the weeks err more.
    let market = Market::signal(600, 24);
    let mut configuration = weighing(WeightMethod::InverseError);
    (configuration.training.epochs, configuration.training.patience) = (20, 20);
    let model = trained(&configuration, &market);
    let prediction = predict(&model, &market);
    let from = market.bar_at(model.fits[0].ranges.test.from);
    // Nothing is known in the first bars, as long as the label looks ahead.
    assert!(prediction[2][from..from + 5].iter().all(|weight| *weight == 0.5));
    let later: Vec<f64> = prediction[2][from + 30..].to_vec();
    assert!(later.iter().sum::<f64>() / later.len() as f64 > 0.55, "{later:?}");
}

#[test]
fn models_that_do_not_fit_their_options_say_so() {
    let registry = standard_registry().unwrap();
    let message = |model: &str, rest: &str| {
        let text = format!(
            "let day = bars(\"1d\");\nlet forecast = {model};\n{rest}strategy(#{{ universe: \"us_equities/AAPL\", \
             long: #{{ enter: forecast.day > 0 }} }})"
        );
        let compiled = script::compile(&text, "mine.rhai", &script::Options { registry: &registry, settings: &[] });
        let planned = compiled.and_then(|strategy| timeweave::plan::Plan::new(&strategy, &registry).map(|_| ()));
        let error: Diagnostic = planned.unwrap_err();
        format!("{error}")
    };
    let features = "inputs: #{ day: #{ change: returns(day.close) } }, target: future_return(day.close, 5)";
    let model = |node: &str, rest: &str| format!("{node}(#{{ {features}, {rest} }})");
    let blend = |options: &str| format!("let blend = dynamic_weight(forecast, #{{ {options} }});\n");
    let messages = [
        message(&model("linear", "loss: \"huber\""), ""),
        message(&model("linear", "update: \"1mo\""), ""),
        message(&model("boosted_trees", "update: \"1mo\""), ""),
        message(&model("boosted_trees", "loss: \"sharpe\""), ""),
        message(&model("boosted_trees", "learning_rate: 0.05"), &blend("method: \"equal\"")),
        message(&model("lstm", "update: \"monthly\""), ""),
        message(&model("gru", "walk_forward: #{ train: \"3 years\", test: \"6mo\" }"), ""),
        message(&model("mlp", "split: #{ train: 0.5 }, walk_forward: #{ train: \"3y\", test: \"6mo\" }"), ""),
        message(&model("lstm", "walk_forward: #{ train: \"3y\" }"), ""),
        message(&model("lstm", "pooling: \"mean\""), ""),
        message(&model("lstm", "epochs: 2"), &blend("method: \"inverse\"")),
        message(&model("lstm", "epochs: 2"), &blend("method: \"softmax\"")),
        message(&model("lstm", "epochs: 2"), &blend("method: \"equal\", given: [rsi(day.close, 14)]")),
        message(
            &model("lstm", "loss: \"sharpe\""),
            "let blend = dynamic_weight(forecast, #{ method: \"inverse_error\" });\nlet forecast = #{ day: blend.score };\n",
        ),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}
