//! Candlestick patterns: TA-Lib's, and each as a rule that reads like its definition in a book.
//!
//! A rule is a function of the last few candles, the newest last. Its words (long, doji, near, gap
//! and so on) are the vocabulary of `Candle`, with TA-Lib's default settings for them. The `pattern!`
//! macro makes a node of a rule, the way that it points, the words it uses and a description; one
//! machine, `Reader`, runs them all.
//!
//! The value is 100 on the candle that completes a pattern, -100 where that points down, and 0 on
//! others. TA-Lib gives 0 before the lookback too; here that is not known.

mod candle;
mod crows;
mod doji;
mod gap;
mod hammer;
mod hikkake;
mod line;
mod methods;
mod neck;
mod node;
mod pair;
mod reader;
mod soldiers;
mod star;
#[cfg(test)]
mod testing;
mod trio;
mod window;

use crate::node::IndicatorNode;

pub(super) const NODES: [&[IndicatorNode]; 12] = [
    doji::NODES,
    line::NODES,
    hammer::NODES,
    pair::NODES,
    neck::NODES,
    star::NODES,
    crows::NODES,
    soldiers::NODES,
    trio::NODES,
    gap::NODES,
    methods::NODES,
    hikkake::NODES,
];
