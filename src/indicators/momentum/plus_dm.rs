//! `plus_dm`: directional movement upwards.

use crate::data::Field;
use crate::indicators::momentum::directional::{LastBar, WilderSum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "plus_dm",
        family: "momentum",
        doc: "Directional movement upwards, summed Wilder's way, in price units.",
        formula: "s(high - high[1]) where that is positive and larger than low[1] - low, where s = s[1] - s[1] / timeperiod + movement; it begins as the sum of timeperiod - 1 values",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 14, 1, "The period of Wilder's sum, in bars.")],
        outputs: &["plus_dm"],
        example: "plus_dm(day, 14)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's PLUS_DM.",
    },
    lookback: |arguments| Ok((arguments.length("timeperiod")? - 1).max(1)),
    machine: |arguments| {
        Ok(Box::new(PlusDm { last: LastBar::default(), sum: WilderSum::new(arguments.length("timeperiod")?) }))
    },
};

#[derive(Clone)]
struct PlusDm {
    last: LastBar,
    sum: WilderSum,
}

impl Machine for PlusDm {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        [self.last.next([high, low, low]).map_or(f64::NAN, |movement| self.sum.next(movement.plus))]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn forgets_a_part_of_itself_on_each_bar() {
        let (high, low) = ([10.0, 12.0, 11.0, 11.0], [8.0, 8.0, 4.0, 3.0]);
        let values = run(&NODE, &[&high, &low], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, 2.0, 1.0, 0.5]);
    }
}
