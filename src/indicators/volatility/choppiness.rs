//! `choppiness`: the choppiness index.

use crate::data::Field;
use crate::indicators::volatility::trange::TrueRange;
use crate::indicators::window::{Max, Min, Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "choppiness",
        family: "volatility",
        doc: "Choppiness index: near 0 where the price goes one way, near 100 where it goes nowhere; a gap before the window can lift it above.",
        formula: "100 * log10(sum(trange) / (highest(high) - lowest(low))) / log10(timeperiod); not known where the range is 0",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[Parameter::length("timeperiod", 14, 2, "How many bars are looked at.")],
        outputs: &["choppiness"],
        example: "choppiness(day, 14) < 38.2",
        source: "E. W. Dreiss; Stocks & Commodities, 1993.",
    },
    lookback: |arguments| arguments.length("timeperiod"),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let scale = 100.0 / (length as f64).log10();
        Ok(Box::new(Choppiness { range: TrueRange::default(), window: Sliding::new(length), scale }))
    },
};

#[derive(Clone)]
struct Choppiness {
    range: TrueRange,
    window: Sliding<(Sum, (Max, Min))>,
    scale: f64,
}

impl Machine for Choppiness {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 1] {
        let [high, low, _] = bar;
        let range = self.range.next(bar);
        if range.is_nan() {
            return [f64::NAN];
        }
        let window = self.window.push((range, (high, low)));
        [window.map_or(f64::NAN, |(sum, (highest, lowest))| self.scale * (sum.0 / (highest.0 - lowest.0)).log10())]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn is_0_on_a_straight_way_and_100_on_the_spot() {
        let (high, low) = ([10.0, 11.0, 12.0, 12.0, 12.0], [9.0, 10.0, 11.0, 11.0, 11.0]);
        let values = run(&NODE, &[&high, &low, &[10.0, 11.0, 12.0, 11.5, 11.5]], &[("timeperiod", 2.into())]);
        assert_close(&values[0], &[NAN, NAN, 0.0, 100.0, 100.0]);
        let flat = run(&NODE, &[&[5.0; 4], &[5.0; 4], &[5.0; 4]], &[("timeperiod", 2.into())]);
        assert_close(&flat[0], &[NAN; 4]);
    }
}
