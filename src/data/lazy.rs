//! Values that are computed when somebody first looks.

use std::fmt;
use std::ops::Deref;
use std::slice::Iter;
use std::sync::{Arc, OnceLock};

/// Values that are computed when they are first looked at, and kept: whoever tries a thousand parameters and reads
/// the trades alone does not wait for a thousand curves. Cheap to clone; a clone shares what was computed.
#[derive(Clone)]
pub struct Lazy<T> {
    values: Arc<OnceLock<Vec<T>>>,
    compute: Arc<dyn Fn() -> Vec<T> + Send + Sync>,
}

impl<T> Lazy<T> {
    /// What `compute` gives, which is the same whenever it is asked.
    pub fn new(compute: impl Fn() -> Vec<T> + Send + Sync + 'static) -> Self {
        Self { values: Arc::default(), compute: Arc::new(compute) }
    }
}

impl<T> Deref for Lazy<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // Computed before the lock is taken: a thread that waits for the others to do their parts may be given work
        // that looks at the same values, and would wait for itself.
        self.values.get().unwrap_or_else(|| {
            let values = (self.compute)();
            self.values.get_or_init(|| values)
        })
    }
}

impl<T: 'static> From<Vec<T>> for Lazy<T> {
    fn from(values: Vec<T>) -> Self {
        Self { values: Arc::new(values.into()), compute: Arc::new(Vec::new) }
    }
}

impl<'a, T> IntoIterator for &'a Lazy<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Lazy<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for Lazy<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        **self == *other
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rayon::iter::{IntoParallelIterator, ParallelIterator};

    use super::*;

    #[test]
    fn values_are_computed_when_they_are_looked_at_and_not_again() {
        let computed = Arc::new(AtomicUsize::new(0));
        let counter = computed.clone();
        let column = Lazy::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            vec![1.0, 2.0]
        });
        let other = column.clone();
        assert_eq!(computed.load(Ordering::Relaxed), 0);
        assert_eq!((column[1], other.len(), computed.load(Ordering::Relaxed)), (2.0, 2, 1));
        assert_eq!(column, Lazy::from(vec![1.0, 2.0]));
    }

    #[test]
    fn threads_that_compute_in_parts_do_not_wait_for_themselves() {
        let column = Lazy::new(|| (0..10_000).into_par_iter().map(f64::from).collect());
        let sums: Vec<f64> = (0..64).into_par_iter().map(|_| column.iter().sum()).collect();
        assert!(sums.iter().all(|sum| *sum == 49_995_000.0));
    }
}
