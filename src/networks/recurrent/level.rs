//! Which registers the kernels use: chosen at run time, with the same bits whichever it is.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::networks::recurrent::lanes::{Lanes, Portable, Task};
#[cfg(target_arch = "x86_64")]
use crate::networks::recurrent::x86::{Avx2, Avx512};

/// What a processor can do, from the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing in particular. A hundred times slower on an x86-64 without FMA; on others the compiler finds the lanes.
    Portable,
    /// AVX2 and FMA: eight numbers at a time.
    Avx2,
    /// AVX-512: sixteen numbers at a time.
    Avx512,
}

/// The level that [`Level::limit`] set.
static LIMIT: AtomicU8 = AtomicU8::new(Level::Avx512 as u8);

impl Level {
    /// All of them, from the least.
    pub const ALL: [Level; 3] = [Level::Portable, Level::Avx2, Level::Avx512];

    /// The best that this processor has, within the limit.
    pub fn detected() -> Self {
        let limit = LIMIT.load(Ordering::Relaxed);
        let found = Self::ALL.into_iter().rev().find(|level| *level as u8 <= limit && level.exists());
        found.unwrap_or(Level::Portable)
    }

    /// Lets this process use no more than a level, whatever its processor has: to see that results are the
    /// same. It changes how long they take and nothing else.
    pub fn limit(level: Level) {
        LIMIT.store(level as u8, Ordering::Relaxed);
    }

    /// Whether this processor has it.
    pub fn exists(self) -> bool {
        match self {
            Level::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Avx2::detected().is_some(),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Avx512::detected().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Level::Avx2 | Level::Avx512 => false,
        }
    }

    /// Runs a task compiled for this level, or for any processor where it does not exist.
    pub fn run<T: Task>(self, task: T) -> T::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            Level::Avx512 => {
                if let Some(lanes) = Avx512::detected() {
                    return lanes.run(task);
                }
            }
            Level::Avx2 => {
                if let Some(lanes) = Avx2::detected() {
                    return lanes.run(task);
                }
            }
            Level::Portable => {}
        }
        Portable.run(task)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(["portable", "AVX2", "AVX-512"][*self as usize])
    }
}
