//! The element-wise operators: what each does to the numbers of one bar.

use std::cmp::Ordering;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unary {
    /// `-a`
    Negate,
    /// `abs(a)`
    Absolute,
    /// `sqrt(a)`; NaN below zero
    SquareRoot,
    /// `exp(a)`
    Exponential,
    /// `ln(a)`; NaN at and below zero
    Logarithm,
    /// `log10(a)`; NaN at and below zero
    DecimalLogarithm,
    /// `floor(a)`
    Floor,
    /// `ceil(a)`
    Ceiling,
    /// `sign(a)`: -1, 0 or 1
    Sign,
    /// `sin(a)` of an angle in radians, as of all that follow
    Sine,
    /// `cos(a)`
    Cosine,
    /// `tan(a)`
    Tangent,
    /// `asin(a)`; NaN outside of -1 to 1
    ArcSine,
    /// `acos(a)`; NaN outside of -1 to 1
    ArcCosine,
    /// `atan(a)`
    ArcTangent,
    /// `sinh(a)`
    HyperbolicSine,
    /// `cosh(a)`
    HyperbolicCosine,
    /// `tanh(a)`
    HyperbolicTangent,
}

impl Unary {
    /// Those that are written as functions, with their names in scripts.
    pub const FUNCTIONS: [Unary; 17] = [
        Unary::Absolute,
        Unary::SquareRoot,
        Unary::Exponential,
        Unary::Logarithm,
        Unary::DecimalLogarithm,
        Unary::Floor,
        Unary::Ceiling,
        Unary::Sign,
        Unary::Sine,
        Unary::Cosine,
        Unary::Tangent,
        Unary::ArcSine,
        Unary::ArcCosine,
        Unary::ArcTangent,
        Unary::HyperbolicSine,
        Unary::HyperbolicCosine,
        Unary::HyperbolicTangent,
    ];

    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Unary::Negate => "-",
            Unary::Absolute => "abs",
            Unary::SquareRoot => "sqrt",
            Unary::Exponential => "exp",
            Unary::Logarithm => "ln",
            Unary::DecimalLogarithm => "log10",
            Unary::Floor => "floor",
            Unary::Ceiling => "ceil",
            Unary::Sign => "sign",
            Unary::Sine => "sin",
            Unary::Cosine => "cos",
            Unary::Tangent => "tan",
            Unary::ArcSine => "asin",
            Unary::ArcCosine => "acos",
            Unary::ArcTangent => "atan",
            Unary::HyperbolicSine => "sinh",
            Unary::HyperbolicCosine => "cosh",
            Unary::HyperbolicTangent => "tanh",
        }
    }

    /// Its value; what is not finite is not known (NaN), and -0 is 0.
    #[inline]
    pub fn apply(self, a: f64) -> f64 {
        known(match self {
            Unary::Negate => -a,
            Unary::Absolute => a.abs(),
            Unary::SquareRoot => a.sqrt(),
            Unary::Exponential => a.exp(),
            Unary::Logarithm => a.ln(),
            Unary::DecimalLogarithm => a.log10(),
            Unary::Floor => a.floor(),
            Unary::Ceiling => a.ceil(),
            Unary::Sign if a == 0.0 => 0.0,
            Unary::Sign => a.signum(),
            Unary::Sine => a.sin(),
            Unary::Cosine => a.cos(),
            Unary::Tangent => a.tan(),
            Unary::ArcSine => a.asin(),
            Unary::ArcCosine => a.acos(),
            Unary::ArcTangent => a.atan(),
            Unary::HyperbolicSine => a.sinh(),
            Unary::HyperbolicCosine => a.cosh(),
            Unary::HyperbolicTangent => a.tanh(),
        })
    }
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`; NaN where b is zero
    Divide,
    /// `a % b`; NaN where b is zero
    Remainder,
    /// `a ** b`
    Power,
    /// `min(a, b)`; NaN where either is
    Minimum,
    /// `max(a, b)`; NaN where either is
    Maximum,
}

impl Binary {
    /// All of them.
    pub const ALL: [Binary; 8] = [
        Binary::Add,
        Binary::Subtract,
        Binary::Multiply,
        Binary::Divide,
        Binary::Remainder,
        Binary::Power,
        Binary::Minimum,
        Binary::Maximum,
    ];

    /// Its symbol or name in scripts.
    pub fn name(self) -> &'static str {
        ["+", "-", "*", "/", "%", "**", "min", "max"][self as usize]
    }

    /// Its value; what is not finite is not known (NaN), and -0 is 0.
    #[inline]
    pub fn apply(self, a: f64, b: f64) -> f64 {
        known(match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a / b,
            Binary::Remainder => a % b,
            Binary::Power => a.powf(b),
            Binary::Minimum | Binary::Maximum if a.is_nan() || b.is_nan() => f64::NAN,
            Binary::Minimum => a.min(b),
            Binary::Maximum => a.max(b),
        })
    }
}

/// A comparison of two numbers; false where either is NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterOrEqual,
    /// `a < b`
    Less,
    /// `a <= b`
    LessOrEqual,
    /// `a == b`
    Equal,
    /// `a != b`; false where either is NaN, as every comparison
    NotEqual,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Comparison; 6] = [
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
    ];

    /// Its symbol in scripts.
    pub fn name(self) -> &'static str {
        [">", ">=", "<", "<=", "==", "!="][self as usize]
    }

    /// Its truth.
    #[inline]
    pub fn apply(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Greater => a > b,
            Comparison::GreaterOrEqual => a >= b,
            Comparison::Less => a < b,
            Comparison::LessOrEqual => a <= b,
            Comparison::Equal => a == b,
            Comparison::NotEqual => a.partial_cmp(&b).is_some_and(Ordering::is_ne),
        }
    }
}

/// What is not finite is not known. A finite value less itself is 0, any other is NaN: two operations
/// without a choice, for as many values at a time as the machine can. (-0 becomes 0.)
#[inline]
#[expect(clippy::eq_op, reason = "what is not finite less itself is not 0")]
fn known(value: f64) -> f64 {
    value + (value - value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_makes_every_comparison_false_and_every_number_nan() {
        for comparison in Comparison::ALL {
            for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN), (f64::NAN, f64::NAN)] {
                assert!(!comparison.apply(a, b), "{}", comparison.name());
            }
        }
        for binary in Binary::ALL.into_iter().filter(|b| *b != Binary::Power) {
            assert!(binary.apply(f64::NAN, 1.0).is_nan() && binary.apply(1.0, f64::NAN).is_nan(), "{}", binary.name());
        }
    }

    #[test]
    fn no_operator_gives_less_than_nothing() {
        // Whose sign would depend on the machine: either may be the lesser of 0 and -0.
        for value in [Unary::Negate.apply(0.0), Unary::Ceiling.apply(-0.5), Unary::Sign.apply(-0.0)] {
            assert!(value.is_sign_positive());
        }
        for operator in [Binary::Minimum, Binary::Maximum, Binary::Multiply] {
            assert!(operator.apply(0.0, -0.0).is_sign_positive() && operator.apply(-0.0, 0.0).is_sign_positive());
        }
    }

    #[test]
    fn what_is_infinite_is_not_known() {
        assert!(Binary::Divide.apply(1.0, 0.0).is_nan());
        assert!(Unary::Logarithm.apply(0.0).is_nan());
        assert!(Unary::Exponential.apply(1e4).is_nan());
        assert!([f64::INFINITY, f64::NEG_INFINITY, f64::NAN].iter().all(|value| known(*value).is_nan()));
        for value in [0.0, 1.5, -1e-310, f64::MAX, f64::MIN, f64::MIN_POSITIVE] {
            assert_eq!(known(value).to_bits(), value.to_bits());
        }
        assert_eq!(known(-0.0).to_bits(), 0.0_f64.to_bits());
    }
}
