//! Operators: what `+`, `>`, `and` and the rest make of series, conditions and numbers.
//!
//! Rhai answers a comparison of two types that it does not know with `false`. So every operator is
//! registered for every type of ours on either side, and for every pair of plain types that cannot
//! be compared: what has no meaning is an error, never a wrong answer.

use std::any::TypeId;
use std::ops;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FLOAT, FnPtr, INT, ImmutableString, Map};

use crate::error::{Diagnostic, Result};
use crate::expr::{BarsRef, Binary, Comparison, Condition, ConditionKind, Label, Level, OrderPrice, Series, Unary};
use crate::script::host::{Host, Site};
use crate::script::value::{self, Declared, Handle, Position, Proportion, Unknown, own_types};

/// What an operator does to its two sides.
#[derive(Clone, Copy)]
enum Operator {
    Arithmetic(Binary),
    Compare(Comparison),
    And,
    Or,
}

const ARITHMETIC: [Binary; 6] =
    [Binary::Add, Binary::Subtract, Binary::Multiply, Binary::Divide, Binary::Remainder, Binary::Power];
const LOGIC: [(&str, Operator); 4] =
    [("and", Operator::And), ("&", Operator::And), ("or", Operator::Or), ("|", Operator::Or)];
/// The words for `and` and `or`, with how tightly they bind: looser than a comparison.
const WORDS: [(&str, u8); 2] = [("and", 60), ("or", 30)];

fn operators() -> impl Iterator<Item = (&'static str, Operator)> {
    let arithmetic = ARITHMETIC.map(|binary| (binary.name(), Operator::Arithmetic(binary)));
    let compare = Comparison::ALL.map(|comparison| (comparison.name(), Operator::Compare(comparison)));
    arithmetic.into_iter().chain(compare).chain(LOGIC)
}

/// Registers all operators.
///
/// # Errors
/// Where rhai does not take a word as an operator.
pub fn register(engine: &mut Engine, host: &Arc<Host>) -> Result<()> {
    for (word, precedence) in WORDS {
        engine.register_custom_operator(word, precedence).map_err(Diagnostic::new)?;
    }
    engine.register_fn("and", |a: bool, b: bool| a && b);
    engine.register_fn("or", |a: bool, b: bool| a || b);
    let any = TypeId::of::<Dynamic>();
    let text = TypeId::of::<ImmutableString>();
    for (name, operator) in operators() {
        for own in own_type_ids() {
            // Rhai joins a text with anything: the pairs with a text are named to come before that.
            for types in [[own, any], [any, own], [own, text], [text, own]] {
                register_binary(engine, host, name, operator, types);
            }
        }
    }
    for comparison in Comparison::ALL {
        for types in incomparable(comparison) {
            register_binary(engine, host, comparison.name(), Operator::Compare(comparison), types);
        }
    }
    for own in own_type_ids() {
        for name in ["-", "+", "!"] {
            let host = host.clone();
            engine.register_raw_fn(name, [own], move |context, arguments| {
                let site = Site::new(&host, &context);
                site.finish(unary(&site, name, arguments[0]))
            });
        }
    }
    Ok(())
}

fn register_binary(engine: &mut Engine, host: &Arc<Host>, name: &'static str, operator: Operator, types: [TypeId; 2]) {
    let host = host.clone();
    engine.register_raw_fn(name, types, move |context, arguments| {
        let site = Site::new(&host, &context);
        site.finish(binary(&site, name, operator, arguments[0], arguments[1]))
    });
}

/// The types of ours that a script can hold.
pub fn own_type_ids() -> Vec<TypeId> {
    macro_rules! ids {
        ($($type:ty => $name:literal),* $(,)?) => { vec![$(TypeId::of::<$type>()),*] };
    }
    own_types!(ids)
}

/// Pairs of plain types of which a comparison says nothing. That something is or is not `()` does.
fn incomparable(comparison: Comparison) -> Vec<[TypeId; 2]> {
    let numbers = [TypeId::of::<INT>(), TypeId::of::<FLOAT>()];
    let mut plain = vec![
        numbers[0],
        numbers[1],
        TypeId::of::<bool>(),
        TypeId::of::<ImmutableString>(),
        TypeId::of::<Array>(),
        TypeId::of::<Map>(),
        TypeId::of::<FnPtr>(),
    ];
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        plain.push(TypeId::of::<()>());
    }
    let both = |a: &TypeId, b: &TypeId| numbers.contains(a) && numbers.contains(b);
    let pairs = plain.iter().flat_map(|a| plain.iter().map(move |b| [*a, *b]));
    pairs.filter(|[a, b]| a != b && !both(a, b)).collect()
}

fn unary(site: &Site, name: &'static str, operand: &Dynamic) -> Result<Dynamic> {
    match (name, value::cast::<Series>(operand), value::cast::<Condition>(operand)) {
        ("-", Some(series), _) => site.series(series.unary(Unary::Negate)),
        ("+", Some(series), _) => Ok(Dynamic::from(series)),
        ("!", _, Some(condition)) => site.condition(!condition),
        ("!", Some(_), _) => Err(Diagnostic::new("`!` negates a condition, but is given a series")
            .hint("compare it with something: !(close > 10)")),
        _ => Err(refuse(name, &[operand])),
    }
}

