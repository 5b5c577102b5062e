//! Calendars: when an instrument trades, and so when a bar is complete.

use crate::time::{Timeframe, Timestamp};

/// When an instrument trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// Monday to Friday, dates in UTC.
    Weekdays,
    /// Every hour of every day.
    Continuous,
}

impl Calendar {
    /// When the bar that opens at `open` is complete.
    pub fn close_instant(self, timeframe: Timeframe, open: Timestamp) -> Timestamp {
        let _ = timeframe;
        open
    }
}
