//! Room for what calls itself deeply: expressions and scripts nest as far as their limits allow, in builds without
//! optimisation too, and a stack that overflows ends the process.

use std::panic::resume_unwind;
use std::thread;

/// In bytes. The system gives the memory when it is used.
const STACK: usize = 16 << 20;

/// Does work on a thread of its own with a large stack, wherever the caller stands; where no thread can be had, on the
/// caller's.
pub fn with_room<T: Send>(work: impl Fn() -> T + Sync) -> T {
    thread::scope(|scope| match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &work) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    })
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// Takes a kilobyte of the stack a level.
    fn sum_to(number: u64) -> u64 {
        let room = black_box([number; 128]);
        if number == 0 { 0 } else { room[127] + sum_to(number - 1) }
    }

    #[test]
    fn deep_work_is_done_wherever_the_caller_stands() {
        let small = thread::Builder::new().stack_size(128 << 10);
        let sum = small.spawn(|| with_room(|| sum_to(4000))).unwrap().join().unwrap();
        assert_eq!(sum, 4000 * 4001 / 2);
    }

    #[test]
    #[should_panic(expected = "as it was")]
    fn a_panic_goes_on() {
        with_room(|| panic!("as it was"));
    }
}
