//! Which input of a batch is the largest: where to look when a loss is no number.

use crate::models::samples::columns::Sample;
use crate::models::training::fitting::Fitting;
use crate::time::Timestamp;

impl Fitting<'_> {
    /// The scaled value of the largest size in the windows of samples, in words.
    pub(super) fn largest_input(&self, samples: &[Sample]) -> Option<String> {
        let mut largest: Option<(f32, usize, usize, Sample)> = None;
        for sample in samples {
            for (group, of) in self.configuration.groups.iter().enumerate() {
                for (place, value) in self.inputs.window(group, *sample).iter().enumerate() {
                    if largest.is_none_or(|(size, ..)| value.abs() > size) {
                        largest = Some((value.abs(), group, place % of.features.len(), *sample));
                    }
                }
            }
        }
        let (size, group, feature, Sample { instrument, bar }) = largest?;
        let group = &self.configuration.groups[group];
        let of = &self.data[instrument];
        let at = Timestamp(of.instants[bar]);
        Some(format!(
            "`{}.{}` of {}, {size:.3e} once scaled, in a window up to {at}",
            group.name, group.features[feature], of.name
        ))
    }
}
