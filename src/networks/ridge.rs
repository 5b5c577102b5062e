//! Ridge regression in closed form: the straight line through samples with a penalty on its slopes.

/// The sums over samples that a ridge regression of any penalty is solved from.
#[derive(Clone, Debug)]
pub struct NormalEquations {
    width: usize,
    /// The covariances of the columns, row after row: `width` × `width`.
    covariance: Vec<f64>,
    /// The covariance of each column with the target.
    with_target: Vec<f64>,
    means: Vec<f64>,
    target_mean: f64,
}

/// A linear forecast: `intercept + Σ coefficient · value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    /// A slope a column.
    pub coefficients: Vec<f64>,
    /// What is forecast where every column is 0.
    pub intercept: f64,
}

impl NormalEquations {
    /// Sums up samples: `rows` holds `width` finite values for each finite value of `target`. None
    /// without samples, and where the counts do not fit.
    pub fn new(rows: &[f64], width: usize, target: &[f64]) -> Option<Self> {
        Self::weighed(rows, width, target, &vec![1.0; target.len()])
    }

    /// The same where samples count differently: `weights` holds a finite number that is not below zero for each,
    /// not all zero.
    pub fn weighed(rows: &[f64], width: usize, target: &[f64], weights: &[f64]) -> Option<Self> {
        let count: f64 = weights.iter().sum();
        let fits = rows.len() == target.len() * width && weights.len() == target.len();
        if !fits || count.is_nan() || count <= 0.0 {
            return None;
        }
        let sample =
            |(index, (value, weight)): (usize, (&f64, &f64))| (&rows[index * width..][..width], *value, *weight);
        let samples = || target.iter().zip(weights).enumerate().map(sample);
        let mut means = vec![0.0; width];
        for (row, _, weight) in samples() {
            means.iter_mut().zip(row).for_each(|(mean, value)| *mean += weight * value / count);
        }
        let target_mean = samples().map(|(_, value, weight)| weight * value).sum::<f64>() / count;
        let (mut covariance, mut with_target) = (vec![0.0; width * width], vec![0.0; width]);
        let mut centred = vec![0.0; width];
        for (row, value, weight) in samples() {
            for (centred, (value, mean)) in centred.iter_mut().zip(row.iter().zip(&means)) {
                *centred = value - mean;
            }
            for left in 0..width {
                let scaled = weight * centred[left] / count;
                with_target[left] += scaled * (value - target_mean);
                let sums = &mut covariance[left * width..][..width];
                sums.iter_mut().zip(&centred).for_each(|(sum, right)| *sum += scaled * right);
            }
        }
        Some(Self { width, covariance, with_target, means, target_mean })
    }

    /// Minimises the mean squared error plus `penalty` times the sum of the squared slopes; the
    /// intercept has no penalty (Hoerl & Kennard 1970). scikit-learn's `alpha` is the number of samples times
    /// `penalty`.
    ///
    /// The same samples give the same bits: the sums run in one order. None where the columns do not
    /// determine the slopes, which takes a penalty of zero, or values that are no numbers.
    pub fn solve(&self, penalty: f64) -> Option<Ridge> {
        let mut matrix = self.covariance.clone();
        for place in 0..self.width {
            matrix[place * self.width + place] += penalty;
        }
        let coefficients = solve(matrix, self.with_target.clone())?;
        let at_means: f64 = coefficients.iter().zip(&self.means).map(|(slope, mean)| slope * mean).sum();
        Some(Ridge { coefficients, intercept: self.target_mean - at_means })
    }
}

impl Ridge {
    /// The forecast for a row of values.
    pub fn forecast(&self, row: &[f64]) -> f64 {
        self.intercept + self.coefficients.iter().zip(row).map(|(slope, value)| slope * value).sum::<f64>()
    }
}

/// A pivot smaller than this part of its diagonal is what rounding left of zero.
const ROUNDING: f64 = 1e-13;

