//! The universe: which instruments a strategy trades, once there are some to choose from.

use std::collections::HashSet;

use crate::data::{Catalog, Instrument, Pattern};
use crate::error::{Origin, Result};
use crate::strategy::{Selection, Selector, Strategy};

/// An instrument that is traded, and where it or its pattern was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traded {
    /// The instrument.
    pub instrument: Instrument,
    /// Where a person named it.
    pub origin: Option<Origin>,
}

/// The instruments that a strategy trades, by what a catalog holds: in the order in which the universe
/// names them, those of a pattern by their symbols, each once. A strategy that names all of them needs no
/// look into the catalog.
///
/// # Errors
/// At the pattern that matches nothing, or whose dataset is not there.
///
/// ```
/// use timeweave::data::Catalog;
/// use timeweave::pipeline::universe;
/// use timeweave::script::{Options, compile};
/// use timeweave::standard_registry;
///
/// # fn main() -> timeweave::error::Result<()> {
/// let registry = standard_registry()?;
/// let text = r#"
///     let day = bars("1d");
///     strategy(#{ universe: ["us_equities/MSFT", "us_equities/*"], long: #{ enter: top(2, roc(day.close, 60)) } })
/// "#;
/// // A script is read without a catalog: the pattern stays as it was written.
/// let strategy = compile(text, "strongest.rhai", &Options { registry: &registry, settings: &[] })?;
/// assert_eq!(strategy.universe[1].what.to_string(), "us_equities/*");
///
/// let traded = universe(&strategy, &Catalog::open("datasets")?)?;
/// let symbols: Vec<&str> = traded.iter().map(|one| one.instrument.symbol.as_str()).collect();
/// assert_eq!(symbols, ["MSFT", "AAPL", "FB", "GOOG"]);
/// # Ok(())
/// # }
/// ```
pub fn universe(strategy: &Strategy, catalog: &Catalog) -> Result<Vec<Traded>> {
    resolve(strategy, |pattern| catalog.matching(pattern))
}

/// The same; `matching` gives the instruments that a pattern matches.
pub(super) fn resolve(
    strategy: &Strategy,
    matching: impl Fn(&Pattern) -> Result<Vec<Instrument>>,
) -> Result<Vec<Traded>> {
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    for Selection { what, origin } in &strategy.universe {
        let named = match what {
            Selector::Instrument(instrument) => vec![instrument.clone()],
            Selector::Pattern(pattern) => matching(pattern).map_err(|error| error.at(origin.clone()))?,
        };
        for instrument in named {
            if seen.insert(instrument.clone()) {
                all.push(Traded { instrument, origin: origin.clone() });
            }
        }
    }
    Ok(all)
}
