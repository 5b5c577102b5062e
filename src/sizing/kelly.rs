//! `kelly`: a part of the fraction that would have grown fastest on the trades so far.

use crate::node::{Inputs, Kind, Parameter, PastTrades, Refusal, Sizer, SizerNode, SizingContext, Spec};
use crate::sizing::cap::{Cap, MAX};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "kelly",
        family: "sizer",
        doc: "Trades a part of Kelly's fraction, from how often and how much the trades so far won.",
        formula: "Kelly's fraction is W - (1 - W) / R: W is the share of the trades that earned something after \
                  commission, R what those earned on average over what the others lost on average, each as a fraction \
                  of its entry's value. Where none lost, it is W. units = part × Kelly's fraction × equity / price. \
                  The trades are those of this run that were closed before the fill, of all instruments and both \
                  sides; a part that left by itself counts as one. Until there are `trades` of them, `start` of equity \
                  is traded. Where Kelly's fraction is zero or negative, the trades show no edge: nothing is traded, \
                  and so nothing any more that could change it. Half of it or less is usual: it is the fraction for \
                  outcomes that are known, and these are estimated.",
        inputs: Inputs::None,
        parameters: &[
            Parameter::required("part", Kind::Percent(0.0, 1.0), "how much of Kelly's fraction to trade"),
            Parameter::length("trades", 30, 1, "how many trades must have closed before it is believed"),
            Parameter::percent("start", 0.1, 0.0, 1000.0, "the fraction of equity to trade until then"),
            MAX,
        ],
        outputs: &[],
        example: "size: kelly(percent(50))",
        source: "J. L. Kelly, A New Interpretation of Information Rate, Bell System Technical Journal 35 (1956); \
                 R. Vince, Portfolio Management Formulas (1990)",
    },
    sizer: |arguments| {
        let (part, trades) = (arguments.percent("part")?, arguments.length("trades")?);
        Ok(Box::new(Kelly { part, trades, start: arguments.percent("start")?, cap: Cap::of(arguments)? }))
    },
};

struct Kelly {
    part: f64,
    trades: usize,
    start: f64,
    cap: Cap,
}

impl Sizer for Kelly {
    fn units(&self, context: &SizingContext<'_>, _: &[f64]) -> Result<f64, Refusal> {
        if context.past.count < self.trades {
            return Ok(self.cap.limit(self.start * context.equity / context.price, context));
        }
        match fraction(&context.past) {
            fraction if fraction > 0.0 => {
                Ok(self.cap.limit(self.part * fraction * context.equity / context.price, context))
            }
            _ => Err("kelly found no edge in the trades so far"),
        }
    }
}

/// Kelly's fraction; there is at least one trade.
fn fraction(past: &PastTrades) -> f64 {
    let (count, wins) = (past.count as f64, past.wins as f64);
    let share = wins / count;
    match (past.wins, past.lost > 0.0) {
        (0, _) => 0.0,
        (_, false) => share,
        (_, true) => share - (1.0 - share) / ((past.won / wins) / (past.lost / (count - wins))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    fn past(profits: &[f64]) -> PastTrades {
        let mut past = PastTrades::default();
        profits.iter().for_each(|profit| past.take(*profit));
        past
    }

    #[test]
    fn an_even_bet_that_wins_two_of_three_is_a_third() {
        // W = 2/3, R = 0.1 / 0.1 = 1: 2/3 - 1/3.
        assert!((fraction(&past(&[0.1, -0.1, 0.1])) - 1.0 / 3.0).abs() < 1e-15);
        // W = 1/2, R = 0.3 / 0.1 = 3: 1/2 - 1/6.
        assert!((fraction(&past(&[0.3, -0.1, 0.2, -0.1, 0.4, -0.1])) - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(fraction(&past(&[-0.1, -0.2])), 0.0);
        assert_eq!(fraction(&past(&[0.1, 0.2])), 1.0);
        assert_eq!(fraction(&past(&[0.1, 0.0])), 0.5, "a trade that earned nothing is no win");
        assert!(fraction(&past(&[0.1, -0.2, 0.1, -0.2])) < 0.0);
    }

    #[test]
    fn it_starts_with_a_share_and_stops_where_nothing_is_won() {
        let sizer = Kelly { part: 0.5, trades: 3, start: 0.1, cap: Cap(Some(0.15)) };
        let units =
            |profits: &[f64]| sizer.units(&SizingContext { past: past(profits), ..context(20.0, 1_000.0, None) }, &[]);
        assert_eq!(units(&[0.5, 0.5]), Ok(5.0));
        assert!(units(&[-0.1, -0.1, 0.1]).is_err());
        // W = 2/3, R = 3: 5/9, half of it is more than the cap.
        assert_eq!(units(&[0.3, -0.1, 0.3]), Ok(7.5));
    }
}
