//! What is computed on tensors: the layers, the networks of a model together, and the device.

pub(super) mod device;
pub(super) mod forecaster;
pub(super) mod layers;
pub(super) mod lstm;
