//! Exits that wait for a condition: asked on the bars on which it holds, they do what they would do asked on every bar.

use proptest::prelude::*;
use timeweave::backtest::{Backtest, EntryOrder, ExitReason, Feed, Market, Policies, Setup, SideSignals, simulate};
use timeweave::data::{Bars, Column};
use timeweave::expr::{Argument, Condition, Level, Series};
use timeweave::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Registry, Spec};

use super::properties::{any_bars, any_policies};
use super::rules::registry;

const PLAIN: ExitNode = ExitNode {
    spec: Spec {
        name: "asked_on_every_bar",
        family: "exit",
        doc: "Leaves with half of the position when a condition holds.",
        formula: "",
        inputs: Inputs::None,
        parameters: &[Parameter::required("condition", Kind::Condition, "when to leave")],
        outputs: &[],
        example: "",
        source: "",
    },
    exit: |_| Ok(Box::new(Plain)),
};

const PATIENT: ExitNode =
    ExitNode { spec: Spec { name: "waits_for_its_condition", ..PLAIN.spec }, exit: |_| Ok(Box::new(Patient)) };

struct Plain;

impl Exit for Plain {
    fn opened(&mut self, _: &OpenPosition, _: &[f64]) -> Result<Protection, Refusal> {
        Ok(Protection::default())
    }

    fn bar_closed(&mut self, _: &OpenPosition, inputs: &[f64]) -> Protection {
        Protection { close: inputs[0] == 1.0, portion: 0.5, ..Protection::default() }
    }
}

struct Patient;

impl Exit for Patient {
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        Plain.opened(position, inputs)
    }

    fn bar_closed(&mut self, position: &OpenPosition, inputs: &[f64]) -> Protection {
        Plain.bar_closed(position, inputs)
    }

    fn waits_for(&self) -> Option<usize> {
        Some(0)
    }
}

/// Any truth on each bar, which holds on so many of a hundred.
fn truths(bars: &Bars, seed: u64, often: u64) -> Vec<bool> {
    let noise =
        |bar: usize| ((bar as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (0..bars.len()).map(|bar| (noise(bar) >> 33) % 100 < often).collect()
}

fn run(registry: &Registry, node: &str, bars: &Bars, policies: Policies, seed: u64, others: bool) -> Backtest {
    let [enter, leave, turn] = [(1, 30), (2, 3), (3, 5)].map(|(salt, often)| truths(bars, seed + salt, often));
    let column = |salt, often| -> Column { truths(bars, seed + salt, often).into_iter().map(f64::from).collect() };
    let call = |name: &str, argument: Argument| registry.call(name, [argument.into()], None).unwrap().into();
    let mut exits = vec![call(node, Condition::constant(true).into()), call(node, Condition::constant(true).into())];
    let mut exit_inputs = vec![vec![column(4, 10).into()], vec![column(5, 4).into()]];
    if others {
        exits.push(call("time_stop", 7.into()));
        exits.push(call("stop_loss", Argument::Level(Level::Distance(Series::constant(1.0)))));
        exit_inputs.extend([Vec::new(), vec![Column::from(vec![5.0; bars.len()]).into()]]);
    }
    let size = registry.call("units", [Argument::from(20.0).into()], None).unwrap();
    let order = EntryOrder { add: (seed % 3) as usize, ..EntryOrder::default() };
    let market = Market {
        feed: Feed::new("test/A".parse().unwrap(), bars),
        long: Some(SideSignals { enter: &enter, exit: Some(&leave), order }),
        short: Some(SideSignals { enter: &turn, exit: None, order }),
        exit_inputs,
        size_inputs: Vec::new(),
    };
    simulate(&Setup { registry, exits: &exits, size: &size, policies }, &[market]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broker_an_exit_that_waits_for_its_condition_misses_nothing(
        bars in any_bars(), policies in any_policies(), seed in 0..u64::MAX - 9, others in any::<bool>(),
    ) {
        let mut registry = registry();
        registry.add_exit(PLAIN).unwrap();
        registry.add_exit(PATIENT).unwrap();
        let expected = run(&registry, PLAIN.spec.name, &bars, policies, seed, others);
        let mut backtest = run(&registry, PATIENT.spec.name, &bars, policies, seed, others);
        let (name, plain) = (PATIENT.spec.name, PLAIN.spec.name);
        for trade in backtest.trades.iter_mut().filter(|trade| trade.reason == ExitReason::Exit(name.into())) {
            trade.reason = ExitReason::Exit(plain.into());
        }
        backtest.refused.iter_mut().for_each(|refused| refused.what = refused.what.replace(name, plain));
        backtest.refused.sort_unstable();
        prop_assert_eq!(backtest, expected);
    }
}
