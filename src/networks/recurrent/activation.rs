//! The sigmoid and the hyperbolic tangent, several numbers at a time and with the same bits everywhere.
//!
//! The standard library's call the system's, which are slower, one number at a time, and differ from
//! system to system. Both are within three units in the last place; a test compares all over the range.

use crate::networks::recurrent::lanes::Lanes;

/// Beyond it the sigmoid is 0 or 1 to seven digits, and e to it is still a normal number.
const LARGEST: f32 = 87.0;
/// 1.5 × 2²³: a small number added to it is rounded to a whole one, which its last bits then hold.
const ROUNDER: f32 = 12_582_912.0;
/// ln 2 in two parts: the first has so few digits that its multiples up to 2¹⁴ are exact.
const LN_2: [f32; 2] = [0.691_406_25, 0.001_740_930_6];
/// (eʳ - 1 - r) / r² over |r| ≤ ln 2 / 2: Chebyshev's series to r⁵, exact to 2e-9 of eʳ - 1.
const SERIES: [f32; 6] = [1.989_118e-4, 1.393_382_1e-3, 8.333_310_5e-3, 4.166_646_3e-2, 0.166_666_67, 0.5];

/// `(p, s)` with e^y = s p + s, where s is a power of two: `y` is from -[`LARGEST`] to it, or NaN.
#[inline(always)]
fn exponential<L: Lanes>(lanes: L, y: L::Vector) -> (L::Vector, L::Vector) {
    let rounded = lanes.multiply_add(y, lanes.splat(std::f32::consts::LOG2_E), lanes.splat(ROUNDER));
    let power = lanes.subtract(rounded, lanes.splat(ROUNDER));
    let rest = lanes.multiply_subtract_from(power, lanes.splat(LN_2[0]), y);
    let rest = lanes.multiply_subtract_from(power, lanes.splat(LN_2[1]), rest);
    let mut sum = lanes.splat(SERIES[0]);
    for coefficient in &SERIES[1..] {
        sum = lanes.multiply_add(sum, rest, lanes.splat(*coefficient));
    }
    let less_one = lanes.multiply_add(lanes.multiply(rest, rest), sum, rest);
    (less_one, lanes.power_of_two(rounded))
}

/// 1 / (1 + e⁻ˣ): NaN where `x` is.
#[inline(always)]
pub fn sigmoid<L: Lanes>(lanes: L, x: L::Vector) -> L::Vector {
    let y = lanes.subtract(lanes.splat(0.0), x);
    let y = lanes.least(lanes.splat(LARGEST), lanes.greatest(lanes.splat(-LARGEST), y));
    let (less_one, power) = exponential(lanes, y);
    let one = lanes.splat(1.0);
    lanes.divide(one, lanes.add(one, lanes.multiply_add(power, less_one, power)))
}

/// The hyperbolic tangent: NaN where `x` is. With t = e^(-2|x|) - 1 it is -t / (t + 2), which keeps
/// all digits near zero.
#[inline(always)]
pub fn tanh<L: Lanes>(lanes: L, x: L::Vector) -> L::Vector {
    let y = lanes.with_sign(lanes.add(x, x), lanes.splat(-1.0));
    let (less_one, power) = exponential(lanes, lanes.greatest(lanes.splat(-LARGEST), y));
    let t = lanes.multiply_add(power, less_one, lanes.subtract(power, lanes.splat(1.0)));
    lanes.with_sign(lanes.divide(t, lanes.add(t, lanes.splat(2.0))), x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::recurrent::lanes::{Task, WIDTH};
    use crate::networks::recurrent::level::Level;

    struct Both([f32; WIDTH]);

    impl Task for Both {
        type Output = [[f32; WIDTH]; 2];

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let mut all = [[0.0; WIDTH]; 2];
            for at in (0..WIDTH).step_by(L::COUNT) {
                let x = lanes.load(&self.0, at);
                lanes.store(&mut all[0], at, sigmoid(lanes, x));
                lanes.store(&mut all[1], at, tanh(lanes, x));
            }
            all
        }
    }

    fn both(x: f32) -> [f32; 2] {
        let all = Level::ALL.map(|level| level.run(Both([x; WIDTH])).map(|values| values[WIDTH - 1]));
        for level in all {
            assert_eq!(level.map(f32::to_bits), all[0].map(f32::to_bits), "{x}");
        }
        all[0]
    }

    /// How many units in the last place a number is from the exact one.
    fn units(ours: f32, exact: f64) -> f64 {
        let unit = f64::from(f32::from_bits((exact.abs() as f32).to_bits() + 1)) - f64::from(exact.abs() as f32);
        (f64::from(ours) - exact).abs() / unit
    }

    #[test]
    fn both_are_exact_to_three_units_all_over_the_range() {
        let mut worst = [0.0_f64; 2];
        // Every 4,001st number, of both signs, up to where they have ended.
        for bits in (1e-30_f32.to_bits()..85.0_f32.to_bits()).step_by(4_001) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                let [s, t] = both(x);
                let wide = f64::from(x);
                worst[0] = worst[0].max(units(s, 1.0 / (1.0 + (-wide).exp())));
                worst[1] = worst[1].max(units(t, wide.tanh()));
            }
        }
        assert!(worst[0] <= 3.0 && worst[1] <= 3.0, "{worst:?}");
    }

    #[test]
    fn they_end_in_their_limits_and_nan_stays() {
        assert_eq!(both(0.0), [0.5, 0.0]);
        assert_eq!(both(-0.0)[1].to_bits(), (-0.0_f32).to_bits());
        for large in [100.0, 1e30, f32::MAX, f32::INFINITY] {
            assert_eq!(both(large), [1.0, 1.0]);
            let [s, t] = both(-large);
            assert!((0.0..1e-37).contains(&s) && t == -1.0, "{s} {t}");
        }
        let all = Level::ALL.map(|level| level.run(Both([f32::NAN; WIDTH])));
        assert!(all.iter().flatten().flatten().all(|value| value.is_nan()));
        assert!(both(1e-40)[1] == 1e-40 && both(f32::from_bits(1))[1].to_bits() <= 1);
    }
}
