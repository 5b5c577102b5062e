//! Columns in bins: which of a few intervals each value lies in, found once before any tree is grown.

use rayon::prelude::*;

/// At most so many intervals a column: a bin is a byte, as in LightGBM and in XGBoost's `hist`.
const MOST_BINS: usize = 256;

/// The columns of samples, each cut into intervals. Where a column has no more than 256 distinct values, each has an interval of
/// its own and no split is lost; otherwise the intervals hold about as many samples each.
#[derive(Clone, Debug)]
pub struct Bins<'a> {
    pub(super) columns: Vec<BinnedColumn>,
    pub(super) rows: Vec<&'a [f32]>,
}

/// One column.
#[derive(Clone, Debug)]
pub(super) struct BinnedColumn {
    /// Where one interval ends and the next begins, rising: a value lies below a cut where it is at most as large.
    pub(super) cuts: Vec<f32>,
    /// Each sample's interval: how many cuts lie below its value.
    pub(super) bins: Vec<u8>,
}

impl<'a> Bins<'a> {
    /// Cuts the columns of rows; all rows have as many values, none of them NaN.
    pub fn new(rows: Vec<&'a [f32]>) -> Self {
        let width = rows.first().map_or(0, |row| row.len());
        let column = |column: usize| {
            let values: Vec<f32> = rows.iter().map(|row| row[column]).collect();
            let cuts = cuts(&values);
            let bins = values.iter().map(|value| cuts.partition_point(|cut| cut < value) as u8).collect();
            BinnedColumn { cuts, bins }
        };
        Self { columns: (0..width).into_par_iter().map(column).collect(), rows }
    }
}

/// Cuts halfway between neighbours: between all of them, or where a 256th of the samples ends.
fn cuts(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let distinct = 1 + sorted.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let parts = if distinct <= MOST_BINS { sorted.len() } else { MOST_BINS };
    let mut cuts: Vec<f32> = Vec::new();
    for part in 1..parts {
        let end = part * sorted.len() / parts;
        let below = sorted[end - 1];
        // A part ends with the last of several that are the same.
        let next = end + sorted[end..].partition_point(|value| *value <= below);
        let Some(above) = sorted.get(next) else { break };
        let cut = halfway(below, *above);
        if cuts.last().is_none_or(|last| *last < cut) {
            cuts.push(cut);
        }
    }
    cuts
}

/// The middle of two numbers, rounded so that the lower is at most as large and the upper larger.
pub(super) fn halfway(below: f32, above: f32) -> f32 {
    let middle = (0.5 * (f64::from(below) + f64::from(above))) as f32;
    if below <= middle && middle < above { middle } else { below }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_values_have_an_interval_each() {
        let values = [3.0, 1.0, 2.0, 2.0, 10.0];
        assert_eq!(cuts(&values), [1.5, 2.5, 6.5]);
        let rows: Vec<&[f32]> = values.chunks(1).collect();
        assert_eq!(Bins::new(rows).columns[0].bins, [2, 0, 1, 1, 3]);
        assert!(cuts(&[4.0, 4.0]).is_empty() && cuts(&[4.0]).is_empty() && cuts(&[]).is_empty());
    }

    #[test]
    fn neighbours_without_a_number_between_them_are_told_apart() {
        let below = 1.0_f32;
        let above = f32::from_bits(below.to_bits() + 1);
        assert_eq!(cuts(&[above, below]), [below]);
    }

    #[test]
    fn many_values_are_cut_into_as_large_parts() {
        let values: Vec<f32> = (0..10_000).map(|place| ((place * 7_919) % 10_000) as f32).collect();
        let cuts = cuts(&values);
        assert_eq!(cuts.len(), MOST_BINS - 1);
        for (part, cut) in cuts.iter().enumerate() {
            assert_eq!(*cut, ((part + 1) * 10_000 / 256) as f32 - 0.5);
        }
    }

    proptest! {
        /// The slow version of a bin: the count of cuts below; and it is a matter of the comparison that a tree makes.
        #[test]
        fn a_bin_says_on_which_side_of_each_cut_a_value_lies(
            values in proptest::collection::vec(prop_oneof![-2.0..2.0_f32, (-3..3_i32).prop_map(|v| v as f32)], 1..600),
        ) {
            let rows: Vec<&[f32]> = values.chunks(1).collect();
            let bins = Bins::new(rows);
            let column = &bins.columns[0];
            prop_assert!(column.cuts.windows(2).all(|pair| pair[0] < pair[1]));
            for (value, bin) in values.iter().zip(&column.bins) {
                for (place, cut) in column.cuts.iter().enumerate() {
                    prop_assert_eq!(value <= cut, usize::from(*bin) <= place);
                }
            }
        }
    }
}
