//! How much evidence there is: what overlapping labels are worth, t-values and intervals.

/// Below so many independent observations a t-value says nothing.
const FEWEST: f64 = 10.0;

/// A t-value of this size is told from zero: with ten observations or more, chance alone gives it in
/// about one case of twenty.
pub const TOLD: f64 = 2.0;

/// The two-sided 95 % quantile of the standard normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// How many independent observations a column is worth.
///
/// Labels that look `h` bars ahead share all but one of their bars with the next one. Where forecasts
/// change slowly, `n` of them tell little more than `n / h` that do not overlap (Boudoukh, Israel &
/// Richardson 2019); that is what they are taken for here. It is too careful where forecasts change
/// fast, and never too bold. Instruments at the same instant are worth less the more they go together:
/// by the design effect of clusters (Kish 1965; Moulton 1986), which the scores show.
///
/// `scores` are what is averaged, less its mean; `instants` are theirs, in order; `span` is how many bars
/// a label looks ahead, in the mean.
pub fn independent(instants: &[i64], scores: &[f64], span: f64) -> f64 {
    let pairs: Vec<(i64, f64)> = instants.iter().copied().zip(scores.iter().copied()).collect();
    let squares: f64 = scores.iter().map(|score| score * score).sum();
    let together: f64 =
        pairs.chunk_by(|a, b| a.0 == b.0).map(|same| same.iter().map(|(_, score)| score).sum::<f64>().powi(2)).sum();
    let effect = if squares > 0.0 { (together / squares).max(1.0) } else { 1.0 };
    pairs.len() as f64 / (effect * span.max(1.0))
}

/// The t-value of a correlation: `r · √((m - 2) / (1 - r²))`. None where there are too few observations, and
/// for a perfect correlation.
pub fn correlation_t(correlation: f64, independent: f64) -> Option<f64> {
    let rest = 1.0 - correlation * correlation;
    (independent >= FEWEST && rest > 0.0).then(|| correlation * ((independent - 2.0) / rest).sqrt())
}

/// The t-value of a mean: `mean / √(variance / m)`, with the variance of a sample. None where there are too
/// few observations, and where they do not differ.
pub fn mean_t(values: &[f64], instants: &[i64], span: f64) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let scores: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let variance = scores.iter().map(|score| score * score).sum::<f64>() / (values.len() as f64 - 1.0);
    let independent = independent(instants, &scores, span);
    (independent >= FEWEST && variance > 0.0).then(|| mean / (variance / independent).sqrt())
}

/// Wilson's 95 % interval of a share of so many independent observations (Wilson 1927): it stays within
/// 0 and 1 and holds for shares near them. None without observations.
pub fn wilson(share: f64, independent: f64) -> Option<[f64; 2]> {
    if independent <= 0.0 {
        return None;
    }
    let square = NORMAL * NORMAL / independent;
    let middle = (share + square / 2.0) / (1.0 + square);
    let half = (share * (1.0 - share) * square + square * square / 4.0).sqrt() / (1.0 + square);
    Some([(middle - half).max(0.0), (middle + half).min(1.0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_and_likeness_make_observations_fewer() {
        let (instants, scores) = ([1, 2, 3, 4, 5, 6], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        assert_eq!(independent(&instants, &scores, 1.0), 6.0);
        assert_eq!(independent(&instants, &scores, 3.0), 2.0);
        // Two instruments that are the same are worth one; two that differ are worth no more than two.
        let twice = [1.0, 1.0, -1.0, -1.0, 1.0, 1.0];
        assert_eq!(independent(&[1, 1, 2, 2, 3, 3], &twice, 1.0), 3.0);
        assert_eq!(independent(&[1, 1, 2, 2, 3, 3], &scores, 1.0), 6.0);
        assert_eq!(independent(&instants, &[0.0; 6], 2.0), 3.0);
    }

    #[test]
    fn t_values_are_their_formulas() {
        assert_eq!(correlation_t(0.6, 18.0), Some(3.0));
        assert_eq!((correlation_t(0.6, 9.9), correlation_t(1.0, 50.0)), (None, None));
        let values: Vec<f64> = (0..20).map(|value| f64::from(value % 2)).collect();
        let instants: Vec<i64> = (0..20).collect();
        // The mean is a half, the variance 20 / 4 / 19.
        let by_hand = 0.5 / (5.0_f64 / 19.0 / 10.0).sqrt();
        assert!((mean_t(&values, &instants, 2.0).unwrap() - by_hand).abs() < 1e-12);
        assert_eq!((mean_t(&values, &instants, 3.0), mean_t(&[1.0; 20], &instants, 1.0)), (None, None));
        assert_eq!(mean_t(&[], &[], 1.0), None);
    }

    #[test]
    fn wilsons_interval_by_hand() {
        let near = |[low, high]: [f64; 2], by_hand: [f64; 2]| {
            assert!((low - by_hand[0]).abs() < 1e-12 && (high - by_hand[1]).abs() < 1e-12, "{low} {high}");
        };
        let square = NORMAL * NORMAL;
        near(wilson(0.0, 10.0).unwrap(), [0.0, square / (10.0 + square)]);
        near(wilson(1.0, 10.0).unwrap(), [10.0 / (10.0 + square), 1.0]);
        let half = NORMAL / 2.0 / (100.0 + square).sqrt();
        near(wilson(0.5, 100.0).unwrap(), [0.5 - half, 0.5 + half]);
        assert_eq!(wilson(0.5, 0.0), None);
    }
}
