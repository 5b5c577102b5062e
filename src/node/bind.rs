//! Binding: what a person gave, checked against a Spec.

use std::sync::Arc;
use std::vec;

use crate::data::{Field, Instrument};
use crate::error::{Diagnostic, Origin, Result, all, nearest};
use crate::expr::{Argument, Arguments, BarsRef, Call, Entry, Given, Level, Series};
use crate::node::ranges::{above_zero, mismatch, number, positive, within};
use crate::node::{Inputs, Kind, Literal, Parameter, Presence, Registry, Spec};
use crate::time::Timeframe;

/// Checks the arguments of a call: inputs first, then parameters by position, then a record of
/// parameters by name.
///
/// # Errors
/// At the argument that does not fit: its kind, its range, a name that the Spec does not have, too
/// many or too few.
pub fn bind_call(registry: &Registry, spec: &Spec, given: Vec<Given>, origin: Option<Origin>) -> Result<Call> {
    if given.iter().any(|given| matches!(given.value, Argument::Wrong)) {
        return Err(Diagnostic::told());
    }
    bind(registry, spec, given, origin.clone()).map_err(|error| with_signature(spec, error).at(origin))
}

/// Says how the node is called; not behind another hint where that takes more than a line.
fn with_signature(spec: &Spec, error: Diagnostic) -> Diagnostic {
    let signature = spec.signature();
    let hint = format!("it is {signature}");
    if signature.chars().count() > 100 { error.hint(hint) } else { error.also(hint) }
}

fn bind(registry: &Registry, spec: &Spec, mut given: Vec<Given>, origin: Option<Origin>) -> Result<Call> {
    let named = match given.last() {
        Some(Given { value: Argument::Record(_), .. }) => match given.pop() {
            Some(Given { value: Argument::Record(entries), .. }) => entries,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let count = given.len();
    let first = given.first().cloned();
    let mut positional = given.into_iter();
    let inputs = match spec.inputs {
        Inputs::None => Vec::new(),
        Inputs::Series(names) => bind_inputs(spec, names, &mut positional)?,
        Inputs::Bars(fields) => bind_columns(spec, fields, &mut positional)?,
    };
    if let Some(first) = first.filter(|_| !inputs.is_empty() && inputs.iter().all(|input| input.bars().is_none())) {
        return Err(without_bars(spec, first, positional.as_slice()));
    }
    let most = count - positional.len() + spec.parameters.len();
    let mut entries = Vec::new();
    let mut parameters = spec.parameters.iter();
    for given in positional {
        let Some(parameter) = parameters.next() else {
            let most = match most {
                0 => "no arguments".into(),
                1 => "no more than 1 argument".into(),
                _ => format!("no more than {most} arguments"),
            };
            return Err(Diagnostic::new(format!("`{}` takes {most}", spec.name)).at(given.origin));
        };
        entries.push(Entry { name: parameter.name.into(), given });
    }
    entries.extend(named);
    let arguments = bind_record(registry, spec.name, spec.parameters, entries)?;
    let node = spec.name.into();
    Ok(Call { node, inputs, arguments, outputs: Vec::new(), output_timeframes: Vec::new(), origin })
}

/// What is wrong where every input is the same on all bars. `rest` is what stands behind them.
fn without_bars(spec: &Spec, first: Given, rest: &[Given]) -> Diagnostic {
    let constant = match &first.value {
        Argument::Series(series) if series.symbols().position => "a figure of the open position".into(),
        Argument::Series(series) if series.symbols().state => "the state of a scan".into(),
        Argument::Series(_) => "a constant".into(),
        value => value.describe(),
    };
    let message = format!("`{}` is given {constant} where it takes a series", spec.name);
    let diagnostic = Diagnostic::new(message).at(first.origin);
    match rest.iter().any(|given| matches!(given.value, Argument::Series(_))) {
        true => diagnostic.hint("what it reads comes first"),
        false => diagnostic,
    }
}

fn bind_inputs(spec: &Spec, names: &[&str], positional: &mut vec::IntoIter<Given>) -> Result<Vec<Series>> {
    all(names.iter().map(|name| match positional.next() {
        Some(given) => bind_series(&format!("the input `{name}` of `{}`", spec.name), given),
        None => Err(Diagnostic::new(format!("`{}` is missing its input `{name}`", spec.name))),
    }))
}

/// The columns of bars, or a series for each.
fn bind_columns(spec: &Spec, fields: &[Field], positional: &mut vec::IntoIter<Given>) -> Result<Vec<Series>> {
    if let Some(Given { value: Argument::Bars(bars), .. }) = positional.as_slice().first() {
        let bars: BarsRef = bars.clone();
        positional.next();
        return Ok(fields.iter().map(|field| bars.field(*field)).collect());
    }
    let given = positional.as_slice();
    // A number is no column: it was meant for a parameter.
    let is_column = |given: &&Given| !matches!(given.value, Argument::Integer(_) | Argument::Number(_));
    if given.iter().take(fields.len()).filter(is_column).count() < fields.len() {
        let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name())).collect();
        let values: Vec<String> = given.iter().take(fields.len()).map(|given| given.value.describe()).collect();
        let values = if values.is_empty() { "nothing".into() } else { values.join(", ") };
        let message = format!("`{}` reads {} of bars, but is given {values}", spec.name, names.join(", "));
        return Err(Diagnostic::new(message)
            .hint("give it the bars whole, such as bars(\"1d\"), or a series for each column")
            .at(given.first().and_then(|given| given.origin.clone())));
    }
    let what = |field: &Field| format!("the input `{}` of `{}`", field.name(), spec.name);
    fields.iter().zip(positional).map(|(field, given)| bind_series(&what(field), given)).collect()
}

