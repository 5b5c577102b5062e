//! Registers of x86-64: AVX-512, and AVX2 with FMA.

use std::arch::x86_64::*;

use crate::networks::recurrent::lanes::{Lanes, Task};

/// Processors with AVX-512.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

/// Processors with AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx512 {
    /// The token, where the processor has the registers.
    pub fn detected() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }

    #[inline(always)]
    fn power(a: __m512) -> __m512 {
        // SAFETY: as below.
        #[allow(unsafe_code)]
        unsafe {
            let one = _mm512_castps_si512(_mm512_set1_ps(1.0));
            _mm512_castsi512_ps(_mm512_add_epi32(_mm512_slli_epi32::<23>(_mm512_castps_si512(a)), one))
        }
    }

    #[inline(always)]
    fn signed(magnitude: __m512, sign: __m512) -> __m512 {
        // SAFETY: as below.
        #[allow(unsafe_code)]
        unsafe {
            let mask = _mm512_castps_si512(_mm512_set1_ps(-0.0));
            let magnitude = _mm512_andnot_si512(mask, _mm512_castps_si512(magnitude));
            let sign = _mm512_and_si512(mask, _mm512_castps_si512(sign));
            _mm512_castsi512_ps(_mm512_or_si512(magnitude, sign))
        }
    }
}

impl Avx2 {
    /// The token, where the processor has the registers.
    pub fn detected() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }

    #[inline(always)]
    fn power(a: __m256) -> __m256 {
        // SAFETY: as below.
        #[allow(unsafe_code)]
        unsafe {
            let one = _mm256_castps_si256(_mm256_set1_ps(1.0));
            _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32::<23>(_mm256_castps_si256(a)), one))
        }
    }

    #[inline(always)]
    fn signed(magnitude: __m256, sign: __m256) -> __m256 {
        // SAFETY: as below.
        #[allow(unsafe_code)]
        unsafe {
            let mask = _mm256_set1_ps(-0.0);
            _mm256_or_ps(_mm256_andnot_ps(mask, magnitude), _mm256_and_ps(mask, sign))
        }
    }
}

/// The operations of one kind of register.
macro_rules! lanes {
    (
        $token:ident, $vector:ident, $features:literal, $count:literal,
        tile: $vectors:literal, $rows:literal, $gate_rows:literal,
        $splat:ident, $load:ident, $store:ident, $add:ident, $subtract:ident, $multiply:ident, $divide:ident,
        $multiply_add:ident, $multiply_subtract_from:ident, $least:ident, $greatest:ident, $root:ident
    ) => {
        // SAFETY, of every block below: the token is made only where the processor was asked and has the
        // features, and loads and stores are of as many numbers as the slice was just cut to. Measured: what
        // the compiler makes of the portable lanes, with the same features, takes several times as long.
        #[allow(unsafe_code)]
        impl Lanes for $token {
            type Vector = $vector;
            const COUNT: usize = $count;
            const VECTORS: usize = $vectors;
            const ROWS: usize = $rows;
            const GATE_ROWS: usize = $gate_rows;

            #[inline(always)]
            fn run<T: Task>(self, task: T) -> T::Output {
                #[target_feature(enable = $features)]
                fn inside<T: Task>(lanes: $token, task: T) -> T::Output {
                    task.run(lanes)
                }
                unsafe { inside(self, task) }
            }

            #[inline(always)]
            fn splat(self, value: f32) -> $vector {
                unsafe { $splat(value) }
            }

            #[inline(always)]
            fn load(self, values: &[f32], at: usize) -> $vector {
                let values = &values[at..at + $count];
                unsafe { $load(values.as_ptr()) }
            }

            #[inline(always)]
            fn store(self, values: &mut [f32], at: usize, vector: $vector) {
                let values = &mut values[at..at + $count];
                unsafe { $store(values.as_mut_ptr(), vector) }
            }

            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                unsafe { $add(a, b) }
            }

            #[inline(always)]
            fn subtract(self, a: $vector, b: $vector) -> $vector {
                unsafe { $subtract(a, b) }
            }

            #[inline(always)]
            fn multiply(self, a: $vector, b: $vector) -> $vector {
                unsafe { $multiply(a, b) }
            }

            #[inline(always)]
            fn divide(self, a: $vector, b: $vector) -> $vector {
                unsafe { $divide(a, b) }
            }

            #[inline(always)]
            fn multiply_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $multiply_add(a, b, c) }
            }

            #[inline(always)]
            fn multiply_subtract_from(self, a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $multiply_subtract_from(a, b, c) }
            }

            #[inline(always)]
            fn least(self, a: $vector, b: $vector) -> $vector {
                unsafe { $least(a, b) }
            }

            #[inline(always)]
            fn greatest(self, a: $vector, b: $vector) -> $vector {
                unsafe { $greatest(a, b) }
            }

            #[inline(always)]
            fn root(self, a: $vector) -> $vector {
                unsafe { $root(a) }
            }

            #[inline(always)]
            fn with_sign(self, magnitude: $vector, sign: $vector) -> $vector {
                Self::signed(magnitude, sign)
            }

            #[inline(always)]
            fn power_of_two(self, a: $vector) -> $vector {
                Self::power(a)
            }
        }
    };
}

lanes!(
    Avx512, __m512, "avx512f", 16,
    tile: 4, 6, 6,
    _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps,
    _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_min_ps, _mm512_max_ps, _mm512_sqrt_ps
);

lanes!(
    Avx2, __m256, "avx2,fma", 8,
    tile: 2, 6, 3,
    _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps,
    _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_min_ps, _mm256_max_ps, _mm256_sqrt_ps
);
