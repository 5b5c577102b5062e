//! `scan`: a recursion, traced. Its function is called once, with symbols for the states of the bar before.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, Map};

use crate::error::{Diagnostic, Result};
use crate::expr::{Scan, Series};
use crate::script::host::{Host, Site};
use crate::script::value::{self, Unknown};

/// Registers `scan(initial, |state| …)`.
pub fn register(engine: &mut Engine, host: &Arc<Host>) {
    let host = host.clone();
    let types = [TypeId::of::<Dynamic>(), TypeId::of::<FnPtr>()];
    engine.register_raw_fn("scan", types, move |context, arguments| {
        let site = Site::new(&host, &context);
        let Some(closure) = value::cast::<FnPtr>(arguments[1]) else { return Ok(Dynamic::UNIT) };
        let initial = match states(&site, &arguments[0].flatten_clone()) {
            Ok(initial) => initial,
            Err(diagnostic) => return site.finish(Err(diagnostic)),
        };
        // What the function itself stops at is rhai's to tell.
        let mut stopped: Option<Box<EvalAltResult>> = None;
        let shape = initial.shape();
        let scan = Scan::trace(initial.0, site.origin.clone(), |symbols| {
            let names = shape.iter().cloned();
            let given = values(&site, names.zip(symbols).collect())?;
            match closure.call_within_context::<Dynamic>(&context, (given,)) {
                Ok(next) => next_values(&site, &shape, &next.flatten_clone()),
                Err(error) if takes_another_number(&error, &closure) => {
                    Err(Diagnostic::new("the function of `scan` takes one argument: the state one bar ago")
                        .hint("several states are one record: scan(#{ a: …, b: … }, |state| #{ a: state.a, b: … })")
                        .at(site.place(1)))
                }
                Err(error) => {
                    stopped = Some(error);
                    Err(Diagnostic::new(""))
                }
            }
        });
        match (stopped, scan) {
            (Some(error), _) => Err(error),
            (None, scan) => site.finish(scan.and_then(|scan| {
                let outputs = shape.iter().enumerate().map(|(index, name)| (name.clone(), scan.output(index)));
                values(&site, outputs.collect())
            })),
        }
    });
}

/// Whether a function was not found because it takes another number of arguments than one.
fn takes_another_number(error: &EvalAltResult, closure: &FnPtr) -> bool {
    matches!(error, EvalAltResult::ErrorFunctionNotFound(name, _) if name.starts_with(closure.fn_name()))
}

/// States by name; of one alone, the name is empty.
struct States(Vec<(String, Series)>);

impl States {
    fn shape(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// The initial values: one, or a record of them.
fn states(site: &Site, given: &Dynamic) -> Result<States> {
    let one = |name: &str, given: &Dynamic| {
        let which = if name.is_empty() { "the first argument of `scan`".into() } else { format!("the state `{name}`") };
        match value::series(given) {
            Some(series) => Ok((name.to_owned(), series)),
            None if given.is::<Unknown>() => Err(Diagnostic::told()),
            None => {
                Err(Diagnostic::new(format!("{which} is {}, but takes a number or a series", value::describe(given)))
                    .hint("it is scan(initial, |state| next) or scan(#{ a: …, b: … }, |state| #{ a: …, b: … })")
                    .at(site.place(0)))
            }
        }
    };
    let states: Vec<(String, Series)> = match given.read_lock::<Map>() {
        Some(map) => map.iter().map(|(name, given)| one(name, given)).collect::<Result<_>>()?,
        None => vec![one("", given)?],
    };
    if states.is_empty() {
        return Err(Diagnostic::new("`scan` is given a record without states").at(site.place(0)));
    }
    Ok(States(states))
}

/// States as the script holds them: one, or a record.
fn values(site: &Site, states: Vec<(String, Series)>) -> Result<Dynamic> {
    let mut map = Map::new();
    for (name, series) in states {
        let value = site.series(series)?;
        if name.is_empty() {
            return Ok(value);
        }
        map.insert(name.into(), value);
    }
    Ok(map.into())
}

/// What the function gave: a value for each state.
fn next_values(site: &Site, shape: &[String], next: &Dynamic) -> Result<Vec<Series>> {
    let place = || site.place(1);
    let series = |what: &str, given: &Dynamic| match value::series(given) {
        Some(series) => Ok(series),
        None if given.is::<Unknown>() => Err(Diagnostic::told()),
        None => {
            let message = format!("{what} is {}, but must be a number or a series", value::describe(given));
            Err(Diagnostic::new(message)
                .hint("the last expression of the function is the next value: |prev| max(prev, close)")
                .at(place()))
        }
    };
    let names: Vec<&str> = shape.iter().map(String::as_str).collect();
    if names == [""] {
        return Ok(vec![series("what the function of `scan` gives", next)?]);
    }
    let Some(map) = next.read_lock::<Map>() else {
        if next.is::<Unknown>() {
            return Err(Diagnostic::told());
        }
        let message = format!("the function of `scan` gives {}, but must give a record", value::describe(next));
        return Err(Diagnostic::new(message)
            .hint(format!("give the next value of each state: #{{ {}: … }}", names.join(": …, ")))
            .at(place()));
    };
    if let Some(unknown) = map.keys().find(|name| !names.contains(&name.as_str())) {
        let message = format!("the function of `scan` gives `{unknown}`, which is no state");
        return Err(Diagnostic::new(message).did_you_mean(unknown, names).at(place()));
    }
    let state = |name: &&str| match map.get(*name) {
        Some(given) => series(&format!("the next value of `{name}`"), given),
        None => Err(Diagnostic::new(format!("the function of `scan` gives no next value of `{name}`"))
            .hint("a state that stays as it is is given as it was: #{ level: state.level, … }")
            .at(place())),
    };
    names.iter().map(state).collect()
}
