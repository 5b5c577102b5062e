//! `stop_loss`: leave once the price has gone against the position by so much.

use crate::exits::level::Rule;
use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "stop_loss",
        family: "exit",
        doc: "Leaves at a loss: a stop, set once at the fill.",
        formula: "A percentage or a distance is taken from the entry price, down for a long position and up for a \
                  short one. A distance and a price are those of the bar that gave the signal. The stop fills at its \
                  price or worse: a gap fills at the open. Where the level is not known, the position is not opened.",
        inputs: Inputs::None,
        parameters: &[Parameter::required(
            "level",
            Kind::Level,
            "percent(8), a distance such as atr(day, 14) * 2, or price(series)",
        )],
        outputs: &[],
        example: "stop_loss(atr(day, 14) * 2)",
        source: "",
    },
    exit: |arguments| Ok(Box::new(StopLoss { rule: arguments.level("level")?.into(), stop: None })),
};

struct StopLoss {
    rule: Rule,
    stop: Option<f64>,
}

impl Exit for StopLoss {
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        let stop = self.rule.price(position.entry_price, -position.side.sign(), inputs);
        self.stop = Some(stop.ok_or("the level of its stop_loss was not known on the bar of the signal")?);
        Ok(Protection { stop: self.stop, ..Protection::default() })
    }

    fn bar_closed(&mut self, _: &OpenPosition, _: &[f64]) -> Protection {
        Protection { stop: self.stop, ..Protection::default() }
    }

    fn next_asked(&self, _: usize) -> Option<usize> {
        None
    }

    fn split(&mut self, factor: f64) {
        self.stop = self.stop.map(|price| price / factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exits::level::position;
    use crate::node::Side;

    #[test]
    fn the_stop_lies_against_the_position_and_stays() {
        let mut exit = StopLoss { rule: Rule::Percent(0.1), stop: None };
        assert_eq!(exit.opened(&position(Side::Short, 50.0), &[]).unwrap().stop, Some(50.0 * 1.1));
        assert_eq!(exit.bar_closed(&position(Side::Short, 70.0), &[]).stop, Some(50.0 * 1.1));
        let mut exit = StopLoss { rule: Rule::Distance, stop: None };
        assert_eq!(exit.opened(&position(Side::Long, 50.0), &[4.0]).unwrap().stop, Some(46.0));
        assert_eq!(exit.bar_closed(&position(Side::Long, 50.0), &[9.0]).stop, Some(46.0));
    }

    #[test]
    fn an_unknown_level_refuses_the_position() {
        for unknown in [f64::NAN, -1.0] {
            let mut exit = StopLoss { rule: Rule::Distance, stop: None };
            assert!(exit.opened(&position(Side::Long, 50.0), &[unknown]).is_err());
        }
    }
}