fn binary(site: &Site, name: &str, operator: Operator, left: &Dynamic, right: &Dynamic) -> Result<Dynamic> {
    let series = || Some((value::series(left)?, value::series(right)?));
    let conditions = || Some((value::condition(left)?, value::condition(right)?));
    match operator {
        Operator::Arithmetic(binary) => match series() {
            Some((a, b)) => site.series(a.binary(binary, b)),
            None => Err(refuse(name, &[left, right])),
        },
        Operator::Compare(comparison) => match series() {
            Some((a, b)) => site.condition(a.compare(comparison, b)),
            None => Err(refuse(name, &[left, right])),
        },
        Operator::And => join(site, name, conditions(), [left, right], ops::BitAnd::bitand),
        Operator::Or => join(site, name, conditions(), [left, right], ops::BitOr::bitor),
    }
}

fn join(
    site: &Site,
    name: &str,
    conditions: Option<(Condition, Condition)>,
    sides: [&Dynamic; 2],
    joined: fn(Condition, Condition) -> Condition,
) -> Result<Dynamic> {
    let Some((a, b)) = conditions else {
        if sides.iter().any(|side| side.is::<Unknown>()) {
            return Err(Diagnostic::told());
        }
        let message = format!(
            "`{name}` joins conditions, but is given {} and {}",
            value::describe(sides[0]),
            value::describe(sides[1])
        );
        let wrong = sides.into_iter().find(|side| value::condition(side).is_none());
        return Err(match wrong {
            Some(side) if value::series(side).is_some() => {
                Diagnostic::new(message).hint("compare it with something: `close > 10`")
            }
            _ => refuse(name, &sides),
        });
    };
    site.condition(joined(a, b))
}

/// What is wrong with operands that an operator has no meaning for.
pub fn refuse(name: &str, operands: &[&Dynamic]) -> Diagnostic {
    let given = operands.iter().map(|operand| value::describe(operand)).collect::<Vec<_>>().join(" and ");
    let diagnostic = Diagnostic::new(format!("`{name}` cannot take {given}"));
    let any = |test: &dyn Fn(&Dynamic) -> bool| operands.iter().any(|operand| test(operand));
    if any(&|operand| operand.is::<Unknown>()) {
        return Diagnostic::told();
    }
    if let Some(label) = operands.iter().find(|operand| operand.is::<Label>()) {
        return Diagnostic::new(format!("`{name}` is given {}", value::describe(label)))
            .hint("only a model's `target` may look ahead: no rule can be traded on the future");
    }
    if any(&|operand| operand.is::<BarsRef>()) {
        return diagnostic.hint("name one of the bars' columns, such as `.close`");
    }
    if any(&|operand| operand.is::<Position>()) {
        return diagnostic.hint("name one of its figures, such as `.profit`");
    }
    if let Some(handle) = operands.iter().find_map(|operand| value::cast::<Handle>(operand)) {
        return match handle.0.outputs.as_slice() {
            [] => diagnostic,
            outputs => diagnostic.hint(format!("name one of its outputs: .{}", outputs.join(", ."))),
        };
    }
    if matches!(name, "<" | "<=" | ">" | ">=") && operands.first().is_some_and(|left| left.is::<Condition>()) {
        return diagnostic.hint("compare twice, and join: a < b and b < c");
    }
    if any(&|operand| operand.is::<Condition>() || operand.is::<bool>()) {
        return diagnostic
            .hint("join conditions with `and`, `or` and `not(…)`; turn one into numbers with select(condition, 1, 0)");
    }
    if any(&|operand| operand.is::<Proportion>()) {
        return diagnostic.hint("a proportion stands alone: compute inside its brackets, as in percent(2 * 4)");
    }
    if any(&|operand| operand.is::<Level>()) {
        return diagnostic.hint("compute first, then make it a level: price(close * 0.9)");
    }
    if any(&|operand| value::number(operand).is_some_and(|number| !number.is_finite())) {
        return diagnostic.hint("is there a division by zero, or a number that is too large?");
    }
    if any(&|operand| operand.is_unit()) {
        return diagnostic.hint("nothing is what a function gives that ends with a `let`, or a list that is empty");
    }
    let text = operands.iter().find_map(|operand| value::cast::<ImmutableString>(operand));
    if text.as_ref().is_some_and(|text| text.trim().parse::<f64>().is_ok()) {
        return diagnostic.hint("a number is written without quotation marks");
    }
    let series = operands.iter().find_map(|operand| value::cast::<Series>(operand));
    if text.is_some() && series.is_some_and(|series| series.bars().is_some_and(|bars| bars.source().is_some())) {
        return diagnostic.hint(
            "of a column of words, each word is a column of 1 and 0: external(\"macro/regime\").state_recession == 1",
        );
    }
    diagnostic
}

/// Whether a function's name is that of an operator: a symbol, or one of our words.
pub fn is_operator(name: &str) -> bool {
    !name.contains(char::is_alphanumeric) || WORDS.iter().any(|(word, _)| *word == name)
}

/// The negation of a condition or of a plain truth value, for the function `not`.
pub fn not(site: &Site, operand: &Dynamic) -> Result<Dynamic> {
    if let Ok(flag) = operand.as_bool() {
        return Ok((!flag).into());
    }
    match value::cast::<Condition>(operand) {
        Some(condition) => site.condition(Condition::new(ConditionKind::Not(condition))),
        None => unary(site, "!", operand).map_err(|error| error.at(site.place(0))),
    }
}
