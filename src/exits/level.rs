//! How far from an anchor a price level lies: a percentage, a distance, or the price itself.

use crate::expr::Level;
#[cfg(test)]
use crate::node::{OpenPosition, Side};

/// A [`Level`] without its series, whose values come in as inputs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Percent(f64),
    Distance,
    Price,
}

impl From<&Level> for Rule {
    fn from(level: &Level) -> Self {
        match level {
            Level::Percent(fraction) => Rule::Percent(*fraction),
            Level::Distance(_) => Rule::Distance,
            Level::Price(_) => Rule::Price,
        }
    }
}

impl Rule {
    /// The price, `direction` (1 above, -1 below) from `anchor`; none where the input is not known
    /// or is a negative distance.
    pub fn price(self, anchor: f64, direction: f64, inputs: &[f64]) -> Option<f64> {
        let input = inputs.first().copied().filter(|value| value.is_finite());
        match self {
            Rule::Percent(fraction) => Some(anchor * (1.0 + direction * fraction)),
            Rule::Distance => input.filter(|distance| *distance >= 0.0).map(|distance| anchor + direction * distance),
            Rule::Price => input,
        }
    }
}

/// A position as an exit sees it, for the exits' tests.
#[cfg(test)]
pub(super) fn position(side: Side, entry_price: f64) -> OpenPosition {
    let (highest, lowest, close) = (entry_price, entry_price, entry_price);
    OpenPosition { side, entry_price, bars_held: 0, highest, lowest, close }
}
