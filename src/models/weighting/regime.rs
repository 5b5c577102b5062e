//! Weights by regime: the training range's thirds of one series, and how each group did in them.

use burn_core::tensor::Device;

use crate::error::Result;
use crate::models::samples::columns::Sample;
use crate::models::samples::inputs::ModelInputs;
use crate::models::weighting::inverse_error::inverse;
use crate::networks::{ParameterShape, StateDict, values};

/// So many regimes: calm, usual, wild.
const REGIMES: usize = 3;
/// A regime that the validation range shows fewer samples of than this has the weights of all.
const FEWEST: usize = 10;
const EDGES: &str = "weights.edges";
const TABLE: &str = "weights.table";

/// The weights of each group in each regime of the first series of `given`, scaled as the model scales it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::models) struct Regimes {
    /// Where the second and the third regime begin.
    edges: Vec<f32>,
    /// A row a regime, a weight a group.
    table: Vec<f32>,
}

impl Regimes {
    /// Fits the edges to the thirds of the training range, and the weights to one over each group's squared errors on
    /// the validation range. `errors` holds a row of squared errors, one a group, for each sample of it.
    pub(in crate::models) fn fit(
        inputs: &ModelInputs,
        train: &[Sample],
        validation: &[Sample],
        errors: &[f64],
        groups: usize,
    ) -> Self {
        let series = |sample: &Sample| inputs.given(*sample).first().copied().unwrap_or(f32::NAN);
        let mut shown: Vec<f32> = train.iter().map(series).collect();
        shown.sort_unstable_by(f32::total_cmp);
        let edges = (1..REGIMES).map(|edge| shown.get(edge * shown.len() / REGIMES).copied().unwrap_or(f32::NAN));
        let mut regimes = Self { edges: edges.collect(), table: Vec::new() };
        let mut sums = vec![vec![0.0; groups]; REGIMES];
        let mut counts = [0_usize; REGIMES];
        let mut all = vec![0.0; groups];
        for (sample, errors) in validation.iter().zip(errors.chunks_exact(groups)) {
            let regime = regimes.of(series(sample));
            counts[regime] += 1;
            for (group, error) in errors.iter().enumerate() {
                sums[regime][group] += error;
                all[group] += error;
            }
        }
        for (sums, count) in sums.iter().zip(counts) {
            let row = inverse(if count < FEWEST { &all } else { sums });
            regimes.table.extend(row.into_iter().map(|weight| weight as f32));
        }
        regimes
    }

    /// Which regime a value belongs to.
    fn of(&self, value: f32) -> usize {
        self.edges.iter().filter(|edge| value >= **edge).count()
    }

    /// The weights for a value, one a group.
    pub(super) fn weights(&self, value: f32) -> &[f32] {
        let groups = self.table.len() / REGIMES;
        &self.table[self.of(value) * groups..][..groups]
    }

    /// What is kept of it beside the networks' parameters.
    pub(super) fn parameters(groups: usize) -> [ParameterShape; 2] {
        let even = 1.0 / groups as f32;
        [
            ParameterShape::constant(EDGES, &[REGIMES - 1], 0.0),
            ParameterShape::constant(TABLE, &[REGIMES, groups], even),
        ]
    }

    /// What a state dict holds of it.
    ///
    /// # Errors
    /// Where a part is missing.
    pub(super) fn read(state: &StateDict) -> Result<Self> {
        Ok(Self { edges: values(state.flat(EDGES)?)?, table: values(state.flat(TABLE)?)? })
    }

    /// Puts it into a state dict.
    ///
    /// # Errors
    /// Never in practice: the shapes are our own.
    pub(in crate::models) fn write(&self, state: &mut StateDict, device: &Device) -> Result<()> {
        state.insert(EDGES, &[self.edges.len()], self.edges.clone(), device)?;
        let groups = self.table.len() / REGIMES;
        state.insert(TABLE, &[REGIMES, groups], self.table.clone(), device)
    }
}
