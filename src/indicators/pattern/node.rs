//! How a rule becomes a node.

use crate::data::Field;
use crate::node::{Inputs, Parameter, Spec};

/// The Spec of a pattern: what all of them have in common is filled in.
pub const fn spec(
    outputs: &'static [&'static str; 1],
    parameters: &'static [Parameter],
    doc: &'static str,
    formula: &'static str,
    example: &'static str,
    source: &'static str,
) -> Spec {
    let inputs = Inputs::Bars(&[Field::Open, Field::High, Field::Low, Field::Close]);
    Spec { name: outputs[0], family: "pattern", doc, formula, inputs, parameters, outputs, example, source }
}

/// How far the last close must reach into the first body.
pub const fn penetration(default: f64) -> Parameter {
    let doc = "How deep the close must reach into the body of the first candle, as a part of that body.";
    Parameter::number("penetration", default, 0.0, f64::MAX, doc)
}

/// All of some flags.
pub const fn union(flags: &[u8]) -> u8 {
    let (mut all, mut i) = (0, 0);
    while i < flags.len() {
        all |= flags[i];
        i += 1;
    }
    all
}

/// A node from its name, the way that it points with its rule, the words of the vocabulary that the
/// rule uses, and its description.
///
/// The rule is a function of the candles, and of `penetration` where that has a default. The words
/// say what the candles are judged against, and are explained on the reference page.
macro_rules! pattern {
    ($name:literal, $way:ident($rule:ident), [$($word:ident),*], $doc:literal $(,)?) => {
        pattern!(@node $name, $way, [$($word),*], $doc, [], |_: &Arguments| -> Result<_> {
            Ok(Reader::<_, SUMS, _>::new(reader::$way($rule)))
        })
    };
    ($name:literal, $way:ident($rule:ident, penetration = $default:literal), [$($word:ident),*], $doc:literal $(,)?) => {
        pattern!(@node $name, $way, [$($word),*], $doc, [$default], |arguments: &Arguments| -> Result<_> {
            let penetration = arguments.number("penetration")?;
            Ok(Reader::<_, SUMS, _>::new(reader::$way(move |candles: [Candle; _]| $rule(candles, penetration))))
        })
    };
    (@node $name:literal, $way:ident, [$($word:ident),*], $doc:literal, [$($default:literal)?], $reader:expr) => {{
        use $crate::error::Result;
        use $crate::expr::Arguments;
        use $crate::indicators::pattern::node::{spec, union};
        use $crate::indicators::pattern::reader::{self, Reader};
        use $crate::indicators::pattern::window;

        const SUMS: u8 = union(&[window::NO_SUMS $(, pattern!(@sums $word))*]);
        IndicatorNode {
            spec: spec(
                &[$name],
                &[$($crate::indicators::pattern::node::penetration($default))?],
                $doc,
                concat!(pattern!(@value $way) $(, "; ", pattern!(@meaning $word))*),
                concat!($name, "(day)", pattern!(@sign $way)),
                "Steve Nison, Japanese Candlestick Charting Techniques, 1991; Gregory L. Morris, CandlePower, 1992; \
                 TA-Lib's function of this name.",
            ),
            lookback: |arguments| ($reader)(arguments).map(|reader| reader.lookback()),
            machine: |arguments| Ok(Box::new(($reader)(arguments)?)),
        }
    }};
    (@value bullish) => { "100 on the candle that completes it, otherwise 0" };
    (@value either) => { "100 on the candle that completes it, -100 for its mirror image, otherwise 0" };
    (@value signed) => { "100 or -100 on the candle that completes it, otherwise 0" };
    (@value $downwards:ident) => { "-100 on the candle that completes it, otherwise 0" };
    (@sign bullish) => { " > 0" };
    (@sign either) => { " != 0" };
    (@sign signed) => { " != 0" };
    (@sign $downwards:ident) => { " < 0" };
    (@meaning long) => { "long: a body above the mean of the ten candles before" };
    (@meaning short) => { "short: a body below the mean of the ten candles before" };
    (@meaning small) => { "small: a body not above the mean of the ten candles before" };
    (@meaning doji) => { "doji: a body of at most a tenth of the mean range of the ten candles before" };
    (@meaning shadow) => { "shadow: one above a tenth of the mean range of the ten candles before" };
    (@meaning no_shadow) => { "no shadow: one below a tenth of the mean range of the ten candles before" };
    (@meaning short_shadow) => { "short shadow: one below the mean shadow of the ten candles before" };
    (@meaning long_shadow) => { "long shadow: one above the body" };
    (@meaning very_long_shadow) => { "very long shadow: one above twice the body" };
    (@meaning near) => { "near: within a fifth of the mean range of the five candles before" };
    (@meaning far) => { "far: more than three fifths of the mean range of the five candles before" };
    (@meaning equal) => { "equal: within a twentieth of the mean range of the five candles before" };
    (@sums long_shadow) => { window::NO_SUMS };
    (@sums very_long_shadow) => { window::NO_SUMS };
    (@sums near) => { window::FIVE_RANGES };
    (@sums far) => { window::FIVE_RANGES };
    (@sums equal) => { window::FIVE_RANGES };
    (@sums doji) => { window::TEN_RANGES };
    (@sums shadow) => { window::TEN_RANGES };
    (@sums no_shadow) => { window::TEN_RANGES };
    (@sums short_shadow) => { window::TEN_BODIES | window::TEN_RANGES };
    (@sums $body:ident) => { window::TEN_BODIES };
}

pub(super) use pattern;
