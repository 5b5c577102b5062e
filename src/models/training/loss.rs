//! Losses: what training minimises, and what the outputs of a head then mean.
//!
//! A head gives numbers. [`Loss::read`] makes of them what can be weighed: values, positions, or the
//! logarithms of probabilities. [`Loss::mix`] weighs those of several groups, [`Loss::of`] compares the
//! one or the other with the target, and [`Loss::forecast`] says what they forecast.

use std::fmt;

use burn_core::tensor::Tensor;
use burn_core::tensor::activation::{log_softmax, relu, tanh};
use serde::{Deserialize, Serialize};

use crate::expr::Classes;
use crate::models::samples::scaler::Scale;

/// What training minimises. Below, `y` is the target, `f` the forecast, and `w` a sample's weight, 1
/// where all count the same; a mean is one over the samples of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Mean squared error: `mean(w (f - y)²)`.
    #[default]
    Mse,
    /// Huber's (1964): with `e = |f - y|` it is `mean(w e² / 2)` up to `delta` and `mean(w delta (e - delta / 2))`
    /// beyond: a far outlier counts by its distance, not by its square.
    Huber {
        /// From where on an error counts by its distance, in standard deviations of the target; positive.
        delta: f64,
    },
    /// Cross-entropy over the classes of a label: `-mean(w ln P(y))`, with the probabilities as a softmax
    /// of an output a class. The forecast is `P(up) - P(down)`, within (-1, 1).
    CrossEntropy {
        /// How many classes the label has.
        classes: Classes,
    },
    /// The loss of a quantile (Koenker & Bassett 1978): with `e = y - f` it is
    /// `mean(w max(quantile × e, (quantile - 1) × e))`. The forecast is what the target stays below with
    /// that probability; at 0.5 the median.
    Quantile {
        /// The probability, between 0 and 1.
        quantile: f64,
    },
    /// Less the Sharpe ratio of a batch: the forecast is a position `p = tanh(output)` within (-1, 1), and
    /// the loss `-mean(p y) / deviation(p y)`, both weighted by `w`. The ratio is of one sample, not of a
    /// year; that of few samples is mostly noise, so batches should be large. As Lim, Zohren & Roberts
    /// (2019), *Enhancing Time Series Momentum Strategies Using Deep Neural Networks*.
    Sharpe,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Huber { delta } => write!(f, "{} (delta {delta})", self.name()),
            Loss::Quantile { quantile } => write!(f, "{} {quantile}", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

/// How targets are scaled before a loss sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetScaling {
    /// By mean and standard deviation; forecasts are scaled back.
    Standard,
    /// By the standard deviation alone: a loss must not turn, and a gain must stay one.
    Deviation,
    /// Not at all: they are classes.
    None,
}

/// Added to a variance, in squared deviations of the target, so that a batch that does not vary has a
/// Sharpe ratio.
const LEAST_VARIANCE: f64 = 1e-6;
/// Weights and probabilities below this count as this much where their logarithm is taken.
const LEAST_SHARE: f64 = 1e-30;

