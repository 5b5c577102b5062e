//! `volatility_target`: as much as moves by a given amount a year.

use crate::node::{Inputs, Kind, Parameter, Refusal, Sizer, SizerNode, SizingContext, Spec};
use crate::sizing::cap::{Cap, MAX};

/// The node.
pub(super) const NODE: SizerNode = SizerNode {
    spec: Spec {
        name: "volatility_target",
        family: "sizer",
        doc: "Trades as much as moves by a given part of equity a year: less of what is volatile.",
        formula: "units = target / (volatility × √periods) × equity / price, the volatility on the bar that gave the \
                  signal, equity and price at the fill. The volatility is the standard deviation of the returns of one \
                  bar, such as stddev(returns(day.close), 20); `periods` says how many such bars a year has: 252 \
                  trading days, 365 days that never close, 52 weeks, 12 months. Give 1 where the series is annual \
                  already. Each position is sized by itself: held together, several move by more. Where the \
                  volatility is not known or zero, the position is not opened.",
        inputs: Inputs::None,
        parameters: &[
            Parameter::required("target", Kind::Percent(0.0, 10.0), "the volatility a year to aim at"),
            Parameter::required("volatility", Kind::Series, "the standard deviation of one bar's returns"),
            Parameter::number("periods", 252.0, 1.0, 1e7, "how many of the volatility's bars a year has"),
            MAX,
        ],
        outputs: &[],
        example: "size: volatility_target(percent(15), stddev(returns(day.close), 20))",
        source: "A. Moreira and T. Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017)",
    },
    sizer: |arguments| {
        let yearly = arguments.percent("target")? / arguments.number("periods")?.sqrt();
        Ok(Box::new(VolatilityTarget { target: yearly, cap: Cap::of(arguments)? }))
    },
};

struct VolatilityTarget {
    /// The volatility of one bar to aim at.
    target: f64,
    cap: Cap,
}

impl Sizer for VolatilityTarget {
    fn units(&self, context: &SizingContext<'_>, inputs: &[f64]) -> Result<f64, Refusal> {
        match inputs.first() {
            Some(volatility) if *volatility > 0.0 => {
                Ok(self.cap.limit(self.target / volatility * context.equity / context.price, context))
            }
            Some(volatility) if *volatility <= 0.0 => Err("the volatility of its size was not above zero"),
            _ => Err("the volatility of its size was not known on the bar of the signal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizing::context;

    #[test]
    fn twice_the_volatility_is_half_the_position() {
        // 16 % a year over 256 bars is 1 % a bar.
        let sizer = VolatilityTarget { target: 0.16 / 256.0_f64.sqrt(), cap: Cap::default() };
        assert_eq!(sizer.units(&context(20.0, 1_000.0, None), &[0.02]), Ok(25.0));
        assert_eq!(sizer.units(&context(20.0, 1_000.0, None), &[0.04]), Ok(12.5));
        let capped = VolatilityTarget { cap: Cap(Some(0.2)), ..sizer };
        assert_eq!(capped.units(&context(20.0, 1_000.0, None), &[0.02]), Ok(10.0));
        assert_eq!(capped.units(&context(20.0, 1_000.0, None), &[0.08]), Ok(6.25));
    }

    #[test]
    fn what_is_not_known_or_zero_is_refused() {
        let sizer = VolatilityTarget { target: 0.01, cap: Cap::default() };
        for volatility in [f64::NAN, 0.0, -0.1] {
            assert!(sizer.units(&context(20.0, 1_000.0, None), &[volatility]).is_err());
        }
    }
}
