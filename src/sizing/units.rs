//! `units`: so many units.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "units",
        family: "sizer",
        doc: "Trades so many units: shares, contracts, coins.",
        formula: "",
        inputs: Inputs::None,
        parameters: &[Parameter::required("units", Kind::Number(0.0, 1e15), "how many units to trade")],
        outputs: &[],
        example: "size: units(100)",
        source: "",
    },
    sizer: |arguments| Ok(Box::new(Units { units: arguments.number("units")? })),
};

struct Units {
    units: f64,
}

impl Sizer for Units {
    fn units(&self, _: &SizingContext, _: &[f64]) -> Result<f64, Refusal> {
        Ok(self.units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn the_same_at_every_price() {
        assert_eq!(Units { units: 7.0 }.units(&context(20.0, 1_000.0, None), &[]), Ok(7.0));
    }
}
