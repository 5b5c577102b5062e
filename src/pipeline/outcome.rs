//! What a run came to: everything that a report shows.

use crate::backtest::{Backtest, Market, Setup, simulate};
use crate::data::FileHash;
use crate::error::Result;
use crate::metrics::Metrics;
use crate::node::Registry;
use crate::pipeline::{Fitted, simulation};
use crate::plan::Plan;
use crate::run::Evaluation;
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
    pub inputs: Vec<FileHash>,
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
    pub inputs: Vec<FileHash>,
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
    /// The total return had the stop always come first.
    pub stop_first: f64,
    /// The total return had the target always come first.
    pub target_first: f64,
}

impl Evaluated {
    /// Trades the rules and measures what came of it.
    ///
    /// # Errors
    /// Where an exit or the sizer does not fit.
    pub fn backtest(self, registry: &Registry) -> Result<Outcome> {
        let markets = simulation::prepare(&self)?;
        let markets: Vec<Market<'_>> = markets.iter().map(simulation::Prepared::market).collect();
        let setup = Setup::of(&self.strategy, registry);
        let backtest = simulate(&setup, &markets)?;
        let total = |intrabar: Intrabar| -> Result<f64> {
            let mut setup = setup.clone();
            setup.policies.intrabar = intrabar;
            Ok(Metrics::of(&simulate(&setup, &markets)?).performance.total_return)
        };
        let metrics = Metrics::of(&backtest);
        let settled = metrics.performance.total_return;
        let (stop_first, target_first) = match metrics.trading.ambiguous_trades {
            0 => (settled, settled),
            _ => (total(Intrabar::StopFirst)?, total(Intrabar::TargetFirst)?),
        };
        let ambiguity = Ambiguity { trades: metrics.trading.ambiguous_trades, stop_first, target_first };
        let Self { strategy, plan, evaluation, models, inputs } = self;
        Ok(Outcome { strategy, plan, evaluation, models, inputs, backtest, metrics, ambiguity })
    }
}

impl Outcome {
    /// Every named series over all instruments' bars of the base timeframe, one instrument after the
    /// other: each model's outputs, as the base timeframe sees them, and the strategy's `plot`.
    ///
    /// # Errors
    /// Where an instrument has no bars at a timeframe.
    pub fn named_series(&self) -> Result<Vec<(String, Vec<f64>)>> {
        let base = self.plan.base;
        let mut named: Vec<(String, Vec<f64>)> = Vec::new();
        for (fitted, model) in self.models.iter().zip(&self.plan.models) {
            for (output, (name, _)) in fitted.outputs.first().into_iter().flatten().enumerate() {
                let mut values = Vec::new();
                for (instrument, outputs) in self.evaluation.instruments.iter().zip(&fitted.outputs) {
                    let visible = instrument.visible(model.timeframe, base)?;
                    values.extend(visible.spread(&outputs[output].1));
                }
                named.push((format!("{}.{name}", model.networks.node), values));
            }
        }
        for (name, id) in &self.plan.plot {
            let mut values = Vec::new();
            for instrument in &self.evaluation.instruments {
                values.extend_from_slice(&instrument.numbers(*id, base)?);
            }
            named.push((name.clone(), values));
        }
        Ok(named)
    }

    /// Whether every value that the rules read came from bars that no model was fitted to.
    pub fn is_out_of_sample(&self) -> bool {
        self.models.is_empty() || !self.strategy.in_sample
    }
}
