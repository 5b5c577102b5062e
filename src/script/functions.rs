//! Functions of the language: those that are not nodes.

use std::any::TypeId;
use std::ops::RangeInclusive;
use std::sync::Arc;

use rhai::{Dynamic, Engine, FLOAT, ImmutableString};

use crate::data::Instrument;
use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, BarsRef, Binary, Condition, Entry, Label, Level, Series, Unary};
use crate::script::across;
use crate::script::errors::wrong_count;
use crate::script::external;
use crate::script::host::{Host, Site};
use crate::script::labels;
use crate::script::members::bars_ago;
use crate::script::operators::not;
use crate::script::orders;
use crate::script::parameter::parameter;
use crate::script::value::{self, Declared, Proportion, Unknown};
use crate::strategy::Strategy;
use crate::time::Timeframe;

/// A function of the language.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub signature: &'static str,
    /// One line: what it gives.
    pub doc: &'static str,
    pub(super) counts: RangeInclusive<usize>,
    pub(super) call: fn(&Call) -> Result<Dynamic>,
}

/// The functions that are about one instrument, and no order.
pub static FUNCTIONS: [Function; 31] = [
    Function {
        name: "bars",
        signature: "bars(timeframe, instrument)",
        doc: "the bars at a timeframe, such as \"1d\", with a property a column: `.open`, `.close`, `.adj_close`; of the \
              traded instrument, or of another: bars(\"1d\", \"us_equities/GOOG\")",
        counts: 1..=2,
        call: bars,
    },
    Function {
        name: "param",
        signature: "param(name, default, #{ min: …, max: … })",
        doc: "a number that can be set from outside, in a range",
        counts: 2..=3,
        call: |call| parameter(&call.site, &call.arguments),
    },
    Function {
        name: "strategy",
        signature: "strategy(#{ … })",
        doc: "the strategy: what to trade, when, how much and at what cost; the script ends with it",
        counts: 1..=1,
        call: strategy,
    },
    Function {
        name: "percent",
        signature: "percent(number)",
        doc: "a proportion: percent(8) is 8 %",
        counts: 1..=1,
        call: |call| call.proportion(100.0),
    },
    Function {
        name: "bps",
        signature: "bps(number)",
        doc: "a proportion in basis points: bps(5) is 0.05 %",
        counts: 1..=1,
        call: |call| call.proportion(10_000.0),
    },
    Function {
        name: "price",
        signature: "price(series)",
        doc: "a price level: the series itself is the price",
        counts: 1..=1,
        call: |call| Ok(Dynamic::from(Level::Price(call.series(0)?))),
    },
    Function {
        name: "select",
        signature: "select(condition, a, b)",
        doc: "`a` on bars where the condition holds, else `b`",
        counts: 3..=3,
        call: |call| call.site.series(call.condition(0)?.select(call.series(1)?, call.series(2)?)),
    },
    Function {
        name: "shift",
        signature: "shift(series, bars)",
        doc: "the value so many bars ago, on the series' own timeframe; also written series[bars]",
        counts: 2..=2,
        call: shift,
    },
    Function {
        name: "crosses_above",
        signature: "crosses_above(a, b)",
        doc: "at or below `b` a bar ago, and above it now",
        counts: 2..=2,
        call: |call| call.site.condition(call.series(0)?.crosses_above(call.series(1)?)),
    },
    Function {
        name: "crosses_below",
        signature: "crosses_below(a, b)",
        doc: "at or above `b` a bar ago, and below it now",
        counts: 2..=2,
        call: |call| call.site.condition(call.series(0)?.crosses_below(call.series(1)?)),
    },
    Function {
        name: "scan",
        signature: "scan(initial, |state| next)",
        doc: "a recursion: begins with the initial value, then each bar's value comes from the one before: \
              scan(close, |prev| prev + (close - prev) / 10). Several states are a record. The function is called \
              once, to see what it does",
        counts: 2..=2,
        call: |call| Err(call.wrong(1, "a function such as |prev| max(prev, close)")),
    },
    Function {
        name: "not",
        signature: "not(condition)",
        doc: "holds where the condition does not; also written !condition",
        counts: 1..=1,
        call: |call| not(&call.site, &call.arguments[0]),
    },
    Function {
        name: "min",
        signature: "min(a, b)",
        doc: "the lesser of two values",
        counts: 2..=2,
        call: |call| call.binary(Binary::Minimum),
    },
    Function {
        name: "max",
        signature: "max(a, b)",
        doc: "the greater of two values",
        counts: 2..=2,
        call: |call| call.binary(Binary::Maximum),
    },
    Function {
        name: "abs",
        signature: "abs(a)",
        doc: "the magnitude",
        counts: 1..=1,
        call: |call| call.unary(Unary::Absolute),
    },
    Function {
        name: "sqrt",
        signature: "sqrt(a)",
        doc: "the square root; not known below zero",
        counts: 1..=1,
        call: |call| call.unary(Unary::SquareRoot),
    },
    Function {
        name: "exp",
        signature: "exp(a)",
        doc: "e to the power of a",
        counts: 1..=1,
        call: |call| call.unary(Unary::Exponential),
    },
    Function {
        name: "ln",
        signature: "ln(a)",
        doc: "the natural logarithm; not known at and below zero",
        counts: 1..=1,
        call: |call| call.unary(Unary::Logarithm),
    },
    Function {
        name: "log10",
        signature: "log10(a)",
        doc: "the logarithm to the base 10; not known at and below zero",
        counts: 1..=1,
        call: |call| call.unary(Unary::DecimalLogarithm),
    },
    Function {
        name: "floor",
        signature: "floor(a)",
        doc: "the greatest whole number that is not above a",
        counts: 1..=1,
        call: |call| call.unary(Unary::Floor),
    },
    Function {
        name: "ceil",
        signature: "ceil(a)",
        doc: "the least whole number that is not below a",
        counts: 1..=1,
        call: |call| call.unary(Unary::Ceiling),
    },
    Function {
        name: "sign",
        signature: "sign(a)",
        doc: "-1, 0 or 1",
        counts: 1..=1,
        call: |call| call.unary(Unary::Sign),
    },
    Function {
        name: "sin",
        signature: "sin(a)",
        doc: "the sine of an angle in radians",
        counts: 1..=1,
        call: |call| call.unary(Unary::Sine),
    },
    Function {
        name: "cos",
        signature: "cos(a)",
        doc: "the cosine of an angle in radians",
        counts: 1..=1,
        call: |call| call.unary(Unary::Cosine),
    },
    Function {
        name: "tan",
        signature: "tan(a)",
        doc: "the tangent of an angle in radians",
        counts: 1..=1,
        call: |call| call.unary(Unary::Tangent),
    },
    Function {
        name: "asin",
        signature: "asin(a)",
        doc: "the angle in radians whose sine is a; not known outside of -1 to 1",
        counts: 1..=1,
        call: |call| call.unary(Unary::ArcSine),
    },
    Function {
        name: "acos",
        signature: "acos(a)",
        doc: "the angle in radians whose cosine is a; not known outside of -1 to 1",
        counts: 1..=1,
        call: |call| call.unary(Unary::ArcCosine),
    },
    Function {
        name: "atan",
        signature: "atan(a)",
        doc: "the angle in radians whose tangent is a",
        counts: 1..=1,
        call: |call| call.unary(Unary::ArcTangent),
    },
    Function {
        name: "sinh",
        signature: "sinh(a)",
        doc: "the hyperbolic sine",
        counts: 1..=1,
        call: |call| call.unary(Unary::HyperbolicSine),
    },
    Function {
        name: "cosh",
        signature: "cosh(a)",
        doc: "the hyperbolic cosine",
        counts: 1..=1,
        call: |call| call.unary(Unary::HyperbolicCosine),
    },
    Function {
        name: "tanh",
        signature: "tanh(a)",
        doc: "the hyperbolic tangent",
        counts: 1..=1,
        call: |call| call.unary(Unary::HyperbolicTangent),
    },
];

