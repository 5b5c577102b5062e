//! What rules cost: a rule of ten operators over a million bars beside the same rule in hand-written Rust,
//! a rule over the open position, a comparison of 500 instruments, and reading and planning a script.

#![allow(clippy::unwrap_used)] // what fails here fails the bench

mod random_walk;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::slice;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use timeweave::backtest::{EntryOrder, Feed, Market, PositionRead, RuleInput, Setup, SideSignals, simulate};
use timeweave::data::{Bars, Field};
use timeweave::node::{OpenPosition, Side};
use timeweave::plan::{Plan, PlannedInput, RuleRead};
use timeweave::program::Stepper;
use timeweave::run::{InstrumentBars, Keep, evaluate};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;

use random_walk::{BARS, bars};

const RULE: &str = "(m.high - m.low) / m.close > 0.002 and (m.close - m.open) / (m.high - m.low) > 0.5 and \
                    m.volume * m.close > 3e7";

fn plan(rules: &str) -> Plan {
    let registry = standard_registry().unwrap();
    let text = format!("let m = bars(\"1m\"); strategy(#{{ universe: \"made/UP\", {rules} }})");
    let strategy = compile(&text, "bench.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    Plan::new(&strategy, &registry).unwrap()
}

/// The rule as one would write it, with the engine's idea of what is not known: no bar without a range.
fn by_hand(bars: &Bars) -> Vec<bool> {
    let [open, high, low, close, volume] = Field::ALL.map(|field| &bars.field(field)[..BARS]);
    let rule = |bar: usize| {
        let range = high[bar] - low[bar];
        let body = (close[bar] - open[bar]) / range;
        (range / close[bar] > 0.002) & (body > 0.5 && body.is_finite()) & (volume[bar] * close[bar] > 3e7)
    };
    (0..BARS).map(rule).collect()
}

fn rule(criterion: &mut Criterion) {
    let plan = plan(&format!("long: #{{ enter: {RULE} }}"));
    let bars = bars();
    let instrument = InstrumentBars::new("made/UP".parse().unwrap(), [bars.clone()]);
    let run = || evaluate(&plan, vec![instrument.clone()], Keep::Results, |_, _| Ok(Vec::new())).unwrap();
    let enter = plan.long.as_ref().unwrap().enter;
    let ours = run().instruments[0].truths(enter, plan.base).unwrap();
    assert_eq!(ours[..], by_hand(&bars)[..], "both find the same bars");
    let mut group = criterion.benchmark_group("rule of ten operators");
    group.throughput(Throughput::Elements(BARS as u64)).sample_size(50);
    group.bench_function("plan", |bencher| bencher.iter(run));
    group.bench_function("hand-written", |bencher| bencher.iter(|| by_hand(black_box(&bars))));
    group.finish();
}

/// Five hundred instruments that are compared with each other, a million bars in all.
fn universe(criterion: &mut Criterion) {
    const COUNT: usize = 500;
    let plan = plan("long: #{ enter: top(50, roc(m.close, 20)), exit: zscore_across(m.close) < 0 }");
    let all = bars();
    let length = BARS / COUNT;
    let instrument = |index: usize| {
        let columns = Field::ALL.map(|field| all.field(field)[index * length..][..length].to_vec());
        let bars = Bars::new(all.timeframe(), all.calendar(), all.timestamps()[..length].to_vec(), columns);
        InstrumentBars::new(format!("made/N{index}").parse().unwrap(), [bars.unwrap()])
    };
    let instruments: Vec<InstrumentBars> = (0..COUNT).map(instrument).collect();
    let mut group = criterion.benchmark_group("comparison of 500 instruments");
    group.throughput(Throughput::Elements(BARS as u64)).sample_size(10);
    group.bench_function("top and zscore", |bencher| {
        bencher.iter(|| evaluate(&plan, instruments.clone(), Keep::Results, |_, _| Ok(Vec::new())).unwrap());
    });
    group.finish();
}

fn position(criterion: &mut Criterion) {
    let plan = plan(
        "long: #{ enter: m.close > 0 }, exits: [exit_when(position.bars_held > 50 and position.profit < -0.5 or \
         m.close < position.highest * 0.1)]",
    );
    let PlannedInput::Rule(rule) = &plan.exits[0].inputs[0] else { unreachable!("it reads the position") };
    let mut stepper = Stepper::new(rule.program.clone());
    let bars = bars();
    let close = bars.field(Field::Close);
    let mut group = criterion.benchmark_group("rule over the position");
    group.throughput(Throughput::Elements(BARS as u64)).sample_size(20);
    group.bench_function("alone", |bencher| {
        bencher.iter(|| {
            let mut held = 0.0;
            for (bar, close) in close.iter().enumerate() {
                let position = OpenPosition {
                    side: Side::Long,
                    entry_price: 100.0,
                    bars_held: bar,
                    highest: 200.0,
                    lowest: 50.0,
                    close: *close,
                };
                for (input, read) in stepper.inputs().iter_mut().zip(&rule.reads) {
                    *input = match read {
                        RuleRead::Step(_) => *close,
                        RuleRead::Position(figure) => black_box(&position).figure(*figure),
                    };
                }
                stepper.run();
                held += stepper.result(0);
            }
            held
        });
    });
    let registry = standard_registry().unwrap();
    let (enter, never) = (vec![true; BARS], vec![false; BARS]);
    let text =
        "let m = bars(\"1m\"); strategy(#{ universe: \"made/UP\", long: #{ enter: m.close > 0 }, exits: [EXITS] })";
    let exit_when = "exit_when(position.bars_held > 50 and position.profit < -0.5 or m.close < position.highest * 0.1)";
    for (name, exits, exit) in [
        ("simulated without", "", None),
        ("simulated with", exit_when, None),
        ("simulated with, and an exit rule that never holds", exit_when, Some(&never[..])),
    ] {
        let text = text.replace("EXITS", exits);
        let strategy = compile(&text, "bench.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
        let setup = Setup::of(&strategy, &registry);
        let read = |read: &RuleRead| match read {
            RuleRead::Step(_) => PositionRead::Column(close.clone()),
            RuleRead::Position(figure) => PositionRead::Figure(*figure),
        };
        let input = RuleInput::Position(rule.program.clone(), rule.reads.iter().map(read).collect());
        let market = Market {
            feed: Feed::new("made/UP".parse().unwrap(), &bars),
            long: Some(SideSignals { enter: &enter, exit, order: EntryOrder::default() }),
            short: None,
            exit_inputs: if exits.is_empty() { vec![] } else { vec![vec![input]] },
            size_inputs: Vec::new(),
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| simulate(&setup, slice::from_ref(&market)).unwrap());
        });
    }
    group.finish();
}

fn script(criterion: &mut Criterion) {
    let registry = standard_registry().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies/mtf_lstm.rhai");
    let text = fs::read_to_string(path).unwrap();
    criterion.bench_function("read and plan strategies/mtf_lstm.rhai", |bencher| {
        bencher.iter(|| {
            let strategy = compile(&text, "mtf_lstm.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
            Plan::new(&strategy, &registry).unwrap()
        });
    });
}

criterion_group!(benches, rule, universe, position, script);
criterion_main!(benches);
