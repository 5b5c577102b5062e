//! `inverse_volatility`: a part of equity for every instrument, the smaller the more volatile it is.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};
use crate::sizing::cap::{Cap, MAX};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "inverse_volatility",
        family: "sizer",
        doc: "Trades a part of equity for every instrument of the universe, the smaller the more volatile it is.",
        formula: "weight = (1 / volatility) / Σ (1 / volatility), summed over the instruments of the universe whose \
                  volatility is known and above zero at the close that gave the signal, each by its last bar that has \
                  closed by then; the weights of all come to 1. units = weight × equity / price, both at the fill. An \
                  instrument that is not held keeps its share free. Where its own volatility is not known or zero, the \
                  position is not opened. It may not read the open position.",
        inputs: Inputs::None,
        parameters: &[Parameter::required("volatility", Kind::Series, "such as stddev(returns(day.close), 20)"), MAX],
        outputs: &[],
        example: "size: inverse_volatility(stddev(returns(day.close), 20))",
        source: "R. Leote de Carvalho, X. Lu and P. Moulin, Demystifying Equity Risk-Based Strategies, Journal of \
                 Portfolio Management 38 (2012)",
    },
    sizer: |arguments| Ok(Box::new(InverseVolatility { cap: Cap::of(arguments)? })),
};

struct InverseVolatility {
    cap: Cap,
}

impl Sizer for InverseVolatility {
    fn units(&self, context: &SizingContext<'_>, inputs: &[f64]) -> Result<f64, Refusal> {
        let own = inputs.first().copied().filter(|own| *own > 0.0);
        let own = own.ok_or("the volatility of its size was not known, or not above zero, on the bar of the signal")?;
        let all: f64 = context.peers.iter().filter(|other| **other > 0.0).map(|other| 1.0 / other).sum();
        match all > 0.0 {
            true => Ok(self.cap.limit(1.0 / own / all * context.equity / context.price, context)),
            false => Err("inverse_volatility reads the open position, which the other instruments have not"),
        }
    }

    fn looks_across(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn the_weights_of_all_that_are_known_come_to_one() {
        let peers = [0.01, 0.02, f64::NAN, 0.04];
        let context = SizingContext { instruments: 4, peers: &peers, ..context(10.0, 700.0, None) };
        let sizer = InverseVolatility { cap: Cap::default() };
        let units = |own: f64| sizer.units(&context, &[own]).unwrap();
        for (own, expected) in [(0.01, 40.0), (0.02, 20.0), (0.04, 10.0)] {
            assert!((units(own) - expected).abs() < 1e-12);
        }
        let capped = InverseVolatility { cap: Cap(Some(0.25)) };
        assert_eq!(capped.units(&context, &[0.01]), Ok(17.5));
        assert!(sizer.units(&context, &[f64::NAN]).is_err());
        assert!(sizer.units(&context, &[0.0]).is_err());
    }
}
