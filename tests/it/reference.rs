//! The generated reference page is up to date.
