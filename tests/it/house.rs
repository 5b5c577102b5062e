//! House rules: import direction, file openings.
