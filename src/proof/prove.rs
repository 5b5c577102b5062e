//! The proof itself: prefix after prefix, part after part.

use crate::backtest::Backtest;
use crate::error::Result;
use crate::models::InstrumentData;
use crate::node::Registry;
use crate::pipeline::{Evaluated, model_data};
use crate::proof::adjusted::{price_level, rules};
use crate::proof::compare::Tally;
use crate::proof::prefix::{choose, with_opened, with_unfinished};
use crate::proof::trades::Reach;
use crate::proof::training::{scaler, training_known};
use crate::proof::{Prefix, Proof};
use crate::run::{InstrumentBars, InstrumentValues};
use crate::time::Timestamp;

/// At how many instants the data are cut off unless someone says otherwise.
pub const DEFAULT_PREFIXES: u16 = 25;

/// Runs a strategy again on prefixes of its data, which are cut off at `prefixes` instants, and
/// compares every value with the full run's. `progress` is told how many instants are done, and of
/// how many.
///
/// Each prefix computes the whole strategy again, without training: it costs what so many backtests
/// cost, and twice that where several timeframes are read. Where the full run kept every value
/// ([`crate::run::Keep::Every`]), a step that is not the same twice on the same data is told by its name.
///
/// ```
/// use timeweave::data::Catalog;
/// use timeweave::pipeline::{Options, evaluate};
/// use timeweave::proof::prove;
/// use timeweave::script::{self, compile};
/// use timeweave::standard_registry;
///
/// # fn main() -> timeweave::error::Result<()> {
/// let registry = standard_registry()?;
/// let text = r#"
///     let day = bars("1d");
///     let week = bars("1wk");
///     let dip = rsi(day.close, 3) < 20 and week.close > sma(week.close, 20);
///     strategy(#{ universe: "us_equities/FB", long: #{ enter: dip, exit: rsi(day.close, 3) > 60 } })
/// "#;
/// let strategy = compile(text, "dip.rhai", &script::Options { registry: &registry, settings: &[] })?;
/// let catalog = Catalog::open("datasets")?;
/// let evaluated = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {})?;
///
/// let proof = prove(&evaluated, &registry, 10, &mut |_, _| {})?;
/// assert!(proof.holds(), "{:?}", proof.differences);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where a prefix cannot be computed or traded.
pub fn prove(
    full: &Evaluated,
    registry: &Registry,
    prefixes: u16,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Proof> {
    let backtest = full.simulate(registry)?;
    let bars: Vec<&InstrumentBars> = full.evaluation.instruments.iter().map(|values| &values.bars).collect();
    // Once more, on the same data, with the values of every step: what prefixes are compared with.
    let again = full.on_bars(bars.iter().map(|bars| (*bars).clone()).collect())?;
    let data = data(&again)?;
    let known = again.models.iter().zip(&data).map(|(model, data)| training_known(&model.trained, data));
    let all = Full { backtest, known: known.collect::<Result<_>>()?, data, full: &again };
    let mut tally = Tally::default();
    let instants = choose(
        &full.evaluation.instruments,
        full.plan.base,
        &all.known.concat(),
        &all.edges()?,
        usize::from(prefixes),
    )?;
    let count = instants.len() + 1;
    let mut trades_compared = all.compare(&mut tally, registry, WHOLE, full)?;
    let mut runs = vec![WHOLE];
    let mut run = |prefix: Prefix, instruments: Vec<InstrumentBars>| -> Result<()> {
        trades_compared += all.compare(&mut tally, registry, prefix, &again.on_bars(instruments)?)?;
        runs.push(prefix);
        Ok(())
    };
    for (done, until) in instants.into_iter().enumerate() {
        progress(done + 1, count);
        let complete: Vec<InstrumentBars> = bars.iter().map(|bars| bars.known_by(until)).collect::<Result<_>>()?;
        let begun = complete.iter().map(with_unfinished).collect::<Result<Vec<_>>>()?;
        let live = begun.iter().any(Option::is_some).then(|| {
            let begun = begun.into_iter().zip(&complete);
            begun.map(|(begun, complete)| begun.unwrap_or_else(|| complete.clone())).collect()
        });
        let opened = |cut: Vec<InstrumentBars>| -> Result<Vec<InstrumentBars>> {
            cut.into_iter().zip(&bars).map(|(cut, all)| with_opened(cut, all, until, full.plan.base)).collect()
        };
        run(Prefix { until, whole: false, unfinished: false }, opened(complete)?)?;
        if let Some(live) = live {
            run(Prefix { until, whole: false, unfinished: true }, opened(live)?)?;
        }
    }
    progress(count, count);
    let mut differences = tally.differences;
    differences.sort_by_key(|difference| difference.part.place());
    Ok(Proof {
        nodes: full.plan.steps.len(),
        models: full.plan.models.len(),
        rules: rules(full).len(),
        trades: all.backtest.trades.len(),
        runs,
        values: tally.values,
        trades_compared,
        differences,
        price_level: price_level(full, &all.backtest, registry)?,
    })
}

/// All of the data, once more.
const WHOLE: Prefix = Prefix { until: Timestamp(i64::MAX), whole: true, unfinished: false };

/// The full run.
struct Full<'a> {
    full: &'a Evaluated,
    backtest: Backtest,
    /// What each model read of each instrument.
    data: Vec<Vec<InstrumentData>>,
    /// From when all that the training range of each model's fits holds is known.
    known: Vec<Vec<i64>>,
}

