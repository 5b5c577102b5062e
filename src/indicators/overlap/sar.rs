//! `sar`: the parabolic stop and reverse.

use crate::data::Field;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "sar",
        family: "overlap",
        doc: "Parabolic stop and reverse: a stop that follows the trend faster the longer it lasts.",
        formula: "sar = sar[1] + a * (e - sar[1]), kept outside of the last two bars; e is the extreme of the trend, a grows by acceleration with each new extreme, up to maximum; where the price touches it, it turns and begins at e",
        inputs: Inputs::Bars(&[Field::High, Field::Low]),
        parameters: &[
            Parameter::number(
                "acceleration",
                0.02,
                0.0,
                f64::MAX,
                "The first factor, and what each new extreme adds to it.",
            ),
            Parameter::number("maximum", 0.2, 0.0, f64::MAX, "The largest factor."),
        ],
        outputs: &["sar"],
        example: "close > sar(day)",
        source: "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's SAR.",
    },
    lookback: |_| Ok(1),
    machine: |arguments| {
        let maximum = arguments.number("maximum")?;
        let step = arguments.number("acceleration")?.min(maximum);
        Ok(Box::new(Parabolic { step, maximum, last: None, trend: None }))
    },
};

#[derive(Clone)]
struct Parabolic {
    step: f64,
    maximum: f64,
    /// High and low of the last bar.
    last: Option<[f64; 2]>,
    trend: Option<Leg>,
}

#[derive(Clone, Copy)]
struct Leg {
    rising: bool,
    /// The stop for the next bar.
    stop: f64,
    extreme: f64,
    factor: f64,
}

impl Parabolic {
    /// The trend before the second bar: down where that bar moves down further than up.
    fn begin(&self, last: [f64; 2], bar: [f64; 2]) -> Leg {
        let (up, down) = (bar[0] - last[0], last[1] - bar[1]);
        let rising = !(down > 0.0 && down > up);
        let (stop, extreme) = if rising { (last[1], bar[0]) } else { (last[0], bar[1]) };
        Leg { rising, stop, extreme, factor: self.step }
    }
}

impl Machine for Parabolic {
    type Input = [f64; 2];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, bar: [f64; 2]) -> [f64; 1] {
        let Some(last) = self.last.replace(bar) else {
            return [f64::NAN];
        };
        // The second bar has no earlier bar that its stop must stay outside of.
        let (mut trend, last) = match self.trend {
            Some(trend) => (trend, last),
            None => (self.begin(last, bar), bar),
        };
        let [high, low] = bar;
        let touched = if trend.rising { low <= trend.stop } else { high >= trend.stop };
        let outside = |stop: f64, rising: bool| {
            if rising { stop.min(last[1]).min(low) } else { stop.max(last[0]).max(high) }
        };
        let stop = if touched {
            trend.rising = !trend.rising;
            let stop = outside(trend.extreme, trend.rising);
            trend.factor = self.step;
            trend.extreme = if trend.rising { high } else { low };
            stop
        } else {
            let farther = if trend.rising { high > trend.extreme } else { low < trend.extreme };
            if farther {
                trend.extreme = if trend.rising { high } else { low };
                trend.factor = (trend.factor + self.step).min(self.maximum);
            }
            trend.stop
        };
        trend.stop = outside(stop + trend.factor * (trend.extreme - stop), trend.rising);
        self.trend = Some(trend);
        [stop]
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    #[test]
    fn follows_the_trend_and_turns_where_it_is_touched() {
        let (high, low) = ([10.0, 12.0, 14.0, 13.0], [9.0, 11.0, 12.0, 8.0]);
        let parameters = [("acceleration", 0.1.into()), ("maximum", 0.2.into())];
        let values = run(&NODE, &[&high, &low], &parameters);
        // rising from 9 towards 12, then with 0.2 towards 14; touched at 8, it begins again at 14
        assert_close(&values[0], &[NAN, 9.0, 9.3, 14.0]);
    }
}
