//! The language of series: expressions that say what is computed, and compute nothing.
//!
//! Three types keep the rules. A [`Series`] is a number a bar and a [`Condition`] a truth value a
//! bar; both see only what is known at the bar's close. A [`Label`] looks ahead; nothing turns it
//! into a series, so it can reach a model's target and nothing else.
//!
//! An expression is a tree with shared branches, cheap to clone. It has a timeframe: the finest
//! of what it reads. The plan (`crate::plan`) turns expressions into steps.

mod argument;
mod call;
mod condition;
mod label;
mod operator;
mod series;

pub use argument::{Argument, Entry, Given, Level};
pub use call::{Arguments, Call};
pub use condition::{Condition, ConditionKind};
pub use label::{Label, LabelKind};
pub use operator::{Binary, Comparison, Unary};
pub use series::{BarsRef, Series, SeriesKind};

use crate::time::Timeframe;

/// The finer of two timeframes, where there are two.
fn finest(a: Option<Timeframe>, b: Option<Timeframe>) -> Option<Timeframe> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
