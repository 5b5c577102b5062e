//! Conditions that are never true on the data, or always; and rules that are known on few bars.

use std::sync::Arc;

use crate::error::{Diagnostic, Result};
use crate::expr::Comparison;
use crate::plan::{Operation, StepId};
use crate::program::Operator;
use crate::review::across::picks_all;
use crate::review::oscillators::{Bounded, bounded};
use crate::review::subject::Subject;
use crate::run::{InstrumentValues, Value};

/// What a condition came to on the bars on which all that it reads is known.
#[derive(Clone, Copy, Default)]
struct Tally {
    bars: usize,
    known: usize,
    held: usize,
}

impl Tally {
    /// Never or always true; none where it is at times, or is not known anywhere.
    fn constant(self) -> Option<bool> {
        match self {
            Tally { known: 0, .. } => None,
            Tally { held: 0, .. } => Some(false),
            Tally { known, held, .. } if known == held => Some(true),
            _ => None,
        }
    }
}

/// Names the conditions that are the same on every bar. Of those that follow from each other only
/// the first is named, with the rules that it decides.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let tallies = tallies(subject)?;
    let constant = |id: StepId| tallies[id.index()].constant();
    let mut found = Vec::new();
    for (id, step) in subject.steps() {
        let Some(truth) = constant(id) else { continue };
        // It has been named, only hands on what another condition says, or follows from one that has been named.
        let hands_on = picks_all(subject, step).is_some()
            || matches!(
                step.operation,
                Operation::Align | Operation::Element(Operator::Not) | Operation::ShiftCondition(_)
            );
        // A comparison of one instrument with itself has been named too.
        let alone = |input: &StepId| subject.instruments.len() == 1 && subject.plan.step(*input).operation.is_across();
        let told = |input: &StepId| subject.is_condition(*input) && constant(*input).is_some();
        let follows = step.inputs.iter().any(|input| told(input) || alone(input));
        if hands_on || follows {
            continue;
        }
        let decided = rules(subject, id, &constant);
        found.push(describe(subject, id, truth).with(&decided).at(subject.origin(id)));
    }
    for (name, id) in subject.rules() {
        let Tally { bars, known, .. } = tallies[id.index()];
        if known > 0 && known * 2 < bars {
            let warmup = match subject.plan.step(id).warmup.to_string() {
                none if none.is_empty() => String::new(),
                warmup => format!(": its warm-up is {warmup}"),
            };
            found.push(
                Diagnostic::warning(format!("`{name}` is known on {known} of {bars} bars only{warmup}"))
                    .hint("shorten it, or import more bars: what is left to trade on is short")
                    .at(subject.origin(id)),
            );
        }
        if let Some(Value::Truth(truth)) = subject.instruments.first().map(|values| values.value(id)) {
            let when = if *truth { "holds on every bar" } else { "never holds" };
            found.push(
                Diagnostic::warning(format!("`{name}` {when}: it reads no bars"))
                    .hint("compare something that changes, such as a close")
                    .at(subject.origin(id)),
            );
        }
    }
    Ok(found)
}

/// A message in two parts: what is so, and what follows.
struct Told {
    message: String,
    hint: &'static str,
}

impl Told {
    fn with(self, rules: &str) -> Diagnostic {
        Diagnostic::warning(format!("{}{rules}", self.message)).hint(self.hint)
    }
}

