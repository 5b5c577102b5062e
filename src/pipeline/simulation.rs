//! From an evaluation to the simulator: the rules' columns, the range, the figures.

use std::sync::Arc;

use crate::backtest::{
    Backtest, EntryOrder, Feed, Holding, Market, Policies, PositionRead, RuleInput, Setup, SideSignals, rebalance,
    simulate,
};
use crate::data::{Bars, Column, Instrument};
use crate::error::Result;
use crate::expr::OrderPrice;
use crate::node::Registry;
use crate::pipeline::Evaluated;
use crate::plan::{PlannedCall, PlannedInput, PlannedRules, RuleRead, StepId};
use crate::run::InstrumentValues;
use crate::strategy::{GoodFor, Strategy};
use crate::time::Timestamp;

/// One instrument's columns, ready for the simulator.
pub(super) struct Prepared {
    instrument: Instrument,
    bars: Arc<Bars>,
    finer: Option<Arc<Bars>>,
    long: Option<Side>,
    short: Option<Side>,
    exit_inputs: Vec<Vec<RuleInput>>,
    size_inputs: Vec<RuleInput>,
    slippage: Option<Column>,
    weights: Option<Column>,
    start: usize,
}

struct Side {
    enter: Arc<[bool]>,
    exit: Option<Arc<[bool]>>,
    order: Option<OrderPrice<Column>>,
    good_for: GoodFor,
    add: usize,
}

impl Side {
    fn signals(&self) -> SideSignals<'_> {
        let price = self.order.as_ref().map(|order| order.map(|column| &**column));
        let order = EntryOrder { price, good_for: self.good_for, add: self.add };
        SideSignals { enter: &self.enter, exit: self.exit.as_deref(), order }
    }
}

impl Prepared {
    fn feed(&self) -> Feed<'_> {
        let (finer, slippage) = (self.finer.as_deref(), self.slippage.as_deref());
        Feed { start: self.start, finer, slippage, ..Feed::new(self.instrument.clone(), &self.bars) }
    }

    fn holding(&self) -> Holding<'_> {
        Holding { feed: self.feed(), weights: self.weights.as_deref().unwrap_or_default() }
    }

    fn market(&self) -> Market<'_> {
        Market {
            feed: self.feed(),
            long: self.long.as_ref().map(Side::signals),
            short: self.short.as_ref().map(Side::signals),
            exit_inputs: self.exit_inputs.clone(),
            size_inputs: self.size_inputs.clone(),
        }
    }
}

/// Trades a strategy on its columns: holds its weights, or follows its rules.
pub(super) fn trade(strategy: &Strategy, registry: &Registry, prepared: &[Prepared]) -> Result<Backtest> {
    let Some(weights) = &strategy.weights else {
        let markets: Vec<Market<'_>> = prepared.iter().map(Prepared::market).collect();
        return simulate(&Setup::of(strategy, registry), &markets);
    };
    let holdings: Vec<Holding<'_>> = prepared.iter().map(Prepared::holding).collect();
    rebalance(Policies::of(strategy), weights.rebalance, &holdings)
}

/// The columns of every instrument. Where models give values out of sample only, the range begins
/// with the last of their test ranges: before it there is nothing to trade on. A period may begin later.
pub(super) fn prepare(evaluated: &Evaluated) -> Result<Vec<Prepared>> {
    let tests = evaluated.models.iter().map(|model| model.trained.tested_from());
    let from = if evaluated.strategy.in_sample { None } else { tests.max() };
    evaluated.evaluation.instruments.iter().map(|values| instrument(evaluated, values, from)).collect()
}

fn instrument(evaluated: &Evaluated, values: &InstrumentValues, from: Option<i64>) -> Result<Prepared> {
    let plan = &evaluated.plan;
    let side = |rules: &PlannedRules| -> Result<Side> {
        let exit = rules.exit.map(|exit| values.truths(exit, plan.base)).transpose()?;
        let column = |id: &StepId| values.numbers(*id, plan.base);
        let order = rules.order.as_ref().map(|order| order.try_map(column)).transpose()?;
        let PlannedRules { good_for, add, .. } = *rules;
        Ok(Side { enter: values.truths(rules.enter, plan.base)?, exit, order, good_for, add })
    };
    let read = |read: &RuleRead| match read {
        RuleRead::Step(id) => values.numbers(*id, plan.base).map(PositionRead::Column),
        RuleRead::Position(figure) => Ok(PositionRead::Figure(*figure)),
    };
    let input = |input: &PlannedInput| match input {
        PlannedInput::Step(id) => values.numbers(*id, plan.base).map(RuleInput::Column),
        PlannedInput::Rule(rule) => {
            let reads = rule.reads.iter().map(read).collect::<Result<_>>()?;
            Ok(RuleInput::Position(rule.program.clone(), reads))
        }
    };
    let inputs = |call: &PlannedCall| call.inputs.iter().map(input).collect::<Result<Vec<_>>>();
    let bars = values.bars.at(plan.base)?.clone();
    let weights = plan.weights.as_ref().and_then(|weights| weights.share_of(&values.bars.instrument));
    let untested = from.map_or(0, |from| bars.close_instants().partition_point(|close| *close < from));
    let before = |from: Timestamp| bars.timestamps().partition_point(|open| *open < from.0);
    Ok(Prepared {
        instrument: values.bars.instrument.clone(),
        finer: values.bars.finer_than(plan.base),
        long: plan.long.as_ref().map(side).transpose()?,
        short: plan.short.as_ref().map(side).transpose()?,
        exit_inputs: plan.exits.iter().map(inputs).collect::<Result<_>>()?,
        size_inputs: inputs(&plan.size)?,
        slippage: plan.slippage.map(|id| values.numbers(id, plan.base)).transpose()?,
        weights: weights.map(|share| values.numbers(share, plan.base)).transpose()?,
        start: evaluated.strategy.period.from.map_or(0, before).max(untested),
        bars,
    })
}
