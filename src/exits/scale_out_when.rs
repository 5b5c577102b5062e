//! `scale_out_when`: leave with a part when a condition holds.

use crate::exits::scale_out::SHARE;
use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "scale_out_when",
        family: "exit",
        doc: "Leaves with a part of the position at the next open after a bar on which a condition holds.",
        formula: "The part is a share of what was entered with, rounded down to the account's lot. It leaves once, \
                  after the first bar on which the condition holds, from the entry bar on. The other exits go on with \
                  the rest, whose stop stays where it is. Where the whole position leaves on the same bar, it goes \
                  with it.",
        inputs: Inputs::None,
        parameters: &[SHARE, Parameter::required("condition", Kind::Condition, "when to leave")],
        outputs: &[],
        example: "scale_out_when(percent(50), position.bars_held >= 5 and position.profit > 0)",
        source: "",
    },
    exit: |arguments| Ok(Box::new(ScaleOutWhen { portion: arguments.percent("share")? })),
};

struct ScaleOutWhen {
    portion: f64,
}

impl Exit for ScaleOutWhen {
    fn opened(&mut self, _: &OpenPosition, _: &[f64]) -> Result<Protection, Refusal> {
        Ok(Protection::default())
    }

    fn bar_closed(&mut self, _: &OpenPosition, inputs: &[f64]) -> Protection {
        let close = inputs.first().is_some_and(|value| *value == 1.0);
        Protection { close, portion: self.portion, ..Protection::default() }
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
    fn it_asks_to_leave_with_its_part_while_the_condition_holds() {
        let asks = |value| {
            let asked = ScaleOutWhen { portion: 0.25 }.bar_closed(&position(Side::Long, 1.0), &[value]);
            assert_eq!(asked.portion, 0.25);
            asked.close
        };
        assert_eq!([0.0, 1.0, f64::NAN].map(asks), [false, true, false]);
    }
}
