//! What is fitted without descent: heads by ridge regression, and the weights of regimes.

use crate::error::{Diagnostic, Result};
use crate::models::configuration::WeightMethod;
use crate::models::forecaster::{Forecaster, Objective};
use crate::models::samples::inputs::Batch;
use crate::models::training::fitting::Fitting;
use crate::models::training::progress::Epoch;
use crate::models::weighting::Regimes;
use crate::networks::{NormalEquations, StateDict, values};

impl Fitting<'_> {
    /// Solves for each group's head on what its network hands over of the training range.
    pub(super) fn solve(&self, penalty: f64, state: &mut StateDict, history: &mut Vec<Epoch>) -> Result<()> {
        let groups = &self.configuration.groups;
        let forecaster = Forecaster::new(self.configuration, state)?;
        let mut rows = vec![Vec::new(); groups.len()];
        let (mut target, mut weights) = (Vec::new(), Vec::new());
        let (train, validation) = (self.batches(&self.fold.train), self.batches(&self.fold.validation));
        for batch in &train {
            for (rows, units) in rows.iter_mut().zip(forecaster.units(batch)?) {
                rows.extend(values(units)?.into_iter().map(f64::from));
            }
            target.extend(values(batch.target.clone())?.into_iter().map(f64::from));
            match batch.weights.clone() {
                Some(weighed) => weights.extend(values(weighed)?.into_iter().map(f64::from)),
                None => weights.resize(target.len(), 1.0),
            }
        }
        for (index, (group, rows)) in groups.iter().zip(&rows).enumerate() {
            let width = rows.len() / target.len().max(1);
            let ridge = NormalEquations::weighed(rows, width, &target, &weights);
            let ridge = ridge.and_then(|equations| equations.solve(penalty));
            let ridge = ridge.ok_or_else(|| {
                let message = format!("the features of group `{}` do not determine a straight line", group.name);
                Diagnostic::new(message).hint("give `penalty` a value above 0, or take out what says the same twice")
            })?;
            let name = |part: &str| format!("{}.head.{part}", group.name);
            let coefficients = ridge.coefficients.iter().map(|value| *value as f32).collect();
            state.insert(&name("weight"), &[1, width], coefficients, &self.device)?;
            state.insert(&name("bias"), &[1], vec![ridge.intercept as f32], &self.device)?;
            let loss = |samples: &[Batch]| self.loss(state, Objective::Group(index), samples);
            history.push(Epoch {
                phase: group.name.clone(),
                epoch: 1,
                learning_rate: 0.0,
                train_loss: loss(&train)?,
                validation_loss: loss(&validation)?,
                kept: true,
            });
        }
        Ok(())
    }

    /// Fits the table of regimes, where the weights are one, to the groups' errors on the validation range.
    pub(super) fn fit_regimes(&self, state: &mut StateDict) -> Result<()> {
        let weighting = self.configuration.weighting.as_ref();
        if weighting.is_none_or(|weighting| weighting.method != WeightMethod::Regime) {
            return Ok(());
        }
        let forecaster = Forecaster::new(self.configuration, state)?;
        let groups = self.configuration.groups.len();
        let mut errors = Vec::new();
        for batch in self.batches(&self.fold.validation) {
            let forecasts = values(forecaster.forecast(&batch)?.0)?;
            let target = values(batch.target)?;
            for (row, target) in forecasts.chunks_exact(groups).zip(target) {
                errors.extend(row.iter().map(|forecast| f64::from(forecast - target).powi(2)));
            }
        }
        let Fitting { fold, inputs, device, .. } = self;
        Regimes::fit(inputs, &fold.train, &fold.validation, &errors, groups).write(state, device)
    }
}
