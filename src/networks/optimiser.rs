//! The optimiser: Adam, after a limit on the norm of all gradients.

use std::collections::BTreeMap;

use burn_core::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

use crate::error::Result;
use crate::networks::recurrent::{Lanes, Level, Task};
use crate::networks::state_dict::{StateDict, values};

/// The only number of a tensor that has one.
///
/// # Errors
/// Where the device fails to give it.
pub fn scalar(tensor: Tensor<1>) -> Result<f64> {
    Ok(values(tensor)?.first().copied().map_or(f64::NAN, f64::from))
}

/// How much of the mean gradient, and of the mean squared gradient, stays from step to step.
const DECAY: [f64; 2] = [0.9, 0.999];
/// What the names of what it remembers begin with.
const STEPS: &str = "steps.";
const MEAN: &str = "mean.";
const SQUARE: &str = "square.";
/// Added to the root of the mean squared gradient.
const LEAST_ROOT: f32 = 1e-8;

/// Adam (Kingma & Ba 2015) with the constants of its paper and of PyTorch, after a limit on the gradients'
/// norm. One loop over a parameter's numbers, compiled for each kind of processor, with the same bits on all.
#[derive(Debug)]
pub struct Optimiser {
    clip: f64,
    weight_decay: f64,
    moments: BTreeMap<String, Moments>,
}

/// What Adam remembers of a parameter.
#[derive(Debug)]
struct Moments {
    steps: i32,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Optimiser {
    /// An optimiser that has not made a step. `clip` is the largest norm of all gradients together, 0 for
    /// none; `weight_decay` times each parameter is added to its gradient.
    pub fn new(clip: f64, weight_decay: f64) -> Self {
        Self { clip, weight_decay, moments: BTreeMap::new() }
    }

    /// What it remembers, to go on from later with [`Optimiser::restored`].
    ///
    /// # Errors
    /// Never in practice: the shapes are our own.
    pub fn moments(&self) -> Result<StateDict> {
        let (device, mut state) = (Device::flex(), StateDict::default());
        for (name, Moments { steps, mean, square }) in &self.moments {
            // A count below 2²⁴ is exact.
            state.insert(&format!("{STEPS}{name}"), &[1], vec![*steps as f32], &device)?;
            state.insert(&format!("{MEAN}{name}"), &[mean.len()], mean.clone(), &device)?;
            state.insert(&format!("{SQUARE}{name}"), &[square.len()], square.clone(), &device)?;
        }
        Ok(state)
    }

    /// An optimiser that goes on with what another remembered.
    ///
    /// # Errors
    /// Where a part is missing.
    pub fn restored(clip: f64, weight_decay: f64, moments: &StateDict) -> Result<Self> {
        let mut optimiser = Self::new(clip, weight_decay);
        for name in moments.names().filter_map(|name| name.strip_prefix(STEPS)) {
            let read = |prefix: &str| values(moments.flat(&format!("{prefix}{name}"))?);
            let steps = read(STEPS)?.first().map_or(0, |steps| *steps as i32);
            let moments = Moments { steps, mean: read(MEAN)?, square: read(SQUARE)? };
            optimiser.moments.insert(name.to_owned(), moments);
        }
        Ok(optimiser)
    }

    /// One step: moves each parameter against its gradient.
    ///
    /// # Errors
    /// Where a gradient is of no parameter, or the device fails to give its numbers.
    pub fn step(
        &mut self,
        state: &mut StateDict,
        gradients: Vec<(String, Tensor<1>)>,
        learning_rate: f64,
    ) -> Result<()> {
        let mut moves = Vec::with_capacity(gradients.len());
        for (name, gradient) in gradients {
            let (parameter, gradient) = (values(state.flat(&name)?)?, values(gradient)?);
            let new = || Moments { steps: 0, mean: vec![0.0; gradient.len()], square: vec![0.0; gradient.len()] };
            let moments = self.moments.remove(&name).unwrap_or_else(new);
            moves.push((name, parameter, gradient, moments));
        }
        let factor = self.factor(moves.iter().map(|(_, _, gradient, _)| gradient.as_slice()));
        let level = Level::detected();
        moves.par_iter_mut().with_max_len(1).for_each(|(_, parameter, gradient, moments)| {
            moments.steps += 1;
            let [mean, square] = DECAY.map(|decay| 1.0 - decay.powi(moments.steps));
            level.run(Move {
                parameter,
                gradient,
                mean: &mut moments.mean,
                square: &mut moments.square,
                factor: factor as f32,
                weight_decay: self.weight_decay as f32,
                rate: (learning_rate / mean) as f32,
                square_factor: (1.0 / square) as f32,
            });
        });
        for (name, parameter, _, moments) in moves {
            state.update(&name, |old| {
                let (size, device) = (parameter.len(), old.device());
                Tensor::from_data(TensorData::new(parameter, [size]), (&device, DType::F32))
            })?;
            self.moments.insert(name, moments);
        }
        Ok(())
    }

    /// What all gradients are multiplied with so that their norm together stays within the limit
    /// (Pascanu, Mikolov & Bengio 2013).
    fn factor<'a>(&self, gradients: impl Iterator<Item = &'a [f32]>) -> f64 {
        if self.clip == 0.0 {
            return 1.0;
        }
        let squares: f64 = gradients.map(sum_of_squares).sum();
        self.clip / squares.sqrt().max(self.clip)
    }
}

/// Several sums side by side, so that none waits for another, and then theirs: always the same order.
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut sums = [0.0; 16];
    for chunk in values.chunks(sums.len()) {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(*value) * f64::from(*value);
        }
    }
    sums.iter().sum()
}

/// One parameter's step.
struct Move<'a> {
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    mean: &'a mut [f32],
    square: &'a mut [f32],
    factor: f32,
    weight_decay: f32,
    /// The learning rate over what the mean lacks in the first steps.
    rate: f32,
    /// One over what the mean square lacks.
    square_factor: f32,
}

impl Task for Move<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        let [keep_mean, keep_square] = DECAY.map(|decay| decay as f32);
        let [add_mean, add_square] = DECAY.map(|decay| (1.0 - decay) as f32);
        let moments = self.mean.iter_mut().zip(self.square);
        for ((parameter, gradient), (mean, square)) in self.parameter.iter_mut().zip(self.gradient).zip(moments) {
            let gradient = self.weight_decay.mul_add(*parameter, gradient * self.factor);
            *mean = keep_mean.mul_add(*mean, add_mean * gradient);
            *square = keep_square.mul_add(*square, add_square * gradient * gradient);
            let root = (*square * self.square_factor).sqrt() + LEAST_ROOT;
            *parameter -= self.rate * *mean / root;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn_core::tensor::Device;

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
            let mut optimiser = Optimiser::new(clip, decay);
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
