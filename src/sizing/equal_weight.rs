//! `equal_weight`: an equal part of equity for every instrument of the universe.

use crate::node::{Inputs, Refusal, Sizer, SizerNode, SizingContext, Spec};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "equal_weight",
        family: "sizer",
        doc: "Trades an equal part of equity for every instrument of the universe.",
        formula: "units = equity / n / price, both at the fill; n counts the instruments that the strategy names, \
                  whether they are held or not. With one instrument it is percent(100).",
        inputs: Inputs::None,
        parameters: &[],
        outputs: &[],
        example: "size: equal_weight()",
        source: "",
    },
    sizer: |_| Ok(Box::new(EqualWeight)),
};

struct EqualWeight;

impl Sizer for EqualWeight {
    fn units(&self, context: &SizingContext<'_>, _: &[f64]) -> Result<f64, Refusal> {
        Ok(context.equity / context.instruments as f64 / context.price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn a_quarter_each_for_four() {
        let context = SizingContext { instruments: 4, ..context(20.0, 1_000.0, None) };
        assert_eq!(EqualWeight.units(&context, &[]), Ok(12.5));
    }
}
