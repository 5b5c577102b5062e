//! `fisher`: Ehlers' Fisher transform.

use crate::data::Field;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "fisher",
        family: "momentum",
        doc: "Fisher transform of where the middle of the bar stands in its recent range: sharp turns near the extremes. Ehlers' trigger line is `fisher(day)[1]`.",
        formula: "p = medprice; v = 0.66 * ((p - lowest(p)) / (highest(p) - lowest(p)) - 0.5) + 0.67 * v[1], 0 in the brackets where nothing has moved; beyond ±0.99, v = ±0.999; fisher = 0.5 * ln((1 + v) / (1 - v)) + 0.5 * fisher[1]; both begin at 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[Parameter::length("timeperiod", 10, 2, "How many bars the range is taken from.")],
        outputs: &["fisher"],
        example: "crosses_above(fisher(day), fisher(day)[1])",
        source: "John Ehlers, Using the Fisher Transform, Stocks & Commodities, November 2002.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| {
        Ok(Box::new(Fisher { range: Sliding::new(arguments.length("timeperiod")?), value: 0.0, fisher: 0.0 }))
    },
};

#[derive(Clone)]
struct Fisher {
    range: Sliding<(Max, Min)>,
    value: f64,
    fisher: f64,
}

impl Machine for Fisher {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 1] {
        let middle = (high + low) / 2.0;
        let Some((highest, lowest)) = self.range.push((middle, middle)) else {
            return [f64::NAN];
        };
        let range = highest.0 - lowest.0;
        let place = if range == 0.0 { 0.0 } else { (middle - lowest.0) / range - 0.5 };
        let value = 0.66 * place + 0.67 * self.value;
        self.value = if value.abs() > 0.99 { 0.999_f64.copysign(value) } else { value };
        self.fisher = 0.5 * ((1.0 + self.value) / (1.0 - self.value)).ln() + 0.5 * self.fisher;
        [self.fisher]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_ehlers_code() {
        let middle = [1.0, 2.0, 1.0, 1.0];
        let values = run(&NODE, &[&middle, &middle], &[("timeperiod", 2.into())]);
        // 0.33 up; 0.33 down and what is left of the rise; a flat range
        let v = [0.33, -0.33 + 0.67 * 0.33, 0.67 * (-0.33 + 0.67 * 0.33)].map(f64::atanh);
        let second = v[1] + 0.5 * v[0];
        assert_close(&values[0], &[NAN, v[0], second, v[2] + 0.5 * second]);
    }

    #[test]
    fn a_long_rise_is_held_at_its_limit() {
        let middle: Vec<f64> = (0..200).map(f64::from).collect();
        let values = run(&NODE, &[&middle, &middle], &[]);
        let limit = 2.0 * 0.999_f64.atanh();
        assert_close(&values[0][199..], &[limit]);
    }
}
