//! Memory under long columns.

use std::mem::size_of_val;

/// From how many bytes on large pages are worth asking for: two of them, of 2 MB each.
const LONG: usize = 4 << 20;

/// Asks the system to put large pages under a long column that is about to be written.
///
/// New memory is handed out a page at a time, when it is first written: with the usual 4 kB that interrupts a
/// column of a million bars two thousand times, which takes longer than most indicators. Systems that give
/// large pages only to those who ask for them, as most Linux distributions have it, give them here; elsewhere
/// nothing happens.
pub(super) fn prefer_large_pages<T>(column: &mut [T]) {
    if size_of_val(column) >= LONG {
        advise(column);
    }
}

/// An empty vector with room for `length` values, on large pages where it is long.
pub fn long_vector<T>(length: usize) -> Vec<T> {
    let mut vector = Vec::with_capacity(length);
    prefer_large_pages(vector.spare_capacity_mut());
    vector
}

/// So many zeros, on large pages where they are many.
pub fn zeros(length: usize) -> Vec<f64> {
    // The system hands out zeros: until they are written, nothing is there.
    let mut zeros = vec![0.0; length];
    prefer_large_pages(&mut zeros);
    zeros
}

#[cfg(target_os = "linux")]
fn advise<T>(column: &mut [T]) {
    /// Every usual page begins at such an address; where pages are larger the request may be refused.
    const PAGE: usize = 4096;
    let start = column.as_mut_ptr().cast::<u8>();
    // The pages at both ends as well, which columns that lie side by side share: to the system they are then one
    // area, not two each. Measured: three columns of 8 MB interrupt their first writing 920 times, not 1,090.
    let before = start.addr() % PAGE;
    let length = (before + size_of_val(column)).next_multiple_of(PAGE);
    // SAFETY: the range is of pages that the column lies on, and the advice changes nothing that a program can
    // see. Measured: the first write of 8 MB takes 1.2 ms at most, not 4.1 at least.
    #[allow(unsafe_code)]
    unsafe {
        // It is a request: where it is refused, all is as it was.
        libc::madvise(start.wrapping_sub(before).cast(), length, libc::MADV_HUGEPAGE);
    }
}

#[cfg(not(target_os = "linux"))]
fn advise<T>(_column: &mut [T]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_stays() {
        for length in [0, 1, LONG / 8, LONG / 8 + 1000] {
            let mut column: Vec<f64> = (0..length).map(|bar| bar as f64).collect();
            prefer_large_pages(&mut column);
            assert!(column.iter().enumerate().all(|(bar, value)| *value == bar as f64));
        }
    }
}
