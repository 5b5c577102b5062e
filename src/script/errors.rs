//! What rhai stops at, told so that a person can act on it.

use std::any::type_name;
use std::sync::Arc;

use rhai::{EvalAltResult, ImmutableString, Position};

use crate::data::Field;
use crate::error::{Caller, Diagnostic, Origin, nearest};
use crate::expr::{Condition, Label, Series};
use crate::script::engine::{
    MAXIMUM_CALLS, MAXIMUM_ENTRIES, MAXIMUM_ITEMS, MAXIMUM_NAMES, MAXIMUM_OPERATIONS, MAXIMUM_STRING, MAXIMUM_TIME,
};
use crate::script::functions::{find, functions};
use crate::script::host::Host;
use crate::script::operators::is_operator;
use crate::script::places::{BoolWord, Places, origin};
use crate::script::value::{self, type_in_words};
use crate::script::{habits, parse_errors};

/// A run's error as a diagnostic: at the innermost place, in the file that it belongs to.
pub fn explain(host: &Host, error: EvalAltResult, file: &Arc<str>) -> Diagnostic {
    match error {
        EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
            let inside = if source.is_empty() { file.clone() } else { source.as_str().into() };
            let diagnostic = explain(host, *inner, &inside);
            match position.is_none() {
                true => diagnostic,
                false => {
                    let function = (!name.starts_with("anon$")).then_some(name);
                    diagnostic.called(Caller { function, origin: origin(file, position) })
                }
            }
        }
        EvalAltResult::ErrorInModule(_, inner, _) => explain(host, *inner, file),
        error => {
            let position = error.position();
            let place = (!position.is_none()).then(|| origin(file, position));
            describe(host, error, place.as_ref()).at(place).at(Origin::file(file.clone()))
        }
    }
}

fn describe(host: &Host, error: EvalAltResult, place: Option<&Origin>) -> Diagnostic {
    if !matches!(error, EvalAltResult::ErrorRuntime(..)) && value::speaks_of_unknown(&error.to_string()) {
        return Diagnostic::told();
    }
    match error {
        EvalAltResult::ErrorRuntime(thrown, _) => match value::cast::<Diagnostic>(&thrown) {
            Some(diagnostic) => diagnostic,
            None => match value::cast::<ImmutableString>(&thrown) {
                Some(text) => Diagnostic::new(format!("the script refuses to go on: {text}")),
                None => Diagnostic::new(format!("the script throws {}", value::describe(&thrown))),
            },
        },
        EvalAltResult::ErrorParsing(kind, _) => parse_errors::describe(&kind),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => function_not_found(host, &signature),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let places = host.places();
            match name.rsplit_once("::") {
                Some((module, name)) => Diagnostic::new(format!("the module `{module}` has nothing called `{name}`"))
                    .did_you_mean(name, places.variables()),
                None => Diagnostic::new(format!("there is no variable called `{name}`"))
                    .did_you_mean(&name, places.variables()),
            }
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            let places = host.places();
            Diagnostic::new(format!("the record has nothing called `{name}`"))
                .did_you_mean(&name, places.keys().filter(|key| *key != name))
        }
        EvalAltResult::ErrorMismatchDataType(wanted, given, _) => mismatch(host, &wanted, &given, place),
        EvalAltResult::ErrorDotExpr(message, _) => property_not_found(&message),
        EvalAltResult::ErrorIndexingType(what, _) => {
            let of = type_in_words(what.split(" [").next().unwrap_or(&what));
            match what.contains(" = ") {
                true => Diagnostic::new(format!("{of} cannot be changed in place"))
                    .hint("make a new one: select(condition, a, b) takes the place of an assignment"),
                false => Diagnostic::new(format!("{of} has nothing that brackets could reach")),
            }
        }
        EvalAltResult::ErrorArithmetic(what, _) if what.contains("overflow") => {
            Diagnostic::new(format!("the number is too large: {}", parse_errors::lower(&what)))
                .hint("a whole number has up to 18 digits; one with a decimal point may be larger: 10.0 ** 30")
        }
        EvalAltResult::ErrorModuleNotFound(name, _) => Diagnostic::new(format!("there is no module called `{name}`")),
        EvalAltResult::ErrorArrayBounds(length, index, _) => {
            Diagnostic::new(format!("the list has {length} items, but item {index} is asked for"))
                .hint("items count from 0; -1 is the last")
        }
        EvalAltResult::ErrorFor(_) => Diagnostic::new("`for` takes a list or a range, such as 1..10")
            .hint("the script runs once, not once a bar: a series is computed with as a whole"),
        EvalAltResult::ErrorTooManyOperations(_) => {
            Diagnostic::new(format!("the script takes more than {MAXIMUM_OPERATIONS} steps"))
                .hint("it runs once, to declare the strategy, not once a bar: is there a loop without an end?")
        }
        EvalAltResult::ErrorTerminated(..) => {
            Diagnostic::new(format!("the script runs for more than {MAXIMUM_TIME:?}"))
                .hint("it runs once, to declare the strategy, not once a bar: is there a loop without an end?")
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            Diagnostic::new(format!("functions call each other more than {MAXIMUM_CALLS} levels deep"))
                .hint("is there a function that calls itself without an end?")
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            let most = match what.to_lowercase() {
                what if what.contains("string") => format!("a text is longer than {MAXIMUM_STRING} bytes"),
                what if what.contains("array") => {
                    format!("a list has more than {MAXIMUM_ITEMS} items, with those of the lists in it")
                }
                _ => format!(
                    "a record has more than {MAXIMUM_ENTRIES} entries, with those of the records in it, or names of \
                     more than {MAXIMUM_NAMES} bytes"
                ),
            };
            Diagnostic::new(most).hint("a script declares a strategy; it needs no large lists or texts")
        }
        EvalAltResult::ErrorAssignmentToConstant(name, _) => parse_errors::constant(&name),
        other => Diagnostic::new(first_line(other)),
    }
}

