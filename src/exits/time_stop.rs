//! `time_stop`: leave after so many bars.

use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "time_stop",
        family: "exit",
        doc: "Leaves after so many bars.",
        formula: "A position that was opened at a bar's open is held for exactly so many bars of the base timeframe, \
                  the entry bar included, and closed at the open of the next.",
        inputs: Inputs::None,
        parameters: &[Parameter::required("bars", Kind::Integer(1, 1_000_000), "how many bars to hold")],
        outputs: &[],
        example: "time_stop(20)",
        source: "",
    },
    exit: |arguments| Ok(Box::new(TimeStop { bars: arguments.length("bars")? })),
};

struct TimeStop {
    bars: usize,
}

impl Exit for TimeStop {
    fn opened(&mut self, _: &OpenPosition, _: &[f64]) -> Result<Protection, Refusal> {
        Ok(Protection::default())
    }

    fn bar_closed(&mut self, position: &OpenPosition, _: &[f64]) -> Protection {
        Protection { close: position.bars_held >= self.bars, ..Protection::default() }
    }

    fn next_asked(&self, bars_held: usize) -> Option<usize> {
        Some(self.bars.max(bars_held + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exits::level::position;
    use crate::node::Side;

    #[test]
    fn it_asks_to_leave_when_the_last_bar_has_closed() {
        let mut exit = TimeStop { bars: 2 };
        let asks = |exit: &mut TimeStop, bars_held| {
            exit.bar_closed(&OpenPosition { bars_held, ..position(Side::Long, 1.0) }, &[]).close
        };
        assert_eq!([1, 2, 3].map(|held| asks(&mut exit, held)), [false, true, true]);
    }
}
