//! `exit_when`: leave when a condition holds.

use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "exit_when",
        family: "exit",
        doc: "Leaves at the next open after a bar on which a condition holds.",
        formula: "Read at each close from the entry bar on, for both sides; `exit` of `long` and `short` is read for \
                  one.",
        inputs: Inputs::None,
        parameters: &[Parameter::required("condition", Kind::Condition, "when to leave")],
        outputs: &[],
        example: "exit_when(day.close < sma(day.close, 50))",
        source: "",
    },
    exit: |_| Ok(Box::new(ExitWhen)),
};

struct ExitWhen;

impl Exit for ExitWhen {
    fn opened(&mut self, _: &OpenPosition, _: &[f64]) -> Result<Protection, Refusal> {
        Ok(Protection::default())
    }

    fn bar_closed(&mut self, _: &OpenPosition, inputs: &[f64]) -> Protection {
        Protection { close: inputs.first().is_some_and(|value| *value == 1.0), ..Protection::default() }
    }

    fn waits_for(&self) -> Option<usize> {
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exits::level::position;
    use crate::node::Side;

    #[test]
    fn it_asks_to_leave_while_the_condition_holds() {
        let asks = |value| ExitWhen.bar_closed(&position(Side::Long, 1.0), &[value]).close;
        assert_eq!([0.0, 1.0, f64::NAN].map(asks), [false, true, false]);
    }
}
