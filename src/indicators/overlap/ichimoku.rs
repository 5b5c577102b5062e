//! `ichimoku`: the lines and the cloud of Ichimoku Kinko Hyo.

use crate::data::Field;
use crate::indicators::window::{Lag, Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "ichimoku",
        family: "overlap",
        doc: "Ichimoku: conversion line, base line and the two edges of the cloud that stands over this bar. A chart draws the edges ahead; here they are those computed `displacement` bars ago, so nothing is read early. The lagging span is a way of drawing: compare close with close[26].",
        formula: "middle(n) = (highest(high, n) + lowest(low, n)) / 2; tenkan = middle(tenkanperiod); kijun = middle(kijunperiod); span_a = ((tenkan + kijun) / 2)[displacement]; span_b = middle(senkouperiod)[displacement]. Charts that count today as the first of 26 bars have a displacement of 25",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::length("tenkanperiod", 9, 1, "How many bars the conversion line looks at."),
            Parameter::length("kijunperiod", 26, 1, "How many bars the base line looks at."),
            Parameter::length("senkouperiod", 52, 1, "How many bars the slower edge looks at."),
            Parameter::length("displacement", 26, 1, "How many bars the cloud is drawn ahead."),
        ],
        outputs: &["tenkan", "kijun", "span_a", "span_b"],
        example: "close > max(ichimoku(day).span_a, ichimoku(day).span_b)",
        source: "Goichi Hosoda (Ichimoku Sanjin), Ichimoku Kinko Hyo, 1969; Nicole Elliott, Ichimoku Charts, 2007.",
    },
    lookback: |arguments| {
        let faster = arguments.length("tenkanperiod")?.max(arguments.length("kijunperiod")?);
        Ok(faster.max(arguments.length("senkouperiod")?) - 1 + arguments.length("displacement")?)
    },
    machine: |arguments| {
        let window = |name| Ok(Sliding::new(arguments.length(name)?));
        let displacement = arguments.length("displacement")?;
        Ok(Box::new(Ichimoku {
            windows: [window("tenkanperiod")?, window("kijunperiod")?, window("senkouperiod")?],
            edges: [Lag::new(displacement), Lag::new(displacement)],
        }))
    },
};

#[derive(Clone)]
struct Ichimoku {
    windows: [Sliding<(Max, Min)>; 3],
    edges: [Lag; 2],
}

impl Machine for Ichimoku {
    type Input = [f64; 2];
    type Output = [f64; 4];

    #[inline(always)]
    fn update(&mut self, [high, low]: [f64; 2]) -> [f64; 4] {
        let middle = |window: &mut Sliding<(Max, Min)>| {
            window.push((high, low)).map_or(f64::NAN, |(highest, lowest)| (highest.0 + lowest.0) / 2.0)
        };
        let [tenkan, kijun, slow] = self.windows.each_mut().map(middle);
        let fast = (tenkan + kijun) / 2.0;
        // Both edges begin together, and the lines with them.
        let whole = !fast.is_nan() && !slow.is_nan();
        let [fast, slow] = if whole { [fast, slow] } else { [f64::NAN; 2] };
        let [edges_a, edges_b] = &mut self.edges;
        let (span_a, span_b) = (edges_a.push(fast), edges_b.push(slow));
        if span_a.is_nan() { [f64::NAN; 4] } else { [tenkan, kijun, span_a, span_b] }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn the_cloud_over_a_bar_was_known_before_it() {
        let parameters = [
            ("tenkanperiod", 1.into()),
            ("kijunperiod", 2.into()),
            ("senkouperiod", 3.into()),
            ("displacement", 2.into()),
        ];
        let (high, low) = ([2.0, 4.0, 6.0, 8.0, 90.0], [0.0, 2.0, 4.0, 6.0, 50.0]);
        let values = run(&NODE, &[&high, &low], &parameters);
        assert_close(&values[0], &[NAN, NAN, NAN, NAN, 70.0]);
        assert_close(&values[1], &[NAN, NAN, NAN, NAN, 48.0]);
        // of the third bar: (5 + 4) / 2, and the middle of 0 to 6
        assert_close(&values[2], &[NAN, NAN, NAN, NAN, 4.5]);
        assert_close(&values[3], &[NAN, NAN, NAN, NAN, 3.0]);
    }
}
