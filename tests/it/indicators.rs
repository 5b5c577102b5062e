//! Properties of every indicator.
