//! `mfi`: the money flow index.

use std::mem;

use crate::data::Field;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "mfi",
        family: "momentum",
        doc: "Money flow index: the part of recent turnover that came on a rising typical price, 0 to 100.",
        formula: "100 * u / (u + d), where u and d are the sums of typprice * volume on bars where typprice rose and fell by more than its rounding (1e-14); 0 where nothing was traded",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close, Field::Volume]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["mfi"],
        example: "mfi(day, 14) < 20",
        source: "Gene Quong and Avrum Soudack, Stocks & Commodities, March 1989; TA-Lib's MFI.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        Ok(Box::new(MoneyFlow { last: f64::NAN, flows: Sliding::new(arguments.length("timeperiod")?) }))
    },
};

#[derive(Clone)]
struct MoneyFlow {
    last: f64,
    flows: Sliding<(Sum, Sum)>,
}

impl Machine for MoneyFlow {
    type Input = [f64; 4];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close, volume]: [f64; 4]) -> [f64; 1] {
        let price = (high + low + close) / 3.0;
        let last = mem::replace(&mut self.last, price);
        if last.is_nan() {
            return [f64::NAN];
        }
        let flow = price * volume;
        // Adjusted prices that were equal before differ in their last digits: that is no movement.
        let rounding = 1e-14 * (price.abs() + last.abs());
        let up = if price - last > rounding { flow } else { 0.0 };
        let down = if last - price > rounding { flow } else { 0.0 };
        [self.flows.push((up, down)).map_or(f64::NAN, |(up, down)| {
            let all = up.0 + down.0;
            if all == 0.0 { 0.0 } else { 100.0 * up.0 / all }
        })]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_the_part_of_the_turnover_that_came_on_a_rise() {
        let price = [1.0, 2.0, 1.0, 1.0, 1.0];
        let values = run(&NODE, &[&price, &price, &price, &[9.0, 3.0, 2.0, 5.0, 5.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 75.0, 0.0, 0.0]);
    }
}
