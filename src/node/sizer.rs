//! Sizers: how many units to trade.

use crate::error::Result;
use crate::expr::Arguments;
use crate::node::{Refusal, Side, Spec};

/// What a sizer may know, at the fill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizingContext<'a> {
    /// Which way the position will face.
    pub side: Side,
    /// What a unit costs: the price of the fill, with slippage; under some presets with commission, or
    /// the price at which the order was made.
    pub price: f64,
    /// Cash and open positions at the fill's prices, in the account's currency.
    pub equity: f64,
    /// What a fraction of the account is a fraction of: the equity, or what a preset takes for it.
    pub base: f64,
    /// How far away the nearest stop is, in price units; none where no exit sets one.
    pub stop_distance: Option<f64>,
    /// How many instruments the universe has.
    pub instruments: usize,
    /// What the trades that were closed before came to.
    pub past: PastTrades,
    /// The first of the sizer's inputs for every instrument of the universe, as known at the close that gave the
    /// signal; NaN where not known. Empty unless the sizer looks across.
    pub peers: &'a [f64],
}

/// What the closed trades of a run came to, those of all instruments and both sides. Each part of a
/// position that was closed by itself counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct PastTrades {
    /// How many.
    pub count: usize,
    /// How many of them earned something.
    pub wins: usize,
    /// What those earned: the sum of their profits after commission, each as a fraction of its entry's value.
    pub won: f64,
    /// What the others lost, as a sum of magnitudes of the same kind.
    pub lost: f64,
}

impl PastTrades {
    /// Takes one more, by its profit as a fraction of its entry's value.
    pub fn take(&mut self, profit_fraction: f64) {
        self.count += 1;
        match profit_fraction > 0.0 {
            true => {
                self.wins += 1;
                self.won += profit_fraction;
            }
            false => self.lost -= profit_fraction,
        }
    }
}

/// A sizer's code. `inputs` are the values of [`crate::node::inputs`] of its arguments on the bar
/// that gave the signal.
pub trait Sizer: Send {
    /// Units to trade: a magnitude, before the account rounds it to lots and caps it by its cash.
    /// Zero, negative or NaN means that nothing is traded.
    ///
    /// # Errors
    /// Where the size cannot be told: why, in words.
    fn units(&self, context: &SizingContext<'_>, inputs: &[f64]) -> Result<f64, Refusal>;

    /// Whether it reads [`SizingContext::peers`].
    fn looks_across(&self) -> bool {
        false
    }
}

/// A sizer in the registry: its Spec and how to make one.
#[derive(Clone, Copy)]
pub struct SizerNode {
    /// What it is called and takes.
    pub spec: Spec,
    /// A fresh sizer.
    pub sizer: fn(&Arguments) -> Result<Box<dyn Sizer>>,
}
