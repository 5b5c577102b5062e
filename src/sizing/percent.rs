//! `percent`: a fraction of equity.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "percent",
        family: "sizer",
        doc: "Trades a fraction of the account's equity.",
        formula: "units = fraction × equity / price, both at the fill. Over percent(100) needs leverage. With \
                  percent(100) the commission is paid out of the same cash: units = equity / (price × (1 + commission)).",
        inputs: Inputs::None,
        parameters: &[Parameter::required("fraction", Kind::Percent(0.0, 1000.0), "the fraction of equity to trade")],
        outputs: &[],
        example: "size: percent(50)",
        source: "",
    },
    sizer: |arguments| Ok(Box::new(Percent { fraction: arguments.percent("fraction")? })),
};

struct Percent {
    fraction: f64,
}

impl Sizer for Percent {
    fn units(&self, context: &SizingContext, _: &[f64]) -> Result<f64, Refusal> {
        Ok(self.fraction * context.base / context.price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn half_the_equity_at_the_price_of_the_fill() {
        assert_eq!(Percent { fraction: 0.5 }.units(&context(20.0, 1_000.0, None), &[]), Ok(25.0));
    }
}
