//! Time: instants, timeframes, the calendars that say when a bar is complete, and alignment.

mod align;
mod calendar;
mod clock;
mod day;
mod session;
mod span;
mod timeframe;
mod timestamp;

pub use align::Alignment;
pub use calendar::Calendar;
pub use clock::ClockFigure;
pub use session::Session;
pub use span::Span;
pub use timeframe::{Timeframe, Unit};
pub use timestamp::Timestamp;
