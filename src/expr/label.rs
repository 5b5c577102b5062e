//! Labels: series that look ahead, and so may be a model's target and nothing else.

use crate::error::Origin;
use crate::expr::Series;

/// A value of each bar that is known only `horizon` bars later.
///
/// There is no way from a label to a [`Series`] or a [`crate::expr::Condition`]: that no rule can
/// read the future is a matter of types.
#[derive(Clone, Debug)]
pub struct Label {
    /// How the future is read.
    pub kind: LabelKind,
    /// What is read.
    pub source: Series,
    /// How many bars ahead, on the source's timeframe; at least 1.
    pub horizon: usize,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// How a label reads the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// `source[t + horizon] / source[t] - 1`
    Return,
    /// `ln(source[t + horizon] / source[t])`
    LogReturn,
}

impl LabelKind {
    /// Both.
    pub const ALL: [LabelKind; 2] = [LabelKind::Return, LabelKind::LogReturn];

    /// The function's name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            LabelKind::Return => "future_return",
            LabelKind::LogReturn => "future_log_return",
        }
    }

    /// The label's value from the value now and the value `horizon` bars ahead.
    pub fn apply(self, now: f64, ahead: f64) -> f64 {
        let value = match self {
            LabelKind::Return => ahead / now - 1.0,
            LabelKind::LogReturn => (ahead / now).ln(),
        };
        if value.is_finite() { value } else { f64::NAN }
    }
}