/// A function of the language by its name.
pub fn find(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == name)
}

/// All functions of the language: those that are not nodes; those that compare instruments last.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS
        .iter()
        .chain([&external::FUNCTION])
        .chain(&labels::FUNCTIONS)
        .chain(&orders::FUNCTIONS)
        .chain(&across::FUNCTIONS)
}

/// Registers all functions of the language.
pub fn register(engine: &mut Engine, host: &Arc<Host>) {
    let any = TypeId::of::<Dynamic>();
    for function in functions() {
        for count in 0..=function.counts.end() + 2 {
            register_for(engine, host, function, vec![any; count]);
        }
    }
    // Rhai has many of these for a plain number, and would call its own: `ln(0.0)` would be infinite.
    for unary in Unary::FUNCTIONS {
        if let Some(function) = find(unary.name()) {
            register_for(engine, host, function, vec![TypeId::of::<FLOAT>()]);
        }
    }
}

fn register_for(engine: &mut Engine, host: &Arc<Host>, function: &'static Function, types: Vec<TypeId>) {
    let host = host.clone();
    engine.register_raw_fn(function.name, types, move |context, arguments| {
        let arguments = arguments.iter().map(|argument| argument.flatten_clone()).collect();
        let call = Call { site: Site::new(&host, &context), function, arguments };
        call.site.finish(match function.counts.contains(&call.arguments.len()) {
            true => (function.call)(&call),
            false => {
                let words: Vec<String> = call.arguments.iter().map(value::describe).collect();
                Err(wrong_count(function.name, &words, function.signature))
            }
        })
    });
}

/// A call of a function of the language.
pub(super) struct Call<'a> {
    pub(super) site: Site<'a>,
    function: &'static Function,
    arguments: Vec<Dynamic>,
}

