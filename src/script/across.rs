//! Functions across the universe: an instrument's value beside those of the others.

use rhai::Dynamic;

use crate::error::Result;
use crate::expr::{Across, Pick};
use crate::script::functions::{Call, Function};

/// The functions that compare instruments.
pub static FUNCTIONS: [Function; 9] = [
    Function {
        name: "rank",
        signature: "rank(series)",
        doc: "the rank among the instruments: 1 for the lowest, the highest has the number of those that are known; \
              equal values share the mean of their ranks (as pandas and zipline do). rank(-series) counts from the \
              highest",
        counts: 1..=1,
        call: |call| across(call, Across::Rank),
    },
    Function {
        name: "percent_rank_across",
        signature: "percent_rank_across(series)",
        doc: "the rank as a share of the instruments that are known: above 0, and 1 for the highest (pandas' \
              rank(pct=True))",
        counts: 1..=1,
        call: |call| across(call, Across::PercentRank),
    },
    Function {
        name: "zscore_across",
        signature: "zscore_across(series)",
        doc: "how many standard deviations above the mean of the instruments, the population's (as zipline's \
              zscore); not known where all are equal",
        counts: 1..=1,
        call: |call| across(call, Across::ZScore),
    },
    Function {
        name: "demean",
        signature: "demean(series)",
        doc: "how much above the mean of the instruments",
        counts: 1..=1,
        call: |call| across(call, Across::Demean),
    },
    Function {
        name: "top",
        signature: "top(count, series)",
        doc: "holds for so many instruments with the highest values; of equal ones the first by name, so that no more \
              are picked",
        counts: 2..=2,
        call: |call| pick(call, Pick::Top),
    },
    Function {
        name: "bottom",
        signature: "bottom(count, series)",
        doc: "holds for so many instruments with the lowest values; of equal ones the first by name",
        counts: 2..=2,
        call: |call| pick(call, Pick::Bottom),
    },
    Function {
        name: "mean_across",
        signature: "mean_across(series)",
        doc: "the mean of the instruments, the same for each of them",
        counts: 1..=1,
        call: |call| across(call, Across::Mean),
    },
    Function {
        name: "sum_across",
        signature: "sum_across(series)",
        doc: "the sum over the instruments, the same for each of them: sum_across(select(close > sma(close, 50), 1, 0)) \
              is how many are above their average",
        counts: 1..=1,
        call: |call| across(call, Across::Sum),
    },
    Function {
        name: "count_across",
        signature: "count_across(series)",
        doc: "how many instruments have a value, the same for each of them",
        counts: 1..=1,
        call: |call| across(call, Across::Count),
    },
];

fn across(call: &Call, across: Across) -> Result<Dynamic> {
    let series = call.series(0)?;
    call.site.series(series.across(across).map_err(|error| error.at(call.site.place(0)))?)
}

fn pick(call: &Call, pick: fn(usize) -> Pick) -> Result<Dynamic> {
    const MOST: i64 = 100_000;
    let count = match call.argument(0).as_int() {
        Ok(count @ 1..=MOST) => usize::try_from(count).unwrap_or(1),
        _ => return Err(call.wrong(0, &format!("a whole number of instruments from 1 to {MOST}"))),
    };
    let series = call.series(1)?;
    call.site.condition(series.pick(pick(count)).map_err(|error| error.at(call.site.place(1)))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_expressions() {
        let names = Across::ALL.map(Across::name).into_iter().chain([Pick::Top(1), Pick::Bottom(1)].map(Pick::name));
        let mut names: Vec<&str> = names.collect();
        let mut called: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        names.sort_unstable();
        called.sort_unstable();
        assert_eq!(names, called);
    }
}
