//! The library embedded in Rust.
