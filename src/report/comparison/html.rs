//! compare.html: the equity of several runs drawn together, in one file that opens offline.

use serde_json::{Value, json};

use crate::error::Result;
use crate::report::comparison::{Comparison, KeptRun};
use crate::report::template::{Template, in_script};
use crate::time::Timestamp;

const PAGE: Template = Template {
    styles: &[include_str!("../assets/shared.css"), include_str!("../assets/compare.css")],
    body: include_str!("../assets/compare.html"),
    scripts: &[
        include_str!("../assets/shared.js"),
        include_str!("../assets/tables.js"),
        include_str!("../assets/compare.js"),
    ],
};

/// How many points a curve is drawn with, at most.
const POINTS: usize = 4_000;

impl Comparison {
    /// The page. Names from scripts and folders are data here, never markup.
    ///
    /// # Errors
    /// Where a run's equity.parquet cannot be read.
    pub fn html(&self) -> Result<String> {
        let curves = self.runs.iter().map(curve).collect::<Result<Vec<_>>>()?;
        let data = json!({
            "names": self.names,
            "curves": curves,
            "rows": self.rows,
            "changes": self.changes,
            "doubts": self.doubts,
        });
        Ok(PAGE.filled("Runs compared", &in_script(&data)?))
    }
}

/// A run's equity as what 100 at the start came to: accounts of different sizes are drawn on one scale.
fn curve(run: &KeptRun) -> Result<Value> {
    let (instants, equity) = run.account("equity")?;
    let initial = run.metrics["initial_equity"].as_f64().filter(|cash| *cash > 0.0).unwrap_or(1.0);
    let points = thinned(&equity, POINTS).into_iter().map(|place| {
        let of_initial = equity[place] / initial * 100.0;
        json!([instants[place] / Timestamp::SECOND, (of_initial * 1e4).round() / 1e4])
    });
    Ok(points.collect())
}

/// The places of the lowest and the highest of each stretch, in order, and of the first and the last value: no
/// extreme is lost.
pub(super) fn thinned(values: &[f64], points: usize) -> Vec<usize> {
    if values.len() <= points {
        return (0..values.len()).collect();
    }
    let step = values.len().div_ceil((points / 2).saturating_sub(1).max(1));
    let mut places = vec![0, values.len() - 1];
    for start in (0..values.len()).step_by(step) {
        let stretch = start..(start + step).min(values.len());
        places.extend(stretch.clone().min_by(|a, b| values[*a].total_cmp(&values[*b])));
        places.extend(stretch.max_by(|a, b| values[*a].total_cmp(&values[*b])));
    }
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_extreme_is_lost() {
        let values: Vec<f64> = (0..10_000).map(|n| if n == 4_321 { -5.0 } else { (n % 7) as f64 }).collect();
        let places = thinned(&values, 100);
        assert!(places.len() <= 100 && places.contains(&4_321), "{}", places.len());
        assert_eq!((places[0], *places.last().unwrap()), (0, 9_999));
        assert!(places.is_sorted_by(|a, b| a < b));
        assert_eq!(thinned(&[1.0, 2.0], 100), [0, 1]);
        assert!(thinned(&[], 100).is_empty());
    }
}
