//! Values: from what a script holds to what a node or a record is given.

use std::any::type_name;
use std::iter;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FLOAT, INT, ImmutableString, Map};

use crate::error::{Diagnostic, Origin, Result, all};
use crate::expr::{Argument, BarsRef, Call, Condition, Entry, Given, Label, Level, OrderPrice, Series};
use crate::script::host::Host;
use crate::script::places::Shape;
use crate::strategy::Strategy;

/// How many bytes the name of an entry, or of a parameter, may have.
pub const LONGEST_NAME: usize = 200;

/// A proportion, as a fraction of one: what `percent` and `bps` give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion(pub f64);

/// A call of a node with several outputs, of a model, an exit or a sizer.
#[derive(Clone, Debug)]
pub struct Handle(pub Arc<Call>);

/// The open position, whose figures exits and sizes may read.
#[derive(Clone, Copy, Debug)]
pub struct Position;
/// What a call that failed gives: why has been told, and nothing more is said of what is made of it.
#[derive(Clone, Copy, Debug)]
pub struct Unknown;

impl IntoIterator for Unknown {
    type Item = Unknown;
    type IntoIter = iter::Empty<Unknown>;

    fn into_iter(self) -> Self::IntoIter {
        iter::empty()
    }
}

/// The strategy that the script declared.
#[derive(Clone, Debug)]
pub struct Declared(pub Arc<Strategy>);

/// Runs `$apply!` on each type of ours that a script can hold.
macro_rules! own_types {
    ($apply:ident) => {
        $apply! {
            BarsRef => "bars", Series => "a series", Condition => "a condition", Label => "a label",
            Level => "a price level", OrderPrice => "the price of an order", Proportion => "a proportion",
            Handle => "the result of a node", Declared => "a strategy", Position => "the open position", Unknown => "what could not be made",
        }
    };
}
pub(crate) use own_types;

/// Gives the types the names that messages use.
pub fn name_types(engine: &mut Engine) {
    macro_rules! register {
        ($($type:ty => $name:literal),* $(,)?) => {
            $(engine.register_type_with_name::<$type>($name);)*
        };
    }
    own_types!(register);
    engine.register_iterator::<Unknown>();
}

/// Whether rhai's words speak of a value that could not be made.
pub fn speaks_of_unknown(words: &str) -> bool {
    words.contains(type_name::<Unknown>()) || words.contains("what could not be made")
}

/// A type as rhai names it, in words.
pub fn type_in_words(name: &str) -> String {
    macro_rules! own {
        ($($type:ty => $words:literal),* $(,)?) => {
            [$((type_name::<$type>(), $words)),*]
        };
    }
    let own = own_types!(own);
    if let Some((_, words)) = own.iter().find(|(path, words)| *path == name || *words == name) {
        return (*words).into();
    }
    let plain = match name {
        "i64" | "f64" => "a number",
        "bool" => "a truth value",
        "()" => "nothing",
        "array" => "a list",
        "map" => "a record",
        "Fn" => "a function",
        "char" => "a character",
        "range" | "range=" => "a range",
        _ if name.contains("::Range") => "a range",
        _ if name.contains("tring") || name.contains("str") => "a text",
        _ if name == type_name::<Array>() => "a list",
        _ if name == type_name::<Map>() => "a record",
        other => other,
    };
    plain.into()
}

/// A value of one type of ours, if it is one.
pub fn cast<T: Clone + 'static>(value: &Dynamic) -> Option<T> {
    value.read_lock::<T>().map(|value| value.clone())
}

/// A value in words, for messages.
pub fn describe(value: &Dynamic) -> String {
    if let Some(list) = value.read_lock::<Array>() {
        return format!("a list of {}", list.len());
    }
    if value.is_map() {
        return "a record".into();
    }
    match scalar(value) {
        Some(argument) => argument.describe(),
        None => type_in_words(value.type_name()),
    }
}

/// What a node is given, with the place where it was written: that of its own expression, else `call`.
///
/// # Errors
/// Where a value is of no use to a node, or lists and records nest too deeply.
pub fn convert(host: &Host, value: &Dynamic, shape: Option<&Shape>, call: Option<&Origin>) -> Result<Given> {
    Converter { host, call }.value(value, shape, 0)
}

struct Converter<'a> {
    host: &'a Host,
    call: Option<&'a Origin>,
}

