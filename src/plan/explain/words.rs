//! Steps in the words of the script language.

use crate::expr::{Argument, Level, OrderPrice};
use crate::plan::{
    Operation, Plan, PlannedCall, PlannedInput, PlannedRules, PositionRule, Recursion, RuleRead, StepId,
};
use crate::program::{Expression, Operator, Written};
use crate::strategy::GoodFor;

impl Plan {
    /// A step with what it reads in short: `close > sma(…)`, `rsi(close, timeperiod = 14)`.
    pub(super) fn in_words(&self, id: StepId) -> String {
        let step = self.step(id);
        let inputs: Vec<String> = step.inputs.iter().map(|id| self.in_short(*id)).collect();
        match &step.operation {
            Operation::Element(operator) => self.element(*operator, &step.inputs, 1).text().into(),
            Operation::CrossesAbove => format!("crosses_above({})", inputs.join(", ")),
            Operation::CrossesBelow => format!("crosses_below({})", inputs.join(", ")),
            Operation::Across(across) => format!("{}({})", across.name(), inputs.join(", ")),
            Operation::Pick(pick) => format!("{}({}, {})", pick.name(), pick.count(), inputs.join(", ")),
            Operation::Indicator(node, arguments) => {
                let arguments = arguments.iter().map(|(name, value)| format!("{name} = {}", value.literal()));
                let all: Vec<String> = inputs.into_iter().chain(arguments).collect();
                format!("{}({})", node.spec.name, all.join(", "))
            }
            Operation::Align => {
                let bars = |id: &StepId| self.step(*id).bars.as_ref().map(ToString::to_string);
                let from = step.inputs.first().and_then(bars).unwrap_or_default();
                let to = step.bars.as_ref().map(ToString::to_string).unwrap_or_default();
                let what = step.inputs.first().map(|id| self.brief(*id, 1));
                let seen = what.map(|what| what.followed_by(&format!(" of {from}, as {to} sees it")));
                seen.map(|seen| seen.text().to_owned()).unwrap_or_default()
            }
            Operation::Output(_, name) => match step.inputs.first() {
                Some(model) if matches!(self.step(*model).operation, Operation::Model(_)) => {
                    format!("{name} of {} {model}", self.in_short(*model))
                }
                Some(node) => format!("{}{}", self.in_words(*node), self.output_suffix(*node, name)),
                None => name.clone(),
            },
            _ => self.in_short(id),
        }
    }

    /// A step in a few words: `sma(…)`, `atr(…) * 2`.
    pub(super) fn in_short(&self, id: StepId) -> String {
        self.brief(id, 1).text().into()
    }

    /// A step in a few words; operators nest `depth` deep, and `…` stands for what is deeper.
    fn brief(&self, id: StepId, depth: usize) -> Expression {
        let step = self.step(id);
        let followed = |suffix: &str| match step.inputs.first() {
            Some(input) => self.brief(*input, depth).followed_by(suffix),
            None => Expression::name(suffix),
        };
        match &step.operation {
            Operation::Number(value) => Expression::number(*value),
            Operation::Truth(value) => Expression::name(value.to_string()),
            Operation::Column(name) => Expression::name(name.to_string()),
            Operation::Align => match step.inputs.first().and_then(|id| self.step(*id).bars.as_ref()) {
                Some(bars) => followed(&format!(" ({bars})")),
                None => followed(""),
            },
            Operation::Element(_) if depth == 0 => Expression::name("…"),
            Operation::Element(operator) => self.element(*operator, &step.inputs, depth - 1),
            Operation::Shift(bars) | Operation::ShiftCondition(bars) => followed(&format!("[{bars}]")),
            Operation::CrossesAbove => Expression::name("crosses_above(…)"),
            Operation::CrossesBelow => Expression::name("crosses_below(…)"),
            Operation::Across(across) => Expression::name(format!("{}(…)", across.name())),
            Operation::Pick(pick) => Expression::name(format!("{}({}, …)", pick.name(), pick.count())),
            Operation::Scan(_) => Expression::name("scan(…)"),
            Operation::Indicator(node, _) => Expression::name(format!("{}(…)", node.spec.name)),
            Operation::Model(model) => Expression::name(self.models[*model].networks.node.clone()),
            Operation::Output(_, name) => match step.inputs.first() {
                Some(node) => followed(&self.output_suffix(*node, name)),
                None => Expression::name(name.clone()),
            },
        }
    }

    fn element(&self, operator: Operator, inputs: &[StepId], depth: usize) -> Expression {
        let operands: Vec<Expression> = inputs.iter().map(|id| self.brief(*id, depth)).collect();
        Expression::apply(operator, &operands)
    }

    /// `.signal` for an output of a node that has several.
    fn output_suffix(&self, node: StepId, name: &str) -> String {
        match &self.step(node).operation {
            Operation::Indicator(node, _) if node.spec.outputs.len() == 1 => String::new(),
            _ if name.is_empty() => String::new(),
            _ => format!(".{name}"),
        }
    }

