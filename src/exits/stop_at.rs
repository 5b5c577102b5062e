//! `stop_at`: a stop at a price that is read anew at each close.

use crate::node::{Exit, ExitNode, Inputs, Kind, OpenPosition, Parameter, Protection, Refusal, Spec};

/// The node.
pub(super) const NODE: ExitNode = ExitNode {
    spec: Spec {
        name: "stop_at",
        family: "exit",
        doc: "Leaves at a stop whose price is read anew at each close: one that is computed, bar by bar.",
        formula: "At the fill the stop is the value on the bar that gave the signal, with the figures of the position \
                  at the fill. At each close it is the value on that bar, higher or lower, and acts from the next. \
                  Where the value is not known, the stop stays where it was; at the fill, the position is not opened. \
                  The value is a price, not a distance, and the same for both sides: select(position.direction > 0, \
                  below, above) tells them apart. A stop fills at its price or worse: one that lies on the wrong side \
                  of the market fills at the next open.",
        inputs: Inputs::None,
        parameters: &[Parameter::required("price", Kind::Series, "where the stop is")],
        outputs: &[],
        example: "stop_at(position.highest - atr(day, 14) * 3)",
        source: "",
    },
    exit: |_| Ok(Box::new(StopAt { stop: None })),
};

struct StopAt {
    stop: Option<f64>,
}

impl StopAt {
    fn read(&mut self, inputs: &[f64]) -> Protection {
        self.stop = inputs.first().copied().filter(|price| price.is_finite()).or(self.stop);
        Protection { stop: self.stop, ..Protection::default() }
    }
}

impl Exit for StopAt {
    fn opened(&mut self, _: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal> {
        let protection = self.read(inputs);
        match protection.stop {
            Some(_) => Ok(protection),
            None => Err("the price of its stop_at was not known on the bar of the signal"),
        }
    }

    fn bar_closed(&mut self, _: &OpenPosition, inputs: &[f64]) -> Protection {
        self.read(inputs)
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
    fn it_moves_both_ways_and_stays_where_nothing_is_known() {
        for side in [Side::Long, Side::Short] {
            let (mut exit, open) = (StopAt { stop: None }, position(side, 50.0));
            assert_eq!(exit.opened(&open, &[45.0]).unwrap().stop, Some(45.0));
            let stops = [47.0, 44.0, f64::NAN, 46.0].map(|price| exit.bar_closed(&open, &[price]).stop);
            assert_eq!(stops, [Some(47.0), Some(44.0), Some(44.0), Some(46.0)]);
        }
    }

    #[test]
    fn a_price_that_is_not_known_at_the_fill_refuses_the_position() {
        assert!(StopAt { stop: None }.opened(&position(Side::Long, 50.0), &[f64::NAN]).is_err());
    }

    #[test]
    fn a_split_moves_the_price_that_it_stays_at() {
        let (mut exit, open) = (StopAt { stop: None }, position(Side::Long, 50.0));
        exit.opened(&open, &[45.0]).unwrap();
        exit.split(2.0);
        assert_eq!(exit.bar_closed(&open.split(2.0), &[f64::NAN]).stop, Some(22.5));
    }
}
