//! Comparisons of instruments that compare nothing.

use crate::error::Diagnostic;
use crate::expr::Pick;
use crate::plan::{Operation, Step};
use crate::review::subject::Subject;

/// Names the comparisons in a universe of one instrument, and those that pick all that there are.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let count = subject.instruments.len();
    let mut found = Vec::new();
    for (id, step) in subject.steps() {
        let name = match &step.operation {
            Operation::Across(across) => across.name(),
            Operation::Pick(pick) => pick.name(),
            _ => continue,
        };
        if count == 1 {
            let message = format!("`{name}` compares the instruments of the universe, and there is only one");
            found.push(
                Diagnostic::warning(message)
                    .hint("trade several: universe: \"us_equities/*\", or a list")
                    .at(subject.origin(id)),
            );
        } else if let Some(pick) = picks_all(subject, step) {
            let message = format!("`{name}({}, …)` picks every instrument: there are {count}", pick.count());
            found.push(Diagnostic::warning(message).hint("ask for fewer").at(subject.origin(id)));
        }
    }
    found
}

/// A pick of at least as many instruments as there are.
pub(super) fn picks_all(subject: &Subject<'_>, step: &Step) -> Option<Pick> {
    match &step.operation {
        Operation::Pick(pick) => Some(*pick).filter(|pick| pick.count() >= subject.instruments.len()),
        _ => None,
    }
}
