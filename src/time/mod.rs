//! Time: instants, timeframes, and the calendars that say when a bar is complete.

mod calendar;
mod timeframe;
mod timestamp;

pub use calendar::Calendar;
pub use timeframe::{Timeframe, Unit};
pub use timestamp::Timestamp;
