//! `cvi`: Chaikin's volatility.

use crate::data::Field;
use crate::indicators::average::Average;
use crate::indicators::momentum::Roc;
use crate::indicators::overlap::Ema;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cvi",
        family: "volatility",
        doc: "Chaikin's volatility: how much the average range has grown, in percent.",
        formula: "roc(ema(high - low, timeperiod), rocperiod); 0 where the earlier average is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("timeperiod", 10, 2, "The period of the average, in bars."),
            Parameter::length("rocperiod", 10, 1, "How many bars the change goes back."),
        ],
        outputs: &["cvi"],
        example: "cvi(day) > 50",
        source: "Marc Chaikin; TA-Lib's CVI.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1 + arguments.length("rocperiod")?),
    machine: |arguments| {
        let average = Ema::new(arguments.length("timeperiod")?);
        Ok(Box::new(ChaikinVolatility { average, change: Roc::new(arguments.length("rocperiod")?) }))
    },
};

#[derive(Clone)]
struct ChaikinVolatility {
    average: Ema,
    change: Roc,
}

impl Machine for ChaikinVolatility {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        let average = self.average.next(high - low);
        [self.change.follow(average)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_growth_of_the_average_range() {
        let (high, low) = ([3.0, 5.0, 7.0, 4.0], [1.0, 1.0, 1.0, 4.0]);
        // averages over 2: -, 3, 5, 5/3
        let values = run(&NODE, &[&high, &low], &[("timeperiod", 2.into()), ("rocperiod", 1.into())]);
        assert_close(&values[0], &[NAN, NAN, 200.0 / 3.0, -200.0 / 3.0]);
    }

    #[test]
    fn is_0_where_there_was_no_range() {
        let flat = [5.0; 22];
        assert_eq!(run(&NODE, &[&flat, &flat], &[])[0][19..], [0.0; 3]);
    }
}