fn bind_series(what: &str, given: Given) -> Result<Series> {
    let wrong = |hint: &str, given: &Given| {
        let message = format!("{what} is {}, but takes a series", given.value.describe());
        Err(Diagnostic::new(message).hint(hint).at(given.origin.clone()))
    };
    match &given.value {
        Argument::Series(series) => Ok(series.clone()),
        Argument::Integer(value) => Ok(Series::constant(*value as f64)),
        Argument::Number(value) if value.is_finite() => Ok(Series::constant(*value)),
        Argument::Bars(_) => wrong("name one of its columns, such as `.close`", &given),
        Argument::Condition(_) => wrong("turn it into numbers: select(condition, 1, 0)", &given),
        Argument::Label(_) => wrong("only a model's `target` may look ahead", &given),
        Argument::Level(Level::Price(_)) => wrong("give the series itself, without `price`", &given),
        Argument::Call(call) if !call.outputs.is_empty() => {
            let mut names: Vec<&str> = call.outputs.iter().map(|path| path.split('.').next().unwrap_or(path)).collect();
            names.dedup();
            wrong(&format!("name one of its outputs: {}", names.join(", ")), &given)
        }
        Argument::Wrong => Err(Diagnostic::told()),
        other => Err(Diagnostic::new(format!("{what} is {}, but takes a series", other.describe())).at(given.origin)),
    }
}

/// Checks a record's entries against the parameters that it may hold, and fills in the defaults.
///
/// # Errors
/// At each entry that is unknown, given twice or does not fit; without a place where one is missing.
pub fn bind_record(
    registry: &Registry,
    owner: &'static str,
    parameters: &'static [Parameter],
    entries: Vec<Entry>,
) -> Result<Arguments> {
    let mut slots: Vec<Option<Result<Given>>> = vec![None; parameters.len()];
    let mut strange = Vec::new();
    for Entry { name, given } in entries {
        let Some(index) = parameters.iter().position(|parameter| parameter.name == name) else {
            let names = parameters.iter().map(|parameter| parameter.name);
            let diagnostic = Diagnostic::new(format!("`{owner}` has no parameter called `{name}`"));
            strange.push(diagnostic.did_you_mean(&name, names).at(given.origin));
            continue;
        };
        if slots[index].is_some() {
            strange.push(Diagnostic::new(format!("`{owner}` is given `{name}` twice")).at(given.origin));
            continue;
        }
        let origin = given.origin.clone();
        let binding = Binding { registry, owner, parameter: &parameters[index] };
        slots[index] = Some(binding.check(given).map(|value| Given { value, origin }));
    }
    let known = strange.is_empty();
    let values = parameters.iter().zip(slots).filter_map(|(parameter, slot)| {
        let given = match (slot, parameter.presence) {
            (Some(given), _) => given,
            (None, Presence::Optional) => return None,
            (None, Presence::Default(literal)) => Binding { registry, owner, parameter }.default(literal),
            (None, Presence::Required) if known => {
                Err(Diagnostic::new(format!("`{owner}` is missing `{}`: {}", parameter.name, parameter.doc)))
            }
            // It may be what the strange name was meant to be.
            (None, Presence::Required) => Err(Diagnostic::told()),
        };
        Some(given.map(|given| (parameter.name, given)))
    });
    let values = all(strange.into_iter().map(Err).chain(values))?;
    Ok(Arguments::new(owner, values))
}

