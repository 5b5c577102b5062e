//! Training: splits, leaks, artifacts, determinism.
