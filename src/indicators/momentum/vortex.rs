//! `vortex`: the vortex indicator.

use crate::data::Field;
use crate::indicators::volatility::true_range;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "vortex",
        family: "momentum",
        doc: "Vortex indicator: movement from the last low to this high, and from the last high to this low, against the true range.",
        formula: "plusvi = sum(abs(high - low[1])) / sum(trange); minusvi = sum(abs(low - high[1])) / sum(trange); 0 where nothing has moved",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["plusvi", "minusvi"],
        example: "vortex(day, 14).plusvi > vortex(day, 14).minusvi",
        source: "Etienne Botes and Douglas Siepman, Stocks & Commodities, January 2010; TA-Lib's VORTEX.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| Ok(Box::new(Vortex { last: None, window: Sliding::new(arguments.length("timeperiod")?) })),
};

#[derive(Clone)]
struct Vortex {
    /// High, low and close of the last bar.
    last: Option<[f64; 3]>,
    window: Sliding<(Sum, (Sum, Sum))>,
}

impl Machine for Vortex {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let [high, low, _] = bar;
        let Some([last_high, last_low, last_close]) = self.last.replace(bar) else {
            return [f64::NAN; 2];
        };
        let movement = ((high - last_low).abs(), (low - last_high).abs());
        match self.window.push((true_range(high, low, last_close), movement)) {
            None => [f64::NAN; 2],
            Some((range, _)) if range.0 == 0.0 => [0.0; 2],
            Some((range, (plus, minus))) => [plus.0 / range.0, minus.0 / range.0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn compares_the_two_movements_with_the_true_range() {
        // movements up 4, 1 and down 1, 5; true ranges 3, 4
        let values =
            run(&NODE, &[&[10.0, 12.0, 10.0], &[8.0, 9.0, 7.0], &[9.0, 11.0, 8.0]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 5.0 / 7.0]);
        assert_close(&values[1], &[NAN, NAN, 6.0 / 7.0]);
    }
}
