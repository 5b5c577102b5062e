//! Memory of one step of training, kept for the next: asked of the system anew, its pages take as long
//! to come as the numbers in them to compute.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Memory that is not in use.
#[derive(Debug, Default)]
pub struct Memory {
    free: Mutex<Vec<Vec<f32>>>,
}

/// The memory of this process, while somebody holds it.
static SHARED: Mutex<Weak<Memory>> = Mutex::new(Weak::new());

impl Memory {
    /// The memory that all operations share. It is kept as long as somebody holds what this gives, as
    /// training does from its first step to its last, and an operation while it runs.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let memory = Arc::default();
            *shared = Arc::downgrade(&memory);
            memory
        })
    }

    /// So many numbers, of any value.
    pub fn take(self: &Arc<Self>, length: usize) -> Buffer {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(_, values): &(usize, &Vec<f32>)| values.len() >= length;
        let smallest = free.iter().enumerate().filter(fits).min_by_key(|(_, values)| values.len());
        let values = match smallest.map(|(index, _)| index) {
            Some(index) => free.swap_remove(index),
            None => vec![0.0; length],
        };
        Buffer { values, length, memory: Arc::clone(self) }
    }
}

/// Memory in use; it goes back when it is dropped.
#[derive(Debug)]
pub struct Buffer {
    values: Vec<f32>,
    length: usize,
    memory: Arc<Memory>,
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.length]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.memory.free.lock().unwrap_or_else(PoisonError::into_inner).push(values);
    }
}