    /// How a program calls a step that it reads: a column by its name, a constant by its value,
    /// anything else by its number.
    pub(super) fn name_in_program(&self, id: StepId) -> String {
        match &self.step(id).operation {
            Operation::Column(_) | Operation::Number(_) | Operation::Truth(_) => self.in_short(id),
            _ => id.to_string(),
        }
    }
}

/// A scan, a clause for each state and each shared part, given names for what it reads.
pub(super) fn scan_clauses(recursion: &Recursion, inputs: &[String]) -> Vec<String> {
    let (initial, columns) = inputs.split_at(recursion.states.len().min(inputs.len()));
    let before = recursion.states.iter().map(|state| match state.as_str() {
        "" => "prev".to_owned(),
        name => format!("prev.{name}"),
    });
    let names: Vec<String> = before.chain(columns.iter().cloned()).collect();
    let Written { results, parts } = recursion.program.write(&names);
    let states = recursion.states.iter().zip(initial).zip(results).map(|((state, initial), next)| {
        let name = if state.is_empty() { "value" } else { state };
        format!("{name} = {initial}, then {next}")
    });
    states.chain(parts.into_iter().map(where_clause)).collect()
}

/// A rule over the position: its expression, then a clause for each shared part.
pub(super) fn rule_clauses(rule: &PositionRule, name: impl Fn(StepId) -> String) -> Vec<String> {
    let read = |read: &RuleRead| match read {
        RuleRead::Step(id) => name(*id),
        RuleRead::Position(figure) => format!("position.{}", figure.name()),
    };
    let names: Vec<String> = rule.reads.iter().map(read).collect();
    let Written { results, parts } = rule.program.write(&names);
    results.into_iter().chain(parts.into_iter().map(where_clause)).collect()
}

fn where_clause((name, expression): (String, String)) -> String {
    format!("where {name} = {expression}")
}

/// An exit or a sizer with its arguments; `input` writes those that are computed.
pub(super) fn call_in_words(call: &PlannedCall, input: impl Fn(&PlannedInput) -> String) -> String {
    let mut inputs = call.inputs.iter().map(input);
    let mut next = || inputs.next().unwrap_or_default();
    let arguments = call.call.arguments.iter().map(|(name, argument)| {
        let value = match argument {
            Argument::Series(_) | Argument::Condition(_) | Argument::Level(Level::Distance(_)) => next(),
            Argument::Level(Level::Price(_)) => format!("price({})", next()),
            Argument::Level(Level::Percent(share)) => Argument::Percent(*share).literal(),
            other => other.literal(),
        };
        format!("{name} = {value}")
    });
    let arguments: Vec<String> = arguments.collect();
    format!("{}({})", call.call.node, arguments.join(", "))
}

impl Plan {
    /// An exit or a sizer in a few words; a rule over the position is `…`.
    pub(super) fn call_in_short(&self, call: &PlannedCall) -> String {
        call_in_words(call, |input| match input {
            PlannedInput::Step(id) => self.in_short(*id),
            PlannedInput::Rule(_) => "…".into(),
        })
    }
}

impl PlannedRules {
    /// What the price of its order is made of, with what each is called.
    pub(super) fn prices(&self) -> Vec<(&'static str, StepId)> {
        match self.order {
            None => Vec::new(),
            Some(OrderPrice::Limit(price)) => vec![("at limit", price)],
            Some(OrderPrice::Stop(price)) => vec![("at stop", price)],
            Some(OrderPrice::StopLimit { stop, limit }) => vec![("at stop", stop), ("then limit", limit)],
            Some(OrderPrice::Trailing(distance)) => vec![("at trailing", distance)],
        }
    }

    /// What it says beside, where it says it: `good_for = 3`, `add = 2`.
    pub(super) fn settings(&self) -> Vec<String> {
        let waits = match self.good_for {
            GoodFor::Ever => None,
            GoodFor::Day => Some("good_for = \"day\"".into()),
            GoodFor::Bars(bars) => Some(format!("good_for = {bars}")),
        };
        waits.into_iter().chain((self.add > 0).then(|| format!("add = {}", self.add))).collect()
    }
}

/// The names of the arguments that are computed, with what computes them.
pub(super) fn computed_arguments(call: &PlannedCall) -> impl Iterator<Item = (&str, &PlannedInput)> {
    let computed = |argument: &Argument| {
        matches!(
            argument,
            Argument::Series(_) | Argument::Condition(_) | Argument::Level(Level::Distance(_) | Level::Price(_))
        )
    };
    let names = call.call.arguments.iter().filter(move |(_, argument)| computed(argument)).map(|(name, _)| name);
    names.zip(&call.inputs)
}
