//! Trained models as files: written beside and renamed, found again by what they depend on.

pub(super) mod artifact;
pub(super) mod fit_files;
pub(super) mod folder;
pub(super) mod provenance;
