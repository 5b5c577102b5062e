//! The inputs of an exit or a sizer: the series and conditions among its arguments.

use crate::expr::{Argument, Arguments, Condition, Level, Series};

/// Something that has a value on each bar.
#[derive(Clone, Debug)]
pub enum Input {
    /// A number a bar.
    Series(Series),
    /// A truth value a bar: 1 or 0 for the code that reads it.
    Condition(Condition),
}

/// The series and conditions among the arguments of an exit or a sizer, in their order: those
/// that stand by themselves, those in a list, and the series of a level that is no percentage.
pub fn inputs(arguments: &Arguments) -> Vec<Input> {
    let mut found = Vec::new();
    arguments.iter().for_each(|(_, argument)| collect(argument, &mut found));
    found
}

fn collect(argument: &Argument, found: &mut Vec<Input>) {
    match argument {
        Argument::Series(series) | Argument::Level(Level::Distance(series) | Level::Price(series)) => {
            found.push(Input::Series(series.clone()));
        }
        Argument::Condition(condition) => found.push(Input::Condition(condition.clone())),
        Argument::List(items) => items.iter().for_each(|item| collect(&item.value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_with_series_and_conditions_are_inputs_and_percentages_are_not() {
        let values = vec![
            ("a", Argument::Level(Level::Percent(0.1)).into()),
            ("b", Argument::Level(Level::Distance(Series::constant(1.0))).into()),
            ("c", Condition::constant(true).into()),
            ("d", Argument::Number(3.0).into()),
            ("e", Argument::List(vec![Series::constant(2.0).into()]).into()),
        ];
        let found = inputs(&Arguments::new("node", values));
        assert!(matches!(found.as_slice(), [Input::Series(_), Input::Condition(_), Input::Series(_)]));
    }
}