/// Rhai's own words, without the position that they end in.
fn first_line(mut error: EvalAltResult) -> String {
    error.set_position(Position::NONE);
    let text = error.to_string();
    parse_errors::lower(text.lines().next().unwrap_or_default())
}

/// Functions that other languages have, and that a strategy must not.
const UNPREDICTABLE: [&str; 7] = ["timestamp", "now", "time", "sleep", "rand", "random", "shuffle"];

/// From `name (type, type)`: a name that nothing has, or arguments that nothing takes.
fn function_not_found(host: &Host, signature: &str) -> Diagnostic {
    let (name, types) = signature.split_once(" (").unwrap_or((signature, ")"));
    let types = types.trim_end_matches(')');
    let words: Vec<String> = match types {
        "" => Vec::new(),
        types => types.split(", ").map(type_in_words).collect(),
    };
    let given = if words.is_empty() { "nothing".into() } else { words.join(" and ") };
    if is_operator(name) {
        let diagnostic = Diagnostic::new(format!("`{name}` cannot take {given}"));
        return match name {
            "and" | "or" | "!" => {
                diagnostic.hint("join truth values and conditions with it, or compare first: `close > 10`")
            }
            "^" => diagnostic.hint("a power is written close ** 2"),
            _ => diagnostic,
        };
    }
    let places = host.places();
    let (module, name) = name.rsplit_once("::").map_or((None, name), |(module, name)| (Some(module), name));
    let own = places.functions().iter().filter(|(function, _)| function == name);
    let own = own.map(|(function, parameters)| format!("{function}({})", parameters.join(", ")));
    let language = find(name).map(|function| function.signature.to_string()).filter(|_| module.is_none());
    let node = || host.registry.spec(name).map(|spec| spec.signature()).filter(|_| module.is_none());
    let signatures: Vec<String> = own.chain(language.or_else(node)).collect();
    if !signatures.is_empty() {
        return wrong_count(name, &words, &signatures.join(" or "));
    }
    if let Some(module) = module {
        let own = places.functions().iter().map(|(name, _)| name.as_str());
        return Diagnostic::new(format!("the module `{module}` has no function called `{name}`"))
            .did_you_mean(name, own);
    }
    let mut names: Vec<&str> = host.registry.specs().map(|spec| spec.name).collect();
    names.extend(functions().map(|function| function.name));
    names.extend(places.functions().iter().map(|(name, _)| name.as_str()));
    let diagnostic = match words.is_empty() {
        true => Diagnostic::new(format!("there is no function called `{name}`")),
        false => Diagnostic::new(format!("there is no function called `{name}` that takes {given}")),
    };
    if UNPREDICTABLE.contains(&name) {
        return diagnostic.hint("a strategy knows no clock and no chance: the same script is always the same strategy");
    }
    if words.first().is_some_and(|first| first == "bars") && Field::ALL.iter().any(|field| field.name() == name) {
        return diagnostic.hint(format!("a column has no brackets: .{name}"));
    }
    if places.variables().any(|variable| variable == name) {
        return diagnostic.hint(format!("`{name}` is a variable: it stands without brackets; {name}[1] is a bar ago"));
    }
    if let Some(hint) = habits::function(name) {
        return diagnostic.hint(hint);
    }
    match nearest(name, names).or_else(|| host.registry.meant(name).map(|spec| spec.name)) {
        Some(near) => near_function(host, &places, near, diagnostic),
        None => diagnostic,
    }
}

