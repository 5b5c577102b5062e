//! Exits: what protects an open position.

use crate::error::Result;
use crate::expr::{Arguments, PositionFigure};
use crate::node::Spec;

/// Which way a position faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Bought: gains as the price rises.
    Long,
    /// Sold short: gains as the price falls.
    Short,
}

impl Side {
    /// 1 for long, -1 for short.
    #[inline]
    pub fn sign(self) -> f64 {
        match self {
            Side::Long => 1.0,
            Side::Short => -1.0,
        }
    }

    /// Its name: `long`, `short`.
    pub fn name(self) -> &'static str {
        match self {
            Side::Long => "long",
            Side::Short => "short",
        }
    }
}

/// What an exit may know of the open position, at a bar's close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenPosition {
    /// Which way it faces.
    pub side: Side,
    /// The price that it was opened at, with slippage; the mean where more was added.
    pub entry_price: f64,
    /// Bars that have closed since the fill; 0 at the fill itself, 1 at the entry bar's close.
    pub bars_held: usize,
    /// The highest price since the fill, the entry price included.
    pub highest: f64,
    /// The lowest price since the fill, the entry price included.
    pub lowest: f64,
    /// The last close; the entry price at the fill itself.
    pub close: f64,
}

impl OpenPosition {
    /// The same where each share has become so many.
    pub(crate) fn split(&self, factor: f64) -> Self {
        let price = |of_one: f64| of_one / factor;
        Self {
            entry_price: price(self.entry_price),
            highest: price(self.highest),
            lowest: price(self.lowest),
            close: price(self.close),
            ..*self
        }
    }

    /// A figure of it. Fractions are of the entry price, before costs.
    #[inline]
    pub fn figure(&self, figure: PositionFigure) -> f64 {
        let gained = |price: f64| self.side.sign() * (price / self.entry_price - 1.0);
        let (best, worst) = match self.side {
            Side::Long => (self.highest, self.lowest),
            Side::Short => (self.lowest, self.highest),
        };
        match figure {
            PositionFigure::EntryPrice => self.entry_price,
            PositionFigure::BarsHeld => self.bars_held as f64,
            PositionFigure::Highest => self.highest,
            PositionFigure::Lowest => self.lowest,
            PositionFigure::Profit => gained(self.close),
            PositionFigure::BestProfit => gained(best),
            PositionFigure::WorstProfit => gained(worst),
            PositionFigure::Direction => self.side.sign(),
        }
    }
}

/// What an exit asks for, to hold from the next bar (from the rest of the entry bar, at the fill).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Protection {
    /// Leave at this price or worse, once it trades there.
    pub stop: Option<f64>,
    /// Leave at this price or better, once it trades there.
    pub target: Option<f64>,
    /// Leave at the next open.
    pub close: bool,
    /// How much of what the position was entered with it leaves: 1 for all of it. An exit that has
    /// left with a part has done its work, and is not asked again.
    pub portion: f64,
}

impl Default for Protection {
    /// Nothing; and all of the position where something is added.
    fn default() -> Self {
        Self { stop: None, target: None, close: false, portion: 1.0 }
    }
}

/// Why an order is not filled, in words that follow "not filled: ".
pub type Refusal = &'static str;

/// An exit's code. `inputs` are the values of [`crate::node::inputs`] of its arguments (a condition
/// is 1 or 0) on the bar in question; NaN where not known.
pub trait Exit: Send {
    /// Asked at the fill, with the inputs of the bar that gave the signal. Its `close` is not read.
    ///
    /// # Errors
    /// Where the position must not be opened: a stop whose level is not known protects nothing. The exit is
    /// to stay as it was then.
    fn opened(&mut self, position: &OpenPosition, inputs: &[f64]) -> Result<Protection, Refusal>;

    /// Asked at the close of each bar from the entry bar on, with the inputs of that bar. What it
    /// gives replaces what it gave before: a stop that it leaves out is lifted.
    fn bar_closed(&mut self, position: &OpenPosition, inputs: &[f64]) -> Protection;

    /// Told at the close of a bar on which units were added to the position, before it is asked as
    /// ever: the entry price is the mean from now on. The inputs are those of the bar that gave the
    /// signal. As it stands, what [`Exit::opened`] makes of it holds, unless that refuses.
    fn added(&mut self, position: &OpenPosition, inputs: &[f64]) {
        let _ = self.opened(position, inputs);
    }

    /// Told, before a bar's open, that each share has become so many: every price and every distance that
    /// the exit keeps is to be divided by it. One that keeps none need do nothing.
    fn split(&mut self, _factor: f64) {}

    /// The place among its inputs of a condition that it waits for: on a bar on which that is not 1 it asks for
    /// nothing, and so need not be asked. It waits for the same for as long as it lives.
    fn waits_for(&self) -> Option<usize> {
        None
    }

    /// How many bars the position is to have been held when the exit is next asked, after
    /// `bars_held`; it may be asked sooner. None where what it gave holds for as long as the position
    /// does. The broker need not look at a bar on which nothing can happen.
    fn next_asked(&self, bars_held: usize) -> Option<usize> {
        Some(bars_held + 1)
    }
}

/// An exit in the registry: its Spec and how to make one for a position.
#[derive(Clone, Copy)]
pub struct ExitNode {
    /// What it is called and takes.
    pub spec: Spec,
    /// A fresh exit, for one position.
    pub exit: fn(&Arguments) -> Result<Box<dyn Exit>>,
}
