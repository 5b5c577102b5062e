//! `trailing_stop`: a stop that follows the price and never steps back.

use crate::exits::level::Rule;
use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Side, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "trailing_stop",
        family: "exit",
        doc: "Leaves once the price has fallen back by so much from its best since the entry.",
        formula: "At the fill the stop is set from the entry price, as stop_loss sets it. At each close it is set \
                  anew from the best price since the fill (the highest high for a long position, the lowest low for \
                  a short one), with the distance or price of that bar, and moves only with the position. It acts \
                  from the next bar. Where the level is not known, it stays as it was; at the fill, the position is \
                  not opened.",
        inputs: Inputs::None,
        parameters: &[Parameter::required(
            "level",
            Kind::Level,
            "percent(8), a distance such as atr(day, 14) * 3, or price(series)",
        )],
        outputs: &[],
        example: "trailing_stop(percent(8))",
        source: "C. Le Beau's chandelier exit, where the level is a multiple of atr",
    },
    exit: |arguments| Ok(Box::new(TrailingStop { rule: arguments.level("level")?.into(), stop: None })),
};

struct TrailingStop {
    rule: Rule,
    stop: Option<f64>,
}

impl TrailingStop {
    fn follow(&mut self, side: Side, best: f64, inputs: &[f64]) {
        let level = self.rule.price(best, -side.sign(), inputs);
        self.stop = match (self.stop, level, side) {
            (Some(stop), Some(level), Side::Long) => Some(stop.max(level)),
            (Some(stop), Some(level), Side::Short) => Some(stop.min(level)),
            (stop, level, _) => stop.or(level),
        };
    }
}

impl Exit for TrailingStop {
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        self.follow(position.side, position.entry_price, inputs);
        if self.stop.is_none() {
            return Err("the level of its trailing_stop was not known on the bar of the signal");
        }
        Ok(Protection { stop: self.stop, ..Protection::default() })
    }

    fn bar_closed(&mut self, position: &OpenPosition, inputs: &[f64]) -> Protection {
        let best = match position.side {
            Side::Long => position.highest,
            Side::Short => position.lowest,
        };
        self.follow(position.side, best, inputs);
        Protection { stop: self.stop, ..Protection::default() }
    }

    fn split(&mut self, factor: f64) {
        self.stop = self.stop.map(|price| price / factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exits::level::position;

    #[test]
    fn it_follows_the_best_price_and_never_steps_back() {
        let mut exit = TrailingStop { rule: Rule::Distance, stop: None };
        let mut open = position(Side::Long, 50.0);
        assert_eq!(exit.opened(&open, &[5.0]).unwrap().stop, Some(45.0));
        open.highest = 60.0;
        assert_eq!(exit.bar_closed(&open, &[8.0]).stop, Some(52.0));
        assert_eq!(exit.bar_closed(&open, &[20.0]).stop, Some(52.0), "a wider distance does not loosen it");
        assert_eq!(exit.bar_closed(&open, &[f64::NAN]).stop, Some(52.0), "an unknown distance leaves it");
        assert_eq!(exit.bar_closed(&open, &[2.0]).stop, Some(58.0));
    }

    #[test]
    fn a_split_moves_it_with_the_price() {
        let mut exit = TrailingStop { rule: Rule::Percent(0.1), stop: None };
        let mut open = position(Side::Long, 50.0);
        open.highest = 60.0;
        assert_eq!(exit.bar_closed(&open, &[]).stop, Some(54.0));
        exit.split(2.0);
        assert_eq!(exit.bar_closed(&open.split(2.0), &[]).stop, Some(27.0));
        let mut reversed = open.split(0.5);
        exit.split(0.25);
        reversed.highest = 110.0;
        assert_eq!(exit.bar_closed(&reversed, &[]).stop, Some(108.0), "it never steps back");
    }

    #[test]
    fn a_short_position_is_followed_down() {
        let mut exit = TrailingStop { rule: Rule::Percent(0.1), stop: None };
        let mut open = position(Side::Short, 50.0);
        assert_eq!(exit.opened(&open, &[]).unwrap().stop, Some(50.0 * 1.1));
        open.lowest = 40.0;
        assert_eq!(exit.bar_closed(&open, &[]).stop, Some(40.0 * 1.1));
    }
}
