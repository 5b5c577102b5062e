//! `cash`: units for so much money.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "cash",
        family: "sizer",
        doc: "Trades units for so much money, in the account's currency.",
        formula: "units = amount / price, at the fill; commission comes on top.",
        inputs: Inputs::None,
        parameters: &[Parameter::required("amount", Kind::Number(0.0, 1e15), "the value to trade")],
        outputs: &[],
        example: "size: cash(10000)",
        source: "",
    },
    sizer: |arguments| Ok(Box::new(Cash { amount: arguments.number("amount")? })),
};

struct Cash {
    amount: f64,
}

impl Sizer for Cash {
    fn units(&self, context: &SizingContext, _: &[f64]) -> Result<f64, Refusal> {
        Ok(self.amount / context.price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn so_much_money_at_the_price_of_the_fill() {
        assert_eq!(Cash { amount: 500.0 }.units(&context(20.0, 1_000.0, None), &[]), Ok(25.0));
    }
}
