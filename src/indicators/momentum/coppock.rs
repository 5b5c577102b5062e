//! `coppock`: the Coppock curve.

use crate::indicators::average::Average;
use crate::indicators::momentum::roc::Roc;
use crate::indicators::overlap::Wma;
use crate::node::{IndicatorNode, Inputs, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "coppock",
        family: "momentum",
        doc: "Coppock curve: a weighted average of two rates of change, in percent.",
        formula: "wma(roc(close, roc1period) + roc(close, roc2period), wmaperiod)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("wmaperiod", 10, 1, "The bars of the average."),
            Parameter::length("roc1period", 11, 1, "How many bars the one change goes back."),
            Parameter::length("roc2period", 14, 1, "How many bars the other change goes back."),
        ],
        outputs: &["coppock"],
        example: "coppock(month.close) > 0",
        source: "Edwin Coppock, Barron's, October 1962; TA-Lib's COPPOCK.",
    },
    lookback: |arguments| {
        let longer = arguments.length("roc1period")?.max(arguments.length("roc2period")?);
        Ok(longer + arguments.length("wmaperiod")? - 1)
    },
    machine: |arguments| {
        let changes = (Roc::new(arguments.length("roc1period")?), Roc::new(arguments.length("roc2period")?));
        Ok(Box::new(Coppock { changes, average: Wma::new(arguments.length("wmaperiod")?) }))
    },
};

#[derive(Clone)]
struct Coppock {
    changes: (Roc, Roc),
    average: Wma,
}

impl Average for Coppock {
    #[inline(always)]
    fn next(&mut self, value: f64) -> f64 {
        let sum = self.changes.0.next(value) + self.changes.1.next(value);
        self.average.follow(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn adds_two_changes_up() {
        let parameters = [("wmaperiod", 1.into()), ("roc1period", 1.into()), ("roc2period", 2.into())];
        let values = run(&NODE, &[&[10.0, 12.0, 9.0]], &parameters);
        assert_close(&values[0], &[NAN, NAN, -35.0]);
    }
}