impl Call<'_> {
    pub(super) fn argument(&self, index: usize) -> &Dynamic {
        &self.arguments[index]
    }

    pub(super) fn count(&self) -> usize {
        self.arguments.len()
    }

    pub(super) fn record(&self, index: usize) -> Result<Vec<Entry>> {
        match self.site.given(&self.arguments, index)?.value {
            Argument::Record(entries) => Ok(entries),
            _ => Err(self.wrong(index, "a record")),
        }
    }

    pub(super) fn wrong(&self, index: usize, wanted: &str) -> Diagnostic {
        if self.arguments[index].is::<Unknown>() {
            return Diagnostic::told();
        }
        let given = value::describe(&self.arguments[index]);
        let which = ["first", "second", "third"].get(index).copied().unwrap_or("last");
        let diagnostic =
            Diagnostic::new(format!("the {which} argument of `{}` is {given}, but takes {wanted}", self.function.name));
        let diagnostic = match &self.arguments[index] {
            given if given.is::<Label>() => diagnostic.hint("only a model's `target` may look ahead"),
            given if given.is::<BarsRef>() => diagnostic.hint("name one of the bars' columns, such as `.close`"),
            _ => diagnostic.hint(format!("it is {}", self.function.signature)),
        };
        diagnostic.at(self.site.place(index))
    }

    pub(super) fn series(&self, index: usize) -> Result<Series> {
        value::series(&self.arguments[index]).ok_or_else(|| self.wrong(index, "a series"))
    }

    fn condition(&self, index: usize) -> Result<Condition> {
        value::condition(&self.arguments[index]).ok_or_else(|| self.wrong(index, "a condition"))
    }

    fn unary(&self, unary: Unary) -> Result<Dynamic> {
        match value::number(&self.arguments[0]) {
            Some(number) => self.number(unary.apply(number)),
            None => self.site.series(self.series(0)?.unary(unary)),
        }
    }

    fn binary(&self, binary: Binary) -> Result<Dynamic> {
        match (value::number(&self.arguments[0]), value::number(&self.arguments[1])) {
            (Some(a), Some(b)) => self.number(binary.apply(a, b)),
            _ => self.site.series(self.series(0)?.binary(binary, self.series(1)?)),
        }
    }

    fn number(&self, number: f64) -> Result<Dynamic> {
        match number.is_nan() {
            true => {
                let given: Vec<String> = self.arguments.iter().map(value::describe).collect();
                Err(Diagnostic::new(format!("`{}` has no value for {}", self.function.name, given.join(" and "))))
            }
            false => Ok(number.into()),
        }
    }

    fn proportion(&self, whole: f64) -> Result<Dynamic> {
        match value::number(&self.arguments[0]) {
            // Divided, not multiplied with a fraction: percent(8) is the number nearest to 0.08.
            Some(number) if number.is_finite() => Ok(Dynamic::from(Proportion(number / whole))),
            _ => Err(self.wrong(0, "a number")),
        }
    }
}

fn bars(call: &Call) -> Result<Dynamic> {
    let Some(text) = value::cast::<ImmutableString>(&call.arguments[0]) else {
        let error = call.wrong(0, "a timeframe such as \"1d\"");
        return Err(match value::number(&call.arguments[0]) {
            Some(_) => error.also("a count of bars is a plain number, as in good_for: 3"),
            None => error,
        });
    };
    let timeframe: Timeframe = text.parse().map_err(|error: Diagnostic| {
        let hint = "the timeframe comes first: bars(\"1d\", \"us_equities/GOOG\"); what is traded stands in `universe`";
        let error = if text.contains('/') { Diagnostic::new(error.message()).hint(hint) } else { error };
        error.at(call.site.place(0))
    })?;
    let Some(instrument) = call.arguments.get(1) else { return Ok(Dynamic::from(BarsRef::new(timeframe))) };
    let Some(text) = value::cast::<ImmutableString>(instrument) else {
        return Err(call.wrong(1, "an instrument such as \"us_equities/GOOG\""));
    };
    let instrument: Instrument = text.parse().map_err(|error: Diagnostic| error.at(call.site.place(1)))?;
    Ok(Dynamic::from(BarsRef::of(instrument, timeframe)))
}

fn shift(call: &Call) -> Result<Dynamic> {
    let bars = bars_ago(&call.arguments[1]).map_err(|error| error.at(call.site.place(1)))?;
    match value::cast::<Condition>(&call.arguments[0]) {
        Some(condition) => call.site.condition(condition.shift(bars)),
        None => call.site.series(call.series(0)?.shift(bars)),
    }
}

fn strategy(call: &Call) -> Result<Dynamic> {
    let site = &call.site;
    if let Some(first) = site.host.declare(site.origin.clone()) {
        return Err(Diagnostic::new(format!("a script declares one strategy, and {first} has declared it"))
            .hint("one record holds both `long` and `short`; another strategy is another script"));
    }
    let strategy = Strategy::declare(&site.host.registry, &site.host.name, call.record(0)?, site.origin.clone())?;
    Ok(Dynamic::from(Declared(Arc::new(strategy))))
}
