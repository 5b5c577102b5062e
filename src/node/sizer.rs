//! Sizers: how many units to trade.

use crate::error::Result;
use crate::expr::Arguments;
use crate::node::{Refusal, Side, Spec};

/// What a sizer may know, at the fill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizingContext {
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
}

/// A sizer's code. `inputs` are the values of [`crate::node::inputs`] of its arguments on the bar
/// that gave the signal.
pub trait Sizer: Send {
    /// Units to trade: a magnitude, before the account rounds it to lots and caps it by its cash.
    /// Zero, negative or NaN means that nothing is traded.
    ///
    /// # Errors
    /// Where the size cannot be told: why, in words.
    fn units(&self, context: &SizingContext, inputs: &[f64]) -> Result<f64, Refusal>;
}

/// A sizer in the registry: its Spec and how to make one.
#[derive(Clone, Copy)]
pub struct SizerNode {
    /// What it is called and takes.
    pub spec: Spec,
    /// A fresh sizer.
    pub sizer: fn(&Arguments) -> Result<Box<dyn Sizer>>,
}
