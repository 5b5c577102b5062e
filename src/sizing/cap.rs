//! The cap on a size: the parameter `max` of the sizers that do not say a share of equity outright.

use crate::error::Result;
use crate::expr::Arguments;
use crate::node::{Kind, Parameter, SizingContext};

/// The parameter.
pub(super) const MAX: Parameter =
    Parameter::optional("max", Kind::Percent(0.0, 1000.0), "the largest fraction of equity to trade, at the fill");

/// The largest fraction of equity that is traded, where one was given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cap(pub Option<f64>);

impl Cap {
    pub fn of(arguments: &Arguments) -> Result<Self> {
        Ok(Self(arguments.get("max").map(|_| arguments.percent("max")).transpose()?))
    }

    /// So many units, or as many as are allowed.
    pub fn limit(self, units: f64, context: &SizingContext<'_>) -> f64 {
        self.0.map_or(units, |most| units.min(most * context.equity / context.price))
    }
}
