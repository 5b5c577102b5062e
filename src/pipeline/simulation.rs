//! From an evaluation to the simulator: the rules' columns, the range, the figures.

use std::sync::Arc;

use crate::backtest::{EntryOrder, Feed, Market, PositionRead, RuleInput, SideSignals};
use crate::data::{Bars, Column, Instrument};
use crate::error::Result;
use crate::expr::OrderPrice;
use crate::pipeline::Evaluated;
use crate::plan::{PlannedCall, PlannedInput, PlannedRules, RuleRead, StepId};
use crate::run::InstrumentValues;
use crate::strategy::GoodFor;

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
    pub(super) fn market(&self) -> Market<'_> {
        let (finer, slippage) = (self.finer.as_deref(), self.slippage.as_deref());
        let feed = Feed { start: self.start, finer, slippage, ..Feed::new(self.instrument.clone(), &self.bars) };
        Market {
            feed,
            long: self.long.as_ref().map(Side::signals),
            short: self.short.as_ref().map(Side::signals),
            exit_inputs: self.exit_inputs.clone(),
            size_inputs: self.size_inputs.clone(),
        }
    }
}

/// The columns of every instrument. Where models give values out of sample only, the range begins
/// with the last of their test ranges: before it there is nothing to trade on.
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
    let before = |from: i64| bars.close_instants().partition_point(|close| *close < from);
    Ok(Prepared {
        instrument: values.bars.instrument.clone(),
        finer: values.bars.finer_than(plan.base),
        long: plan.long.as_ref().map(side).transpose()?,
        short: plan.short.as_ref().map(side).transpose()?,
        exit_inputs: plan.exits.iter().map(inputs).collect::<Result<_>>()?,
        size_inputs: inputs(&plan.size)?,
        slippage: plan.slippage.map(|id| values.numbers(id, plan.base)).transpose()?,
        start: from.map_or(0, before),
        bars,
    })
}