impl Loss {
    /// The names in scripts.
    pub const NAMES: &'static [&'static str] = &["mse", "huber", "cross_entropy", "quantile", "sharpe"];

    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Loss::Mse => "mse",
            Loss::Huber { .. } => "huber",
            Loss::CrossEntropy { .. } => "cross_entropy",
            Loss::Quantile { .. } => "quantile",
            Loss::Sharpe => "sharpe",
        }
    }

    /// How many numbers the head of a network gives: one a class, else one.
    pub fn outputs(self) -> usize {
        match self {
            Loss::CrossEntropy { classes } => classes.count(),
            _ => 1,
        }
    }

    /// Whether it forecasts what the target is in the mean, so that squared errors judge it.
    pub fn forecasts_the_mean(self) -> bool {
        !matches!(self, Loss::Quantile { .. } | Loss::Sharpe)
    }

    /// How its targets are scaled.
    pub fn target_scaling(self) -> TargetScaling {
        match self {
            Loss::Mse | Loss::Huber { .. } | Loss::Quantile { .. } => TargetScaling::Standard,
            Loss::Sharpe => TargetScaling::Deviation,
            Loss::CrossEntropy { .. } => TargetScaling::None,
        }
    }

    /// What makes a forecast one in units of the target, where the target had this scale: positions and
    /// differences of probabilities stay as they are.
    pub fn forecast_scale(self, target: Scale) -> Scale {
        match self.target_scaling() {
            TargetScaling::Standard => target,
            TargetScaling::Deviation | TargetScaling::None => Scale::NONE,
        }
    }

    /// What a head's outputs say, `[samples, outputs]`: the values, the positions, or the logarithms of the
    /// probabilities of the classes, the lowest class first.
    pub fn read(self, outputs: Tensor<2>) -> Tensor<2> {
        match self {
            Loss::Mse | Loss::Huber { .. } | Loss::Quantile { .. } => outputs,
            Loss::Sharpe => tanh(outputs),
            Loss::CrossEntropy { .. } => log_softmax(outputs, 1),
        }
    }

    /// What several groups say together: their values, positions or probabilities, weighed. `weights` is
    /// `[samples, groups]`, each row with the sum 1.
    pub fn mix(self, said: &[Tensor<2>], weights: &Tensor<2>) -> Tensor<2> {
        let Loss::CrossEntropy { classes } = self else {
            return (Tensor::cat(said.to_vec(), 1) * weights.clone()).sum_dim(1);
        };
        // ln Σ w P from ln w + ln P, the largest of them taken out: a probability may be too small to stand.
        let shares = weights.clone().clamp_min(LEAST_SHARE).log();
        let class = |class: usize| {
            let column = |said: &Tensor<2>| said.clone().narrow(1, class, 1);
            let terms = Tensor::cat(said.iter().map(column).collect(), 1) + shares.clone();
            let largest = terms.clone().detach().max_dim(1);
            (terms - largest.clone()).exp().sum_dim(1).log() + largest
        };
        Tensor::cat((0..classes.count()).map(class).collect(), 1)
    }

    /// The forecast, `[samples, 1]`: a value as the target is scaled, a position, or `P(up) - P(down)`.
    pub fn forecast(self, said: Tensor<2>) -> Tensor<2> {
        match self {
            Loss::CrossEntropy { classes } => {
                let probability = |class: usize| said.clone().narrow(1, class, 1).exp();
                probability(classes.count() - 1) - probability(0)
            }
            _ => said,
        }
    }

    /// The loss of a batch: one number. `said` is what one group or several together say, `target` is
    /// `[samples, 1]`, and so are the weights; without them all samples count the same.
    pub fn of(self, said: Tensor<2>, target: &Tensor<2>, weights: Option<&Tensor<2>>) -> Tensor<1> {
        let weighed = |each: Tensor<2>| match weights {
            Some(weights) => (each * weights.clone()).mean(),
            None => each.mean(),
        };
        let target = target.clone();
        match self {
            Loss::Mse => {
                let error = said - target;
                weighed(error.clone() * error)
            }
            Loss::Huber { delta } => {
                let error = (said - target).abs();
                let near = error.clone().clamp_max(delta);
                weighed(near.clone() * (error - near.mul_scalar(0.5)))
            }
            Loss::Quantile { quantile } => {
                let error = target - said;
                weighed(relu(error.clone()).mul_scalar(quantile) + relu(error.neg()).mul_scalar(1.0 - quantile))
            }
            Loss::CrossEntropy { classes } => weighed((said * one_hot(target, classes)).sum_dim(1).neg()),
            Loss::Sharpe => {
                let gains = said * target;
                let ones = || gains.clone().detach().zeros_like().add_scalar(1.0);
                let weights = weights.cloned().unwrap_or_else(ones);
                let shares = weights.clone() / weights.sum_dim(0);
                let mean = (gains.clone() * shares.clone()).sum_dim(0);
                let apart = gains - mean.clone();
                let variance = (apart.clone() * apart * shares).sum_dim(0);
                (mean / variance.add_scalar(LEAST_VARIANCE).sqrt()).neg().mean()
            }
        }
    }
}

