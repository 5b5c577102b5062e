//! `risk`: as much as loses a given fraction of equity at the stop.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};
use crate::sizing::cap::{Cap, MAX};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "risk",
        family: "sizer",
        doc: "Trades as much as loses a given fraction of equity if the nearest stop is hit.",
        formula: "units = fraction × equity / |price - stop|, at the fill, before costs and gaps. It needs an exit \
                  that sets a stop for all of the position: stop_loss, trailing_stop or stop_at. What is added to a \
                  position is sized against its stop as it stands then.",
        inputs: Inputs::None,
        parameters: &[
            Parameter::required("fraction", Kind::Percent(0.0, 1.0), "the fraction of equity put at risk"),
            MAX,
        ],
        outputs: &[],
        example: "size: risk(percent(1))",
        source: "R. Vince, Portfolio Management Formulas (1990): fixed fractional sizing",
    },
    sizer: |arguments| Ok(Box::new(Risk { fraction: arguments.percent("fraction")?, cap: Cap::of(arguments)? })),
};

struct Risk {
    fraction: f64,
    cap: Cap,
}

impl Sizer for Risk {
    fn units(&self, context: &SizingContext, _: &[f64]) -> Result<f64, Refusal> {
        match context.stop_distance {
            Some(distance) if distance > 0.0 => Ok(self.cap.limit(self.fraction * context.equity / distance, context)),
            Some(_) => Err("risk found the stop on the wrong side of the entry price"),
            None => Err("risk needs a stop, and no exit sets one: add stop_loss, trailing_stop or stop_at"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn what_is_lost_at_the_stop_is_the_fraction() {
        let risk = Risk { fraction: 0.02, cap: Cap::default() };
        assert_eq!(risk.units(&context(20.0, 1_000.0, Some(4.0)), &[]), Ok(5.0));
        let capped = Risk { cap: Cap(Some(0.08)), ..risk };
        assert_eq!(capped.units(&context(20.0, 1_000.0, Some(4.0)), &[]), Ok(4.0));
        assert!(risk.units(&context(20.0, 1_000.0, None), &[]).is_err());
        assert!(risk.units(&context(20.0, 1_000.0, Some(0.0)), &[]).is_err());
    }
}
