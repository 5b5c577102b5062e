//! Position.