/// 1 in the column of each sample's class, 0 in the others; exact for -1, 0 and 1.
fn one_hot(target: Tensor<2>, classes: Classes) -> Tensor<2> {
    let half = |tensor: Tensor<2>| tensor.mul_scalar(0.5);
    let columns = match classes {
        Classes::Two => vec![half(target.clone().neg().add_scalar(1.0)), half(target.add_scalar(1.0))],
        Classes::Three => {
            let square = target.clone() * target.clone();
            let flat = square.clone().neg().add_scalar(1.0);
            vec![half(square.clone() - target.clone()), flat, half(square + target)]
        }
    };
    Tensor::cat(columns, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::{matrix, values};
    use burn_core::tensor::Device;

    const ALL: [Loss; 7] = [
        Loss::Mse,
        Loss::Huber { delta: 0.7 },
        Loss::CrossEntropy { classes: Classes::Two },
        Loss::CrossEntropy { classes: Classes::Three },
        Loss::Quantile { quantile: 0.8 },
        Loss::Quantile { quantile: 0.1 },
        Loss::Sharpe,
    ];

    /// Numbers between -1 and 1 that follow from a seed.
    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1_u32 << 24) as f32) * 2.0 - 1.0
        };
        (0..count).map(next).collect()
    }

    fn targets(loss: Loss, samples: usize) -> Vec<f32> {
        let sign = |value: f32| if value > 0.0 { 1.0 } else { -1.0 };
        let raw = numbers(99, samples).into_iter();
        match loss {
            Loss::CrossEntropy { classes: Classes::Two } => raw.map(sign).collect(),
            Loss::CrossEntropy { .. } => raw.map(|v| if v.abs() < 0.4 { 0.0 } else { sign(v) }).collect(),
            _ => raw.map(|value| value * 2.0).collect(),
        }
    }

    fn tensor(values: &[f32], columns: usize) -> Tensor<2> {
        matrix(values.to_vec(), [values.len() / columns, columns], &Device::flex())
    }

    fn number(tensor: Tensor<1>) -> f64 {
        f64::from(values(tensor).unwrap()[0])
    }

    /// The loss of one group as its formula, in `f64`, from outputs in rows.
    fn by_hand(loss: Loss, outputs: &[f64], target: &[f64], weights: &[f64]) -> f64 {
        let samples = target.len();
        let mean = |of: &dyn Fn(usize) -> f64| (0..samples).map(of).sum::<f64>() / samples as f64;
        match loss {
            Loss::Mse => mean(&|i| weights[i] * (outputs[i] - target[i]).powi(2)),
            Loss::Huber { delta } => mean(&|i| {
                let error = (outputs[i] - target[i]).abs();
                weights[i] * if error <= delta { error * error / 2.0 } else { delta * (error - delta / 2.0) }
            }),
            Loss::Quantile { quantile } => mean(&|i| {
                let error = target[i] - outputs[i];
                weights[i] * (quantile * error).max((quantile - 1.0) * error)
            }),
            Loss::CrossEntropy { classes } => mean(&|i| {
                let row = &outputs[i * classes.count()..(i + 1) * classes.count()];
                let sum: f64 = row.iter().map(|z| z.exp()).sum();
                let class = match (classes, target[i]) {
                    (_, -1.0) => 0,
                    (Classes::Three, 0.0) => 1,
                    _ => classes.count() - 1,
                };
                -weights[i] * (row[class].exp() / sum).ln()
            }),
            Loss::Sharpe => {
                let all: f64 = weights.iter().sum();
                let gains: Vec<f64> = (0..samples).map(|i| outputs[i].tanh() * target[i]).collect();
                let mean = (0..samples).map(|i| weights[i] * gains[i]).sum::<f64>() / all;
                let variance = (0..samples).map(|i| weights[i] * (gains[i] - mean).powi(2)).sum::<f64>() / all;
                -mean / (variance + LEAST_VARIANCE).sqrt()
            }
        }
    }

    fn wide(values: &[f32]) -> Vec<f64> {
        values.iter().map(|value| f64::from(*value)).collect()
    }

    #[test]
    fn each_loss_is_its_formula_with_weights_and_without() {
        for loss in ALL {
            let samples = 13;
            let outputs: Vec<f32> = numbers(1, samples * loss.outputs()).iter().map(|value| value * 3.0).collect();
            let target = targets(loss, samples);
            let weights: Vec<f32> = numbers(5, samples).iter().map(|value| value + 1.5).collect();
            let said = loss.read(tensor(&outputs, loss.outputs()));
            let ours = number(loss.of(said.clone(), &tensor(&target, 1), Some(&tensor(&weights, 1))));
            let theirs = by_hand(loss, &wide(&outputs), &wide(&target), &wide(&weights));
            assert!((ours - theirs).abs() < 1e-5 * theirs.abs().max(1.0), "{loss:?}: {ours} is not {theirs}");
            let ours = number(loss.of(said.clone(), &tensor(&target, 1), None));
            let theirs = by_hand(loss, &wide(&outputs), &wide(&target), &[1.0; 13]);
            assert!((ours - theirs).abs() < 1e-5 * theirs.abs().max(1.0), "{loss:?}: {ours} is not {theirs}");
            let equal = number(loss.of(said, &tensor(&target, 1), Some(&tensor(&[1.0; 13], 1))));
            assert!((equal - ours).abs() < 1e-6, "{loss:?}: weights of one change nothing");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for loss in ALL {
            let samples = 7;
            let outputs = numbers(3, samples * loss.outputs());
            let target = targets(loss, samples);
            let weights: Vec<f32> = numbers(5, samples).iter().map(|value| value + 1.5).collect();
            let tracked = tensor(&outputs, loss.outputs()).autodiff().require_grad();
            let value = loss.of(
                loss.read(tracked.clone()),
                &tensor(&target, 1).autodiff(),
                Some(&tensor(&weights, 1).autodiff()),
            );
            let mut gradients = value.backward();
            let ours = values(tracked.grad_remove(&mut gradients).unwrap()).unwrap();
            for place in 0..outputs.len() {
                let moved = |by: f64| {
                    let mut outputs = wide(&outputs);
                    outputs[place] += by;
                    by_hand(loss, &outputs, &wide(&target), &wide(&weights))
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                let ours = f64::from(ours[place]);
                assert!((ours - slope).abs() < 1e-4 * slope.abs().max(0.1), "{loss:?} at {place}: {ours}, {slope}");
            }
        }
    }

    #[test]
    fn what_groups_say_together_is_their_weighed_forecast() {
        for loss in ALL {
            let samples = 9;
            let group = |seed| loss.read(tensor(&numbers(seed, samples * loss.outputs()), loss.outputs()));
            let said = [group(1), group(2), group(3)];
            let share: Vec<f32> = numbers(4, samples).iter().map(|value| 0.25 + 0.2 * value).collect();
            let weights: Vec<f32> = share.iter().flat_map(|share| [*share, 0.5 * share, 1.0 - 1.5 * share]).collect();
            let mixed = values(loss.forecast(loss.mix(&said, &tensor(&weights, 3)))).unwrap();
            let each = said.map(|said| values(loss.forecast(said)).unwrap());
            for sample in 0..samples {
                let sum: f32 = (0..3).map(|group| weights[sample * 3 + group] * each[group][sample]).sum();
                assert!((mixed[sample] - sum).abs() < 1e-6, "{loss:?}: {} is not {sum}", mixed[sample]);
            }
        }
    }

    #[test]
    fn forecasts_of_classes_and_positions_are_within_one() {
        for loss in ALL.into_iter().filter(|loss| loss.target_scaling() != TargetScaling::Standard) {
            let outputs: Vec<f32> = numbers(1, 30 * loss.outputs()).iter().map(|value| value * 4.0).collect();
            let forecast = values(loss.forecast(loss.read(tensor(&outputs, loss.outputs())))).unwrap();
            assert!(forecast.iter().all(|value| value.abs() < 1.0), "{loss:?}");
        }
        // Three classes by hand: probabilities e⁰, e¹, e² over their sum.
        let loss = Loss::CrossEntropy { classes: Classes::Three };
        let forecast = values(loss.forecast(loss.read(tensor(&[0.0, 1.0, 2.0], 3)))).unwrap()[0];
        let [down, flat, up] = [0.0_f32, 1.0, 2.0].map(f32::exp);
        assert!((forecast - (up - down) / (down + flat + up)).abs() < 1e-6);
    }

    #[test]
    fn extremes_stay_numbers() {
        for loss in ALL {
            let outputs = vec![200.0_f32; 4 * loss.outputs()];
            let outputs: Vec<f32> =
                outputs.iter().enumerate().map(|(at, value)| if at % 2 == 0 { *value } else { -value }).collect();
            let target = match loss {
                Loss::CrossEntropy { .. } => vec![-1.0, 1.0, 1.0, -1.0],
                _ => vec![0.0; 4],
            };
            let tracked = tensor(&outputs, loss.outputs()).autodiff().require_grad();
            let weights = tensor(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0], 2).autodiff();
            let said = loss.read(tracked.clone());
            let value = loss.of(loss.mix(&[said.clone(), said], &weights), &tensor(&target, 1).autodiff(), None);
            let mut gradients = value.backward();
            let gradient = values(tracked.grad_remove(&mut gradients).unwrap()).unwrap();
            assert!(number(value.inner()).is_finite() && gradient.iter().all(|g| g.is_finite()), "{loss:?}");
        }
    }
}
