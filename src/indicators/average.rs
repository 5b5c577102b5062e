//! Moving averages as parts of other indicators: the trait that they share, and the choice among them.

use crate::error::{Diagnostic, Result};
use crate::expr::Arguments;
use crate::indicators::overlap::{Dema, Ema, Kama, Rma, Sma, T3, Tema, Trima, Wma};
use crate::node::{Kind, Literal, Machine, Parameter, Presence};

/// A machine that makes one series of one series.
pub trait Average: Clone + Send {
    /// Takes the next value and gives the average; NaN before the lookback is filled.
    fn next(&mut self, value: f64) -> f64;

    /// As `next`, behind another machine: what that one does not know yet is passed over.
    #[inline(always)]
    fn follow(&mut self, value: f64) -> f64 {
        if value.is_nan() { value } else { self.next(value) }
    }
}

impl<A: Average> Machine for A {
    type Input = [f64; 1];
    type Output = [f64; 1];

    #[inline(always)]
    fn update(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        [self.next(value)]
    }
}

/// Which moving average: TA-Lib's `matype`, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AverageKind {
    Simple,
    Exponential,
    Weighted,
    DoubleExponential,
    TripleExponential,
    Triangular,
    Adaptive,
    T3,
    Wilder,
}

/// The words, in the order of [`AverageKind`].
const WORDS: &[&str] = &["sma", "ema", "wma", "dema", "tema", "trima", "kama", "t3", "rma"];

impl AverageKind {
    const ALL: [AverageKind; 9] = [
        AverageKind::Simple,
        AverageKind::Exponential,
        AverageKind::Weighted,
        AverageKind::DoubleExponential,
        AverageKind::TripleExponential,
        AverageKind::Triangular,
        AverageKind::Adaptive,
        AverageKind::T3,
        AverageKind::Wilder,
    ];

    /// A parameter that takes one of the words.
    pub const fn parameter(name: &'static str, default: AverageKind, doc: &'static str) -> Parameter {
        let presence = Presence::Default(Literal::Text(WORDS[default as usize]));
        Parameter { name, doc, kind: Kind::Choice(WORDS), presence }
    }

    /// The value of such a parameter.
    ///
    /// # Errors
    /// Where the arguments have no such word.
    pub fn of(arguments: &Arguments, name: &str) -> Result<Self> {
        let given = arguments.text(name)?;
        let found = WORDS.iter().position(|word| *word == given).and_then(|position| Self::ALL.get(position));
        found.copied().ok_or_else(|| {
            Diagnostic::new(format!("`{name}` is \"{given}\"")).did_you_mean(given, WORDS.iter().copied())
        })
    }

    /// How many bars pass before the first value. An average of one value is that value at once,
    /// whatever its kind.
    pub fn lookback(self, length: usize) -> usize {
        let simple = length.saturating_sub(1);
        match self {
            _ if length <= 1 => 0,
            AverageKind::Simple
            | AverageKind::Exponential
            | AverageKind::Weighted
            | AverageKind::Triangular
            | AverageKind::Wilder => simple,
            AverageKind::DoubleExponential => 2 * simple,
            AverageKind::TripleExponential => 3 * simple,
            AverageKind::T3 => 6 * simple,
            AverageKind::Adaptive => length,
        }
    }
}

/// A moving average of a kind that was chosen when it was made.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // A machine holds one of them: a box would cost a jump a bar.
pub enum MovingAverage {
    Simple(Sma),
    Exponential(Ema),
    Weighted(Wma),
    DoubleExponential(Dema),
    TripleExponential(Tema),
    Triangular(Trima),
    Adaptive(Kama),
    T3(T3),
    Wilder(Rma),
}

impl MovingAverage {
    /// One of `kind` over `length` values.
    pub fn new(kind: AverageKind, length: usize) -> Self {
        match kind {
            _ if length <= 1 => MovingAverage::Simple(Sma::new(1)),
            AverageKind::Simple => MovingAverage::Simple(Sma::new(length)),
            AverageKind::Exponential => MovingAverage::Exponential(Ema::new(length)),
            AverageKind::Weighted => MovingAverage::Weighted(Wma::new(length)),
            AverageKind::DoubleExponential => MovingAverage::DoubleExponential(Dema::new(length)),
            AverageKind::TripleExponential => MovingAverage::TripleExponential(Tema::new(length)),
            AverageKind::Triangular => MovingAverage::Triangular(Trima::new(length)),
            AverageKind::Adaptive => MovingAverage::Adaptive(Kama::new(length)),
            AverageKind::T3 => MovingAverage::T3(T3::new(length, T3::VOLUME_FACTOR)),
            AverageKind::Wilder => MovingAverage::Wilder(Rma::new(length)),
        }
    }
}

impl Average for MovingAverage {
    #[inline]
    fn next(&mut self, value: f64) -> f64 {
        match self {
            MovingAverage::Simple(average) => average.next(value),
            MovingAverage::Exponential(average) => average.next(value),
            MovingAverage::Weighted(average) => average.next(value),
            MovingAverage::DoubleExponential(average) => average.next(value),
            MovingAverage::TripleExponential(average) => average.next(value),
            MovingAverage::Triangular(average) => average.next(value),
            MovingAverage::Adaptive(average) => average.next(value),
            MovingAverage::T3(average) => average.next(value),
            MovingAverage::Wilder(average) => average.next(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_begins_at_its_lookback_and_stays_on_a_flat_series() {
        for kind in AverageKind::ALL {
            for length in [1, 2, 3, 8] {
                let mut average = MovingAverage::new(kind, length);
                let values: Vec<f64> = (0..100).map(|_| average.next(5.0)).collect();
                let first = values.iter().position(|value| !value.is_nan());
                assert_eq!(first, Some(kind.lookback(length)), "{kind:?} over {length}");
                assert!(values.iter().all(|v| v.is_nan() || (v - 5.0).abs() < 1e-12), "{kind:?} {values:?}");
            }
        }
    }
}
