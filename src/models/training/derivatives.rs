//! What trees are grown by: the best constant of a loss, and its slope and curvature at a sample.

use crate::models::training::loss::Loss;
use crate::networks::{Derivative, FixedPoint};

/// A class that no sample has counts as this share of them: its logarithm must be a number.
const LEAST_SHARE: f64 = 1e-6;

impl Loss {
    /// How the loss of one sample changes with one of its outputs; none where the loss is not a sum over samples.
    ///
    /// Where the curvature of a loss falls to zero a bound on it stands in its place, so that a step never leads beyond the
    /// lowest point: that of the squared error (halved) for Huber's and a quantile's, and `2 P (1 - P)` for a class.
    pub fn derivative(self, outputs: &[f64], output: usize, target: f64) -> Option<Derivative> {
        let error = outputs[output] - target;
        Some(match self {
            Loss::Mse => Derivative { slope: error, curvature: 1.0 },
            Loss::Huber { delta } => Derivative { slope: error.clamp(-delta, delta), curvature: 1.0 },
            Loss::Quantile { quantile } => {
                Derivative { slope: if error > 0.0 { 1.0 - quantile } else { -quantile }, curvature: 1.0 }
            }
            Loss::CrossEntropy { .. } => {
                let largest = outputs.iter().fold(f64::NEG_INFINITY, |largest, other| largest.max(*other));
                let sum: f64 = outputs.iter().map(|other| (other - largest).exp()).sum();
                let probability = (outputs[output] - largest).exp() / sum;
                let is = if self.class(target) == output { 1.0 } else { 0.0 };
                Derivative { slope: probability - is, curvature: 2.0 * probability * (1.0 - probability) }
            }
            Loss::Sharpe => return None,
        })
    }

    /// The outputs, the same for all samples, with the lowest loss.
    pub fn constants(self, targets: &[f64], weights: &[f64]) -> Vec<f64> {
        let sum = |of: &dyn Fn(f64) -> f64| {
            let weighed: Vec<f64> = targets.iter().zip(weights).map(|(target, weight)| weight * of(*target)).collect();
            FixedPoint::new(&weighed).sum()
        };
        match self {
            Loss::CrossEntropy { classes } => {
                let share = |class| sum(&|target| f64::from(u8::from(self.class(target) == class))) / sum(&|_| 1.0);
                (0..classes.count()).map(|class| share(class).max(LEAST_SHARE).ln()).collect()
            }
            Loss::Quantile { quantile } => {
                vec![weighed_quantile(targets.iter().copied().zip(weights.iter().copied()).collect(), quantile)]
            }
            _ => {
                let slope = |constant: f64, target: f64| {
                    self.derivative(&[constant], 0, target).map_or(0.0, |derivative| derivative.slope)
                };
                let least = targets.iter().copied().fold(f64::INFINITY, f64::min);
                let most = targets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                vec![rising_root(least, most, |constant| sum(&|target| slope(constant, target)))]
            }
        }
    }

    /// Which of the outputs is that of a target's class: of -1 the first, of 1 the last.
    fn class(self, target: f64) -> usize {
        (0.5 * (target + 1.0) * (self.outputs() - 1) as f64).round() as usize
    }
}

/// Where a function that rises between two numbers crosses zero, by halving.
fn rising_root(mut below: f64, mut above: f64, function: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = below + 0.5 * (above - below);
        if middle <= below || middle >= above || !middle.is_finite() {
            return below;
        }
        let side = if function(middle) > 0.0 { &mut above } else { &mut below };
        *side = middle;
    }
}

