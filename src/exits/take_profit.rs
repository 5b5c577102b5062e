//! `take_profit`: leave once the price has gone with the position by so much.

use crate::exits::level::Rule;
use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "take_profit",
        family: "exit",
        doc: "Leaves at a profit: a target, set once at the fill.",
        formula: "A percentage or a distance is added to the entry price for a long position and taken from it for a \
                  short one. A distance and a price are those of the bar that gave the signal. The target fills at its \
                  price or better: a gap fills at the open. Where the level is not known, the position is not opened.",
        inputs: Inputs::None,
        parameters: &[Parameter::required(
            "level",
            Kind::Level,
            "percent(15), a distance such as atr(day, 14) * 3, or price(series)",
        )],
        outputs: &[],
        example: "take_profit(percent(15))",
        source: "",
    },
    exit: |arguments| Ok(Box::new(TakeProfit { rule: arguments.level("level")?.into(), target: None })),
};

struct TakeProfit {
    rule: Rule,
    target: Option<f64>,
}

impl Exit for TakeProfit {
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        let target = self.rule.price(position.entry_price, position.side.sign(), inputs);
        self.target = Some(target.ok_or("the level of its take_profit was not known on the bar of the signal")?);
        Ok(Protection { target: self.target, ..Protection::default() })
    }

    fn bar_closed(&mut self, _: &OpenPosition, _: &[f64]) -> Protection {
        Protection { target: self.target, ..Protection::default() }
    }

    fn next_asked(&self, _: usize) -> Option<usize> {
        None
    }

    fn split(&mut self, factor: f64) {
        self.target = self.target.map(|price| price / factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exits::level::position;
    use crate::node::Side;

    #[test]
    fn the_target_lies_with_the_position_and_stays() {
        let mut exit = TakeProfit { rule: Rule::Percent(0.5), target: None };
        assert_eq!(exit.opened(&position(Side::Long, 50.0), &[]).unwrap().target, Some(75.0));
        let mut exit = TakeProfit { rule: Rule::Price, target: None };
        assert_eq!(exit.opened(&position(Side::Short, 50.0), &[41.0]).unwrap().target, Some(41.0));
        assert_eq!(exit.bar_closed(&position(Side::Short, 45.0), &[30.0]).target, Some(41.0));
        assert!(exit.opened(&position(Side::Short, 50.0), &[f64::NAN]).is_err());
    }
}
