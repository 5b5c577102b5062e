//! How training went: the loss of each epoch.

use serde_json::{Value, json};

use crate::models::Epoch;
use crate::pipeline::Fitted;
use crate::report::charts::brief;

/// The loss of each epoch of training, a chart for each phase of each fit.
pub(in crate::report) fn history(model: &Fitted) -> Vec<Value> {
    let several = model.trained.fits.len() > 1;
    let fits = model.trained.fits.iter().enumerate();
    let phases =
        fits.flat_map(|(fit, of)| of.history.chunk_by(|a, b| a.phase == b.phase).map(move |phase| (fit, phase)));
    let chart = |(fit, epochs): (usize, &[Epoch])| {
        let phase = &epochs[0].phase;
        json!({
            "phase": if several { format!("fit {}: {phase}", fit + 1) } else { phase.clone() },
            "train": epochs.iter().map(|epoch| brief(epoch.train_loss)).collect::<Vec<_>>(),
            "validation": epochs.iter().map(|epoch| brief(epoch.validation_loss)).collect::<Vec<_>>(),
            "kept": epochs.iter().find(|epoch| epoch.kept).map(|epoch| epoch.epoch),
        })
    };
    phases.map(chart).collect()
}
