//! Import, catalog, resampling, alignment, bad files.
