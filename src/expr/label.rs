//! Labels: what looks ahead, and so may be a model's target and nothing else.

use serde::{Deserialize, Serialize};

use crate::data::Field;
use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{BarsRef, Series};
use crate::time::Timeframe;

/// A value of each bar that is known only later, `horizon` bars at the most.
///
/// There is no way from a label to a [`Series`] or a [`crate::expr::Condition`]: that no rule can
/// read the future is a matter of types.
#[derive(Clone, Debug)]
pub struct Label {
    /// What is asked of the future, and of which series.
    pub kind: LabelKind,
    /// At most how many bars ahead, on the bars of what is read; at least 1.
    pub horizon: usize,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// What a label asks of the future.
///
/// Below, `x` is the series, `t` the bar, `n` the horizon, and `r = x[t + n] / x[t] - 1`. What is read
/// besides `x` is read at `t`: it is known then. A label has no value where one of its series has none,
/// or where the value is not finite.
#[derive(Clone, Debug)]
pub enum LabelKind {
    /// `r`.
    Return(Series),
    /// `ln(x[t + n] / x[t])`.
    LogReturn(Series),
    /// `r / (volatility[t] × √n)`: the return in units of what was to be expected of it, where the
    /// volatility is the standard deviation of the returns of one bar. No value where it is not above 0.
    ScaledReturn {
        /// `x`.
        of: Series,
        /// The standard deviation of the returns of one bar, as known at `t`.
        volatility: Series,
    },
    /// The sign of `r`. Without a threshold it is +1 above 0 and -1 else: a return of exactly 0 is no
    /// gain. With one it is +1 above it, -1 below its negative, and 0 between and at both; no value where
    /// the threshold is not above 0.
    Direction {
        /// `x`.
        of: Series,
        /// How far from 0 a return counts, as a fraction.
        threshold: Option<Series>,
    },
    /// Which of three barriers the path of the prices meets first: +1 for the upper, -1 for the lower, 0
    /// for time running out.
    TripleBarrier(Barriers),
}

/// Three barriers around the close of a bar `t` (López de Prado 2018, *Advances in Financial Machine
/// Learning*, ch. 3): `close[t] + upper[t]`, `close[t] - lower[t]`, and the last of the bars ahead.
///
/// Each bar after `t` meets a barrier where its range touches it. A bar that opens beyond one has met
/// that one, whatever it does later. A bar that touches both has met the lower: the order within a bar
/// is not known, and the worse is taken, as by the broker's `stop_first`. There is no value where a
/// distance is not above 0.
#[derive(Clone, Debug)]
pub struct Barriers {
    /// The first price of each bar.
    pub open: Series,
    /// The highest.
    pub high: Series,
    /// The lowest.
    pub low: Series,
    /// The last.
    pub close: Series,
    /// How far above the close the upper barrier lies, in price units.
    pub upper: Series,
    /// How far below the close the lower barrier lies, in price units.
    pub lower: Series,
}

/// How many values a label has that is no number of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classes {
    /// -1 and 1.
    Two,
    /// -1, 0 and 1.
    Three,
}

impl Classes {
    /// How many they are.
    pub fn count(self) -> usize {
        match self {
            Classes::Two => 2,
            Classes::Three => 3,
        }
    }
}

impl Barriers {
    /// Barriers along the path of `bars`, with distances in price units.
    pub fn new(bars: &BarsRef, upper: Series, lower: Series) -> Self {
        let [open, high, low, close] =
            [Field::Open, Field::High, Field::Low, Field::Close].map(|field| bars.field(field));
        Self { open, high, low, close, upper, lower }
    }
}

impl LabelKind {
    /// The function's name in scripts.
    pub fn name(&self) -> &'static str {
        match self {
            LabelKind::Return(_) => "future_return",
            LabelKind::LogReturn(_) => "future_log_return",
            LabelKind::ScaledReturn { .. } => "future_scaled_return",
            LabelKind::Direction { .. } => "future_direction",
            LabelKind::TripleBarrier(_) => "triple_barrier",
        }
    }

    /// Whether its values are known after different numbers of bars, the horizon at the most.
    pub fn ends_vary(&self) -> bool {
        matches!(self, LabelKind::TripleBarrier(_))
    }

    /// Its classes; none where it is a number of any size.
    pub fn classes(&self) -> Option<Classes> {
        match self {
            LabelKind::Return(_) | LabelKind::LogReturn(_) | LabelKind::ScaledReturn { .. } => None,
            LabelKind::Direction { threshold: None, .. } => Some(Classes::Two),
            LabelKind::Direction { .. } | LabelKind::TripleBarrier(_) => Some(Classes::Three),
        }
    }
}

impl Label {
    /// A label that was not written anywhere.
    pub fn new(kind: LabelKind, horizon: usize) -> Self {
        Self { kind, horizon, origin: None }
    }

    /// The series that it reads, each with what it is to the label, always in the same order.
    pub fn reads(&self) -> Vec<(&'static str, &Series)> {
        match &self.kind {
            LabelKind::Return(of) | LabelKind::LogReturn(of) => vec![("series", of)],
            LabelKind::ScaledReturn { of, volatility } => vec![("series", of), ("volatility", volatility)],
            LabelKind::Direction { of, threshold } => {
                [("series", of)].into_iter().chain(threshold.iter().map(|series| ("threshold", series))).collect()
            }
            LabelKind::TripleBarrier(Barriers { open, high, low, close, upper, lower }) => {
                vec![("open", open), ("high", high), ("low", low), ("close", close), ("upper", upper), ("lower", lower)]
            }
        }
    }

    /// The timeframe of its values: that of the series that it looks ahead in. None where that is a
    /// constant.
    pub fn timeframe(&self) -> Option<Timeframe> {
        match &self.kind {
            LabelKind::Return(of)
            | LabelKind::LogReturn(of)
            | LabelKind::ScaledReturn { of, .. }
            | LabelKind::Direction { of, .. } => of.timeframe(),
            LabelKind::TripleBarrier(barriers) => barriers.close.timeframe(),
        }
    }

    /// The timeframe of its values, where every series that it reads is known on its bars.
    ///
    /// # Errors
    /// Where it looks ahead in a constant, and where it reads a series at a finer timeframe.
    pub fn check(&self) -> Result<Timeframe> {
        let name = self.kind.name();
        let Some(timeframe) = self.timeframe() else {
            return Err(Diagnostic::new(format!("`{name}` looks ahead in a number that never changes"))
                .hint("look at a series of bars: future_return(close, 5)"));
        };
        let finer = |series: &Series| series.timeframe().filter(|other| *other < timeframe);
        match self.reads().into_iter().find_map(|(what, series)| Some((what, finer(series)?, series))) {
            None => Ok(timeframe),
            Some((what, finer, series)) => {
                let message = format!("`{what}` of `{name}` is at {finer}, finer than what it looks ahead in");
                Err(Diagnostic::new(format!("{message} at {timeframe}"))
                    .hint(format!("give it at {timeframe} or coarser"))
                    .at(series.origin().cloned()))
            }
        }
    }
}
