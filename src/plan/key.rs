//! Keys: what makes two steps one.

use std::sync::Arc;

use crate::expr::{Argument, BarsRef, Call};
use crate::plan::{Operation, Recursion, StepId};

/// Where a call lies: two with one address are one.
pub(super) fn address(call: &Arc<Call>) -> usize {
    Arc::as_ptr(call) as usize
}

/// What makes two steps one: the same operation on the same inputs on the same bars.
pub(super) fn key(operation: &Operation, inputs: &[StepId], bars: Option<&BarsRef>) -> String {
    let inputs: Vec<usize> = inputs.iter().map(|id| id.index()).collect();
    let what = match operation {
        Operation::Number(value) => format!("number {:x}", value.to_bits()),
        Operation::Truth(value) => format!("truth {value}"),
        Operation::Column(name) => format!("column {name}"),
        Operation::Align => "align".into(),
        Operation::Element(operator) => format!("{operator:?}"),
        Operation::Shift(count) => format!("shift {count}"),
        Operation::ShiftCondition(count) => format!("shift condition {count}"),
        Operation::CrossesAbove => "crosses above".into(),
        Operation::CrossesBelow => "crosses below".into(),
        Operation::Across(across) => format!("{across:?}"),
        Operation::Pick(pick) => format!("{pick:?}"),
        Operation::Scan(Recursion { program, .. }) => format!("scan {program:?}"),
        Operation::Indicator(node, arguments) => {
            let arguments: Vec<String> =
                arguments.iter().map(|(name, value)| format!("{name}={}", written(value))).collect();
            format!("indicator {} {arguments:?}", node.spec.name)
        }
        Operation::Model(index) => format!("model {index}"),
        Operation::Output(index, _) => format!("output {index}"),
    };
    format!("{what} {inputs:?} {bars:?}")
}

/// All of an argument, whatever stands in it, without the places where it was written.
fn written(argument: &Argument) -> String {
    let record = |entries: &mut dyn Iterator<Item = (&str, &Argument)>| -> Vec<String> {
        entries.map(|(name, value)| format!("{name}={}", written(value))).collect()
    };
    match argument {
        Argument::List(items) => format!("{:?}", items.iter().map(|item| written(&item.value)).collect::<Vec<_>>()),
        Argument::Settings(settings) => format!("{:?}", record(&mut settings.iter())),
        Argument::Record(entries) => {
            format!("{:?}", record(&mut entries.iter().map(|entry| (entry.name.as_str(), &entry.given.value))))
        }
        Argument::Series(series) => format!("series {}", series.identity()),
        Argument::Condition(condition) => format!("condition {}", condition.identity()),
        Argument::Call(call) => format!("call {}", address(call)),
        plain => format!("{plain:?}"),
    }
}
