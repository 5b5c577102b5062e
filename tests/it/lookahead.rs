//! No value is seen before its time.
