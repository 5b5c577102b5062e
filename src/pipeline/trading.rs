//! Trading: what the datasets of a universe say about money, before anything is computed.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{Catalog, Manifest, Stated};
use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Argument, Entry, Given};
use crate::node::Registry;
use crate::strategy::Strategy;

/// Gives a strategy the costs that its datasets' `[trading]` tables state, where it states none itself.
///
/// # Errors
/// Where the instruments are priced in several currencies, or their datasets say different things
/// about a figure: there is one account. At what does not fit in a table. A dataset that does not exist is left
/// to [`crate::pipeline::load`].
pub fn settle(mut strategy: Strategy, registry: &Registry, catalog: &Catalog) -> Result<Strategy> {
    let mut datasets: BTreeMap<String, (Manifest, Option<Origin>)> = BTreeMap::new();
    for (index, instrument) in strategy.universe.iter().enumerate() {
        let origin = strategy.universe_origins.get(index).cloned().flatten();
        if datasets.contains_key(&instrument.dataset) {
            continue;
        }
        let Ok(manifest) = catalog.manifest(&instrument.dataset) else { continue };
        let currencies = datasets.iter().map(|(name, (manifest, _))| (name, &manifest.currency));
        let other = currencies.clone().find(|(_, other)| !other.is_empty() && **other != manifest.currency);
        if let Some((name, other)) = other.filter(|_| !manifest.currency.is_empty()) {
            let message = format!(
                "{instrument} is priced in {}, the dataset {name} in {other}: an account holds one currency",
                manifest.currency
            );
            return Err(Diagnostic::new(message)
                .hint("trade them in a strategy each, or bring their prices into one currency")
                .at(origin));
        }
        datasets.insert(instrument.dataset.clone(), (manifest, origin));
    }
    let names: BTreeSet<&String> = datasets.values().flat_map(|(manifest, _)| manifest.trading.keys()).collect();
    for name in names.into_iter().filter(|name| strategy.figures.is_open(name)) {
        let mut all =
            datasets.iter().map(|(dataset, (manifest, origin))| (dataset, manifest.trading.get(name), origin));
        let Some((first, value, _)) = all.next() else { continue };
        let differs = |other: Option<&Stated>| other.map(|stated| &stated.value) != value.map(|stated| &stated.value);
        if let Some((second, other, origin)) = all.find(|(_, other, _)| differs(*other)) {
            let said = |stated: Option<&Stated>| stated.map_or("nothing".into(), |stated| stated.value.to_string());
            let message =
                format!("the datasets differ in `{name}`: {first} says {}, {second} says {}", said(value), said(other));
            return Err(Diagnostic::new(message)
                .hint(format!("say in the script which `{name}` holds"))
                .at(origin.clone()));
        }
    }
    // Where they do not differ, one stands for all.
    if let Some((dataset, (manifest, _))) = datasets.into_iter().next() {
        let entry = |(name, Stated { value, origin }): (String, Stated)| Entry { name, given: given(value, &origin) };
        strategy.take_defaults(registry, &dataset, manifest.trading.into_iter().map(entry).collect())?;
    }
    Ok(strategy)
}

/// A value of a table as an argument; all of it stands at one place.
fn given(value: toml::Value, origin: &Origin) -> Given {
    let argument = match value {
        toml::Value::Integer(value) => Argument::Integer(value),
        toml::Value::Float(value) => Argument::Number(value),
        toml::Value::Boolean(value) => Argument::Flag(value),
        toml::Value::String(value) => Argument::Text(value),
        toml::Value::Datetime(value) => Argument::Text(value.to_string()),
        toml::Value::Array(items) => Argument::List(items.into_iter().map(|item| given(item, origin)).collect()),
        toml::Value::Table(table) => {
            let entry = |(name, value)| Entry { name, given: given(value, origin) };
            Argument::Record(table.into_iter().map(entry).collect())
        }
    };
    Given { value: argument, origin: Some(origin.clone()) }
}
