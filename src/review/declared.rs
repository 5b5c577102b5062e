//! What was declared and reaches nothing: parameters, and names of a script.

use crate::error::{Diagnostic, Origin, Result};
use crate::node::Registry;
use crate::plan::{Operation, Plan, PlannedInput};
use crate::strategy::Strategy;

/// Names the parameters that change nothing in a strategy. `again` declares the strategy with another
/// value of one of them, as `runner --set` does.
///
/// Each is tried at both ends of its range, and near its value: where the strategy stays the same every
/// time, the parameter does nothing. That it cannot be declared with a value is a use too.
///
/// # Errors
/// Where the strategy itself cannot be planned.
pub fn unused_parameters(
    strategy: &Strategy,
    registry: &Registry,
    again: &mut dyn FnMut(&str, f64) -> Result<Strategy>,
) -> Result<Vec<Diagnostic>> {
    let before = fingerprint(strategy, registry)?;
    let mut found = Vec::new();
    for parameter in &strategy.parameters {
        let (least, most) = parameter.range;
        let near = [parameter.value + 1.0, parameter.value - 1.0, parameter.value * 2.0 + 1.0];
        let all = [least, most, ((least + most) / 2.0).round()].into_iter().chain(near);
        let tried =
            all.filter(|value| value.is_finite() && (least..=most).contains(value) && *value != parameter.value);
        let mut changes = false;
        let mut tries = 0;
        for value in tried {
            tries += 1;
            let now = again(&parameter.name, value).and_then(|strategy| fingerprint(&strategy, registry));
            if now.as_ref().map_or(true, |now| *now != before) {
                changes = true;
                break;
            }
        }
        if !changes && tries > 0 {
            found.push(
                Diagnostic::warning(format!("the parameter `{}` changes nothing", parameter.name))
                    .hint("use the variable that holds it, or take it out")
                    .at(parameter.origin.clone()),
            );
        }
    }
    Ok(found)
}

/// All that a strategy does, as text.
fn fingerprint(strategy: &Strategy, registry: &Registry) -> Result<String> {
    let plan = Plan::new(strategy, registry)?;
    let models: Vec<_> = plan.models.iter().map(|model| &model.configuration).collect();
    let Strategy { universe, costs, account, matching, fill, intrabar, adjust, in_sample, .. } = strategy;
    let settings = (universe, costs, account, matching, fill, intrabar, adjust, in_sample);
    // The plan's explanation does not show what stands inside of a compiled expression.
    let scans = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::Scan(recursion) => Some(&recursion.program),
        _ => None,
    });
    let inputs = plan.exits.iter().chain([&plan.size]).flat_map(|call| &call.inputs);
    let rules = inputs.filter_map(|input| match input {
        PlannedInput::Rule(rule) => Some(&rule.program),
        PlannedInput::Step(_) => None,
    });
    let programs: Vec<_> = scans.chain(rules).collect();
    Ok(format!("{}{models:?}{settings:?}{programs:?}", plan.explain()))
}

/// Names what a script declares with `let`, `const` or `fn` and does not use. `file` is how the person
/// named it.
///
/// ```
/// use timeweave::review::unused_names;
///
/// let found = unused_names("mine.rhai", "let a = 1;\nlet slow = 2; // slow\na + 1");
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].to_string().lines().next(), Some("mine.rhai:2:5: warning: `slow` is declared and never used"));
/// ```
pub fn unused_names(file: &str, text: &str) -> Vec<Diagnostic> {
    let words = words(text);
    let declares = |word: &str| matches!(word, "let" | "const" | "fn");
    let mut found = Vec::new();
    for pair in words.windows(2) {
        let ((before, _), (name, place)) = (pair[0], pair[1]);
        let exported = words
            .iter()
            .any(|(word, at)| *word == "export" && text[*at..].starts_with(&format!("export {before} {name}")));
        if !declares(before) || name.starts_with('_') || exported {
            continue;
        }
        if words.iter().filter(|(word, _)| *word == name).count() == 1 {
            found.push(
                Diagnostic::warning(format!("`{name}` is declared and never used"))
                    .hint("take it out, or begin its name with `_` if that is meant")
                    .at(origin(file, text, place)),
            );
        }
    }
    found
}

/// The words of a script with the bytes at which they stand, without those of comments and quoted texts.
/// What stands in backticks counts, for names may stand in it.
fn words(text: &str) -> Vec<(&str, usize)> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            quoted(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            words.push((&rest[..length], at));
            length
        } else {
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// The bytes of a quoted text, its quotes included.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The place of a byte of a text.
fn origin(file: &str, text: &str, byte: usize) -> Origin {
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    Origin { file: file.into(), line, column }
}
