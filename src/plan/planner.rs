//! The planner: from expressions to steps.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Argument, BarsRef, Call, Condition, ConditionKind, OrderPrice, Series, SeriesKind, comparable};
use crate::models::ModelPlan;
use crate::node::{Registry, inputs};
use crate::plan::compiler::{no_position, no_state};
use crate::plan::key::{address, key};
use crate::plan::walk::{DEEPEST, Walk};
use crate::plan::{
    Operation, Plan, PlannedCall, PlannedGroup, PlannedModel, PlannedRules, PlannedWeights, Step, StepId, Warmup,
};
use crate::program::Operator;
use crate::strategy::{Rules, Strategy, Weights};

pub(super) fn plan(strategy: &Strategy, registry: &Registry) -> Result<Plan> {
    let walk = look_over(strategy)?;
    let finest = walk.finest.as_ref().and_then(BarsRef::timeframe).map(BarsRef::new);
    let mut planner = Planner {
        registry,
        steps: Vec::new(),
        models: Vec::new(),
        series: HashMap::new(),
        keys: HashMap::new(),
        weighed: weighed(&walk.calls)?,
        base: finest.as_ref(),
    };
    let sides = [&strategy.long, &strategy.short];
    let rules = sides.map(|side| side.as_ref().map(|rules| planner.rules(rules)).transpose());
    let [long, short] = rules;
    let (long, short) = (long?, short?);
    let exits = strategy.exits.iter().map(|call| planner.call(call)).collect::<Result<Vec<_>>>()?;
    let size = planner.call(&strategy.size)?;
    let weights = strategy.weights.as_ref().map(|weights| planner.weights(weights)).transpose()?;
    let slippage = strategy.slippage_distance.as_ref().map(|distance| planner.series(distance)).transpose()?;
    let plot = strategy.plot.iter().map(|(name, series)| Ok((name.clone(), planner.series(series)?)));
    let plot = plot.collect::<Result<Vec<_>>>()?;

    let base = planner.steps.iter().filter_map(|step| step.bars.as_ref()).min().and_then(BarsRef::timeframe);
    let Some(base) = base else {
        return Err(reads_no_bars(strategy, planner.steps.iter().find(|step| step.bars.is_some())));
    };
    strategy.weights.as_ref().map_or(Ok(()), |weights| weights.fits(base))?;
    let (steps, models) = (Vec::new(), Vec::new());
    let mut plan = Plan { base, steps, models, long, short, weights, exits, size, slippage, plot };
    plan.roots_mut().into_iter().for_each(|id| *id = planner.align(*id, Some(&base.into())));
    (plan.steps, plan.models) = (planner.steps, planner.models);
    plan.drop_dead_steps();
    Ok(plan)
}

pub(super) struct Planner<'a> {
    registry: &'a Registry,
    steps: Vec<Step>,
    models: Vec<PlannedModel>,
    /// Steps of the expressions that were seen, by identity: shared branches are walked once.
    series: HashMap<usize, StepId>,
    /// Steps by what they do: equal expressions become one step.
    keys: HashMap<String, StepId>,
    /// The call that weighs a model's networks, by the address of the networks' call.
    weighed: HashMap<usize, Arc<Call>>,
    /// The base bars.
    base: Option<&'a BarsRef>,
}

impl<'a> Planner<'a> {
    fn rules(&mut self, rules: &Rules) -> Result<PlannedRules> {
        let exit = rules.exit.as_ref().map(|exit| self.condition(exit)).transpose()?;
        let order = rules.order.as_ref().map(|order| order.try_map(|price| self.series(price))).transpose()?;
        let Rules { good_for, add, .. } = *rules;
        Ok(PlannedRules { enter: self.condition(&rules.enter)?, exit, order, good_for, add })
    }

    fn weights(&mut self, weights: &Weights) -> Result<PlannedWeights> {
        let shares = weights.shares.iter().map(|share| Ok((share.of.clone(), self.series(&share.series)?)));
        Ok(PlannedWeights { shares: shares.collect::<Result<_>>()?, rebalance: weights.rebalance })
    }

