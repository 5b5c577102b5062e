//! `scale_out`: leave with a part once the price has gone with the position by so much.

use crate::exits::level::Rule;
use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "scale_out",
        family: "exit",
        doc: "Leaves with a part of the position at a profit: a target, set at the fill.",
        formula: "The level is that of take_profit. The part is a share of what was entered with, rounded down to the \
                  account's lot; it leaves once, and what is added to the position later keeps its own share. The \
                  other exits go on with the rest, whose stop stays where it is. Each part that leaves is a trade of \
                  its own. Several together leave step by step: [scale_out(percent(50), percent(4)), \
                  scale_out(percent(25), percent(8))].",
        inputs: Inputs::None,
        parameters: &[SHARE, Parameter::required("level", Kind::Level, LEVEL)],
        outputs: &[],
        example: "scale_out(percent(50), percent(4))",
        source: "",
    },
    exit: |arguments| {
        let (portion, rule) = (arguments.percent("share")?, arguments.level("level")?.into());
        Ok(Box::new(ScaleOut { portion, rule, target: None }))
    },
};

const LEVEL: &str = "percent(4), a distance such as atr(day, 14) * 2, or price(series)";

/// How much of a position leaves.
pub(super) const SHARE: Parameter =
    Parameter::required("share", Kind::Percent(0.0001, 1.0), "how much leaves, of what the position was entered with");

struct ScaleOut {
    portion: f64,
    rule: Rule,
    target: Option<f64>,
}

impl ScaleOut {
    fn protection(&self) -> Protection {
        Protection { target: self.target, portion: self.portion, ..Protection::default() }
    }
}

impl Exit for ScaleOut {
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        let target = self.rule.price(position.entry_price, position.side.sign(), inputs);
        self.target = Some(target.ok_or("the level of its scale_out was not known on the bar of the signal")?);
        Ok(self.protection())
    }

    fn bar_closed(&mut self, _: &OpenPosition, _: &[f64]) -> Protection {
        self.protection()
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
    fn a_part_has_a_target_with_the_position_that_stays() {
        let mut exit = ScaleOut { portion: 0.5, rule: Rule::Percent(0.1), target: None };
        let asked = exit.opened(&position(Side::Short, 50.0), &[]).unwrap();
        assert_eq!((asked.target, asked.portion, asked.stop, asked.close), (Some(45.0), 0.5, None, false));
        assert_eq!(exit.bar_closed(&position(Side::Short, 47.0), &[]), asked);
    }

    #[test]
    fn what_was_added_moves_it_to_the_mean_unless_that_is_not_known() {
        let mut exit = ScaleOut { portion: 0.5, rule: Rule::Distance, target: None };
        exit.opened(&position(Side::Long, 50.0), &[4.0]).unwrap();
        exit.added(&position(Side::Long, 52.0), &[5.0]);
        assert_eq!(exit.bar_closed(&position(Side::Long, 52.0), &[]).target, Some(57.0));
        exit.added(&position(Side::Long, 60.0), &[f64::NAN]);
        assert_eq!(exit.bar_closed(&position(Side::Long, 60.0), &[]).target, Some(57.0));
        assert!(exit.opened(&position(Side::Long, 60.0), &[f64::NAN]).is_err());
    }
}
