//! What is looked at: a strategy, its plan, and the values of its steps.

use crate::data::Instrument;
use crate::error::{Diagnostic, Origin, Result};
use crate::node::Registry;
use crate::pipeline::{MarketData, unknown_forecasts};
use crate::plan::{Operation, Plan, PlannedModel, PlannedRules, Step, StepId};
use crate::review::{across, bars, conditions, levels, models, money, orders, rules, warmup, weights};
use crate::run::{Evaluation, InstrumentValues, Keep, Value, evaluate};
use crate::strategy::Strategy;

/// Looks for what is suspicious in a strategy on its data; in the order of their places.
///
/// No model is trained. What hangs on a forecast is not judged.
///
/// ```
/// use timeweave::data::Catalog;
/// use timeweave::pipeline::load;
/// use timeweave::plan::Plan;
/// use timeweave::review::review;
/// use timeweave::script::{Options, compile};
/// use timeweave::standard_registry;
///
/// # fn main() -> timeweave::error::Result<()> {
/// let registry = standard_registry()?;
/// let text = r#"
///     let day = bars("1d");
///     strategy(#{
///         universe: "us_equities/FB",
///         long: #{ enter: rsi(day.close, 14) > 150, exit: rsi(day.close, 14) < 50 },
///         costs: #{ commission: bps(5) },
///     })
/// "#;
/// let strategy = compile(text, "high.rhai", &Options { registry: &registry, settings: &[] })?;
/// let market = load(&Plan::new(&strategy, &registry)?, &strategy, &Catalog::open("datasets")?)?;
/// let warnings = review(&strategy, &registry, market)?;
/// assert_eq!(warnings[0].message(), "`rsi` lies between 0 and 100: it is never above 150, so `long.enter` never holds");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where something is wrong, not just suspicious: as [`crate::pipeline::evaluate`].
pub fn review(strategy: &Strategy, registry: &Registry, market: MarketData) -> Result<Vec<Diagnostic>> {
    let plan = Plan::new(strategy, registry)?;
    market.check(&plan, strategy)?;
    let mut found = Vec::new();
    let unknown = |model: &PlannedModel, values: &[InstrumentValues]| {
        found.extend(models::look(model, values)?);
        unknown_forecasts(model, values)
    };
    let evaluation = evaluate(&plan, market.instruments, Keep::Every, unknown)?;
    let subject = Subject::new(strategy, &plan, &evaluation);
    found.extend(across::look(&subject));
    found.extend(bars::look(&subject)?);
    found.extend(conditions::look(&subject)?);
    found.extend(warmup::look(&subject)?);
    found.extend(rules::look(&subject)?);
    found.extend(levels::look(&subject)?);
    found.extend(orders::look(&subject)?);
    found.extend(weights::look(&subject)?);
    found.extend(money::look(&subject));
    found.sort_by_key(|diagnostic| diagnostic.origin().map(|origin| (origin.line, origin.column)));
    Ok(found)
}

/// A strategy with all that is known of it without training.
pub(super) struct Subject<'a> {
    pub strategy: &'a Strategy,
    pub plan: &'a Plan,
    pub instruments: &'a [InstrumentValues],
    /// Whether a step hangs on a model's forecast.
    forecast: Vec<bool>,
}

impl<'a> Subject<'a> {
    fn new(strategy: &'a Strategy, plan: &'a Plan, evaluation: &'a Evaluation) -> Self {
        let mut forecast = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let model = matches!(step.operation, Operation::Model(_));
            forecast.push(model || step.inputs.iter().any(|id| forecast.get(id.index()).copied().unwrap_or(false)));
        }
        Self { strategy, plan, instruments: &evaluation.instruments, forecast }
    }

    /// The steps whose values are known, in order.
    pub fn steps(&self) -> impl Iterator<Item = (StepId, &Step)> {
        self.plan.numbered().filter(|(id, _)| !self.is_forecast(*id))
    }

    /// Whether a step hangs on a model's forecast.
    pub fn is_forecast(&self, id: StepId) -> bool {
        self.forecast.get(id.index()).copied().unwrap_or(false)
    }

    /// Whether a step has a truth value for each bar.
    pub fn is_condition(&self, id: StepId) -> bool {
        self.instruments.first().is_some_and(|values| matches!(values.value(id), Value::Condition(_)))
    }

    /// The sides that are traded, by name.
    pub fn sides(&self) -> impl Iterator<Item = (&'static str, PlannedRules)> {
        [("long", self.plan.long), ("short", self.plan.short)].into_iter().filter_map(|(name, of)| Some((name, of?)))
    }

    /// The rules by name: `long.enter`.
    pub fn rules(&self) -> Vec<(String, StepId)> {
        let rules = |(side, rules): (&str, PlannedRules)| {
            [(format!("{side}.enter"), Some(rules.enter)), (format!("{side}.exit"), rules.exit)]
        };
        self.sides().flat_map(rules).filter_map(|(name, id)| Some((name, id?))).collect()
    }

    /// Where a step was written; where that is not known, the script.
    pub fn origin(&self, id: StepId) -> Option<Origin> {
        self.plan.step(id).origin.clone().or_else(|| self.script())
    }

    /// The script as a whole.
    pub fn script(&self) -> Option<Origin> {
        self.strategy.source.as_ref().map(|source| Origin::file(source.file.clone()))
    }

    /// An instrument's name.
    pub fn name(values: &InstrumentValues) -> &Instrument {
        &values.bars.instrument
    }
}