    fn call(&mut self, call: &Arc<Call>) -> Result<PlannedCall> {
        let inputs = inputs(&call.arguments).iter().map(|input| self.input(input)).collect::<Result<_>>()?;
        Ok(PlannedCall { call: call.clone(), inputs })
    }

    /// The step of a series, at the series' own timeframe.
    pub(super) fn series(&mut self, series: &Series) -> Result<StepId> {
        if let Some(step) = self.series.get(&series.identity()) {
            return Ok(*step);
        }
        let bars = self.bars_of(series.bars());
        let origin = series.origin();
        let id = match series.kind() {
            SeriesKind::Constant(value) => self.push(Operation::Number(*value), vec![], None, origin),
            SeriesKind::Column(_, name) => self.push(Operation::Column(name.clone()), vec![], bars, origin),
            SeriesKind::Unary(operator, a) => {
                let a = self.series(a)?;
                self.element(Operator::Unary(*operator), vec![a], bars, origin)
            }
            SeriesKind::Binary(operator, a, b) => {
                let inputs = self.aligned(&[a, b], bars)?;
                self.element(Operator::Binary(*operator), inputs, bars, origin)
            }
            SeriesKind::Select(condition, a, b) => {
                let condition = self.condition(condition)?;
                let mut inputs = vec![self.align(condition, bars)];
                inputs.extend(self.aligned(&[a, b], bars)?);
                self.element(Operator::Select, inputs, bars, origin)
            }
            SeriesKind::Shift(a, count) => {
                let a = self.series(a)?;
                self.shift(Operation::Shift(*count), a, bars, origin)
            }
            SeriesKind::Across(across, a) => {
                let a = self.compared(a, bars)?;
                self.push(Operation::Across(*across), vec![a], bars, origin)
            }
            SeriesKind::Output(call, output) => self.output(call, *output, bars, origin)?,
            SeriesKind::Scan(scan, output) => {
                let (recursion, inputs) = self.recursion(scan, bars)?;
                let name = recursion.states.get(*output).cloned().unwrap_or_default();
                let step = self.push(Operation::Scan(recursion), inputs, bars, scan.origin.as_ref());
                self.push(Operation::Output(*output, name), vec![step], bars, origin)
            }
            SeriesKind::Position(figure) => return Err(no_position(*figure, origin)),
            SeriesKind::State(..) => return Err(no_state(origin)),
        };
        self.series.insert(series.identity(), id);
        Ok(id)
    }

    pub(super) fn condition(&mut self, condition: &Condition) -> Result<StepId> {
        if let Some(step) = self.series.get(&condition.identity()) {
            return Ok(*step);
        }
        let bars = self.bars_of(condition.bars());
        let origin = condition.origin();
        let id = match condition.kind() {
            ConditionKind::Constant(value) => self.push(Operation::Truth(*value), vec![], None, origin),
            ConditionKind::Compare(comparison, a, b) => {
                let inputs = self.aligned(&[a, b], bars)?;
                self.element(Operator::Compare(*comparison), inputs, bars, origin)
            }
            ConditionKind::CrossesAbove(a, b) => {
                let inputs = self.aligned(&[a, b], bars)?;
                self.crossing(Operation::CrossesAbove, inputs, bars, origin)
            }
            ConditionKind::CrossesBelow(a, b) => {
                let inputs = self.aligned(&[a, b], bars)?;
                self.crossing(Operation::CrossesBelow, inputs, bars, origin)
            }
            ConditionKind::And(a, b) => {
                let inputs = self.both(a, b, bars)?;
                self.element(Operator::And, inputs, bars, origin)
            }
            ConditionKind::Or(a, b) => {
                let inputs = self.both(a, b, bars)?;
                self.element(Operator::Or, inputs, bars, origin)
            }
            ConditionKind::Not(a) => {
                let a = self.condition(a)?;
                self.element(Operator::Not, vec![a], bars, origin)
            }
            ConditionKind::Shift(a, count) => {
                let a = self.condition(a)?;
                self.shift(Operation::ShiftCondition(*count), a, bars, origin)
            }
            ConditionKind::Pick(pick, a) => {
                let a = self.compared(a, bars)?;
                self.push(Operation::Pick(*pick), vec![a], bars, origin)
            }
        };
        self.series.insert(condition.identity(), id);
        Ok(id)
    }

