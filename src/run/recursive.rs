//! Scans: recursions over bars, bar by bar and as columns.

use crate::data::Column;
use crate::plan::Recursion;
use crate::program::Stepper;

/// A scan under way. See [`crate::expr::Scan`] for what it does.
#[derive(Clone, Debug)]
pub struct Recursive {
    stepper: Stepper,
    states: Vec<f64>,
    started: bool,
}

impl Recursive {
    /// A scan that has seen no bar.
    pub fn new(recursion: &Recursion) -> Self {
        let states = vec![f64::NAN; recursion.states.len()];
        Self { stepper: Stepper::new(recursion.program.clone()), states, started: false }
    }

    /// Takes the next bar: the initial values, then the values that the program reads. Gives the states,
    /// unless they are not known on this bar.
    pub fn update(&mut self, row: &[f64]) -> Option<&[f64]> {
        let count = self.states.len();
        let (initial, values) = row.split_at_checked(count)?;
        if !self.started {
            self.started = initial.iter().all(|value| value.is_finite());
            self.states.copy_from_slice(initial);
            return self.started.then_some(&self.states);
        }
        let inputs = self.stepper.inputs();
        inputs[..count].copy_from_slice(&self.states);
        inputs[count..].copy_from_slice(values);
        self.stepper.run();
        if !(0..count).all(|index| self.stepper.result(index).is_finite()) {
            return None;
        }
        for (index, state) in self.states.iter_mut().enumerate() {
            *state = self.stepper.result(index);
        }
        Some(&self.states)
    }

    /// Its states over all bars, from the columns of what it reads.
    pub(super) fn columns(mut self, inputs: &[Column], length: usize) -> Vec<Column> {
        let mut outputs = vec![vec![f64::NAN; length]; self.states.len()];
        let mut row = vec![f64::NAN; inputs.len()];
        for bar in 0..length {
            row.iter_mut().zip(inputs).for_each(|(value, column)| *value = column[bar]);
            if let Some(states) = self.update(&row) {
                outputs.iter_mut().zip(states).for_each(|(output, state)| output[bar] = *state);
            }
        }
        outputs.into_iter().map(Column::from).collect()
    }
}
