//! The whole job, stage by stage: from a strategy and a catalog to everything that a report shows.
//!
//! A strategy may name its universe by patterns (`us_equities/*`); [`universe`] says what these match in a
//! catalog, and nothing before this stage needs one.
//!
//! [`evaluate`] loads the bars that the plan reads, computes every column and fits the models;
//! [`evaluate_on`] does so on bars that are in memory;
//! [`Evaluated::backtest`] trades the rules on what came out and measures the result.

mod cross_validation;
mod external;
mod fit;
mod market;
mod other_bars;
mod outcome;
mod period;
mod simulation;
mod trading;
mod universe;

pub use cross_validation::cross_validate;
pub use fit::{Fitted, ModelPolicy, Source, model_data, unknown_forecasts};
pub use market::{MarketData, load};
pub use outcome::{Ambiguity, Evaluated, Extreme, NamedSeries, Outcome, Role};
pub use trading::settle;
pub use universe::{Traded, universe};

use std::path::Path;
use std::sync::atomic::AtomicBool;

use tracing::info_span;

use crate::data::Catalog;
use crate::error::Result;
use crate::models::Progress;
use crate::networks::DeviceKind;
use crate::node::Registry;
use crate::pipeline::period::within;
use crate::plan::Plan;
use crate::run::{self, Keep};
use crate::strategy::Strategy;

/// How a strategy's models come to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Whether trained models are used again.
    pub models: ModelPolicy,
    /// Where trained models are kept; they are not kept where there is none.
    pub model_folder: Option<&'a Path>,
    /// What they are computed on.
    pub device: DeviceKind,
    /// Which values are kept.
    pub keep: Keep,
    /// Set from outside, it stops training after an epoch; where models are kept, the same call goes on from there.
    pub stop: Option<&'a AtomicBool>,
}

/// Plans a strategy, loads its bars, computes every column and fits its models. `progress` is told
/// of every epoch of training. What it says nothing of, trading costs what its datasets say ([`settle`]).
///
/// # Errors
/// At the first thing that does not fit: in the script, with its place there; or in the data, with
/// the file.
pub fn evaluate(
    strategy: Strategy,
    registry: &Registry,
    catalog: &Catalog,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Evaluated> {
    let (strategy, plan) = info_span!("plan").in_scope(|| -> Result<_> {
        let strategy = settle(strategy, registry, catalog)?;
        let plan = Plan::new(&strategy, registry)?;
        Ok((strategy, plan))
    })?;
    let market = load(&plan, &strategy, catalog)?;
    evaluate_plan(strategy, plan, market, options, progress)
}

/// [`evaluate`] on bars that are in memory: for each instrument of the universe, in its order, at
/// least the timeframes that the strategy names. They are taken as they are: `adjust` is for those of
/// a catalog.
///
/// # Errors
/// As [`evaluate`]; where bars are missing or not those of the universe.
pub fn evaluate_on(
    strategy: Strategy,
    registry: &Registry,
    market: MarketData,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Evaluated> {
    let plan = info_span!("plan").in_scope(|| Plan::new(&strategy, registry))?;
    market.check(&plan, &strategy)?;
    let market = within(market, &plan, strategy.period)?;
    evaluate_plan(strategy, plan, market, options, progress)
}

fn evaluate_plan(
    strategy: Strategy,
    plan: Plan,
    market: MarketData,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Evaluated> {
    let _stage = info_span!("columns").entered();
    market.check(&plan, &strategy)?;
    let mut fitter = fit::Fitter::new(&plan, &strategy, &market.inputs, options, progress);
    let evaluation = run::evaluate(&plan, market.instruments, options.keep, |model, values| fitter.fit(model, values))?;
    let models = fitter.fitted;
    Ok(Evaluated { strategy, plan, evaluation, models, inputs: market.inputs })
}
