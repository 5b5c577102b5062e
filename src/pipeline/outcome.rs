//! What a run came to: everything that a report shows.

use tracing::info_span;

use crate::backtest::Backtest;
use crate::data::{Column, FileHash, Lazy};
use crate::error::Result;
use crate::metrics::{Curve, Metrics, Performance};
use crate::node::Registry;
use crate::pipeline::{Fitted, simulation};
use crate::plan::Plan;
use crate::run::{Evaluation, InstrumentValues};
use crate::strategy::{Intrabar, Strategy};

/// A strategy whose columns are computed and whose models are fitted.
#[derive(Clone)]
pub struct Evaluated {
    /// What was declared.
    pub strategy: Strategy,
    /// Its checked graph.
    pub plan: Plan,
    /// The values of every step.
    pub evaluation: Evaluation,
    /// The models, in the order of [`Plan::models`].
    pub models: Vec<Fitted>,
    /// The files that went in, with their hashes.
    pub inputs: Lazy<FileHash>,
}

/// A run: what went in, what was computed, what was traded, and what came of it.
#[derive(Clone)]
pub struct Outcome {
    /// What was declared.
    pub strategy: Strategy,
    /// Its checked graph.
    pub plan: Plan,
    /// The values of every step.
    pub evaluation: Evaluation,
    /// The models, in the order of [`Plan::models`].
    pub models: Vec<Fitted>,
    /// The files that went in, with their hashes.
    pub inputs: Lazy<FileHash>,
    /// What was traded.
    pub backtest: Backtest,
    /// Its figures, and those of buying and holding the same instruments over the same bars.
    pub metrics: Metrics,
    /// How much hung on the order of events inside bars.
    pub ambiguity: Ambiguity,
}

/// How much of a result hung on the order of events inside bars, which bars do not show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ambiguity {
    /// Trades whose exit depended on it.
    pub trades: usize,
    /// Had the stop always come first.
    pub stop_first: Extreme,
    /// Had the target always come first.
    pub target_first: Extreme,
}

/// What a run would have come to under one order of events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    /// The total return, as a fraction.
    pub total_return: f64,
    /// The Sharpe ratio a year; none where it cannot be measured.
    pub sharpe: Option<f64>,
}

impl Extreme {
    fn of(performance: &Performance) -> Self {
        Self { total_return: performance.total_return, sharpe: performance.sharpe }
    }
}

/// A series with a name, over each instrument's bars of the base timeframe.
#[derive(Clone, Debug)]
pub struct NamedSeries {
    /// `lstm.day`, `lstm.weights.day`; for a plot its name.
    pub name: String,
    /// Where it comes from.
    pub role: Role,
    /// Its values for each instrument, in the order of the universe; NaN where not known.
    pub columns: Vec<Column>,
}

/// Where a named series comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A model: one timeframe's forecast, or their blend.
    Forecast,
    /// A model: how much one timeframe counts. Over a model's timeframes the sum is 1.
    Weight,
    /// The strategy's `plot`.
    Plot,
}

impl Evaluated {
    /// Trades the rules, and measures nothing.
    ///
    /// # Errors
    /// As [`Evaluated::backtest`].
    pub fn simulate(&self, registry: &Registry) -> Result<Backtest> {
        simulation::trade(&self.strategy, registry, &simulation::prepare(self)?)
    }

    /// Trades the rules and measures what came of it.
    ///
    /// # Errors
    /// Where an exit or the sizer does not fit.
    pub fn backtest(self, registry: &Registry) -> Result<Outcome> {
        let (prepared, backtest) = info_span!("backtest").in_scope(|| -> Result<_> {
            let prepared = simulation::prepare(&self)?;
            let backtest = simulation::trade(&self.strategy, registry, &prepared)?;
            Ok((prepared, backtest))
        })?;
        let _stage = info_span!("metrics").entered();
        let metrics = Metrics::of(&backtest);
        let settled = Extreme::of(&metrics.performance);
        let under = |intrabar: Intrabar| -> Result<Extreme> {
            let strategy = Strategy { intrabar, ..self.strategy.clone() };
            let Backtest { initial_cash, equity, timestamps, .. } = simulation::trade(&strategy, registry, &prepared)?;
            let curve = Curve::new(initial_cash, &equity, &timestamps, metrics.periods_per_year);
            Ok(Extreme::of(&Performance::of(&curve)))
        };
        let trades = metrics.trading.ambiguous_trades;
        let (stop_first, target_first) = match trades {
            0 => (Ok(settled), Ok(settled)),
            _ => rayon::join(|| under(Intrabar::StopFirst), || under(Intrabar::TargetFirst)),
        };
        let ambiguity = Ambiguity { trades, stop_first: stop_first?, target_first: target_first? };
        let Self { strategy, plan, evaluation, models, inputs } = self;
        Ok(Outcome { strategy, plan, evaluation, models, inputs, backtest, metrics, ambiguity })
    }
}

impl Outcome {
    /// Every named series: each model's outputs, as the base timeframe sees them, then the series of
    /// the strategy's `plot`, in the order of [`Plan::plot`].
    ///
    /// # Errors
    /// Where an instrument has no bars at a timeframe.
    pub fn named_series(&self) -> Result<Vec<NamedSeries>> {
        let base = self.plan.base;
        let instruments = &self.evaluation.instruments;
        let mut named = Vec::new();
        for (fitted, model) in self.models.iter().zip(&self.plan.models) {
            for (output, (name, _)) in fitted.outputs.first().into_iter().flatten().enumerate() {
                let visible = |(instrument, outputs): (&InstrumentValues, &Vec<(String, Column)>)| {
                    Ok(instrument.visible(&model.timeframe.into(), &base.into())?.spread(&outputs[output].1).into())
                };
                let columns = instruments.iter().zip(&fitted.outputs).map(visible).collect::<Result<_>>()?;
                let role = if output < fitted.forecasts.len() { Role::Forecast } else { Role::Weight };
                named.push(NamedSeries { name: format!("{}.{name}", model.networks.node), role, columns });
            }
        }
        for (name, id) in &self.plan.plot {
            let columns = instruments.iter().map(|i| i.numbers(*id, base)).collect::<Result<_>>()?;
            named.push(NamedSeries { name: name.clone(), role: Role::Plot, columns });
        }
        Ok(named)
    }

    /// Whether every value that the rules read came from bars that no model was fitted to.
    pub fn is_out_of_sample(&self) -> bool {
        self.models.is_empty() || !self.strategy.in_sample
    }
}