/// The rules that a condition decides, in words that follow the message.
fn rules(subject: &Subject<'_>, cause: StepId, constant: &dyn Fn(StepId) -> Option<bool>) -> String {
    let mut reads = vec![false; subject.plan.steps.len()];
    reads[cause.index()] = true;
    for (id, step) in subject.plan.numbered() {
        reads[id.index()] |= step.inputs.iter().any(|input| reads[input.index()]);
    }
    let decided = subject.rules().into_iter().filter(|(_, rule)| reads[rule.index()]);
    let words = decided.filter_map(|(name, rule)| {
        Some(format!("`{name}` {}", if constant(rule)? { "always holds" } else { "never holds" }))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { String::new() } else { format!(", so {}", words.join(" and ")) }
}

fn describe(subject: &Subject<'_>, id: StepId, truth: bool) -> Told {
    let step = subject.plan.step(id);
    let side = |index: usize| step.inputs.get(index).copied();
    let when = if truth { "always" } else { "never" };
    let hint = match truth {
        true => "it decides nothing: take it out, or compare with another value",
        false => "compare with a value that is reached, or take it out",
    };
    let message = match (&step.operation, side(0), side(1)) {
        (Operation::Element(Operator::Compare(comparison)), Some(a), Some(b)) => {
            if let Some(told) = out_of_bounds(subject, *comparison, a, b) {
                return told;
            }
            let (left, right) = (extent(subject, a), extent(subject, b));
            format!("this comparison is {when} true on the data: its left side {left}, its right side {right}")
        }
        (Operation::CrossesAbove, ..) => format!("the first {when} crosses above the second on the data"),
        (Operation::CrossesBelow, ..) => format!("the first {when} crosses below the second on the data"),
        (Operation::Element(Operator::And), ..) if !truth => {
            return Told {
                message: "both sides of this `and` hold at times, but never on the same bar of the data".into(),
                hint: "do they contradict each other? Where one is an event, ask whether it happened some bars ago",
            };
        }
        (Operation::Element(Operator::Or), ..) if truth => {
            return Told { message: "on every bar of the data one side of this `or` holds".into(), hint };
        }
        _ => format!("this condition is {when} true on the data"),
    };
    Told { message, hint }
}

/// Where one side is an indicator with bounds and the other a number that no value of it can pass.
fn out_of_bounds(subject: &Subject<'_>, comparison: Comparison, a: StepId, b: StepId) -> Option<Told> {
    let number = |id: StepId| match subject.instruments.first()?.value(id) {
        Value::Number(value) => Some(*value),
        _ => None,
    };
    let (of, number, comparison) = match (bounded(subject.plan, a), number(b), bounded(subject.plan, b), number(a)) {
        (Some(of), Some(number), ..) => (of, number, comparison),
        (_, _, Some(of), Some(number)) => (of, number, turned(comparison)),
        _ => return None,
    };
    let Bounded { name, low, high } = of;
    let [least, most] = [low, high].map(|value| comparison.apply(value, number));
    // Where it holds at neither bound or at both it does so between them, unless a number between is meant.
    if (low..=high).contains(&number) && number != low && number != high || least != most {
        return None;
    }
    let what = match comparison {
        Comparison::Greater => "above",
        Comparison::GreaterOrEqual => "at or above",
        Comparison::Less => "below",
        Comparison::LessOrEqual => "at or below",
        Comparison::Equal => "equal to",
        Comparison::NotEqual => "other than",
    };
    let when = if least { "always" } else { "never" };
    Some(Told {
        message: format!("`{name}` lies between {low} and {high}: it is {when} {what} {number}"),
        hint: "compare with a number within its range",
    })
}

/// The same comparison with its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Equal | Comparison::NotEqual => comparison,
    }
}

/// How far a side of a comparison reaches on the data, in words.
fn extent(subject: &Subject<'_>, id: StepId) -> String {
    let mut range: Option<(f64, f64)> = None;
    for values in subject.instruments {
        match values.value(id) {
            Value::Number(value) => return format!("is {value}"),
            Value::Series(column) => {
                for value in column.iter().filter(|value| !value.is_nan()) {
                    let (low, high) = range.unwrap_or((*value, *value));
                    range = Some((low.min(*value), high.max(*value)));
                }
            }
            _ => {}
        }
    }
    let rounded = |value: f64| format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned();
    match range {
        Some((low, high)) => format!("runs from {} to {}", rounded(low), rounded(high)),
        None => "changes".into(),
    }
}

/// What every condition came to over all instruments.
fn tallies(subject: &Subject<'_>) -> Result<Vec<Tally>> {
    let mut tallies = vec![Tally::default(); subject.plan.steps.len()];
    for values in subject.instruments {
        let mut known: Vec<Option<Arc<[bool]>>> = vec![None; tallies.len()];
        for (id, _) in subject.steps() {
            let Value::Condition(truths) = values.value(id) else { continue };
            let mask = mask(subject, values, id, &known, truths.len())?;
            let tally = &mut tallies[id.index()];
            tally.bars += truths.len();
            for (truth, known) in truths.iter().zip(mask.iter()) {
                tally.known += usize::from(*known);
                tally.held += usize::from(*known && *truth);
            }
            known[id.index()] = Some(mask);
        }
    }
    Ok(tallies)
}

/// On which bars all that a condition reads is known.
fn mask(
    subject: &Subject<'_>,
    values: &InstrumentValues,
    id: StepId,
    known: &[Option<Arc<[bool]>>],
    length: usize,
) -> Result<Arc<[bool]>> {
    let step = subject.plan.step(id);
    let mut mask = vec![true; length];
    for input in &step.inputs {
        let of: Arc<[bool]> = match (values.value(*input), &known[input.index()]) {
            (Value::Series(column), _) => column.iter().map(|value| !value.is_nan()).collect(),
            (Value::Condition(_), Some(known)) => known.clone(),
            _ => continue,
        };
        let coarse = subject.plan.step(*input).bars.as_ref().zip(step.bars.as_ref());
        match (&step.operation, coarse) {
            (Operation::Align, Some((source, bars))) => {
                let visible = values.visible(source, bars)?;
                let seen = visible.iter().map(|bar| bar.is_some_and(|bar| of.get(bar).copied().unwrap_or(false)));
                mask.iter_mut().zip(seen).for_each(|(mask, seen)| *mask &= seen);
            }
            (Operation::ShiftCondition(bars), _) => {
                let bars = (*bars).min(length);
                mask[..bars].fill(false);
                mask[bars..].iter_mut().zip(of.iter()).for_each(|(mask, known)| *mask &= known);
            }
            _ => mask.iter_mut().zip(of.iter()).for_each(|(mask, known)| *mask &= known),
        }
    }
    Ok(mask.into())
}
