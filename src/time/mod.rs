//! Time: instants, timeframes, the calendars that say when a bar is complete, and alignment.

mod align;
mod calendar;
mod clock;
mod day;
mod day_start;
mod exceptions;
mod new_york;
mod openings;
mod session;
mod span;
mod timeframe;
mod timestamp;

pub use align::Alignment;
pub use calendar::Calendar;
pub use clock::ClockFigure;
pub use day_start::DayStart;
pub use session::Session;
pub use span::Span;
pub use timeframe::{Timeframe, Unit};
pub use timestamp::Timestamp;
