//! Rules beside each other: entries that are never left, and exits that undo them.

use crate::error::{Diagnostic, Result};
use crate::plan::StepId;
use crate::review::subject::Subject;

/// From which share of the entry's bars on another rule that holds there too is named.
const MOST: f64 = 0.9;

/// On how many bars a rule holds, and on how many of them another does too.
#[derive(Clone, Copy)]
struct Overlap {
    holds: usize,
    both: usize,
}

impl Overlap {
    fn of(subject: &Subject<'_>, rule: StepId, other: StepId) -> Result<Self> {
        let mut overlap = Self { holds: 0, both: 0 };
        for values in subject.instruments {
            let rule = values.truths(rule, subject.plan.base)?;
            let other = values.truths(other, subject.plan.base)?;
            overlap.holds += rule.iter().filter(|truth| **truth).count();
            overlap.both += rule.iter().zip(other.iter()).filter(|(a, b)| **a && **b).count();
        }
        Ok(overlap)
    }

    fn is_most(self) -> bool {
        self.holds > 0 && self.both as f64 >= MOST * self.holds as f64
    }
}

pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let mut found = Vec::new();
    let (exits, both) = (&subject.plan.exits, subject.plan.long.is_some() && subject.plan.short.is_some());
    for (side, rules) in subject.sides() {
        let origin = subject.origin(rules.enter);
        let Some(exit) = rules.exit else {
            if exits.is_empty() && !both {
                found.push(
                    Diagnostic::warning(format!("nothing closes a {side} position: it is held until the data end"))
                        .hint("add an `exit` rule, or exits such as stop_loss(…) or time_stop(…)")
                        .at(origin),
                );
            }
            continue;
        };
        if exit == rules.enter {
            let message =
                format!("`{side}.enter` and `{side}.exit` are the same condition: no position is ever opened");
            found.push(Diagnostic::warning(message).hint("is one of them meant the other way round?").at(origin));
            continue;
        }
        if subject.is_forecast(rules.enter) || subject.is_forecast(exit) {
            continue;
        }
        let overlap = Overlap::of(subject, rules.enter, exit)?;
        if overlap.is_most() {
            let Overlap { holds, both } = overlap;
            let message = format!(
                "`{side}.exit` holds on {both} of the {holds} bars on which `{side}.enter` does: no position is opened there"
            );
            found.push(Diagnostic::warning(message).hint("an exit must not hold where an entry does").at(origin));
        }
    }
    if let (Some(long), Some(short)) = (subject.plan.long, subject.plan.short)
        && !subject.is_forecast(long.enter)
        && !subject.is_forecast(short.enter)
    {
        let sides = [Overlap::of(subject, long.enter, short.enter)?, Overlap::of(subject, short.enter, long.enter)?];
        if let Some(Overlap { holds, both }) = sides.into_iter().find(|overlap| overlap.is_most()) {
            let message = format!(
                "`long.enter` and `short.enter` hold together on {both} bars, of {holds} on which one of them does: neither \
                 side is entered there"
            );
            found
                .push(Diagnostic::warning(message).hint("let them exclude each other").at(subject.origin(short.enter)));
        }
    }
    Ok(found)
}
