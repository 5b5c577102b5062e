//! Figures of the open position: what an exit or a size may depend on beside bars.

/// A figure of the open position, at a bar's close (at the fill, for a size and for what is asked then).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PositionFigure {
    /// The price of the fill, slippage included.
    EntryPrice,
    /// Bars that have closed since the fill: 0 at the fill, 1 at the entry bar's close.
    BarsHeld,
    /// The highest price since the fill, the entry price included.
    Highest,
    /// The lowest price since the fill, the entry price included.
    Lowest,
    /// What has been gained at the close, as a fraction of the entry price, before costs.
    Profit,
    /// The most that has been gained at any price since the fill, as a fraction of the entry price.
    BestProfit,
    /// The least (most often: the largest loss) at any price since the fill, as a fraction of the entry
    /// price.
    WorstProfit,
    /// 1 for a long position, -1 for a short one.
    Direction,
}

impl PositionFigure {
    /// All of them.
    pub const ALL: [PositionFigure; 8] = [
        PositionFigure::EntryPrice,
        PositionFigure::BarsHeld,
        PositionFigure::Highest,
        PositionFigure::Lowest,
        PositionFigure::Profit,
        PositionFigure::BestProfit,
        PositionFigure::WorstProfit,
        PositionFigure::Direction,
    ];

    /// Its name in scripts, after `position.`.
    pub fn name(self) -> &'static str {
        match self {
            PositionFigure::EntryPrice => "entry_price",
            PositionFigure::BarsHeld => "bars_held",
            PositionFigure::Highest => "highest",
            PositionFigure::Lowest => "lowest",
            PositionFigure::Profit => "profit",
            PositionFigure::BestProfit => "best_profit",
            PositionFigure::WorstProfit => "worst_profit",
            PositionFigure::Direction => "direction",
        }
    }

    /// One line: what it is.
    pub fn doc(self) -> &'static str {
        match self {
            PositionFigure::EntryPrice => "the price of the fill, slippage included",
            PositionFigure::BarsHeld => "bars that have closed since the fill: 1 at the entry bar's close",
            PositionFigure::Highest => "the highest price since the fill, the entry price included",
            PositionFigure::Lowest => "the lowest price since the fill, the entry price included",
            PositionFigure::Profit => "what has been gained at the close, as a fraction of the entry price",
            PositionFigure::BestProfit => "the most that was gained since the fill, as a fraction of the entry price",
            PositionFigure::WorstProfit => "the largest loss since the fill, as a fraction of the entry price: -0.03",
            PositionFigure::Direction => "1 for a long position, -1 for a short one",
        }
    }
}
