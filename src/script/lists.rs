//! Lists: rhai's functions that ask a question of each item, with an answer that must be a truth value.
//!
//! Rhai takes an answer that is no truth value for `false`. A closure that compares series answers
//! with a condition, and so would be taken for `false` in silence.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, INT, Map, NativeCallContext};

use crate::error::Diagnostic;
use crate::script::host::{Host, Site};
use crate::script::operators::{own_type_ids, refuse};
use crate::script::value::{self, Unknown};

/// Those that are not of use to a strategy, and are left out.
const LEFT_OUT: [&str; 9] = ["find", "index_of", "dedup", "drain", "retain", "sort", "sort_by", "order", "order_by"];

/// Registers them, before those of rhai's packages.
pub fn register(engine: &mut Engine, host: &Arc<Host>) {
    question(engine, host, "filter", |items, answers| {
        let kept = items.into_iter().zip(answers).filter(|(_, answer)| *answer).map(|(item, _)| item);
        Dynamic::from_array(kept.collect())
    });
    question(engine, host, "all", |_, answers| answers.into_iter().all(|answer| answer).into());
    question(engine, host, "some", |_, answers| answers.into_iter().any(|answer| answer).into());
    let [list, record, function, whole] =
        [TypeId::of::<Array>(), TypeId::of::<Map>(), TypeId::of::<FnPtr>(), TypeId::of::<INT>()];
    for name in LEFT_OUT {
        for types in [&[list, function][..], &[list, function, whole]] {
            leave_out(engine, host, name, types);
        }
    }
    for name in ["filter", "drain", "retain"] {
        leave_out(engine, host, name, &[record, function]);
    }
    for own in own_type_ids() {
        for name in ["contains", "index_of"] {
            let host = host.clone();
            engine.register_raw_fn(name, [list, own], move |context, arguments| {
                let site = Site::new(&host, &context);
                site.finish(Err::<Dynamic, _>(
                    refuse("in", &[arguments[1]]).hint("a list is searched for plain values"),
                ))
            });
        }
    }
}

/// A question that is asked of each item, and what becomes of items and answers.
fn question(engine: &mut Engine, host: &Arc<Host>, name: &'static str, answer: fn(Array, Vec<bool>) -> Dynamic) {
    let host = host.clone();
    let types = [TypeId::of::<Array>(), TypeId::of::<FnPtr>()];
    engine.register_raw_fn(name, types, move |context, arguments| {
        let items = value::cast::<Array>(arguments[0]).unwrap_or_default();
        let Some(closure) = value::cast::<FnPtr>(arguments[1]) else { return Ok(Dynamic::UNIT) };
        let answers = items.iter().map(|item| ask(&host, &context, name, &closure, item.clone()));
        let answers = answers.collect::<Result<Vec<bool>, Box<EvalAltResult>>>()?;
        Ok(answer(items, answers))
    });
}

fn ask(
    host: &Host,
    context: &NativeCallContext,
    name: &str,
    closure: &FnPtr,
    item: Dynamic,
) -> Result<bool, Box<EvalAltResult>> {
    let answer: Dynamic = closure.call_within_context(context, (item,))?;
    let site = Site::new(host, context);
    let truth = answer.as_bool().map_err(|_| {
        if answer.is::<Unknown>() {
            return Diagnostic::told();
        }
        let message = format!("`{name}` asks for a plain `true` or `false`, but is given {}", value::describe(&answer));
        Diagnostic::new(message)
            .hint("a condition has a value on every bar: join them, as in list.reduce(|all, next| all and next, true)")
    });
    site.finish(truth.map(Dynamic::from)).map(|truth| truth.as_bool().unwrap_or_default())
}

fn leave_out(engine: &mut Engine, host: &Arc<Host>, name: &'static str, types: &[TypeId]) {
    let host = host.clone();
    engine.register_raw_fn(name, types, move |context, _| {
        let site = Site::new(&host, &context);
        let diagnostic = Diagnostic::new(format!("`{name}` with a function is not part of the language"));
        site.finish(Err::<Dynamic, _>(diagnostic.hint("lists have filter, map, reduce, all and some")))
    });
}
