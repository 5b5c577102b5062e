//! The backtest: broker, costs, account and simulator turn signals into trades and equity.
//!
//! [`simulate`] runs a strategy's rules; [`rebalance`] holds target weights; [`replay`] runs explicit
//! orders. All step one broker through the same bars:
//!
//! - An order made at a bar's close acts from the instrument's next bar: a market order at its open
//!   (or at the same close, with `Fill::SameClose`), a limit at its price or better, a stop at its
//!   price or worse. A gap fills at the open.
//! - At an open, what closes fills before what enters. A size is settled at the fill, and capped so
//!   that value and commission stay within what leverage leaves free; the proceeds of short sales
//!   buy nothing.
//! - A stop or target acts from the fill on. Where one bar touches both, `Intrabar` decides, and
//!   the trade is marked ambiguous.
//! - A volume limit lets a bar fill so much of its volume; the rest of an order waits, that of a market
//!   order or a stop for the next open. Where anything of a position is closed, what has not been entered of
//!   it is given up.
//! - Where bars carry splits and dividends that their prices are not adjusted for, positions and orders are split
//!   and dividends paid as the bar opens, before anything trades.
//! - Borrow fees, funding and interest are booked as a bar begins, on what was held when the one before
//!   ended.
//! - Where a close finds the equity below the maintenance margin, everything is closed at the next open,
//!   and nothing is entered until all is closed. Where it falls to zero, trading stops for good.
//! - What is open when the timeline ends is closed at the last close of its instrument. So is what is
//!   open on an instrument that has had no bar for 30 days: it counts as delisted.
//! - Instruments are dealt with in the order of their names: the order in which they are given
//!   changes nothing.

mod accruals;
mod actions;
mod books;
mod broker;
mod costs;
mod cursor;
mod curves;
mod engine;
mod entry;
mod feed;
mod held;
mod ledger;
mod limits;
mod lot;
mod matching;
mod order;
mod policies;
mod quote;
mod rebalance;
mod replay;
mod result;
mod rule;
mod schedule;
mod simulator;
mod target;
mod timeline;
mod waiting;

pub use entry::EntryOrder;
pub use feed::Feed;
pub use order::{Size, Trigger};
pub use policies::Policies;
pub use rebalance::{Holding, rebalance};
pub use replay::{Entry, Request, RequestAction, replay};
pub use result::{Accrual, Backtest, ExitReason, Refused, Trade};
pub use rule::{PositionRead, RuleInput};
pub use simulator::{Market, Setup, SideSignals, simulate};