/// Solves a symmetric positive definite system by Cholesky's factors (Golub & Van Loan, Matrix
/// Computations, 4.2.5). Only the lower triangle is read. None where it is not positive definite.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let width = right.len();
    // The factor takes the place of the lower triangle: matrix = L · Lᵀ.
    for row in 0..width {
        for column in 0..=row {
            let known: f64 =
                (0..column).map(|place| matrix[row * width + place] * matrix[column * width + place]).sum();
            let entry = matrix[row * width + column];
            let rest = entry - known;
            matrix[row * width + column] = if column < row {
                rest / matrix[column * width + column]
            } else if rest > ROUNDING * entry {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    for row in 0..width {
        let known: f64 = (0..row).map(|place| matrix[row * width + place] * right[place]).sum();
        right[row] = (right[row] - known) / matrix[row * width + row];
    }
    for row in (0..width).rev() {
        let known: f64 = (row + 1..width).map(|place| matrix[place * width + row] * right[place]).sum();
        right[row] = (right[row] - known) / matrix[row * width + row];
    }
    right.iter().all(|value| value.is_finite()).then_some(right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_column_is_its_formula() {
        // Means 2 and 4; covariance with the target 8/3 - 0 over 3 samples, variance 2/3.
        let equations = NormalEquations::new(&[1.0, 2.0, 3.0], 1, &[1.0, 6.0, 5.0]).unwrap();
        let plain = equations.solve(0.0).unwrap();
        assert!((plain.coefficients[0] - 2.0).abs() < 1e-12 && plain.intercept.abs() < 1e-12, "{plain:?}");
        let held = equations.solve(2.0 / 3.0).unwrap();
        assert!((held.coefficients[0] - 1.0).abs() < 1e-12 && (held.intercept - 2.0).abs() < 1e-12, "{held:?}");
        assert!((held.forecast(&[5.0]) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn what_columns_do_not_determine_is_none_without_a_penalty() {
        let twice = [1.0, 2.0, 2.0, 4.0, 3.0, 6.0, 5.0, 10.0];
        let equations = NormalEquations::new(&twice, 2, &[1.0, 0.0, 2.0, 1.0]).unwrap();
        assert_eq!(equations.solve(0.0), None);
        assert!(equations.solve(1e-6).is_some());
        assert!(NormalEquations::new(&[], 2, &[]).is_none());
        assert!(NormalEquations::new(&[1.0], 2, &[1.0]).is_none());
        assert_eq!(NormalEquations::new(&[f64::NAN, 1.0], 1, &[1.0, 2.0]).unwrap().solve(1.0), None);
        // Without columns the mean is left.
        assert_eq!(NormalEquations::new(&[], 0, &[1.0, 2.0]).unwrap().solve(1.0).unwrap().forecast(&[]), 1.5);
    }

    #[test]
    fn a_sample_that_counts_twice_is_as_two() {
        let (rows, target) = ([1.0, 2.0, 3.0, 3.0, 0.5, 9.0], [1.0, 6.0, 5.0, 5.0, 2.0, 70.0]);
        let weighed = NormalEquations::weighed(
            &[1.0, 2.0, 3.0, 0.5, 9.0],
            1,
            &[1.0, 6.0, 5.0, 2.0, 70.0],
            &[1.0, 1.0, 2.0, 1.0, 0.0],
        );
        let (ours, twice) = (
            weighed.unwrap().solve(0.1).unwrap(),
            NormalEquations::new(&rows[..5], 1, &target[..5]).unwrap().solve(0.1).unwrap(),
        );
        assert!((ours.coefficients[0] - twice.coefficients[0]).abs() < 1e-12);
        assert!((ours.intercept - twice.intercept).abs() < 1e-12);
        assert!(NormalEquations::weighed(&[1.0, 2.0], 1, &[1.0, 2.0], &[0.0, 0.0]).is_none());
        assert!(NormalEquations::weighed(&[1.0, 2.0], 1, &[1.0, 2.0], &[1.0]).is_none());
    }

    proptest! {
        /// At the lowest point the loss has no slope: a slow version of what is solved.
        #[test]
        fn the_loss_rises_on_all_sides(
            values in proptest::collection::vec(-3.0..3.0_f64, 40),
            penalty in 1e-3..10.0_f64,
        ) {
            let (rows, target) = values.split_at(30);
            let ridge = NormalEquations::new(rows, 3, target).unwrap().solve(penalty).unwrap();
            let loss = |ridge: &Ridge| {
                let errors = rows.chunks(3).zip(target).map(|(row, value)| (ridge.forecast(row) - value).powi(2));
                errors.sum::<f64>() / 10.0 + penalty * ridge.coefficients.iter().map(|slope| slope * slope).sum::<f64>()
            };
            let slope = |change: &dyn Fn(&mut Ridge, f64)| {
                let moved = |by: f64| {
                    let mut other = ridge.clone();
                    change(&mut other, by);
                    loss(&other)
                };
                (moved(1e-4) - moved(-1e-4)) / 2e-4
            };
            for column in 0..3 {
                prop_assert!(slope(&|ridge, by| ridge.coefficients[column] += by).abs() < 1e-7);
            }
            prop_assert!(slope(&|ridge, by| ridge.intercept += by).abs() < 1e-7);
        }
    }
}
