//! `ac`: the accelerator oscillator.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::momentum::ao::Awesome;
use crate::indicators::overlap::Sma;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ac",
        family: "momentum",
        doc: "Accelerator oscillator: the awesome oscillator less its own average.",
        formula: "ao - sma(ao, signalperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("fastperiod", 5, 1, "The period of the fast average, in bars."),
            Parameter::length("slowperiod", 34, 1, "The period of the slow average, in bars."),
            Parameter::length("signalperiod", 5, 1, "The bars that the oscillator is averaged over."),
        ],
        outputs: &["ac"],
        example: "ac(day) > 0",
        source: "Bill Williams, New Trading Dimensions, 1998; TA-Lib's AC.",
    },
    lookback: |arguments| {
        let slow = arguments.length("fastperiod")?.max(arguments.length("slowperiod")?);
        Ok(slow + arguments.length("signalperiod")? - 2)
    },
    machine: |arguments| {
        let awesome = Awesome::new(arguments.length("fastperiod")?, arguments.length("slowperiod")?);
        Ok(Box::new(Acceleration { awesome, signal: Sma::new(arguments.length("signalperiod")?) }))
    },
};

#[derive(Clone)]
struct Acceleration {
    awesome: Awesome,
    signal: Sma,
}

impl Machine for Acceleration {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        let awesome = self.awesome.next(bar);
        [awesome - self.signal.follow(awesome)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_what_the_oscillator_differs_from_its_mean_by() {
        let parameters = [("fastperiod", 1.into()), ("slowperiod", 2.into()), ("signalperiod", 2.into())];
        let values = run(&NODE, &[&[2.0, 4.0, 10.0], &[0.0, 2.0, 2.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, 0.25]);
    }
}
