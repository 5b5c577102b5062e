//! Values that are never known on the data.

use crate::error::{Diagnostic, Result};
use crate::plan::StepId;
use crate::review::subject::Subject;
use crate::run::{InstrumentValues, Value};

/// Names the steps that have no value on any bar of an instrument, though all that they read has.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    for (id, step) in subject.steps() {
        let lacks = |values: &&InstrumentValues| {
            !has_value(values, id) && step.inputs.iter().all(|input| has_value(values, *input))
        };
        let without: Vec<&InstrumentValues> = subject.instruments.iter().filter(lacks).collect();
        let Some(first) = without.first() else { continue };
        let others = match without.len() {
            1 => String::new(),
            count => format!(" (nor for {} other instruments)", count - 1),
        };
        let name = Subject::name(first);
        let mut needs = None;
        for (bars, count) in step.warmup.iter() {
            let there = first.bars.of(bars)?.len();
            if count >= there {
                needs = Some(format!("it needs {count} bars at {bars} before its first, and there are {there}"));
            }
        }
        let what = subject.plan.describe(step);
        found.push(match needs {
            Some(needs) => Diagnostic::warning(format!("`{what}` has no value on the data of {name}{others}: {needs}"))
                .hint("shorten it, take a finer timeframe, or import more bars")
                .at(subject.origin(id)),
            None => Diagnostic::warning(format!("`{what}` has no value on any bar of {name}{others}"))
                .hint("is it a root or a logarithm of something negative, or a division by zero?")
                .at(subject.origin(id)),
        });
    }
    Ok(found)
}

/// Whether a step has a value on any bar.
fn has_value(values: &InstrumentValues, id: StepId) -> bool {
    match values.value(id) {
        Value::Series(column) => column.is_empty() || column.iter().any(|value| !value.is_nan()),
        Value::Outputs(columns) => columns.iter().any(|column| column.iter().any(|value| !value.is_nan())),
        _ => true,
    }
}