impl Converter<'_> {
    fn value(&self, value: &Dynamic, shape: Option<&Shape>, depth: usize) -> Result<Given> {
        const DEEPEST: usize = 32;
        self.host.count_given()?;
        let place = || shape.map(|shape| &shape.origin).or(self.call).cloned();
        if depth > DEEPEST {
            let message = format!("lists and records stand more than {DEEPEST} levels deep in each other");
            return Err(Diagnostic::new(message).at(place()));
        }
        let argument = if let Some(items) = value.read_lock::<Array>() {
            let items = items.iter().enumerate().map(|(index, item)| {
                let shape = shape.and_then(|shape| self.host.places().item(shape, index));
                self.value(item, shape.as_ref(), depth + 1)
            });
            Some(Argument::List(all(items)?))
        } else if let Some(map) = value.read_lock::<Map>() {
            Some(Argument::Record(self.entries(&map, shape, depth + 1)?))
        } else {
            scalar(value)
        };
        match argument {
            Some(value) => Ok(Given { value, origin: place() }),
            None => Err(match value.is_unit() {
                true => Diagnostic::new("there is no value here")
                    .hint("a function that ends with a `let` gives none, and neither does `()`"),
                false if value.is::<Position>() => Diagnostic::new(format!("{} cannot be used here", describe(value)))
                    .hint("name one of its figures, such as `.profit`"),
                false => Diagnostic::new(format!("{} cannot be used here", describe(value))),
            }
            .at(place())),
        }
    }

    /// A record's entries in the order written, where that is known, else by name.
    fn entries(&self, map: &Map, shape: Option<&Shape>, depth: usize) -> Result<Vec<Entry>> {
        let mut entries = all(map.iter().map(|(name, value)| {
            if name.len() > LONGEST_NAME {
                let message = format!("the name of an entry is longer than {LONGEST_NAME} bytes");
                return Err(Diagnostic::new(message).at(shape.map(|shape| &shape.origin).or(self.call).cloned()));
            }
            let known = shape.and_then(|shape| self.host.places().entry(shape, name));
            let (order, origin, inner) = match known {
                Some((order, origin, inner)) => (order, Some(origin), Some(inner)),
                None => (usize::MAX, shape.map(|shape| &shape.origin).or(self.call).cloned(), None),
            };
            let mut given = self.value(value, inner.as_ref(), depth).map_err(|error| error.at(origin.clone()))?;
            given.origin = origin.or(given.origin);
            Ok((order, Entry { name: name.to_string(), given }))
        }))?;
        entries.sort_by_key(|(order, _)| *order);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }
}

/// A value that is neither a list nor a record, if a node can be given it at all.
fn scalar(value: &Dynamic) -> Option<Argument> {
    if let Ok(value) = value.as_int() {
        return Some(Argument::Integer(value));
    }
    if let Ok(value) = value.as_float() {
        return Some(Argument::Number(value));
    }
    if let Ok(value) = value.as_bool() {
        return Some(Argument::Flag(value));
    }
    if let Ok(value) = value.as_char() {
        return Some(Argument::Text(value.to_string()));
    }
    let text = || cast::<ImmutableString>(value).map(|text| Argument::Text(text.to_string()));
    text()
        .or_else(|| cast::<Series>(value).map(Argument::Series))
        .or_else(|| cast::<Condition>(value).map(Argument::Condition))
        .or_else(|| cast::<Label>(value).map(Argument::Label))
        .or_else(|| cast::<BarsRef>(value).map(Argument::Bars))
        .or_else(|| cast::<Level>(value).map(Argument::Level))
        .or_else(|| cast::<OrderPrice>(value).map(Argument::Order))
        .or_else(|| cast::<Proportion>(value).map(|proportion| Argument::Percent(proportion.0)))
        .or_else(|| cast::<Handle>(value).map(|handle| Argument::Call(handle.0)))
        .or_else(|| cast::<Unknown>(value).map(|Unknown| Argument::Wrong))
}

/// A plain number, if the value is one.
pub fn number(value: &Dynamic) -> Option<f64> {
    value.as_float().ok().or_else(|| value.as_int().ok().map(|value: INT| value as FLOAT))
}

/// A series, or a finite number that stands for a constant one.
pub fn series(value: &Dynamic) -> Option<Series> {
    cast::<Series>(value).or_else(|| number(value).filter(|number| number.is_finite()).map(Series::constant))
}

/// A condition, or a truth value that stands for a constant one.
pub fn condition(value: &Dynamic) -> Option<Condition> {
    cast::<Condition>(value).or_else(|| value.as_bool().ok().map(Condition::constant))
}
