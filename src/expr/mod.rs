//! The language of series: expressions that say what is computed, and compute nothing.
//!
//! Three types keep the rules. A [`Series`] is a number a bar and a [`Condition`] a truth value a
//! bar; both see only what is known at the bar's close. A [`Label`] looks ahead; nothing turns it
//! into a series, so it can reach a model's target and nothing else.
//!
//! An expression is a tree with shared branches, cheap to clone. It goes by some bars (a [`BarsRef`]): the
//! finest of the traded instrument that it reads. The plan (`crate::plan`) turns expressions into steps.

mod across;
mod argument;
mod bars;
mod call;
mod condition;
mod label;
mod operator;
mod order;
mod position;
mod scan;
mod series;
mod summary;

pub(crate) use across::comparable;
pub use across::{Across, Pick};
pub use argument::{Argument, Entry, Given, Level};
pub use bars::BarsRef;
pub use call::{Arguments, Call};
pub use condition::{Condition, ConditionKind};
pub use label::{Barriers, Classes, Label, LabelKind};
pub use operator::{Binary, Comparison, Unary};
pub use order::OrderPrice;
pub use position::PositionFigure;
pub use scan::{Scan, ScanIdentity, State};
pub use series::{Series, SeriesKind};
pub use summary::Symbols;
