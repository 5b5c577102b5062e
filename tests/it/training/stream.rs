//! Models bar by bar: a live feed forecasts what the backtest forecast, to the last bit.

use std::collections::BTreeMap;

use timeweave::data::{Catalog, Instrument};
use timeweave::expr::BarsRef;
use timeweave::node::Registry;
use timeweave::pipeline::{Evaluated, Options, evaluate};
use timeweave::plan::StepId;
use timeweave::run::{ClosedBar, InstrumentBars, Keep, Stream};
use timeweave::script::{self, compile};
use timeweave::standard_registry;

const DATASETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets");

fn evaluated(universe: &str, model: &str, blend: &str, registry: &Registry) -> Evaluated {
    let text = format!(
        "let day = bars(\"1d\"); let week = bars(\"1wk\");
         fn features(bars) {{ #{{ change: returns(bars.close), place: bars.close / sma(bars.close, 5) - 1 }} }}
         let forecast = {model};
         let blend = dynamic_weight(forecast, #{{ {blend} }});
         strategy(#{{
             universe: [{universe}],
             long: #{{ enter: blend.score > 0, exit: blend.score < 0 }},
             plot: #{{ score: blend.score, weights: blend.weights, day: forecast.day }},
         }})"
    );
    let strategy = compile(&text, "live.rhai", &script::Options { registry, settings: &[] }).unwrap();
    let options = Options { keep: Keep::Every, ..Options::default() };
    evaluate(strategy, registry, &Catalog::open(DATASETS).unwrap(), &options, &mut |_| {}).unwrap()
}

fn model(node: &str, rest: &str) -> String {
    format!(
        "{node}(#{{ inputs: #{{ day: features(day), week: features(week) }}, target: future_return(day.close, 3), \
         lookback: #{{ day: 6, week: 3 }}, epochs: 2, {rest} }})"
    )
}

const BOTH: &str = "\"us_equities/FB\", \"us_equities/GOOG\"";
// Instruments that the training range shows: each is scaled by its own past.
const OLD: &str = "\"us_equities/MSFT\", \"us_equities/GOOG\"";
const GOOG: &str = "\"us_equities/GOOG\"";

#[test]
fn a_feed_forecasts_what_the_backtest_forecast() {
    let registry = standard_registry().unwrap();
    let given = "given: [natr(day, 5)]";
    for (universe, model, blend) in [
        (BOTH, model("lstm", "hidden: 6"), given),
        (
            GOOG,
            model(
                "gru",
                "hidden: 6, walk_forward: #{ train: \"4y\", test: \"2y\" }, update: \"6mo\", pool: \"separate\"",
            ),
            given,
        ),
        (OLD, model("linear", "pool: \"scaled_each\""), "method: \"equal\""),
        (
            GOOG,
            model("boosted_trees", "rounds: 9, learning_rate: 0.01, walk_forward: #{ train: \"4y\", test: \"2y\" }"),
            given,
        ),
    ] {
        let whole = evaluated(universe, &model, blend, &registry);
        let plan = &whole.plan;
        let universe: Vec<&InstrumentBars> = whole.evaluation.instruments.iter().map(|values| &values.bars).collect();
        let mut instants: BTreeMap<i64, Vec<ClosedBar<'_>>> = BTreeMap::new();
        for (instrument, bars) in universe.iter().enumerate() {
            for (of, bars) in &bars.bars {
                for (index, close) in bars.close_instants().iter().enumerate() {
                    instants.entry(*close).or_default().push(ClosedBar { instrument, of, rows: bars.into(), index });
                }
            }
        }
        let names: Vec<Instrument> = universe.iter().map(|bars| bars.instrument.clone()).collect();
        let trained: Vec<_> = whole.models.iter().map(|model| &model.trained).collect();
        let mut stream = Stream::with_models(plan, &names, &trained, false).unwrap();
        let steps: Vec<StepId> = plan.plot.iter().map(|(_, id)| *id).collect();
        let base = BarsRef::new(plan.base);
        let mut streamed = vec![vec![Vec::new(); steps.len()]; names.len()];
        for closed in instants.values() {
            stream.bars_closed(closed).unwrap();
            for bar in closed.iter().filter(|closed| *closed.of == base) {
                let own = steps.iter().zip(&mut streamed[bar.instrument]);
                own.for_each(|(id, values)| values.push(stream.number(bar.instrument, *id).to_bits()));
            }
        }
        for (instrument, values) in whole.evaluation.instruments.iter().enumerate() {
            for (step, streamed) in steps.iter().zip(&streamed[instrument]) {
                let column = values.numbers(*step, plan.base).unwrap();
                let expected: Vec<u64> = column.iter().map(|value| value.to_bits()).collect();
                assert_eq!(streamed, &expected, "{model}, {}", names[instrument]);
                assert!(column.iter().any(|value| value.is_finite()), "{model}: nothing was forecast");
            }
        }
    }
}

#[test]
fn a_feed_refuses_what_it_cannot_forecast() {
    let registry = standard_registry().unwrap();
    let whole = evaluated("\"us_equities/FB\"", &model("lstm", "hidden: 4"), "method: \"inverse_error\"", &registry);
    let names = ["us_equities/FB".parse::<Instrument>().unwrap()];
    let told = |models: &[&timeweave::models::Trained]| {
        Stream::with_models(&whole.plan, &names, models, false).map(|_| ()).unwrap_err().to_string()
    };
    assert!(told(&[]).contains("with the trained model alone"), "{}", told(&[]));
    let trained = &whole.models[0].trained;
    assert!(told(&[trained]).contains("weights by past errors cannot be computed bar by bar"));
    let other = evaluated("\"us_equities/FB\"", &model("lstm", "hidden: 5"), "method: \"equal\"", &registry);
    assert!(told(&[&other.models[0].trained]).contains("was trained for something else"));
}
