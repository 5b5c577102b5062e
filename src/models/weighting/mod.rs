//! Weights: how far each group's forecast is trusted, bar by bar.

mod attention;
mod dynamic_weight;
mod inverse_error;
mod mixer;
mod regime;

pub(super) use dynamic_weight::NODE;
pub(super) use inverse_error::inverse_error;
pub(super) use mixer::{MIXER, Mixing, parameters};
pub(super) use regime::Regimes;
