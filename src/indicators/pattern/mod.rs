//! Candlestick patterns.

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
mod trio;

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