/// One parameter of one node, being given a value.
struct Binding<'a> {
    registry: &'a Registry,
    owner: &'static str,
    parameter: &'static Parameter,
}

impl Binding<'_> {
    fn default(&self, literal: Literal) -> Result<Given> {
        let value = match literal {
            Literal::Integer(value) => Argument::Integer(value),
            Literal::Number(value) => Argument::Number(value),
            Literal::Flag(value) => Argument::Flag(value),
            Literal::Text(value) => Argument::Text(value.into()),
            Literal::Percent(value) => Argument::Percent(value),
            Literal::Record => Argument::Record(Vec::new()),
        };
        Ok(self.check(value.into())?.into())
    }

    fn check(&self, given: Given) -> Result<Argument> {
        let origin = given.origin.clone();
        let what = format!("`{}` of `{}`", self.parameter.name, self.owner);
        self.check_kind(&what, self.parameter.kind, given).map_err(|e| e.at(origin))
    }

    fn check_kind(&self, what: &str, kind: Kind, given: Given) -> Result<Argument> {
        let value = match (kind, given.value) {
            (_, Argument::Wrong) => return Err(Diagnostic::told()),
            (Kind::Integer(min, max), Argument::Integer(value)) => {
                within(what, value, min, max)?;
                Argument::Integer(value)
            }
            (Kind::Number(min, max), Argument::Integer(value)) => {
                Argument::Number(number(what, value as f64, min, max)?)
            }
            (Kind::Number(min, max), Argument::Number(value)) => Argument::Number(number(what, value, min, max)?),
            (Kind::Percent(min, max), Argument::Percent(value)) => {
                if !(min..=max).contains(&value) {
                    let range = format!("percent({}) to percent({})", min * 100.0, max * 100.0);
                    return Err(Diagnostic::new(format!("{what} is percent({}): {range} are allowed", value * 100.0)));
                }
                Argument::Percent(value)
            }
            (Kind::Percent(min, _), Argument::Integer(0)) if min <= 0.0 => Argument::Percent(0.0),
            (Kind::Flag, value @ Argument::Flag(_)) | (Kind::Text, value @ Argument::Text(_)) => value,
            (Kind::Choice(words), Argument::Text(word)) => match words.contains(&word.as_str()) {
                true => Argument::Text(word),
                false => {
                    let message = format!("{what} is \"{word}\", but takes {}", kind.describe());
                    let nearest = nearest(&word, words.iter().copied());
                    return Err(match nearest {
                        Some(nearest) => Diagnostic::new(message).hint(format!("did you mean \"{nearest}\"?")),
                        None => Diagnostic::new(message),
                    });
                }
            },
            (Kind::Series, value) => Argument::Series(bind_series(what, Given { value, origin: given.origin })?),
            (Kind::Condition, value @ Argument::Condition(_)) => value,
            (Kind::Condition, Argument::Flag(value)) => Argument::Condition(crate::expr::Condition::constant(value)),
            (Kind::Label, value @ Argument::Label(_)) => value,
            (Kind::Level, value @ Argument::Level(_)) => value,
            (Kind::Level, Argument::Percent(value)) => Argument::Level(Level::Percent(positive(what, value)?)),
            (Kind::Level, Argument::Series(series)) => Argument::Level(Level::Distance(series)),
            (Kind::Distance(..), Argument::Series(series)) => Argument::Level(Level::Distance(series)),
            (Kind::Distance(..), value @ Argument::Level(Level::Price(_))) => {
                return Err(mismatch(what, &kind.describe(), &value)
                    .hint("a price says where, this says how far: take off the price(…)"));
            }
            (Kind::Distance(min, max), value @ (Argument::Percent(_) | Argument::Integer(0))) => {
                let given = Given { value, origin: given.origin };
                match self.check_kind(what, Kind::Percent(min, max), given)? {
                    Argument::Percent(value) => Argument::Level(Level::Percent(value)),
                    other => other,
                }
            }
            (Kind::Integers(min, max), Argument::List(items)) => {
                self.list(items, |item| self.check_kind(&format!("a number in {what}"), Kind::Integer(min, max), item))?
            }
            (Kind::Records(parameters), Argument::List(items)) => {
                self.list(items, |item| self.check_kind(&format!("an item of {what}"), Kind::Record(parameters), item))?
            }
            (Kind::Order, Argument::Order(order)) => Argument::Order(above_zero(what, order)?),
            (Kind::GoodFor, Argument::Integer(value)) => {
                within(what, value, 1, 1_000_000)?;
                Argument::Integer(value)
            }
            (Kind::GoodFor, Argument::Text(word)) if word == "day" => Argument::Text(word),
            (Kind::Weights, Argument::Record(entries)) => Argument::Record(bind_weights(what, entries)?),
            (Kind::Weights, value) => Argument::Series(bind_weight(what, Given { value, origin: given.origin })?),
            (Kind::Every, Argument::Integer(value)) => {
                within(what, value, 1, 1_000_000)?;
                Argument::Integer(value)
            }
            (Kind::Every, Argument::Text(text)) => {
                text.parse::<Timeframe>()?;
                Argument::Text(text)
            }
            (Kind::Forecaster, Argument::Call(call)) if self.registry.forecasts(&call.node) => Argument::Call(call),
            (Kind::Sizer, Argument::Call(call)) if self.registry.sizer(&call.node).is_some() => Argument::Call(call),
            (Kind::Sizer, value @ Argument::Percent(_)) => {
                let origin = given.origin.clone();
                Argument::Call(Arc::new(self.registry.call(
                    "percent",
                    [Given { value, origin: given.origin }],
                    origin,
                )?))
            }
            (Kind::Exits, Argument::List(items)) => self.list(items, |call| self.exit(what, call))?,
            (Kind::Exits, Argument::Call(call)) => self.list(vec![call.into()], |call| self.exit(what, call))?,
            (Kind::Texts, Argument::List(items)) => self.list(items, |item| match item.value {
                Argument::Text(text) => Ok(Argument::Text(text)),
                other => Err(mismatch(what, "texts such as \"us_equities/AAPL\"", &other)),
            })?,
            (Kind::Texts, value @ Argument::Text(_)) => Argument::List(vec![Given { value, origin: given.origin }]),
            (Kind::SeriesList, Argument::List(items)) => {
                self.list(items, |item| Ok(Argument::Series(bind_series(what, item)?)))?
            }
            (Kind::SeriesRecord, Argument::Record(entries)) => {
                let mut flat = Vec::new();
                flatten(what, "", entries, &mut flat);
                Argument::Record(all(flat)?)
            }
            (Kind::Groups, Argument::Record(groups)) => Argument::Record(bind_groups(what, groups)?),
            (Kind::IntegerByGroup(min, max), Argument::Integer(value)) => {
                within(what, value, min, max)?;
                Argument::Integer(value)
            }
            (Kind::IntegerByGroup(min, max), Argument::Record(entries)) => {
                all(entries.iter().map(|Entry { name, given }| {
                    self.check_kind(&format!("`{name}` in {what}"), Kind::Integer(min, max), given.clone())
                        .map_err(|e| e.at(given.origin.clone()))
                }))?;
                Argument::Record(entries)
            }
            (Kind::Record(parameters) | Kind::RecordOrFirst(parameters), Argument::Record(entries)) => {
                Argument::Settings(bind_record(self.registry, self.parameter.name, parameters, entries)?)
            }
            (Kind::RecordOrFirst(parameters @ [first, ..]), value) => {
                let origin = given.origin.clone();
                let value = self.check_kind(what, first.kind, Given { value, origin: given.origin })?;
                let entries = vec![Entry { name: first.name.into(), given: Given { value, origin } }];
                Argument::Settings(bind_record(self.registry, self.parameter.name, parameters, entries)?)
            }
            (Kind::Record(parameters), value) => {
                let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
                let hint = format!("write #{{ … }}, with {}", names.join(", "));
                return Err(mismatch(what, "a record", &value).hint(hint));
            }
            (kind, value) => return Err(mismatch(what, &kind.describe(), &value)),
        };
        Ok(value)
    }

    fn exit(&self, what: &str, given: Given) -> Result<Argument> {
        match given.value {
            Argument::Call(call) if self.registry.exit(&call.node).is_some() => Ok(Argument::Call(call)),
            other => {
                let names = self.registry.exits().map(|node| node.spec.name).collect::<Vec<_>>().join(", ");
                Err(mismatch(what, "exits", &other).hint(format!("the exits are {names}")))
            }
        }
    }

    fn list(&self, items: Vec<Given>, check: impl Fn(Given) -> Result<Argument>) -> Result<Argument> {
        let checked = items.into_iter().map(|item| {
            let origin = item.origin.clone();
            if matches!(item.value, Argument::Wrong) {
                return Err(Diagnostic::told());
            }
            let value = check(item).map_err(|e| e.at(origin.clone()))?;
            Ok(Given { value, origin })
        });
        Ok(Argument::List(all(checked)?))
    }
}

