//! `runner prove`: runs a strategy again on prefixes of its data and compares every value.

use std::time::Instant;

use timeweave::error::Result;
use timeweave::pipeline::ModelPolicy;
use timeweave::proof::prove;
use timeweave::report::{proof_json, proof_page};
use timeweave::run::Keep;
use timeweave::standard_registry;

use crate::arguments::ProveArguments;
use crate::output::{note, text};
use crate::run::{Folder, fit};

/// Proves a script, prints what came of it, and fails where a value looked ahead.
pub fn run(arguments: &ProveArguments) -> Result<()> {
    let started = Instant::now();
    let ProveArguments { train, json, prefixes } = arguments;
    let mut meter = train.meter();
    let registry = standard_registry()?;
    let strategy = train.script.read(&registry)?;
    let folder = Folder::of(train, &strategy)?;
    // With every value kept, what is not the same twice is told where it begins.
    let evaluated = fit(train, strategy, &registry, ModelPolicy::Reuse, &folder.path, Keep::Every, &mut meter)?;
    let fitted = started.elapsed();
    meter.stage("proving");
    let proof = prove(&evaluated, &registry, *prefixes, &mut |done, of| meter.count("proving", done, of))?;
    drop(meter);
    match (json, train.quiet) {
        (true, _) => text(proof_json(&proof)?)?,
        (false, true) => {}
        (false, false) => {
            text(proof_page(&proof))?;
            let seconds = (started.elapsed() - fitted).as_secs_f64();
            note(format_args!("{} runs took {seconds:.1} s", proof.runs.len()));
        }
    }
    match proof.differences.first() {
        None => Ok(()),
        Some(first) => Err(first.diagnostic()),
    }
}
