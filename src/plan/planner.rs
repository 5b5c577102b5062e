//! The planner: from expressions to steps.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Argument, BarsRef, Call, Condition, ConditionKind, Series, SeriesKind};
use crate::models::ModelPlan;
use crate::node::{Input, Registry, inputs};
use crate::plan::walk::{DEEPEST, Walk};
use crate::plan::{Operation, Plan, PlannedCall, PlannedGroup, PlannedModel, PlannedRules, Step, StepId, Warmup};
use crate::strategy::{Rules, Strategy};

pub(super) fn plan(strategy: &Strategy, registry: &Registry) -> Result<Plan> {
    let mut planner = Planner {
        registry,
        steps: Vec::new(),
        models: Vec::new(),
        series: HashMap::new(),
        keys: HashMap::new(),
        weighed: HashMap::new(),
    };
    planner.find_weights(strategy)?;
    let sides = [&strategy.long, &strategy.short];
    let rules = sides.map(|side| side.as_ref().map(|rules| planner.rules(rules)).transpose());
    let [long, short] = rules;
    let (long, short) = (long?, short?);
    let exits = strategy.exits.iter().map(|call| planner.call(call)).collect::<Result<Vec<_>>>()?;
    let size = planner.call(&strategy.size)?;
    let plot = strategy.plot.iter().map(|(name, series)| Ok((name.clone(), planner.series(series)?)));
    let plot = plot.collect::<Result<Vec<_>>>()?;

    let Some(base) = planner.steps.iter().filter_map(|step| step.bars.as_ref()).min().cloned() else {
        return Err(Diagnostic::new("the strategy reads no bars: its rules are the same on every bar")
            .hint("compare something that changes, such as bars(\"1d\").close"));
    };
    let base = base.timeframe;
    let mut at_base = |id: StepId| planner.align(id, Some(&base.into()));
    let mut rules = |side: Option<PlannedRules>| {
        side.map(|side| PlannedRules { enter: at_base(side.enter), exit: side.exit.map(&mut at_base) })
    };
    let (long, short) = (rules(long), rules(short));
    let mut aligned =
        |call: PlannedCall| PlannedCall { inputs: call.inputs.into_iter().map(&mut at_base).collect(), ..call };
    let exits = exits.into_iter().map(&mut aligned).collect();
    let size = aligned(size);
    let plot = plot.into_iter().map(|(name, id)| (name, at_base(id))).collect();
    Ok(Plan { base, steps: planner.steps, models: planner.models, long, short, exits, size, plot })
}

struct Planner<'a> {
    registry: &'a Registry,
    steps: Vec<Step>,
    models: Vec<PlannedModel>,
    /// Steps of the expressions that were seen, by identity: shared branches are walked once.
    series: HashMap<usize, StepId>,
    /// Steps by what they do: equal expressions become one step.
    keys: HashMap<String, StepId>,
    /// The call that weighs a model's networks, by the address of the networks' call.
    weighed: HashMap<usize, Arc<Call>>,
}

