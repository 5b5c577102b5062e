//! Several numbers side by side: what the kernels are written in, once for every processor.

/// Registers of a kind of processor, as a token that exists only where the processor has them.
///
/// Every operation is one of IEEE 754's, correctly rounded, and lanes never meet each other: whatever
/// is computed with them has the same bits on every processor.
pub trait Lanes: Copy + Send + Sync {
    /// A register of numbers.
    type Vector: Copy;
    /// How many numbers a register holds: a divisor of [`WIDTH`].
    const COUNT: usize;
    /// How many registers wide and, for plain products and for gates, how many rows high a tile of
    /// results is, so that it stays in registers beside what it is made of.
    const VECTORS: usize;
    /// Rows of a tile of a plain product: at most [`MOST_ROWS`].
    const ROWS: usize;
    /// Rows of a tile of four gates: at most [`MOST_ROWS`].
    const GATE_ROWS: usize;

    /// Runs a task that is compiled for these registers.
    fn run<T: Task>(self, task: T) -> T::Output;
    /// The same number in every lane.
    fn splat(self, value: f32) -> Self::Vector;
    /// The numbers from `at` on.
    fn load(self, values: &[f32], at: usize) -> Self::Vector;
    /// Writes the numbers from `at` on.
    fn store(self, values: &mut [f32], at: usize, vector: Self::Vector);
    /// `a + b`
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a - b`
    fn subtract(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a × b`
    fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a / b`
    fn divide(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a × b + c`, rounded once.
    fn multiply_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `c - a × b`, rounded once.
    fn multiply_subtract_from(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `a` where it is less than `b`, else `b`: so `b` where one of them is NaN.
    fn least(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a` where it is greater than `b`, else `b`: so `b` where one of them is NaN.
    fn greatest(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The square root.
    fn root(self, a: Self::Vector) -> Self::Vector;
    /// The bits of `magnitude` but for the sign, which is that of `sign`.
    fn with_sign(self, magnitude: Self::Vector, sign: Self::Vector) -> Self::Vector;
    /// 2ⁿ, where `a` is 1.5 × 2²³ + n with n from -126 to 127.
    fn power_of_two(self, a: Self::Vector) -> Self::Vector;
}

/// Work that is compiled for each kind of processor. Whatever it calls must be inlined into it.
pub trait Task {
    /// What it gives.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Weights are packed and states are padded to so many numbers: the widest register.
pub const WIDTH: usize = 16;

/// The most rows that a tile has.
pub const MOST_ROWS: usize = 6;

/// What every processor has: written so that the compiler finds the lanes where there are any. Without an
/// instruction for `a × b + c` the standard library computes it in software: the same bits, much slower.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

const PORTABLE: usize = 4;

#[inline(always)]
fn zip(a: [f32; PORTABLE], b: [f32; PORTABLE], with: impl Fn(f32, f32) -> f32) -> [f32; PORTABLE] {
    [with(a[0], b[0]), with(a[1], b[1]), with(a[2], b[2]), with(a[3], b[3])]
}

impl Lanes for Portable {
    type Vector = [f32; PORTABLE];
    const COUNT: usize = PORTABLE;
    const VECTORS: usize = 4;
    const ROWS: usize = 4;
    const GATE_ROWS: usize = 4;

    fn run<T: Task>(self, task: T) -> T::Output {
        task.run(self)
    }

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        [value; PORTABLE]
    }

    #[inline(always)]
    fn load(self, values: &[f32], at: usize) -> Self::Vector {
        let values = &values[at..at + PORTABLE];
        [values[0], values[1], values[2], values[3]]
    }

    #[inline(always)]
    fn store(self, values: &mut [f32], at: usize, vector: Self::Vector) {
        values[at..at + PORTABLE].copy_from_slice(&vector);
    }

    #[inline(always)]
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn subtract(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn divide(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn multiply_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        let lane = |index: usize| a[index].mul_add(b[index], c[index]);
        [lane(0), lane(1), lane(2), lane(3)]
    }

    #[inline(always)]
    fn multiply_subtract_from(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        self.multiply_add(a.map(|value| -value), b, c)
    }

    #[inline(always)]
    fn least(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn greatest(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        zip(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn root(self, a: Self::Vector) -> Self::Vector {
        a.map(f32::sqrt)
    }

    #[inline(always)]
    fn with_sign(self, magnitude: Self::Vector, sign: Self::Vector) -> Self::Vector {
        zip(magnitude, sign, f32::copysign)
    }

    #[inline(always)]
    fn power_of_two(self, a: Self::Vector) -> Self::Vector {
        a.map(|value| f32::from_bits((value.to_bits() << 23).wrapping_add(1.0_f32.to_bits())))
    }
}
