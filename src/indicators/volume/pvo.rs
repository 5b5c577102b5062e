//! `pvo`: the percentage volume oscillator.

use crate::data::Field;
use crate::indicators::average::AverageKind;
use crate::indicators::momentum::PercentageOscillator;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "pvo",
        family: "volume",
        doc: "Percentage volume oscillator: a fast average of the volume less a slow one, in percent of the slow one.",
        formula: "100 * (ma(volume, fastperiod) - ma(volume, slowperiod)) / ma(volume, slowperiod), 0 where the divisor is 0; \
                  the larger period is the slow one",
        inputs: Inputs::Bars(&[Field::Volume]),
        parameters: &[
            Parameter::length("fastperiod", 12, 2, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 26, 2, "The period of the slow average, in bars."),
            AverageKind::parameter("matype", AverageKind::Exponential, "The kind of both averages."),
        ],
        outputs: &["pvo"],
        example: "pvo(day) > 0",
        source: "TA-Lib's PVO.",
    },
    lookback: PercentageOscillator::lookback,
    machine: |arguments| Ok(Box::new(PercentageOscillator::new(arguments)?)),
};

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_two_averages_of_the_volume() {
        let parameters = [("fastperiod", 2.into()), ("slowperiod", 3.into()), ("matype", "sma".into())];
        let values = run(&NODE, &[&[1.0, 2.0, 6.0, 1.0, 0.0, 0.0, 0.0]], &parameters);
        let expected =
            [NAN, NAN, 100.0 / 3.0, 100.0 * (3.5 - 3.0) / 3.0, 100.0 * (0.5 - 7.0 / 3.0) / (7.0 / 3.0), -100.0, 0.0];
        assert_close(&values[0], &expected);
    }
}
