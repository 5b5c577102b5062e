//! indicators
