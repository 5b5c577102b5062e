//! The market data of a run: the bars that a plan reads, and the hashes of what they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_buffer::Buffer;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tracing::{debug_span, info_span};

use crate::data::{Bars, Catalog, Column, Field, FileHash, Fingerprint, Instrument, Lazy, Releases, sha256};
use crate::error::{Diagnostic, Result};
use crate::expr::BarsRef;
use crate::pipeline::external::Outside;
use crate::pipeline::period::within;
use crate::pipeline::universe::{Traded, resolve, universe};
use crate::plan::Plan;
use crate::run::InstrumentBars;
use crate::strategy::{Intrabar, Strategy};
use crate::time::Timeframe;

/// The bars of a strategy's universe, and where they came from.
#[derive(Clone, Debug)]
pub struct MarketData {
    /// The bars of each instrument, in the order of the universe.
    pub instruments: Vec<InstrumentBars>,
    /// What they came from (files and calendars, or bars in memory), with the hash of each. A trained
    /// model is used again only where these are as they were.
    pub inputs: Lazy<FileHash>,
}

impl MarketData {
    /// Bars that an embedder holds in memory. Each timeframe's are hashed when somebody asks, so that a model that
    /// was trained on them is known again.
    pub fn from_bars(instruments: Vec<InstrumentBars>) -> Self {
        let hashed = instruments.clone();
        Self { instruments, inputs: Lazy::new(move || hashes(&hashed)) }
    }

    /// Whether it is what a plan reads.
    ///
    /// # Errors
    /// Where the instruments are not those of the universe, in its order (those of a pattern by their
    /// symbols), or one of them has no bars
    /// at a timeframe.
    pub fn check(&self, plan: &Plan, strategy: &Strategy) -> Result<()> {
        let there: Vec<Instrument> = self.instruments.iter().map(|bars| bars.instrument.clone()).collect();
        let traded = resolve(strategy, |pattern| pattern.among(&there))?;
        if !traded.iter().map(|traded| &traded.instrument).eq(&there) {
            let list = |names: Vec<String>| names.join(", ");
            let given = list(there.iter().map(ToString::to_string).collect());
            let wanted = list(traded.iter().map(|traded| traded.instrument.to_string()).collect());
            return Err(Diagnostic::new(format!("the bars are those of [{given}], the universe is [{wanted}]"))
                .hint("give the bars of each instrument of the universe, in its order"));
        }
        strategy.weights.as_ref().map_or(Ok(()), |weights| weights.cover(&there))?;
        for instrument in &self.instruments {
            for bars in plan.bars() {
                let is_empty = instrument.of(&bars)?.is_empty();
                if let Some(timeframe) = bars.timeframe().filter(|_| is_empty) {
                    let name = instrument.name_of(&bars);
                    let message = format!("{name} has no bars at {timeframe}");
                    return Err(Diagnostic::new(message)
                        .hint("import some with `runner data import`, or trade another instrument"));
                }
            }
        }
        Ok(())
    }
}

/// A hash of each timeframe's bars and of each external series.
fn hashes(instruments: &[InstrumentBars]) -> Vec<FileHash> {
    let of_instrument = |instrument: &InstrumentBars| -> Vec<FileHash> {
        let bars = instrument.bars.iter().map(|(key, bars)| FileHash {
            file: format!("{} at {}", instrument.name_of(key), bars.timeframe()),
            sha256: digest(bars),
        });
        let external = instrument.external.iter().map(|(source, external)| FileHash {
            file: format!("{} of {source}", instrument.instrument),
            sha256: digest_of_releases(external.releases()),
        });
        bars.chain(external).collect()
    };
    let mut inputs: Vec<FileHash> = instruments.iter().flat_map(of_instrument).collect();
    let mut seen = BTreeSet::new();
    inputs.retain(|input| seen.insert(input.file.clone()));
    inputs
}

/// A hash of all that bars hold: of each column's, which are made beside one another.
fn digest(bars: &Bars) -> String {
    let instants = [("timestamp", bars.timestamps()), ("close_instant", bars.close_instants())];
    let fields = Field::ALL.map(|field| (field.name(), bars.field(field)));
    let extra = bars.extra().iter().map(|(name, column)| (name.as_str(), column));
    let columns = instants.map(|(name, instants)| (name, instants.inner())).into_iter();
    let numbers = fields.into_iter().chain(extra).map(|(name, column)| (name, column.values().inner()));
    let columns: Vec<_> = columns.chain(numbers).collect();
    let hash = |(name, bytes): &(&str, &Buffer)| format!("{name} {}", sha256(bytes));
    let hashes: Vec<String> = columns.par_iter().map(hash).collect();
    sha256(format!("{} {}", bars.last_complete(), hashes.join(" ")))
}