fn data(of: &Evaluated) -> Result<Vec<Vec<InstrumentData>>> {
    let model = |model| of.evaluation.instruments.iter().map(|values| model_data(model, values)).collect();
    of.plan.models.iter().map(model).collect()
}

impl Full<'_> {
    /// Instants at which something begins: the first value of each step, the ranges of each model, some
    /// trades.
    fn edges(&self) -> Result<Vec<i64>> {
        let plan = &self.full.plan;
        let mut edges = Vec::new();
        for instrument in &self.full.evaluation.instruments {
            for (id, step) in plan.numbered() {
                let bars = instrument.bars.of(&plan.bars_of(step))?;
                let values = instrument.value(id).numbers(bars.len());
                let first = values.iter().position(|value| !value.is_nan());
                edges.extend(first.filter(|bar| *bar > 0).and_then(|bar| bars.close_instants().get(bar)));
            }
        }
        for model in &self.full.models {
            for fit in &model.trained.fits {
                let ranges = fit.ranges;
                edges.extend([ranges.train.to, ranges.validation.from, ranges.validation.to, ranges.test.from]);
                edges.extend(fit.updates.iter().map(|update| update.from));
            }
        }
        let trades = &self.backtest.trades;
        let some = [trades.first(), trades.get(trades.len() / 2), trades.last()];
        edges.extend(some.into_iter().flatten().flat_map(|trade| [trade.entry_time.0, trade.exit_time.0]));
        Ok(edges)
    }

    /// Compares everything with what the strategy gave on a prefix; gives how many trades were compared.
    fn compare(&self, tally: &mut Tally, registry: &Registry, prefix: Prefix, again: &Evaluated) -> Result<u64> {
        let full = self.full;
        let pairs: Vec<(&InstrumentValues, &InstrumentValues)> =
            full.evaluation.instruments.iter().zip(&again.evaluation.instruments).collect();
        for (all, some) in &pairs {
            tally.steps(&full.plan, all, some, prefix)?;
        }
        for (index, (model, some)) in full.plan.models.iter().zip(data(again)?).enumerate() {
            for (data, (all, _)) in self.data[index].iter().zip(&some).zip(&pairs) {
                tally.model(model, data, &all.bars, prefix)?;
            }
            for (fit, known) in full.models[index].trained.fits.iter().zip(&self.known[index]) {
                if prefix.until.0 == *known && !prefix.unfinished {
                    let found = scaler(model, fit, &some, prefix)?;
                    found.into_iter().for_each(|difference| tally.note(difference));
                }
            }
        }
        let bars: Vec<&InstrumentBars> = pairs.iter().map(|(all, _)| &all.bars).collect();
        let reach = Reach::of(&bars, full.plan.base, full.strategy.fill, prefix);
        Ok(tally.trades(&self.backtest, &again.simulate(registry)?, &reach, prefix))
    }
}
