//! What models are shown: columns, which bars of them are fit for use, how these are divided and scaled.

pub(super) mod columns;
pub(super) mod fold;
pub(super) mod inputs;
pub(super) mod instant;
pub(super) mod outcomes;
pub(super) mod ranks;
pub(super) mod scaler;
pub(super) mod scalers;
pub(super) mod uniqueness;