fn flatten(what: &str, prefix: &str, entries: Vec<Entry>, flat: &mut Vec<Result<Entry>>) {
    for Entry { name, given } in entries {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        let origin = given.origin.clone();
        let series = match given.value {
            Argument::Record(inner) => {
                flatten(what, &name, inner, flat);
                continue;
            }
            Argument::Condition(condition) => Ok(condition.select(1.0, 0.0)),
            _ => bind_series(&format!("`{name}` in {what}"), given).map_err(|e| e.at(origin.clone())),
        };
        flat.push(series.map(|series| Entry { name, given: Given { value: Argument::Series(series), origin } }));
    }
}

/// A series, or a proportion.
fn bind_weight(what: &str, given: Given) -> Result<Series> {
    match given.value {
        Argument::Percent(share) => Ok(Series::constant(share)),
        _ => bind_series(what, given),
    }
}

/// Series by instrument.
fn bind_weights(what: &str, entries: Vec<Entry>) -> Result<Vec<Entry>> {
    if entries.is_empty() {
        return Err(Diagnostic::new(format!("{what} is empty: it says what is held of each instrument")));
    }
    all(entries.into_iter().map(|Entry { name, given }| {
        let origin = given.origin.clone();
        let series = name.parse::<Instrument>().and_then(|_| bind_weight(&format!("`{name}` in {what}"), given));
        let value = Argument::Series(series.map_err(|error| error.at(origin.clone()))?);
        Ok(Entry { name, given: Given { value, origin } })
    }))
}

/// Named groups of named series, each group at one timeframe; a group may also be a list.
fn bind_groups(what: &str, groups: Vec<Entry>) -> Result<Vec<Entry>> {
    if groups.is_empty() {
        return Err(Diagnostic::new(format!("{what} is empty: it takes at least one group of series")));
    }
    all(groups.into_iter().map(|Entry { name, given }| {
        let origin = given.origin.clone();
        let entries = match given.value {
            Argument::Record(entries) => entries,
            Argument::List(items) => {
                let entry = |(index, given): (usize, Given)| Entry { name: format!("{index}"), given };
                items.into_iter().enumerate().map(entry).collect()
            }
            Argument::Wrong => return Err(Diagnostic::told()),
            other => return Err(mismatch(&format!("`{name}` in {what}"), "a record of series", &other).at(origin)),
        };
        let mut features = Vec::new();
        flatten(what, "", entries, &mut features);
        if features.is_empty() {
            return Err(
                Diagnostic::new(format!("`{name}` in {what} is empty: it takes at least one series")).at(origin)
            );
        }
        Ok(Entry { name, given: Given { value: Argument::Record(all(features)?), origin } })
    }))
}