    /// The step of a series that is compared across instruments, on the bars on which it is.
    fn compared(&mut self, series: &Series, bars: Option<&BarsRef>) -> Result<StepId> {
        comparable(series)?;
        let id = self.series(series)?;
        Ok(self.align(id, bars))
    }

    /// The bars that an expression goes by, where base bars are told from others.
    fn bars_of<'s>(&self, bars: Option<&'s BarsRef>) -> Option<&'s BarsRef>
    where
        'a: 's,
    {
        match bars {
            Some(BarsRef::Base) => self.base,
            bars => bars,
        }
    }

    fn both(&mut self, a: &Condition, b: &Condition, bars: Option<&BarsRef>) -> Result<Vec<StepId>> {
        let (a, b) = (self.condition(a)?, self.condition(b)?);
        Ok(vec![self.align(a, bars), self.align(b, bars)])
    }

    fn aligned(&mut self, series: &[&Series], bars: Option<&BarsRef>) -> Result<Vec<StepId>> {
        series.iter().map(|series| self.series(series).map(|id| self.align(id, bars))).collect()
    }

    /// A step on other bars, from its close instants on.
    pub(super) fn align(&mut self, id: StepId, bars: Option<&BarsRef>) -> StepId {
        let step = &self.steps[id.index()];
        if step.bars.is_none() || step.bars.as_ref() == bars {
            return id;
        }
        let origin = step.origin.clone();
        self.push(Operation::Align, vec![id], bars, origin.as_ref())
    }

    fn output(
        &mut self,
        call: &Arc<Call>,
        output: usize,
        bars: Option<&BarsRef>,
        origin: Option<&Origin>,
    ) -> Result<StepId> {
        let name = call.outputs.get(output).cloned().unwrap_or_default();
        if self.registry.model(&call.node).is_some() {
            let (model, offset) = self.model(call)?;
            return Ok(self.push(Operation::Output(offset + output, name), vec![model], bars, origin));
        }
        let Some(node) = self.registry.indicator(&call.node).copied() else {
            let names = self.registry.indicators().map(|node| node.spec.name).collect::<Vec<_>>();
            let message = format!("there is no indicator called `{}` in this registry", call.node);
            return Err(Diagnostic::new(message).did_you_mean(&call.node, names).at(call.origin.clone()));
        };
        let inputs = self.aligned(&call.inputs.iter().collect::<Vec<_>>(), bars)?;
        (node.machine)(&call.arguments).map_err(|e| e.at(call.origin.clone()))?;
        let indicator =
            self.push(Operation::Indicator(node, call.arguments.clone()), inputs, bars, call.origin.as_ref());
        Ok(self.push(Operation::Output(output, name), vec![indicator], bars, origin))
    }

    /// The step of a model, and where the outputs of this call begin among the model's.
    fn model(&mut self, call: &Arc<Call>) -> Result<(StepId, usize)> {
        let networks = match networks_of(call) {
            Some(networks) => networks,
            None => call,
        };
        let weights = self.weighed.get(&address(networks)).cloned();
        let offset = if Arc::ptr_eq(networks, call) { 0 } else { networks.outputs.len() };
        if let Some(known) = self.models.iter().find(|model| Arc::ptr_eq(&model.networks, networks)) {
            return Ok((known.step, offset));
        }
        let networks = networks.clone();
        let architecture = self.registry.model(&networks.node).and_then(|node| node.architecture);
        let Some(architecture) = architecture else {
            return Err(Diagnostic::new(format!("there is no model called `{}` in this registry", networks.node))
                .at(networks.origin.clone()));
        };
        let architecture = architecture(&networks.arguments).map_err(|e| e.at(networks.origin.clone()))?;
        let mut plan = ModelPlan::forecaster(&networks, architecture)?;
        if let Some(weights) = &weights {
            plan = plan.weighed(&weights.arguments)?;
        }
        plan.check_learning_rate(&networks.arguments)?;
        let bars = Some(&BarsRef::new(plan.timeframe));
        let reads: Vec<&Series> = plan.target.reads().into_iter().map(|(_, series)| series).collect();
        let target_reads = self.aligned(&reads, bars)?;
        let mut groups = Vec::new();
        for group in plan.groups {
            let mut features = Vec::new();
            for (name, series) in group.features {
                let id = self.series(&series)?;
                features.push((name, self.align(id, Some(&group.timeframe.into()))));
            }
            groups.push(PlannedGroup { name: group.name, timeframe: group.timeframe, features });
        }
        let given = self.aligned(&plan.given.iter().collect::<Vec<_>>(), bars)?;
        let features = groups.iter().flat_map(|group| group.features.iter().map(|(_, id)| *id));
        let inputs = features.chain(given.iter().copied()).chain(target_reads.iter().copied()).collect();
        let step = self.push(Operation::Model(self.models.len()), inputs, bars, networks.origin.as_ref());
        let (configuration, target, timeframe) = (plan.configuration, plan.target, plan.timeframe);
        self.models.push(PlannedModel {
            networks,
            configuration,
            groups,
            given,
            target,
            target_reads,
            timeframe,
            step,
        });
        Ok((step, offset))
    }

    /// The value of a step that is the same on every bar; a truth value as 1 or 0.
    pub(super) fn constant(&self, id: StepId) -> Option<f64> {
        match self.steps[id.index()].operation {
            Operation::Number(value) => Some(value),
            Operation::Truth(value) => Some(f64::from(value)),
            _ => None,
        }
    }

    /// An operator on the values of each bar, unless it comes to a constant or to one of its inputs.
    fn element(
        &mut self,
        operator: Operator,
        inputs: Vec<StepId>,
        bars: Option<&BarsRef>,
        origin: Option<&Origin>,
    ) -> StepId {
        let constants: Vec<Option<f64>> = inputs.iter().map(|id| self.constant(*id)).collect();
        if constants.iter().all(Option::is_some) {
            let operand = |index: usize| constants.get(index).copied().flatten().unwrap_or(f64::NAN);
            let value = operator.apply([operand(0), operand(1), operand(2)]);
            let operation = match operator.gives_truth() {
                true => Operation::Truth(value != 0.0),
                false => Operation::Number(value),
            };
            return self.push(operation, vec![], None, origin);
        }
        let same = match (operator, constants.as_slice()) {
            (Operator::Select, [Some(condition), ..]) => Some(if *condition != 0.0 { 1 } else { 2 }),
            (Operator::And, [Some(1.0), _]) | (Operator::Or, [Some(0.0), _]) => Some(1),
            (Operator::And, [_, Some(1.0)]) | (Operator::Or, [_, Some(0.0)]) => Some(0),
            // The constant decides.
            (Operator::And, [Some(_), _]) | (Operator::Or, [Some(_), _]) => Some(0),
            (Operator::And, [_, Some(_)]) | (Operator::Or, [_, Some(_)]) => Some(1),
            _ => None,
        };
        match same {
            Some(index) => inputs[index],
            None => self.push(Operation::Element(operator), inputs, bars, origin),
        }
    }

    /// What a step was some bars ago; a constant always was what it is.
    fn shift(&mut self, operation: Operation, id: StepId, bars: Option<&BarsRef>, origin: Option<&Origin>) -> StepId {
        match self.constant(id) {
            Some(_) => id,
            None => self.push(operation, vec![id], bars, origin),
        }
    }

    /// A crossing; what never changes never crosses.
    fn crossing(
        &mut self,
        operation: Operation,
        inputs: Vec<StepId>,
        bars: Option<&BarsRef>,
        origin: Option<&Origin>,
    ) -> StepId {
        match inputs.iter().all(|id| self.constant(*id).is_some()) {
            true => self.push(Operation::Truth(false), vec![], None, origin),
            false => self.push(operation, inputs, bars, origin),
        }
    }

    fn push(
        &mut self,
        operation: Operation,
        inputs: Vec<StepId>,
        bars: Option<&BarsRef>,
        origin: Option<&Origin>,
    ) -> StepId {
        let key = key(&operation, &inputs, bars);
        if let Some(id) = self.keys.get(&key) {
            return *id;
        }
        let id = StepId::new(self.steps.len());
        let warmup = self.warmup(&operation, &inputs, bars);
        self.steps.push(Step { operation, inputs, bars: bars.cloned(), warmup, origin: origin.cloned() });
        self.keys.insert(key, id);
        id
    }

    fn warmup(&self, operation: &Operation, inputs: &[StepId], bars: Option<&BarsRef>) -> Warmup {
        let all = inputs.iter().fold(Warmup::default(), |all, id| all.union(&self.steps[id.index()].warmup));
        match operation {
            Operation::Shift(count) | Operation::ShiftCondition(count) => all.plus(bars, *count),
            Operation::CrossesAbove | Operation::CrossesBelow => all.plus(bars, 1),
            Operation::Indicator(node, arguments) => all.plus(bars, (node.lookback)(arguments).unwrap_or(0)),
            _ => all,
        }
    }
}

