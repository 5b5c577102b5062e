//! Calibration: whether what was forecast is, in the mean, what came.

use serde::Serialize;

/// Into how many parts forecasts are divided.
const PARTS: usize = 10;

/// A tenth of the forecasts, by size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tenth {
    /// How many forecasts it holds.
    pub samples: usize,
    /// Their mean, in units of the target.
    pub mean_forecast: f64,
    /// The mean of what came.
    pub mean_outcome: f64,
}

/// The tenths of the forecasts from the lowest to the highest, as equal in number as they can be: the
/// parts `n · k / 10` to `n · (k + 1) / 10` of the sorted ones, rounded down. Equal forecasts stay in order of
/// time. None are given where there are fewer than ten forecasts, or they do not differ.
pub fn tenths(forecast: &[f64], target: &[f64]) -> Vec<Tenth> {
    let mut pairs: Vec<(f64, f64)> = forecast.iter().copied().zip(target.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let differ = pairs.first().zip(pairs.last()).is_some_and(|(low, high)| low.0 < high.0);
    if !differ || pairs.len() < PARTS {
        return Vec::new();
    }
    let tenth = |part: usize| {
        let pairs = &pairs[pairs.len() * part / PARTS..pairs.len() * (part + 1) / PARTS];
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
        Tenth { samples: pairs.len(), mean_forecast: mean(|pair| pair.0), mean_outcome: mean(|pair| pair.1) }
    };
    (0..PARTS).map(tenth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_hold_every_forecast_once_in_order() {
        let forecast: Vec<f64> = (0..25).map(|index| f64::from(index * 7 % 25)).collect();
        let target: Vec<f64> = forecast.iter().map(|value| 3.0 * value).collect();
        let tenths = tenths(&forecast, &target);
        assert_eq!(tenths.iter().map(|tenth| tenth.samples).collect::<Vec<_>>(), [2, 3, 2, 3, 2, 3, 2, 3, 2, 3]);
        assert_eq!((tenths[0].mean_forecast, tenths[0].mean_outcome), (0.5, 1.5));
        assert_eq!((tenths[9].mean_forecast, tenths[9].mean_outcome), (23.0, 69.0));
    }

    #[test]
    fn too_few_and_equal_forecasts_have_none() {
        assert!(tenths(&[1.0; 30], &[0.5; 30]).is_empty());
        assert!(tenths(&[1.0, 2.0], &[0.5, 0.6]).is_empty());
        assert!(tenths(&[], &[]).is_empty());
    }
}