impl Planner<'_> {
    fn rules(&mut self, rules: &Rules) -> Result<PlannedRules> {
        let exit = rules.exit.as_ref().map(|exit| self.condition(exit)).transpose()?;
        Ok(PlannedRules { enter: self.condition(&rules.enter)?, exit })
    }

    fn call(&mut self, call: &Arc<Call>) -> Result<PlannedCall> {
        let step = |input| match input {
            Input::Series(series) => self.series(&series),
            Input::Condition(condition) => self.condition(&condition),
        };
        let inputs = inputs(&call.arguments).into_iter().map(step).collect::<Result<_>>()?;
        Ok(PlannedCall { call: call.clone(), inputs })
    }

    /// The step of a series, at the series' own timeframe.
    fn series(&mut self, series: &Series) -> Result<StepId> {
        if let Some(step) = self.series.get(&series.identity()) {
            return Ok(*step);
        }
        let bars = series.bars();
        let origin = series.origin();
        let id = match series.kind() {
            SeriesKind::Constant(value) => self.push(Operation::Number(*value), vec![], None, origin),
            SeriesKind::Column(_, name) => self.push(Operation::Column(name.clone()), vec![], bars, origin),
            SeriesKind::Unary(operator, a) => {
                let a = self.series(a)?;
                self.push(Operation::Unary(*operator), vec![a], bars, origin)
            }
            SeriesKind::Binary(operator, a, b) => {
                let inputs = self.aligned(&[a, b], bars)?;
                self.push(Operation::Binary(*operator), inputs, bars, origin)
            }
            SeriesKind::Select(condition, a, b) => {
                let condition = self.condition(condition)?;
                let mut inputs = vec![self.align(condition, bars)];
                inputs.extend(self.aligned(&[a, b], bars)?);
                self.push(Operation::Select, inputs, bars, origin)
            }
            SeriesKind::Shift(a, count) => {
                let a = self.series(a)?;
                self.push(Operation::Shift(*count), vec![a], bars, origin)
            }
            SeriesKind::Output(call, output) => self.output(call, *output, bars, origin)?,
        };
        self.series.insert(series.identity(), id);
        Ok(id)
    }

    fn condition(&mut self, condition: &Condition) -> Result<StepId> {
        if let Some(step) = self.series.get(&condition.identity()) {
            return Ok(*step);
        }
        let bars = condition.bars();
        let (operation, inputs) = match condition.kind() {
            ConditionKind::Constant(value) => (Operation::Truth(*value), vec![]),
            ConditionKind::Compare(comparison, a, b) => (Operation::Compare(*comparison), self.aligned(&[a, b], bars)?),
            ConditionKind::CrossesAbove(a, b) => (Operation::CrossesAbove, self.aligned(&[a, b], bars)?),
            ConditionKind::CrossesBelow(a, b) => (Operation::CrossesBelow, self.aligned(&[a, b], bars)?),
            ConditionKind::And(a, b) => (Operation::And, self.both(a, b, bars)?),
            ConditionKind::Or(a, b) => (Operation::Or, self.both(a, b, bars)?),
            ConditionKind::Not(a) => (Operation::Not, vec![self.condition(a)?]),
            ConditionKind::Shift(a, count) => (Operation::ShiftCondition(*count), vec![self.condition(a)?]),
        };
        let id = self.push(operation, inputs, bars, condition.origin());
        self.series.insert(condition.identity(), id);
        Ok(id)
    }

    fn both(&mut self, a: &Condition, b: &Condition, bars: Option<&BarsRef>) -> Result<Vec<StepId>> {
        let (a, b) = (self.condition(a)?, self.condition(b)?);
        Ok(vec![self.align(a, bars), self.align(b, bars)])
    }

    fn aligned(&mut self, series: &[&Series], bars: Option<&BarsRef>) -> Result<Vec<StepId>> {
        series.iter().map(|series| self.series(series).map(|id| self.align(id, bars))).collect()
    }

    /// A step on other bars, from its close instants on.
    fn align(&mut self, id: StepId, bars: Option<&BarsRef>) -> StepId {
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
        let plan = match &weights {
            Some(weights) => ModelPlan::dynamic_weight(&weights.arguments)?,
            None => ModelPlan::lstm(&networks.arguments)?,
        };
        let bars = Some(&BarsRef::new(plan.timeframe));
        let target_source = self.series(&plan.target.source)?;
        let target_source = self.align(target_source, bars);
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
        let inputs = features.chain(given.iter().copied()).chain([target_source]).collect();
        let step = self.push(Operation::Model(self.models.len()), inputs, bars, networks.origin.as_ref());
        let (configuration, target, timeframe) = (plan.configuration, plan.target, plan.timeframe);
        self.models.push(PlannedModel {
            networks,
            configuration,
            groups,
            given,
            target,
            target_source,
            timeframe,
            step,
        });
        Ok((step, offset))
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

    /// Notes which models have their networks weighed, before any of them is planned.
    fn find_weights(&mut self, strategy: &Strategy) -> Result<()> {
        let mut walk = Walk::default();
        for rules in [&strategy.long, &strategy.short].into_iter().flatten() {
            walk.condition(&rules.enter);
            rules.exit.iter().for_each(|exit| walk.condition(exit));
        }
        strategy.exits.iter().chain([&strategy.size]).for_each(|call| walk.call(call));
        strategy.plot.iter().for_each(|(_, series)| walk.series(series));
        if let Some(origin) = walk.too_deep {
            return Err(Diagnostic::new(format!("an expression nests more than {DEEPEST} operators in one another"))
                .hint("a loop that builds `x = x + …` many times is better written as an indicator")
                .at(origin));
        }
        for call in walk.calls {
            let Some(networks) = networks_of(&call) else { continue };
            match self.weighed.insert(address(networks), call.clone()) {
                Some(other) if !Arc::ptr_eq(&other, &call) => {
                    let message = format!("two calls of `{}` weigh the networks of one `{}`", call.node, networks.node);
                    let hint = format!(
                        "call `{}` twice: the networks of each are trained with their own weights",
                        networks.node
                    );
                    return Err(Diagnostic::new(message).hint(hint).at(call.origin.clone()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The model that a call builds upon, if it builds upon one.
fn networks_of(call: &Arc<Call>) -> Option<&Arc<Call>> {
    call.arguments.iter().find_map(|(_, argument)| match argument {
        Argument::Call(networks) => Some(networks),
        _ => None,
    })
}

fn address(call: &Arc<Call>) -> usize {
    Arc::as_ptr(call) as usize
}

/// What makes two steps one: the same operation on the same inputs on the same bars.
fn key(operation: &Operation, inputs: &[StepId], bars: Option<&BarsRef>) -> String {
    let inputs: Vec<usize> = inputs.iter().map(|id| id.index()).collect();
    let what = match operation {
        Operation::Number(value) => format!("number {:x}", value.to_bits()),
        Operation::Truth(value) => format!("truth {value}"),
        Operation::Column(name) => format!("column {name}"),
        Operation::Align => "align".into(),
        Operation::Unary(operator) => format!("unary {operator:?}"),
        Operation::Binary(operator) => format!("binary {operator:?}"),
        Operation::Select => "select".into(),
        Operation::Shift(bars) => format!("shift {bars}"),
        Operation::Compare(comparison) => format!("compare {comparison:?}"),
        Operation::CrossesAbove => "crosses above".into(),
        Operation::CrossesBelow => "crosses below".into(),
        Operation::And => "and".into(),
        Operation::Or => "or".into(),
        Operation::Not => "not".into(),
        Operation::ShiftCondition(bars) => format!("shift condition {bars}"),
        Operation::Indicator(node, arguments) => {
            let arguments: Vec<String> =
                arguments.iter().map(|(name, value)| format!("{name}={}", value.describe())).collect();
            format!("indicator {} {arguments:?}", node.spec.name)
        }
        Operation::Model(index) => format!("model {index}"),
        Operation::Output(index, _) => format!("output {index}"),
    };
    format!("{what} {inputs:?} {bars:?}")
}
