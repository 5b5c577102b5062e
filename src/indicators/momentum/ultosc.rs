//! `ultosc`: the ultimate oscillator.

use std::mem;

use crate::data::Field;
use crate::error::Result;
use crate::expr::Arguments;
use crate::indicators::window::{Sliding, Sum};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ultosc",
        family: "momentum",
        doc: "Ultimate oscillator: buying pressure over three windows, the shortest counted four times, 0 to 100.",
        formula: "100 * (4 r1 + 2 r2 + r3) / 7, where r = sum(close - l) / sum(h - l), l = min(low, close[1]), h = max(high, close[1]), from the shortest window to the longest; r is 0 where nothing has moved",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod1", 7, 1, "The bars of a window."),
            Parameter::length("timeperiod2", 14, 1, "The bars of a window."),
            Parameter::length("timeperiod3", 28, 1, "The bars of a window."),
        ],
        outputs: &["ultosc"],
        example: "ultosc(day) < 30",
        source: "Larry Williams, Stocks & Commodities, August 1985; TA-Lib's ULTOSC.",
    },
    lookback: |arguments| Ok(lengths(arguments)?[2]),
    machine: |arguments| {
        Ok(Box::new(Ultimate { last_close: f64::NAN, windows: lengths(arguments)?.map(Sliding::new) }))
    },
};

/// The three lengths, the shortest first.
fn lengths(arguments: &Arguments) -> Result<[usize; 3]> {
    let mut lengths =
        [arguments.length("timeperiod1")?, arguments.length("timeperiod2")?, arguments.length("timeperiod3")?];
    lengths.sort_unstable();
    Ok(lengths)
}

#[derive(Clone)]
struct Ultimate {
    last_close: f64,
    windows: [Sliding<(Sum, Sum)>; 3],
}

impl Machine for Ultimate {
    type Input = [f64; 3];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        let last_close = mem::replace(&mut self.last_close, close);
        if last_close.is_nan() {
            return [f64::NAN];
        }
        let bottom = if last_close < low { last_close } else { low };
        let top = if last_close > high { last_close } else { high };
        let ratios = self.windows.each_mut().map(|window| {
            let (pressure, range) = window.slide((close - bottom, top - bottom));
            if range.0 == 0.0 { 0.0 } else { pressure.0 / range.0 }
        });
        [(4.0 * ratios[0] + 2.0 * ratios[1] + ratios[2]) * (100.0 / 7.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn weighs_the_shortest_window_most() {
        // pressure 2 of 3, then 0 of 4
        let (high, low, close) = ([10.0, 12.0, 9.0], [8.0, 9.0, 7.0], [9.0, 11.0, 7.0]);
        let parameters = [("timeperiod1", 2.into()), ("timeperiod2", 1.into()), ("timeperiod3", 2.into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        assert_close(&values[0], &[NAN, NAN, 100.0 * (2.0 + 1.0) * (2.0 / 7.0) / 7.0]);
    }
}