/// A hash of all that was released of an external series.
fn digest_of_releases(releases: &Releases) -> String {
    let instants = [releases.timestamps(), releases.available_at()].map(|instants| sha256(instants.inner()));
    let column = |(name, column): &(String, Column)| format!("{name} {}", sha256(column.values().inner()));
    let hashes: Vec<String> = instants.into_iter().chain(releases.columns().iter().map(column)).collect();
    sha256(hashes.join(" "))
}

/// What the bars of an instrument came from, as far as it is not noted yet.
struct Loaded {
    fingerprint: Option<Fingerprint>,
    released: Vec<FileHash>,
}

/// Loads the bars of every instrument of the [`universe`] at every timeframe that the plan reads, and those of others, up
/// to where the strategy's period ends.
///
/// # Errors
/// Where the period leaves nothing to trade, an instrument or a timeframe is not in the catalog, a pattern matches
/// nothing, or a file is not right.
pub fn load(plan: &Plan, strategy: &Strategy, catalog: &Catalog) -> Result<MarketData> {
    let stage = info_span!("load").entered();
    let (mut instruments, mut inputs) = (Vec::new(), Inputs::default());
    let load = |instrument: &Instrument, timeframe: Timeframe| {
        // Instruments are loaded on several threads, which do not know the stage that they are part of.
        let _file = debug_span!(parent: &stage, "bars", name = %instrument, at = %timeframe).entered();
        Ok(Arc::new(catalog.bars(instrument, timeframe, strategy.adjust)?))
    };
    let mut others = BTreeMap::new();
    // Hashing reads whole files, and an instrument may be read at several timeframes and be traded too.
    let mut noted = BTreeSet::new();
    let reads = plan.bars();
    for bars in &reads {
        if let BarsRef::Other(other, timeframe) = bars {
            let loaded = load(other, *timeframe).map_err(|e: Diagnostic| e.at(plan.origin_of(bars)))?;
            others.insert(bars.clone(), loaded);
            if noted.insert((**other).clone()) {
                inputs.note(&other.dataset, catalog.fingerprint(other)?);
            }
        }
    }
    let timeframes = plan.timeframes();
    let outside = Outside::load(plan, catalog)?;
    let traded = |Traded { instrument, origin }: &Traded| -> Result<(InstrumentBars, Loaded)> {
        let at = |error: Diagnostic| error.at(origin.clone());
        let mut bars = others.clone();
        for timeframe in &timeframes {
            bars.insert((*timeframe).into(), load(instrument, *timeframe).map_err(at)?);
        }
        if strategy.intrabar == Intrabar::FinerBars {
            let finer = finer_timeframe(instrument, plan.base, catalog).map_err(at)?;
            bars.insert(finer.into(), load(instrument, finer)?);
        }
        let fingerprint = (!noted.contains(instrument)).then(|| catalog.fingerprint(instrument)).transpose()?;
        let (external, released) = outside.of(instrument)?;
        let bars = InstrumentBars { instrument: instrument.clone(), bars, external };
        Ok((bars, Loaded { fingerprint, released }))
    };
    // Beside one another; what is wrong is told of the first of the universe that it is wrong with.
    let loaded: Vec<_> = universe(strategy, catalog)?.par_iter().map(traded).collect();
    for loaded in loaded {
        let (bars, Loaded { fingerprint, released }) = loaded?;
        if let Some(fingerprint) = fingerprint {
            inputs.note(&bars.instrument.dataset, fingerprint);
        }
        inputs.note_files(released);
        instruments.push(bars);
    }
    within(MarketData { instruments, inputs: inputs.0.into() }, plan, strategy.period)
}

/// The finest stored timeframe of an instrument that is finer than the base one and divides it.
fn finer_timeframe(instrument: &Instrument, base: Timeframe, catalog: &Catalog) -> Result<Timeframe> {
    let stored = catalog.timeframes(instrument)?;
    let finer = stored.iter().copied().find(|timeframe| *timeframe < base && timeframe.nests_in(base));
    finer.ok_or_else(|| {
        let names: Vec<String> = stored.iter().map(Timeframe::to_string).collect();
        Diagnostic::new(format!("{instrument} has no bars finer than {base}, which `intrabar: \"finer_bars\"` reads"))
            .hint(format!("stored are: {}; import finer ones, or take \"stop_first\"", names.join(", ")))
    })
}

/// What a market came from, each once.
#[derive(Default)]
struct Inputs(Vec<FileHash>);

impl Inputs {
    /// Notes the files of an instrument and its calendar, each once.
    fn note(&mut self, dataset: &str, fingerprint: Fingerprint) {
        let calendar = FileHash { file: format!("{dataset}: calendar"), sha256: fingerprint.calendar };
        self.note_files(fingerprint.files.into_iter().chain([calendar]));
    }

    fn note_files(&mut self, files: impl IntoIterator<Item = FileHash>) {
        for input in files {
            if !self.0.contains(&input) {
                self.0.push(input);
            }
        }
    }
}
