//! Uniqueness: how much of what a sample's label tells is told by no other.

use crate::models::samples::columns::{InstrumentData, Sample};

/// How much each sample counts in training by its average uniqueness, in the order of the samples; their
/// mean is 1.
///
/// A label depends on the bars after its own, up to the one at which it is known. Where `c` labels of one
/// instrument depend on a bar, each tells `1 / c` of it; a label's uniqueness is the mean of that over its
/// bars (López de Prado 2018, *Advances in Financial Machine Learning*, ch. 4.3 and 4.4: labels are
/// concurrent where they share a return). Labels of different instruments share none.
///
/// Among labels of one length, on every bar, all but the first and the last count the same: they differ
/// where labels end at different bars, as those of a triple barrier, and where samples are missing.
///
/// Each instrument's samples must stand in order of time, each once.
pub fn uniqueness(data: &[InstrumentData], samples: &[Sample]) -> Vec<f64> {
    let mut weights = vec![0.0; samples.len()];
    for (instrument, of) in data.iter().enumerate() {
        let own = || samples.iter().enumerate().filter(|(_, sample)| sample.instrument == instrument);
        let span = |sample: &Sample| (sample.bar + 1, last_bar(of, sample.bar));
        // How many labels begin less how many have ended, then the sum, is how many depend on each bar.
        let mut changes = vec![0_i64; of.instants.len() + 2];
        for (_, sample) in own() {
            let (first, last) = span(sample);
            changes[first] += 1;
            changes[last + 1] -= 1;
        }
        // The sum of 1 / c over the bars before each one.
        let (mut concurrent, mut sum) = (0, 0.0);
        let before: Vec<f64> = changes
            .iter()
            .map(|change| {
                let before = sum;
                concurrent += change;
                sum += if concurrent > 0 { 1.0 / concurrent as f64 } else { 0.0 };
                before
            })
            .collect();
        for (place, sample) in own() {
            let (first, last) = span(sample);
            weights[place] = (before[last + 1] - before[first]) / (last + 1 - first) as f64;
        }
    }
    let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    weights.iter_mut().for_each(|weight| *weight /= mean);
    weights
}

/// The bar at which a bar's label is known: at least the next one.
fn last_bar(of: &InstrumentData, bar: usize) -> usize {
    let closed = of.instants.partition_point(|instant| *instant <= of.known_at[bar]);
    closed.saturating_sub(1).max(bar + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Instruments whose labels end so many bars after their own.
    fn data(lengths: &[Vec<usize>]) -> Vec<InstrumentData> {
        let instrument = |lengths: &Vec<usize>| {
            let instants: Vec<i64> = (0..lengths.len() + 20).map(|bar| 1_000 + 10 * bar as i64).collect();
            let known = |bar: usize| lengths.get(bar).map_or(i64::MAX, |length| instants[bar + length]);
            InstrumentData {
                name: "made/UP".into(),
                groups: Vec::new(),
                given: Vec::new(),
                target: vec![0.0; instants.len()],
                known_at: (0..instants.len()).map(known).collect(),
                instants,
            }
        };
        lengths.iter().map(instrument).collect()
    }

    /// For each label, each of its bars, all labels: by the definition.
    fn slow(lengths: &[Vec<usize>], samples: &[Sample]) -> Vec<f64> {
        let covers = |sample: &Sample, bar: usize| {
            bar > sample.bar && bar <= sample.bar + lengths[sample.instrument][sample.bar]
        };
        let average = |sample: &Sample| {
            let length = lengths[sample.instrument][sample.bar];
            let share = |bar: usize| {
                let same = samples.iter().filter(|other| other.instrument == sample.instrument);
                1.0 / same.filter(|other| covers(other, bar)).count() as f64
            };
            (sample.bar + 1..=sample.bar + length).map(share).sum::<f64>() / length as f64
        };
        let averages: Vec<f64> = samples.iter().map(average).collect();
        let mean = averages.iter().sum::<f64>() / averages.len() as f64;
        averages.into_iter().map(|average| average / mean).collect()
    }

    fn every(lengths: &[Vec<usize>]) -> Vec<Sample> {
        let all = lengths.iter().enumerate();
        all.flat_map(|(instrument, of)| (0..of.len()).map(move |bar| Sample { instrument, bar })).collect()
    }

    #[test]
    fn labels_that_share_nothing_count_the_same() {
        let lengths = vec![vec![1; 10], vec![1; 5]];
        assert_eq!(uniqueness(&data(&lengths), &every(&lengths)), [1.0; 15]);
    }

    #[test]
    fn a_label_beside_none_counts_more() {
        // Bars 1 to 3, 2 to 4 and 9: 1, 1/2, 1/2; 1/2, 1/2, 1; 1.
        let lengths = vec![vec![3, 3, 1, 1, 1, 1, 1, 1, 1]];
        let samples = [0, 1, 8].map(|bar| Sample { instrument: 0, bar });
        let mean = (2.0 / 3.0 + 2.0 / 3.0 + 1.0) / 3.0;
        let weights = uniqueness(&data(&lengths), &samples);
        for (weight, expected) in weights.iter().zip([2.0 / 3.0, 2.0 / 3.0, 1.0]) {
            assert!((weight - expected / mean).abs() < 1e-12, "{weights:?}");
        }
    }

    #[test]
    fn nothing_has_no_weights() {
        assert_eq!(uniqueness(&data(&[vec![1; 3]]), &[]), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn the_sweep_is_the_definition(
            lengths in prop::collection::vec(prop::collection::vec(1_usize..20, 1..60), 1..4),
            kept in prop::collection::vec(any::<bool>(), 180),
        ) {
            let samples: Vec<Sample> =
                every(&lengths).into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(sample, _)| sample).collect();
            let weights = uniqueness(&data(&lengths), &samples);
            for (weight, slow) in weights.iter().zip(slow(&lengths, &samples)) {
                prop_assert!((weight - slow).abs() < 1e-9, "{weight} is not {slow}");
                prop_assert!(*weight > 0.0);
            }
            let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
            prop_assert!(weights.is_empty() || (mean - 1.0).abs() < 1e-12);
        }
    }
}
