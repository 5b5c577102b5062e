//! What exits and sizers read: columns, and programs over columns and the open position.

use std::sync::Arc;

use crate::backtest::cursor::Cursor;
use crate::data::Column;
use crate::expr::PositionFigure;
use crate::node::OpenPosition;
use crate::program::{Program, Stepper};

/// What an exit or a sizer reads on each bar.
#[derive(Clone, Debug)]
pub enum RuleInput {
    /// A value for each of the feed's bars, whatever is traded.
    Column(Column),
    /// A program's only result, computed while a position is held.
    Position(Arc<Program>, Vec<PositionRead>),
}

/// An input of a program over the open position.
#[derive(Clone, Debug)]
pub enum PositionRead {
    /// A value for each of the feed's bars.
    Column(Column),
    /// A figure of the position.
    Figure(PositionFigure),
}

impl From<Column> for RuleInput {
    fn from(column: Column) -> Self {
        RuleInput::Column(column)
    }
}

impl RuleInput {
    /// Every column that it reads.
    pub fn columns(&self) -> Vec<&Column> {
        match self {
            RuleInput::Column(column) => vec![column],
            RuleInput::Position(_, reads) => reads.iter().filter_map(PositionRead::column).collect(),
        }
    }
}

impl PositionRead {
    fn column(&self) -> Option<&Column> {
        match self {
            PositionRead::Column(column) => Some(column),
            PositionRead::Figure(_) => None,
        }
    }
}

/// The inputs of one exit or sizer, ready to be read.
pub(super) struct Reader<'a>(Vec<Source<'a>>);

enum Source<'a> {
    Column(Cursor<'a, f64>),
    Program(Stepper, &'a [PositionRead]),
}

impl<'a> Reader<'a> {
    pub fn new(inputs: &'a [RuleInput]) -> Self {
        let source = |input: &'a RuleInput| match input {
            RuleInput::Column(column) => Source::Column(Cursor::new(column)),
            RuleInput::Position(program, reads) => Source::Program(Stepper::new(program.clone()), reads),
        };
        Self(inputs.iter().map(source).collect())
    }

    /// The values of an input that hangs on nothing but the bar.
    #[inline]
    pub fn column(&self, input: usize) -> Option<&'a [f64]> {
        match self.0.get(input)? {
            Source::Column(column) => Some(column.values),
            Source::Program(..) => None,
        }
    }

    /// The first bar, from `from` on, on which such an input, a condition, holds.
    pub fn next_truth(&mut self, input: usize, from: usize) -> Option<usize> {
        match self.0.get_mut(input)? {
            Source::Column(column) => column.next(from),
            Source::Program(..) => None,
        }
    }

    /// The values on a bar.
    #[inline]
    pub fn read(&mut self, values: &mut Vec<f64>, bar: usize, position: &OpenPosition) {
        values.clear();
        values.extend(self.0.iter_mut().map(|source| match source {
            Source::Column(column) => column.values[bar],
            Source::Program(stepper, reads) => {
                for (input, read) in stepper.inputs().iter_mut().zip(reads.iter()) {
                    *input = match read {
                        PositionRead::Column(column) => column[bar],
                        PositionRead::Figure(figure) => position.figure(*figure),
                    };
                }
                stepper.run();
                stepper.result(0)
            }
        }));
    }
}
