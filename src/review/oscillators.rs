//! Indicators whose values have bounds, by their definition.

use crate::plan::{Operation, Plan, StepId};

/// The least and the greatest value of each indicator that has both, by its name.
const BOUNDS: &[(&str, f64, f64)] = &[
    ("adx", 0.0, 100.0),
    ("adxr", 0.0, 100.0),
    ("aroon", 0.0, 100.0),
    ("aroonosc", -100.0, 100.0),
    ("bop", -1.0, 1.0),
    ("cmo", -100.0, 100.0),
    ("cmou", -100.0, 100.0),
    ("connors_rsi", 0.0, 100.0),
    ("correl", -1.0, 1.0),
    ("dx", 0.0, 100.0),
    ("imi", 0.0, 100.0),
    ("mfi", 0.0, 100.0),
    ("minus_di", 0.0, 100.0),
    ("percentrank", 0.0, 100.0),
    ("plus_di", 0.0, 100.0),
    ("rsi", 0.0, 100.0),
    ("rvi", 0.0, 100.0),
    ("smi", -100.0, 100.0),
    ("stoch", 0.0, 100.0),
    ("stochf", 0.0, 100.0),
    ("stochrsi", 0.0, 100.0),
    ("tsi", -100.0, 100.0),
    ("ultosc", 0.0, 100.0),
    ("willr", -100.0, 0.0),
];

/// An indicator with its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounded {
    pub name: &'static str,
    pub low: f64,
    pub high: f64,
}

/// The bounds of a step, where it is the output of an indicator that has them, as it is or at a finer timeframe.
pub(super) fn bounded(plan: &Plan, id: StepId) -> Option<Bounded> {
    let step = plan.step(id);
    match &step.operation {
        Operation::Align | Operation::Shift(_) | Operation::Output(..) => bounded(plan, *step.inputs.first()?),
        Operation::Indicator(node, _) => {
            let known = BOUNDS.iter().find(|(name, ..)| *name == node.spec.name);
            known.map(|&(name, low, high)| Bounded { name, low, high })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;
    use crate::expr::{BarsRef, Given};
    use crate::node::Inputs;
    use crate::standard_registry;
    use crate::time::Timeframe;

    /// Rising, falling, still and wild stretches; of bars the high is highest and the low is lowest.
    fn column(name: &str) -> Column {
        let wave = |bar: usize| {
            let t = bar as f64;
            let jump = if bar.is_multiple_of(17) { 30.0 } else { 0.0 };
            let still = if (200..230).contains(&bar) { 0.0 } else { 8.0 * (t * 0.9).sin() + jump };
            100.0 + 20.0 * (t * 0.05).sin() + still
        };
        let spread = if matches!(name, "high") {
            3.0
        } else if name == "low" {
            -3.0
        } else {
            (name.len() as f64).sin()
        };
        (0..500).map(|bar| wave(bar) + spread).collect()
    }

    #[test]
    fn every_value_lies_within_its_bounds() {
        let registry = standard_registry().unwrap();
        for (name, low, high) in BOUNDS {
            let node = registry.indicator(name).unwrap_or_else(|| panic!("there is no `{name}`"));
            let day = BarsRef::new(Timeframe::DAY);
            let (names, given): (Vec<&str>, Vec<Given>) = match node.spec.inputs {
                Inputs::Series(names) => (names.to_vec(), names.iter().map(|name| day.column(name).into()).collect()),
                Inputs::Bars(fields) => (fields.iter().map(|field| field.name()).collect(), vec![day.into()]),
                Inputs::None => panic!("`{name}` reads nothing"),
            };
            let inputs: Vec<Column> = names.into_iter().map(column).collect();
            let call = registry.call(name, given, None).unwrap();
            for output in (node.machine)(&call.arguments).unwrap().columns(&inputs) {
                let known: Vec<f64> = output.iter().copied().filter(|value| value.is_finite()).collect();
                assert!(known.len() > 300, "{name} has {} values", known.len());
                assert!(known.iter().all(|value| (low - 1e-9..=high + 1e-9).contains(value)), "{name}: {known:?}");
            }
        }
    }
}
