//! `chande_kroll_stop`: the stops of Chande and Kroll.

use crate::data::Field;
use crate::indicators::volatility::Atr;
use crate::indicators::window::{Max, Min, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "chande_kroll_stop",
        family: "overlap",
        doc: "Chande–Kroll stop: two lines that follow the price, named as charts name them. Above both the trend is up, below both down, between them there is none.",
        formula: "stop_short = highest(highest(high, timeperiod) - multiplier * atr(timeperiod), stopperiod); stop_long = lowest(lowest(low, timeperiod) + multiplier * atr(timeperiod), stopperiod)",
        inputs: Inputs::Bars(&[Field::High, Field::Low, Field::Close]),
        parameters: &[
            Parameter::length("timeperiod", 10, 1, "How many bars the extremes and the atr look at: p."),
            Parameter::number("multiplier", 1.0, 0.0, f64::MAX, "Average true ranges from the extreme: x."),
            Parameter::length("stopperiod", 9, 1, "How many first stops are looked at: q."),
        ],
        outputs: &["stop_long", "stop_short"],
        example: "close > max(chande_kroll_stop(day).stop_long, chande_kroll_stop(day).stop_short)",
        source: "Tushar Chande and Stanley Kroll, The New Technical Trader, 1994, with Wilder's atr and the defaults of charts; the book's are 10, 3 and 20.",
    },
    lookback: |arguments| Ok(arguments.length("timeperiod")? + arguments.length("stopperiod")? - 1),
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(Box::new(Stops {
            extremes: Sliding::new(length),
            range: Atr::new(length),
            factor: arguments.number("multiplier")?,
            first: Sliding::new(arguments.length("stopperiod")?),
        }))
    },
};

#[derive(Clone)]
struct Stops {
    extremes: Sliding<(Max, Min)>,
    range: Atr,
    factor: f64,
    first: Sliding<(Min, Max)>,
}

impl Machine for Stops {
    type Input = [f64; 3];
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let [high, low, _] = bar;
        let extremes = self.extremes.push((high, low));
        let distance = self.factor * self.range.next(bar);
        let Some((highest, lowest)) = extremes.filter(|_| !distance.is_nan()) else {
            return [f64::NAN; 2];
        };
        let stops = self.first.push((lowest.0 + distance, highest.0 - distance));
        stops.map_or([f64::NAN; 2], |(long, short)| [long.0, short.0])
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn are_the_extremes_of_the_first_stops() {
        // true ranges 3, 1, 4; first stops 12.5 and 10.5, 11 and 11, 10 and 10
        let (high, low, close) = ([9.0, 12.0, 11.5, 12.0], [8.0, 11.0, 10.5, 8.0], [9.0, 11.0, 11.0, 12.0]);
        let parameters = [("timeperiod", 1.into()), ("multiplier", 0.5.into()), ("stopperiod", 2.into())];
        let values = run(&NODE, &[&high, &low, &close], &parameters);
        assert_close(&values[0], &[NAN, NAN, 11.0, 10.0]);
        assert_close(&values[1], &[NAN, NAN, 11.0, 11.0]);
    }
}
