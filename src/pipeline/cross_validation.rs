//! Cross-validation of a strategy's models, on what comes before their test ranges.

use crate::data::{Catalog, Column};
use crate::error::Result;
use crate::models::{CrossValidation, HeldOut, InstrumentData, Progress};
use crate::networks::DeviceKind;
use crate::node::Registry;
use crate::pipeline::fit::{model_data, unknown_forecasts};
use crate::pipeline::market::load;
use crate::pipeline::trading::settle;
use crate::plan::{Plan, PlannedModel};
use crate::run::{InstrumentValues, Keep, evaluate};
use crate::strategy::Strategy;

/// Cross-validates each model of a strategy, in the order of [`Plan::models`]; nothing is traded.
///
/// # Errors
/// As [`crate::pipeline::evaluate`], and as [`CrossValidation::of`].
pub fn cross_validate(
    strategy: Strategy,
    registry: &Registry,
    catalog: &Catalog,
    device: DeviceKind,
    division: CrossValidation,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Vec<Vec<HeldOut>>> {
    let strategy = settle(strategy, registry, catalog)?;
    let plan = Plan::new(&strategy, registry)?;
    let market = load(&plan, &strategy, catalog)?;
    market.check(&plan, &strategy)?;
    let mut found = Vec::new();
    // What a model would forecast is not known: a model that reads it has too little to learn from, and says so.
    let unknown = |model: &PlannedModel, values: &[InstrumentValues]| -> Result<Vec<Vec<Column>>> {
        let data: Vec<InstrumentData> = values.iter().map(|values| model_data(model, values)).collect::<Result<_>>()?;
        found.push(division.of(&model.configuration, &data, device, &mut |told| progress(&told))?);
        unknown_forecasts(model, values)
    };
    evaluate(&plan, market.instruments, Keep::Results, unknown)?;
    Ok(found)
}
