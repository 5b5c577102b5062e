//! The external series of a run: those that a plan reads, for each instrument.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::{Catalog, External, ExternalSource, FileHash, Instrument};
use crate::error::{Diagnostic, Result};
use crate::expr::BarsRef;
use crate::plan::Plan;

/// External series by how the plan reads them.
pub(super) type ExternalSeries = BTreeMap<Arc<ExternalSource>, Arc<External>>;

/// The external series that a plan reads.
pub(super) struct Outside<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    /// Those that are the same for every instrument.
    shared: ExternalSeries,
    files: Vec<FileHash>,
    /// Those of which each instrument has its own.
    by_symbol: Vec<Arc<ExternalSource>>,
}

impl<'a> Outside<'a> {
    /// Loads those that are the same for every instrument.
    ///
    /// # Errors
    /// Where the script names it: as [`Catalog::external`].
    pub(super) fn load(plan: &'a Plan, catalog: &'a Catalog) -> Result<Self> {
        let (mut shared, mut files, mut by_symbol) = (BTreeMap::new(), Vec::new(), Vec::new());
        for source in plan.bars().iter().filter_map(BarsRef::source) {
            if source.is_by_symbol() {
                by_symbol.push(source.clone());
                continue;
            }
            let (external, file) = catalog.external(source, "").map_err(|error| placed(plan, source, error))?;
            shared.insert(source.clone(), Arc::new(external));
            files.extend(file);
        }
        Ok(Self { plan, catalog, shared, files, by_symbol })
    }

    /// All of an instrument, and the files that they came from.
    ///
    /// # Errors
    /// As [`Outside::load`], for those of which it has its own.
    pub(super) fn of(&self, instrument: &Instrument) -> Result<(ExternalSeries, Vec<FileHash>)> {
        let (mut all, mut files) = (self.shared.clone(), self.files.clone());
        for source in &self.by_symbol {
            let loaded = self.catalog.external(source, &instrument.symbol);
            let (external, file) = loaded.map_err(|error| placed(self.plan, source, error))?;
            all.insert(source.clone(), Arc::new(external));
            files.extend(file);
        }
        Ok((all, files))
    }
}

/// Says where the script reads it, unless a file is at fault.
fn placed(plan: &Plan, source: &Arc<ExternalSource>, error: Diagnostic) -> Diagnostic {
    error.at(plan.origin_of(&BarsRef::External(source.clone())))
}
