//! `cci`: the commodity channel index.

use crate::data::Field;
use crate::indicators::statistic::Distances;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "cci",
        family: "momentum",
        doc: "Commodity channel index: how far the typical price is from its mean, in mean deviations. It costs O(timeperiod) a bar.",
        formula: "(p - mean(p)) / (0.015 * avgdev(p)), where p = typprice; 0 where nothing has moved",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["cci"],
        example: "cci(day, 20) > 100",
        source: "Donald Lambert, Commodities, October 1980; TA-Lib's CCI.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? - 1),
    machine: |arguments| Ok(Box::new(Cci(Distances::new(arguments.length("timeperiod")?)))),
};

#[derive(Clone)]
struct Cci(Distances);

impl Machine for Cci {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        let price = (high + low + close) / 3.0;
        let Some([mean, deviation]) = self.0.push(price) else {
            return [f64::NAN];
        };
        let distance = price - mean;
        [if distance == 0.0 || deviation == 0.0 { 0.0 } else { distance / (0.015 * deviation) }]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn counts_mean_deviations() {
        let price = [1.0, 2.0, 6.0, 6.0, 6.0];
        let values = run(&NODE, &[&price, &price, &price], &[("timeperiod", 3.into())]);
        assert_close(&values[0], &[NAN, NAN, 100.0, 50.0, 0.0]);
    }
}
