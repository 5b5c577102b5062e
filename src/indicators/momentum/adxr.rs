//! `adxr`: the average directional movement rating.

use crate::data::Field;
use crate::indicators::momentum::adx::Adx;
use crate::indicators::window::Lag;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "adxr",
        family: "momentum",
        doc: "Average directional movement rating: the mean of adx now and timeperiod - 1 bars ago, 0 to 100.",
        formula: "(adx + adx[timeperiod - 1]) / 2",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "The period of all of Wilder's averages, in bars.")],
        outputs: &["adxr"],
        example: "adxr(day, 14)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's ADXR.",
    },
    lookback: |arguments| Ok(3 * arguments.length("timeperiod")? - 2),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Adxr { adx: Adx::new(length), earlier: Lag::new(length - 1) }))
    },
};

#[derive(Clone)]
struct Adxr {
    adx: Adx,
    earlier: Lag,
}

impl Machine for Adxr {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        let adx = self.adx.next(bar);
        if adx.is_nan() {
            return [f64::NAN];
        }
        [(adx + self.earlier.push(adx)) / 2.0]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::momentum::adx;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_mean_of_two_values_of_adx() {
        let close: Vec<f64> = (0..30).map(|i| f64::from(i * i % 13)).collect();
        let high: Vec<f64> = close.iter().map(|value| value + 1.0).collect();
        let inputs: [&[f64]; 3] = [&high, &close, &close];
        let adx = run(&adx::NODE, &inputs, &[("timeperiod", 3.into())]).remove(0);
        let expected: Vec<f64> = (0..30).map(|i| if i < 7 { NAN } else { (adx[i] + adx[i - 2]) / 2.0 }).collect();
        assert_close(&run(&NODE, &inputs, &[("timeperiod", 3.into())])[0], &expected);
    }
}
