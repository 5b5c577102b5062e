//! The presets against the systems whose rules they are, and against scenarios worked by hand.

mod backtesting_py;