/// Walks over all that a strategy computes, before anything of it is planned.
fn look_over(strategy: &Strategy) -> Result<Walk> {
    let mut walk = Walk::default();
    for rules in [&strategy.long, &strategy.short].into_iter().flatten() {
        walk.condition(&rules.enter);
        rules.exit.iter().for_each(|exit| walk.condition(exit));
        rules.order.iter().flat_map(OrderPrice::values).for_each(|price| walk.series(price));
    }
    strategy.exits.iter().chain([&strategy.size]).for_each(|call| walk.call(call));
    let plots = strategy.plot.iter().map(|(_, series)| series);
    let shares = strategy.weights.iter().flat_map(|weights| &weights.shares).map(|share| &share.series);
    plots.chain(&strategy.slippage_distance).chain(shares).for_each(|series| walk.series(series));
    match walk.too_deep {
        Some(origin) => {
            Err(Diagnostic::new(format!("an expression nests more than {DEEPEST} operators in one another"))
                .hint("a loop that builds `x = x + …` many times is better written as an indicator")
                .at(origin))
        }
        None => Ok(walk),
    }
}

/// Which models have their networks weighed, by the address of the networks' call.
fn weighed(calls: &[Arc<Call>]) -> Result<HashMap<usize, Arc<Call>>> {
    let mut weighed: HashMap<usize, Arc<Call>> = HashMap::new();
    for call in calls {
        let Some(networks) = networks_of(call) else { continue };
        match weighed.insert(address(networks), call.clone()) {
            Some(other) if !Arc::ptr_eq(&other, call) => {
                let message = format!("two calls of `{}` weigh the networks of one `{}`", call.node, networks.node);
                let hint =
                    format!("call `{}` twice: the networks of each are trained with their own weights", networks.node);
                return Err(Diagnostic::new(message).hint(hint).at(call.origin.clone()));
            }
            _ => {}
        }
    }
    Ok(weighed)
}

/// The model that a call builds upon, if it builds upon one.
fn networks_of(call: &Arc<Call>) -> Option<&Arc<Call>> {
    call.arguments.iter().find_map(|(_, argument)| match argument {
        Argument::Call(networks) => Some(networks),
        _ => None,
    })
}

/// `outside` is what it reads of external series, where it does.
fn reads_no_bars(strategy: &Strategy, outside: Option<&Step>) -> Diagnostic {
    const STEP: &str = "say which bars to step through by showing some: plot: #{ close: bars(\"1d\").close }";
    if let Some(step) = outside {
        return Diagnostic::new("the strategy reads no bars, only external series").hint(STEP).at(step.origin.clone());
    }
    let told =
        |what: &str| Diagnostic::new(format!("the strategy reads no bars: its {what} are the same on every bar"));
    match strategy.weights.as_ref().and_then(|weights| weights.shares.first()) {
        None => told("rules").hint("compare something that changes, such as bars(\"1d\").close"),
        Some(share) => told("weights").hint(STEP).at(share.origin.clone()),
    }
}
