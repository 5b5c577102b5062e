//! `exposure`: a fraction of equity that a series says.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};
use crate::sizing::cap::{Cap, MAX};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "exposure",
        family: "sizer",
        doc: "Trades a fraction of the account's equity that a series says: 0.5 is half of it.",
        formula: "units = fraction × equity / price, the fraction on the bar that gave the signal, equity and price at the \
                  fill. Where the fraction is not known, zero or negative, the position is not opened. It may read the \
                  open position's entry_price and direction.",
        inputs: Inputs::None,
        parameters: &[
            Parameter::required("fraction", Kind::Series, "the fraction of equity to trade, a number a bar"),
            MAX,
        ],
        outputs: &[],
        example: "size: exposure(min(1, 0.01 / stddev(returns(day.close), 20)))",
        source: "",
    },
    sizer: |arguments| Ok(Box::new(Exposure { cap: Cap::of(arguments)? })),
};

struct Exposure {
    cap: Cap,
}

impl Sizer for Exposure {
    fn units(&self, context: &SizingContext, inputs: &[f64]) -> Result<f64, Refusal> {
        match inputs.first() {
            Some(fraction) if *fraction > 0.0 => Ok(self.cap.limit(fraction * context.base / context.price, context)),
            Some(fraction) if *fraction <= 0.0 => Err("the fraction of its exposure was not above zero"),
            _ => Err("the fraction of its exposure was not known on the bar of the signal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn a_quarter_of_equity_at_the_price_of_the_fill() {
        let units = |cap| Exposure { cap: Cap(cap) }.units(&context(20.0, 1_000.0, None), &[0.25]);
        assert_eq!([None, Some(0.5), Some(0.1)].map(units), [Ok(12.5), Ok(12.5), Ok(5.0)]);
    }

    #[test]
    fn what_is_not_known_or_not_above_zero_is_refused() {
        for fraction in [f64::NAN, 0.0, -0.5] {
            assert!(Exposure { cap: Cap::default() }.units(&context(20.0, 1_000.0, None), &[fraction]).is_err());
        }
    }
}
