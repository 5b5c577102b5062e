//! `bbands`: Bollinger bands.

use crate::indicators::average::{Average, AverageKind, MovingAverage};
use crate::indicators::window::{Moments, Sliding};
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "bbands",
        family: "overlap",
        doc: "Bollinger bands: a moving average and lines so many standard deviations above and below it.",
        formula: "middleband = ma(close, timeperiod, matype); upperband = middleband + nbdevup * d; \
                  lowerband = middleband - nbdevdn * d, where d = stddev(close, timeperiod)",
        inputs: Inputs::Series(&["close"]),
        parameters: &[
            Parameter::length("timeperiod", 20, 2, "The bars of the average and of the deviation."),
            Parameter::number("nbdevup", 2.0, f64::MIN, f64::MAX, "Deviations from the middle to the upper band."),
            Parameter::number("nbdevdn", 2.0, f64::MIN, f64::MAX, "Deviations from the middle to the lower band."),
            AverageKind::parameter("matype", AverageKind::Simple, "The kind of the average in the middle."),
        ],
        outputs: &["upperband", "middleband", "lowerband"],
        example: "bbands(close, 20, 2.0, 2.0).upperband",
        source: "John Bollinger, Bollinger on Bollinger Bands, 2001; TA-Lib's BBANDS.",
    },
    lookback: |arguments| {
        let length = arguments.length("timeperiod")?;
        Ok(AverageKind::of(arguments, "matype")?.lookback(length).max(length - 1))
    },
    machine: |arguments| {
        let length = arguments.length("timeperiod")?;
        let (up, down) = (arguments.number("nbdevup")?, arguments.number("nbdevdn")?);
        let spread = Spread { window: Sliding::new(length), up, down };
        Ok(match AverageKind::of(arguments, "matype")? {
            AverageKind::Simple => Box::new(Bands(spread)),
            kind => Box::new(BandsAround { spread, middle: MovingAverage::new(kind, length) }),
        })
    },
};

/// What the bands lie above and below the middle.
#[derive(Clone)]
struct Spread {
    window: Sliding<Moments>,
    up: f64,
    down: f64,
}

impl Spread {
    /// Takes the next value and gives the mean and the variance of the window; NaN until it is full.
    #[inline(always)]
    fn next(&mut self, value: f64) -> [f64; 2] {
        let length = self.window.length();
        let moments = self.window.slide(value);
        [moments.mean(self.window.reference(), length), moments.variance(length)]
    }

    /// The bands around a middle.
    #[inline(always)]
    fn around(&self, middle: f64, variance: f64) -> [f64; 3] {
        let deviation = variance.sqrt();
        [middle + self.up * deviation, middle, middle - self.down * deviation]
    }
}

/// The bands around the mean of the window itself.
#[derive(Clone)]
struct Bands(Spread);

impl Machine for Bands {
    type Input = [f64; 1];
    type Output = [f64; 3];
    const FINISHES: bool = true;

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 3] {
        let [mean, variance] = self.0.next(value);
        [mean, variance, 0.0]
    }

    #[inline(always)]
    fn finish(&self, [middle, variance, _]: [f64; 3]) -> [f64; 3] {
        self.0.around(middle, variance)
    }
}

/// The bands around an average of another kind.
#[derive(Clone)]
struct BandsAround {
    spread: Spread,
    middle: MovingAverage,
}

impl Machine for BandsAround {
    type Input = [f64; 1];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 3] {
        let ([mean, variance], middle) = (self.spread.next(value), self.middle.next(value));
        if mean.is_nan() { [f64::NAN; 3] } else { self.spread.around(middle, variance) }
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{NAN, assert_close, run};

    const SERIES: [f64; 5] = [1.0, 3.0, 7.0, 7.0, 9.0];

    #[test]
    fn lie_so_many_deviations_from_the_middle() {
        let parameters = [("timeperiod", 2.into()), ("nbdevup", 3.into()), ("nbdevdn", 1.into())];
        let bands = run(&NODE, &[&SERIES], &parameters);
        assert_close(&bands[0], &[NAN, 5.0, 11.0, 7.0, 11.0]);
        assert_close(&bands[1], &[NAN, 2.0, 5.0, 7.0, 8.0]);
        assert_close(&bands[2], &[NAN, 1.0, 3.0, 7.0, 7.0]);
    }

    #[test]
    fn deviate_from_the_mean_around_whatever_middle() {
        let bands = run(&NODE, &[&SERIES], &[("timeperiod", 2.into()), ("matype", "wma".into())]);
        assert_close(&bands[1], &[NAN, 7.0 / 3.0, 17.0 / 3.0, 7.0, 25.0 / 3.0]);
        assert_close(&bands[0], &[NAN, 7.0 / 3.0 + 2.0, 17.0 / 3.0 + 4.0, 7.0, 25.0 / 3.0 + 2.0]);
    }
}