/// Names a function that may be meant, and how it is called where that fits on a line.
fn near_function(host: &Host, places: &Places, name: &str, diagnostic: Diagnostic) -> Diagnostic {
    let own = places.functions().iter().find(|(function, _)| function == name);
    let own = own.map(|(function, parameters)| format!("{function}({})", parameters.join(", ")));
    let language = || find(name).map(|function| function.signature.to_string());
    let node = || host.registry.spec(name).map(|spec| spec.signature());
    match own.or_else(language).or_else(node).filter(|signature| signature.chars().count() <= 100) {
        Some(signature) => diagnostic.hint(format!("did you mean `{name}`? it is {signature}")),
        None => diagnostic.hint(format!("did you mean `{name}`?")),
    }
}

/// A function is given more or fewer arguments than it takes, or others.
pub fn wrong_count(name: &str, given: &[String], signature: &str) -> Diagnostic {
    let count = given.len();
    let plural = if count == 1 { "argument" } else { "arguments" };
    let words = if matches!(count, 1..=5) { format!(": {}", given.join(", ")) } else { String::new() };
    Diagnostic::new(format!("`{name}` is given {count} {plural}{words}")).hint(format!("it is {signature}"))
}

/// A plain truth value was wanted, or another plain type.
fn mismatch(host: &Host, wanted: &str, given: &str, place: Option<&Origin>) -> Diagnostic {
    let given_words = type_in_words(given);
    if wanted != "bool" {
        let wanted = type_in_words(wanted);
        return Diagnostic::new(format!("this is {given_words}, but must be {wanted}"));
    }
    let (word, at) = place.and_then(|place| host.places().bool_word(place)).unzip();
    let condition = given == type_name::<Condition>();
    let label = given == type_name::<Label>();
    let takes = |symbol: &str| format!("`{symbol}` takes a plain `true` or `false`, but is given {given_words}");
    let join = |symbol: &str, word: &str| {
        let diagnostic = Diagnostic::new(takes(symbol));
        match condition {
            _ if label => diagnostic,
            true => diagnostic.hint(format!("write `{word}` to join conditions: a > b {word} c > d")),
            false => diagnostic.hint(format!("compare first, and join with `{word}`: a > b {word} c > d")),
        }
    };
    let diagnostic = match word {
        Some(BoolWord::And) => join("&&", "and"),
        Some(BoolWord::Or) => join("||", "or"),
        Some(BoolWord::While) => {
            Diagnostic::new(takes("while")).hint("the script runs once, not once a bar: no loop can wait for a bar")
        }
        Some(BoolWord::If) | None => {
            let diagnostic = Diagnostic::new(takes("if"));
            match condition || given == type_name::<Series>() {
                true => diagnostic.hint("a condition has a value on every bar: write select(condition, a, b)"),
                false => diagnostic,
            }
        }
    };
    let diagnostic = if label { diagnostic.hint("only a model's `target` may look ahead") } else { diagnostic };
    diagnostic.at(at)
}

/// From rhai's "Unknown property 'x' - a getter is not registered for type 'y'", or a setter.
fn property_not_found(message: &str) -> Diagnostic {
    let mut quoted = message.split('\'').skip(1).step_by(2);
    match (quoted.next(), quoted.next()) {
        (Some(property), Some(of)) if message.contains("setter") => {
            Diagnostic::new(format!("`{property}` of {} cannot be changed", type_in_words(of)))
                .hint("give the new value a name of its own, with `let`")
        }
        (Some(property), Some(of)) => {
            Diagnostic::new(format!("{} has no property called `{property}`", type_in_words(of)))
        }
        _ => Diagnostic::new(message),
    }
}
