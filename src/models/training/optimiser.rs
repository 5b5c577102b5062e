//! The optimiser: Adam, after a limit on the norm of all gradients.

use std::collections::BTreeMap;

use burn_core::tensor::Tensor;
use burn_optim::decay::WeightDecayConfig;
use burn_optim::{Adam, AdamConfig, AdamState, Optimizer};

use crate::error::Result;
use crate::models::configuration::Training;
use crate::networks::{StateDict, values};

/// The only number of a tensor that has one.
///
/// # Errors
/// Where the device fails to give it.
pub fn scalar(tensor: Tensor<1>) -> Result<f64> {
    Ok(values(tensor)?.first().copied().map_or(f64::NAN, f64::from))
}

/// Adam with the constants of its paper and of PyTorch, after a limit on the gradients' norm.
pub struct Optimiser {
    adam: Adam,
    states: BTreeMap<String, AdamState<1>>,
    clip: f64,
}

impl Optimiser {
    /// An optimiser that has not made a step.
    pub fn new(training: &Training) -> Self {
        let decay =
            (training.weight_decay > 0.0).then_some(WeightDecayConfig { penalty: training.weight_decay as f32 });
        let adam = AdamConfig::new().with_epsilon(1e-8).with_weight_decay(decay).build();
        Self { adam, states: BTreeMap::new(), clip: training.gradient_clip }
    }

    /// One step: moves each parameter against its gradient.
    ///
    /// # Errors
    /// Where a gradient is of no parameter.
    pub fn step(
        &mut self,
        state: &mut StateDict,
        gradients: Vec<(String, Tensor<1>)>,
        learning_rate: f64,
    ) -> Result<()> {
        let factor = self.factor(&gradients)?;
        for (name, mut gradient) in gradients {
            if factor < 1.0 {
                gradient = gradient.mul_scalar(factor);
            }
            let before = self.states.remove(&name);
            let mut after = None;
            state.update(&name, |parameter| {
                let (parameter, moments) = self.adam.step(learning_rate, parameter, gradient, before);
                after = moments;
                parameter
            })?;
            self.states.extend(after.map(|moments| (name, moments)));
        }
        Ok(())
    }

    /// What all gradients are multiplied with so that their norm together stays within the limit
    /// (Pascanu, Mikolov & Bengio 2013).
    fn factor(&self, gradients: &[(String, Tensor<1>)]) -> Result<f64> {
        if self.clip == 0.0 {
            return Ok(1.0);
        }
        let mut squares = 0.0;
        for (_, gradient) in gradients {
            squares += scalar((gradient.clone() * gradient.clone()).sum())?;
        }
        Ok(self.clip / squares.sqrt().max(self.clip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::configuration::Schedule;
    use burn_core::tensor::Device;

    fn training(gradient_clip: f64, weight_decay: f64) -> Training {
        Training {
            epochs: 1,
            patience: 1,
            batch: 1,
            learning_rate: 0.1,
            schedule: Schedule::Constant,
            gradient_clip,
            weight_decay,
            update: None,
        }
    }

    /// Adam as its paper writes it, in `f64`, on gradients limited by the norm of all.
    fn by_hand(steps: &[[f64; 2]], clip: f64, decay: f64) -> [f64; 2] {
        let (mut x, mut m, mut v) = ([1.0, -2.0], [0.0; 2], [0.0; 2]);
        for (time, gradients) in steps.iter().enumerate() {
            let norm = gradients.iter().map(|g| g * g).sum::<f64>().sqrt();
            let factor = if clip > 0.0 && norm > clip { clip / norm } else { 1.0 };
            for i in 0..2 {
                let gradient = gradients[i] * factor + decay * x[i];
                m[i] = 0.9 * m[i] + 0.1 * gradient;
                v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
                let corrected = |moment: f64, beta: f64| moment / (1.0 - beta.powi(time as i32 + 1));
                x[i] -= 0.1 * corrected(m[i], 0.9) / (corrected(v[i], 0.999).sqrt() + 1e-8);
            }
        }
        x
    }

    #[test]
    fn steps_are_those_of_the_formula() {
        let device = Device::flex();
        let steps = [[0.3, -4.0], [0.1, 0.2], [-2.0, 1e-3], [5.0, 5.0]];
        for (clip, decay) in [(0.0, 0.0), (1.0, 0.0), (0.0, 0.5), (1.0, 0.5)] {
            let mut state = StateDict::default();
            state.insert("a", &[1], vec![1.0], &device).unwrap();
            state.insert("b", &[1, 1], vec![-2.0], &device).unwrap();
            let mut optimiser = Optimiser::new(&training(clip, decay));
            for gradients in steps {
                let tensor = |gradient: f64| Tensor::<1>::from_floats([gradient as f32], &device);
                let gradients = vec![("a".to_owned(), tensor(gradients[0])), ("b".to_owned(), tensor(gradients[1]))];
                optimiser.step(&mut state, gradients, 0.1).unwrap();
            }
            let expected = by_hand(&steps, clip, decay);
            for (name, expected) in ["a", "b"].into_iter().zip(expected) {
                let ours = scalar(state.flat(name).unwrap()).unwrap();
                assert!((ours - expected).abs() < 2e-6, "{name}, clip {clip}, decay {decay}: {ours} is not {expected}");
            }
        }
    }
}