/// The least value that has at least this share of the weight at or below it; values with their weights.
pub(super) fn weighed_quantile(mut values: Vec<(f64, f64)>, quantile: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    let reached = |(_, weight): &&(f64, f64)| {
        below += weight;
        below >= quantile * all
    };
    let found = values.iter().find(reached).or(values.last());
    found.map_or(0.0, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use burn_core::tensor::Device;

    use super::*;
    use crate::expr::Classes;
    use crate::networks::{matrix, values};

    const ALL: [Loss; 6] = [
        Loss::Mse,
        Loss::Huber { delta: 0.7 },
        Loss::Quantile { quantile: 0.2 },
        Loss::Quantile { quantile: 0.5 },
        Loss::CrossEntropy { classes: Classes::Two },
        Loss::CrossEntropy { classes: Classes::Three },
    ];

    fn targets(loss: Loss) -> Vec<f64> {
        match loss {
            Loss::CrossEntropy { classes: Classes::Two } => vec![1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0],
            Loss::CrossEntropy { .. } => vec![1.0, -1.0, 0.0, 0.0, -1.0, 1.0, 0.0],
            _ => vec![0.3, -1.2, 4.0, 0.1, 0.2, 0.25, -0.6],
        }
    }

    const WEIGHTS: [f64; 7] = [1.0, 0.5, 2.0, 1.0, 1.5, 0.7, 1.0];

    /// The loss as training measures it, of one output row for all samples.
    fn measured(loss: Loss, outputs: &[f64]) -> f64 {
        let device = Device::flex();
        let column = |numbers: &[f64]| matrix(numbers.iter().map(|n| *n as f32).collect(), [7, 1], &device);
        let rows = (0..7).flat_map(|_| outputs.iter().map(|output| *output as f32)).collect();
        let said = loss.read(matrix(rows, [7, outputs.len()], &device));
        f64::from(values(loss.of(said, &column(&targets(loss)), Some(&column(&WEIGHTS)))).unwrap()[0])
    }

    #[test]
    fn slopes_are_those_of_the_loss_that_is_measured() {
        for loss in ALL {
            let outputs: Vec<f64> = (0..loss.outputs()).map(|output| 0.33 - 0.4 * output as f64).collect();
            // The squared error is halved here, as in the field's books.
            let scale = if loss == Loss::Mse { 2.0 } else { 1.0 };
            for output in 0..outputs.len() {
                let moved = |by: f64| {
                    let mut outputs = outputs.clone();
                    outputs[output] += by;
                    measured(loss, &outputs)
                };
                let slope = (moved(5e-3) - moved(-5e-3)) / 1e-2;
                let each = targets(loss).into_iter().zip(WEIGHTS);
                let each = each.map(|(y, weight)| weight * loss.derivative(&outputs, output, y).unwrap().slope);
                let ours = scale * each.sum::<f64>() / 7.0;
                assert!((ours - slope).abs() < 1e-3, "{loss:?}: {ours} is not {slope}");
            }
        }
        assert_eq!(Loss::Sharpe.derivative(&[0.0], 0, 1.0), None);
    }

    #[test]
    fn a_step_by_slope_and_curvature_never_raises_the_loss() {
        for loss in [Loss::Mse, Loss::Huber { delta: 0.7 }, ALL[4], ALL[5]] {
            for start in [-3.0, -0.5, 0.0, 0.4, 2.5] {
                let outputs: Vec<f64> = (0..loss.outputs()).map(|output| start * (1.0 - 0.6 * output as f64)).collect();
                let step = |output: usize| {
                    let each = || targets(loss).into_iter().zip(WEIGHTS);
                    let sum = |of: &dyn Fn(Derivative) -> f64| -> f64 {
                        each().map(|(y, weight)| weight * of(loss.derivative(&outputs, output, y).unwrap())).sum()
                    };
                    outputs[output] - sum(&|d| d.slope) / sum(&|d| d.curvature)
                };
                let next: Vec<f64> = (0..outputs.len()).map(step).collect();
                assert!(measured(loss, &next) <= measured(loss, &outputs) + 1e-6, "{loss:?} from {start}");
            }
        }
    }

    #[test]
    fn constants_are_the_lowest_of_all() {
        for loss in ALL {
            let best = loss.constants(&targets(loss), &WEIGHTS);
            for output in 0..best.len() {
                for by in [-0.5, -0.02, 0.02, 0.5] {
                    let mut other = best.clone();
                    other[output] += by;
                    assert!(measured(loss, &best) <= measured(loss, &other) + 1e-6, "{loss:?}: {best:?} by {by}");
                }
            }
        }
        let mean = Loss::Mse.constants(&[1.0, 2.0, 6.0], &[1.0, 1.0, 2.0]);
        assert!((mean[0] - 3.75).abs() < 1e-12);
        // Nobody has the class: it is held to be rare, not impossible.
        let shares = ALL[5].constants(&[1.0, 1.0, -1.0], &[1.0; 3]);
        assert!((shares[2] - (2.0_f64 / 3.0).ln()).abs() < 1e-12 && shares[1].is_finite());
        assert_eq!(Loss::Mse.constants(&[0.3, 0.3], &[1.0; 2]), [0.3]);
    }

    #[test]
    fn a_quantile_is_the_least_value_with_its_share_below() {
        let values = || vec![(3.0, 1.0), (1.0, 1.0), (2.0, 1.0), (4.0, 1.0)];
        assert_eq!([0.2, 0.25, 0.26, 0.5, 0.9].map(|q| weighed_quantile(values(), q)), [1.0, 1.0, 2.0, 2.0, 4.0]);
        assert_eq!(weighed_quantile(vec![(1.0, 1.0), (2.0, 5.0), (9.0, 1.0)], 0.5), 2.0);
        assert_eq!(weighed_quantile(Vec::new(), 0.5), 0.0);
    }
}
