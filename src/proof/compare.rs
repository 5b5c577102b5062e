//! Values of the full run beside those of a prefix: the first bar on which they are not the same bits.

use crate::data::Column;
use crate::error::Result;
use crate::expr::BarsRef;
use crate::models::InstrumentData;
use crate::plan::{Plan, PlannedModel};
use crate::proof::{Difference, Figure, Part, Prefix};
use crate::run::{InstrumentBars, InstrumentValues, Value};
use crate::time::Timestamp;

/// What was compared so far.
#[derive(Default)]
pub(super) struct Tally {
    pub values: u64,
    /// Of each part the first difference, in the order in which they were found.
    pub differences: Vec<Difference>,
}

impl Tally {
    /// Notes a difference, unless one of the same part is known.
    pub fn note(&mut self, difference: Difference) {
        if !self.differences.iter().any(|known| known.part == difference.part) {
            self.differences.push(difference);
        }
    }

    /// Compares the values of every step over the complete bars of a prefix.
    pub fn steps(
        &mut self,
        plan: &Plan,
        all: &InstrumentValues,
        some: &InstrumentValues,
        prefix: Prefix,
    ) -> Result<()> {
        // A step that was computed as a part of another has no values to compare.
        for (id, step) in plan.numbered().filter(|(id, _)| all.has(*id) && some.has(*id)) {
            let key = plan.bars_of(step);
            let bars = prefix.length(all.bars.of(&key)?);
            let pairs = columns(all.value(id), some.value(id), bars);
            let truth = step.operation.is_condition();
            let mut first: Option<(usize, f64, f64)> = None;
            for (with, without) in pairs {
                self.values += bars as u64;
                if let Some(bar) = differs(&with, &without, bars)
                    && first.is_none_or(|(earlier, ..)| bar < earlier)
                {
                    let at = |column: &[f64]| column.get(bar).copied().unwrap_or(f64::NAN);
                    first = Some((bar, at(&with), at(&without)));
                }
            }
            if let Some((bar, with, without)) = first {
                let figure = |value: f64| if truth { Figure::Truth(value != 0.0) } else { Figure::Number(value) };
                let what = format!("{id} {}", plan.describe(step));
                let mut difference = at_bar(Part::Node(id), what, &all.bars, &key, bar, prefix)?;
                difference.origin = step.origin.clone();
                difference.with_future = figure(with);
                difference.without_future = figure(without);
                self.note(difference);
            }
        }
        Ok(())
    }

    /// Compares what a model is given beside the values of steps: which bars its windows end with, its
    /// targets, and when they are known.
    pub fn model(
        &mut self,
        model: &PlannedModel,
        (all, some): (&InstrumentData, &InstrumentData),
        bars: &InstrumentBars,
        prefix: Prefix,
    ) -> Result<()> {
        let length = prefix.length(bars.at(model.timeframe)?.into());
        let part = Part::ModelInput(model.step);
        let mut look = |what: String, with: &dyn Fn(usize) -> f64, without: &dyn Fn(usize) -> f64| -> Result<()> {
            self.values += length as u64;
            let Some(bar) = (0..length).find(|bar| !same(with(*bar), without(*bar))) else { return Ok(()) };
            let mut difference = at_bar(part, what, bars, &model.timeframe.into(), bar, prefix)?;
            difference.origin = model.networks.origin.clone();
            difference.with_future = Figure::Number(with(bar));
            difference.without_future = Figure::Number(without(bar));
            self.note(difference);
            Ok(())
        };
        let node = &model.networks.node;
        for ((group, with), without) in model.groups.iter().zip(&all.groups).zip(&some.groups) {
            let row = |visible: &[Option<usize>], bar: usize| {
                visible.get(bar).copied().flatten().map_or(f64::NAN, |row| row as f64)
            };
            let what = format!("{node}: the last bar in the window of `{}`", group.name);
            look(what, &|bar| row(&with.visible, bar), &|bar| row(&without.visible, bar))?;
        }
        // A label may be known later than the prefix ends; then the prefix must not have it.
        let known =
            |data: &InstrumentData, bar: usize| data.known_at.get(bar).copied().unwrap_or(i64::MAX) <= prefix.until.0;
        let target = |data: &InstrumentData, bar: usize| data.target.get(bar).copied().unwrap_or(f64::NAN);
        let with = |bar: usize| if known(all, bar) { target(all, bar) } else { f64::NAN };
        look(format!("{node}: its target"), &with, &|bar| target(some, bar))
    }
}

/// A difference on a bar, without the values.
fn at_bar(
    part: Part,
    what: String,
    bars: &InstrumentBars,
    key: &BarsRef,
    bar: usize,
    prefix: Prefix,
) -> Result<Difference> {
    let timestamp = bars.of(key)?.timestamps().get(bar).copied().map(Timestamp);
    Ok(Difference {
        part,
        what,
        origin: None,
        instrument: Some(bars.name_of(key).clone()),
        timeframe: key.timeframe(),
        bar: Some(bar),
        timestamp,
        prefix,
        with_future: Figure::Number(f64::NAN),
        without_future: Figure::Number(f64::NAN),
    })
}

/// The numbers of both, column by column.
fn columns(all: &Value, some: &Value, bars: usize) -> Vec<(Column, Column)> {
    match (all, some) {
        (Value::Outputs(all), Value::Outputs(some)) if all.len() == some.len() => {
            all.iter().cloned().zip(some.iter().cloned()).collect()
        }
        _ => vec![(all.numbers(bars), some.numbers(bars))],
    }
}

/// The first of so many bars on which two columns differ; a column that is too short differs where it ends.
fn differs(with: &[f64], without: &[f64], bars: usize) -> Option<usize> {
    let shorter = bars.min(with.len()).min(without.len());
    let pairs = with[..shorter].iter().zip(&without[..shorter]);
    pairs.into_iter().position(|(a, b)| !same(*a, *b)).or((shorter < bars).then_some(shorter))
}

/// The same bits, or both not known.
pub(super) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
