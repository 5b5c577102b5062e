//! Figures: the records of costs and account, and where each figure in them comes from.
//!
//! What a script states holds; else what the `[trading]` table of its dataset says; else the default.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::{Diagnostic, Result, all};
use crate::expr::{Argument, Arguments, Entry, Given, Level, Series};
use crate::node::{Kind, Literal, Parameter, Presence, Registry, bind_record};
use crate::strategy::{Account, Costs, Hours, ImpactModel, Strategy, Tier, Tiers};

/// What may stand in `costs`.
pub(super) const COSTS: &[Parameter] = &[
    Parameter::percent("commission", 0.0, 0.0, 1.0, "commission, as a proportion of the value traded"),
    Parameter::number("commission_fixed", 0.0, 0.0, 1e6, "commission for each fill, in the account's currency"),
    Parameter::number("commission_per_unit", 0.0, 0.0, 1e6, "commission for each unit, in the account's currency"),
    Parameter::number("commission_minimum", 0.0, 0.0, 1e6, "the least that a fill's commission comes to"),
    Parameter::optional(
        "tiers",
        Kind::Records(TIER),
        "other commissions once the value of the fills of the last 30 days is above so much",
    ),
    Parameter::percent("spread", 0.0, 0.0, 1.0, "gap between bid and ask: half of it is lost on each fill at market"),
    Parameter {
        name: "slippage",
        doc: "how much worse than the market price market orders and stops fill; a series is read at the last close",
        kind: Kind::Distance(0.0, 1.0),
        presence: Presence::Default(Literal::Percent(0.0)),
    },
    Parameter::number("slippage_amount", 0.0, 0.0, 1e9, "the same as an amount in price units: so many ticks"),
    Parameter::percent(
        "impact",
        0.0,
        0.0,
        10.0,
        "how far a market order for a whole bar's volume moves the price against itself; a part moves it as impact_model says",
    ),
    Parameter::choice(
        "impact_model",
        &["square_root", "linear", "quadratic"],
        "impact × √share, impact × share or impact × share², of the bar's volume",
    ),
    Parameter::optional(
        "volume_limit",
        Kind::Percent(0.0001, 1.0),
        "largest share of a bar's volume that fills: the rest of an order waits; percent(100) where there is an impact",
    ),
    Parameter::percent("borrow", 0.0, 0.0, 10.0, "fee for what is sold short, a year of 365 days, on its value"),
    Parameter::percent("funding", 0.0, -0.1, 0.1, "what longs pay shorts at each funding hour, on the value"),
    Parameter::optional(
        "funding_hours",
        Kind::Integers(0, 23),
        "hours of the day, UTC, at which funding is paid; [0, 8, 16] where not given",
    ),
    Parameter::percent("interest", 0.0, -1.0, 10.0, "interest on cash, a year of 365 days; on none from short sales"),
    Parameter::percent("margin_interest", 0.0, 0.0, 10.0, "interest paid on cash below zero, a year of 365 days"),
];

const TIER: &[Parameter] = &[
    Parameter::required("above", Kind::Number(0.0, 1e15), "the traded value above which it holds"),
    Parameter::optional("commission", Kind::Percent(0.0, 1.0), "in place of the costs' own"),
    Parameter::optional("commission_per_unit", Kind::Number(0.0, 1e6), "in place of the costs' own"),
];

/// What may stand in `account`.
pub(super) const ACCOUNT: &[Parameter] = &[
    Parameter::number("cash", 100_000.0, 1e-9, 1e15, "cash at the start, in the datasets' currency"),
    LOT,
    Parameter::number("leverage", 1.0, 0.01, 1000.0, "largest value of open positions as a multiple of equity"),
    Parameter::optional(
        "initial_margin",
        Kind::Percent(0.001, 1.0),
        "another way to say leverage: equity over the value of open positions, at least; leverage = 1 / initial_margin",
    ),
    Parameter::percent(
        "maintenance_margin",
        0.0,
        0.0,
        1.0,
        "margin call: where equity < maintenance_margin × gross value at a close, all is closed at the next open",
    ),
    TICK,
    MINIMUM_NOTIONAL,
    Parameter::optional("max_positions", Kind::Integer(1, 1_000_000), "most instruments held at a time"),
    Parameter::optional("max_position", SHARE, "largest value of one position, of equity"),
    Parameter::optional("max_gross", SHARE, "largest gross value of open positions, of equity"),
    Parameter::optional("max_net", SHARE, "largest net value of open positions, long or short, of equity"),
];

const SHARE: Kind = Kind::Percent(0.0001, 1000.0);

const LOT: Parameter =
    Parameter::number("lot", 0.0, 0.0, 1e9, "smallest step of a position's size in units; 0 for any fraction");
const TICK: Parameter =
    Parameter::number("tick", 0.0, 0.0, 1e9, "step of prices: fills are rounded against the trader; 0 for any price");
const MINIMUM_NOTIONAL: Parameter =
    Parameter::number("minimum_notional", 0.0, 0.0, 1e12, "least value of an order to enter; a smaller one is refused");

/// The name of the table of a `dataset.toml` that gives defaults.
const TRADING: &str = "trading";

/// The figures of the account that are an instrument's rather than a person's.
const VENUE: &[Parameter] = &[LOT, TICK, MINIMUM_NOTIONAL];

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureSource {
    /// The script, or whoever declared the strategy.
    Script,
    /// The `[trading]` table of this dataset.
    Dataset(String),
    /// Nobody: the default holds.
    Default,
}

impl fmt::Display for FigureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FigureSource::Script => f.write_str("script"),
            FigureSource::Dataset(dataset) => write!(f, "dataset {dataset}"),
            FigureSource::Default => f.write_str("default"),
        }
    }
}

/// Where the figures of costs and account come from, by their names in scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    given: BTreeMap<&'static str, FigureSource>,
}

impl Figures {
    /// What a record states, before it is checked.
    pub(super) fn stated(record: &[Entry]) -> Self {
        let mut given = BTreeMap::new();
        for (name, parameters) in [("costs", COSTS), ("account", ACCOUNT)] {
            let inner = record.iter().filter(|entry| entry.name == name).flat_map(|entry| match &entry.given.value {
                Argument::Record(entries) => entries.as_slice(),
                _ => &[],
            });
            for entry in inner {
                let known = parameters.iter().find(|parameter| parameter.name == entry.name);
                given.extend(known.map(|parameter| (parameter.name, FigureSource::Script)));
            }
        }
        Self { given }
    }

    /// Where a figure comes from.
    pub fn source(&self, name: &str) -> &FigureSource {
        self.given.get(name).unwrap_or(&FigureSource::Default)
    }

    /// Every figure that there is, by record, with its source.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &FigureSource)> {
        COSTS.iter().chain(ACCOUNT).map(|parameter| (parameter.name, self.source(parameter.name)))
    }

    pub(super) fn is_stated(&self, name: &str) -> bool {
        *self.source(name) == FigureSource::Script
    }

    /// Whether a dataset's figure is for this strategy: the script says nothing of it, nor of what it
    /// stands in for.
    pub fn is_open(&self, name: &str) -> bool {
        let instead: &[&str] = match name {
            "tiers" => &["commission", "commission_per_unit"],
            _ => &[],
        };
        !self.is_stated(name) && !instead.iter().any(|other| self.is_stated(other))
    }
}

/// The costs of a checked record.
pub(super) fn costs(costs: &Arguments) -> Result<Costs> {
    let slippage = match costs.level("slippage")? {
        Level::Percent(fraction) => *fraction,
        Level::Distance(_) | Level::Price(_) => 0.0,
    };
    let (commission, commission_per_unit) = (costs.percent("commission")?, costs.number("commission_per_unit")?);
    Ok(Costs {
        commission,
        commission_fixed: costs.number("commission_fixed")?,
        commission_per_unit,
        commission_minimum: costs.number("commission_minimum")?,
        tiers: tiers(costs, commission, commission_per_unit)?,
        spread: costs.percent("spread")?,
        slippage,
        slippage_amount: costs.number("slippage_amount")?,
        impact: costs.percent("impact")?,
        impact_model: match costs.text("impact_model")? {
            "linear" => ImpactModel::Linear,
            "quadratic" => ImpactModel::Quadratic,
            _ => ImpactModel::SquareRoot,
        },
        volume_limit: optional(costs, "volume_limit", Arguments::percent)?,
        borrow: costs.percent("borrow")?,
        funding: costs.percent("funding")?,
        funding_hours: funding_hours(costs)?,
        interest: costs.percent("interest")?,
        margin_interest: costs.percent("margin_interest")?,
    })
}

/// Slippage as a series, where that is what a checked record gives.
pub(super) fn slippage_distance(costs: &Arguments) -> Result<Option<Series>> {
    match costs.level("slippage")? {
        Level::Distance(series) => Ok(Some(series.clone())),
        Level::Percent(_) | Level::Price(_) => Ok(None),
    }
}

fn tiers(costs: &Arguments, commission: f64, commission_per_unit: f64) -> Result<Tiers> {
    if costs.get("tiers").is_none() {
        return Ok(Tiers::default());
    }
    let tier = |given: &Given| match &given.value {
        Argument::Settings(tier) => Ok(Tier {
            above: tier.number("above")?,
            commission: optional(tier, "commission", Arguments::percent)?.unwrap_or(commission),
            commission_per_unit: optional(tier, "commission_per_unit", Arguments::number)?
                .unwrap_or(commission_per_unit),
        }),
        other => Err(Diagnostic::new(format!("a tier is {}", other.describe()))),
    };
    let tiers = costs.list("tiers")?.iter().map(tier).collect::<Result<Vec<_>>>()?;
    Tiers::new(&tiers).map_err(|e| e.at(costs.origin("tiers")))
}

fn funding_hours(costs: &Arguments) -> Result<Hours> {
    if costs.get("funding_hours").is_none() {
        return Ok(Hours::default());
    }
    let hours = costs.list("funding_hours")?;
    if hours.is_empty() {
        return Err(Diagnostic::new("`funding_hours` is empty: funding would never be paid")
            .hint("name the hours, UTC: funding_hours: [0, 8, 16]")
            .at(costs.origin("funding_hours")));
    }
    let hour = |given: &Given| match given.value {
        Argument::Integer(hour) => u32::try_from(hour).ok(),
        _ => None,
    };
    Ok(Hours::new(hours.iter().filter_map(hour)))
}

/// The account of a checked record.
pub(super) fn account(account: &Arguments, figures: &Figures) -> Result<Account> {
    let initial_margin = optional(account, "initial_margin", Arguments::percent)?;
    if initial_margin.is_some() && figures.is_stated("leverage") {
        return Err(Diagnostic::new("`leverage` and `initial_margin` say the same thing twice")
            .hint("keep one of them: leverage is 1 / initial_margin")
            .at(account.origin("initial_margin")));
    }
    let leverage = match initial_margin {
        Some(margin) => 1.0 / margin,
        None => account.number("leverage")?,
    };
    let maintenance_margin = account.percent("maintenance_margin")?;
    // A margin that is met by what no leverage allows has no say.
    if maintenance_margin > (1.0 / leverage).min(1.0) {
        let message = format!(
            "`maintenance_margin` is {}, but leverage of {leverage} asks for no more than {} to enter: a full position would be closed at once",
            Argument::Percent(maintenance_margin).literal(),
            Argument::Percent(1.0 / leverage).literal(),
        );
        return Err(Diagnostic::new(message)
            .hint("it must be at most 1 / leverage: take less leverage, or a smaller margin")
            .at(account.origin("maintenance_margin")));
    }
    Ok(Account {
        cash: account.number("cash")?,
        lot: account.number("lot")?,
        leverage,
        maintenance_margin,
        tick: account.number("tick")?,
        minimum_notional: account.number("minimum_notional")?,
        max_positions: optional(account, "max_positions", Arguments::length)?,
        max_position: optional(account, "max_position", Arguments::percent)?,
        max_gross: optional(account, "max_gross", Arguments::percent)?,
        max_net: optional(account, "max_net", Arguments::percent)?,
    })
}

fn optional<T>(record: &Arguments, name: &str, get: impl Fn(&Arguments, &str) -> Result<T>) -> Result<Option<T>> {
    record.get(name).map(|_| get(record, name)).transpose()
}

impl Strategy {
    /// Takes the defaults of a dataset's `[trading]` table for whatever the strategy does not state
    /// itself. The names are those of `costs`, and `lot`, `tick` and `minimum_notional` of `account`;
    /// proportions are fractions of one, as numbers.
    ///
    /// # Errors
    /// At the entry of the table that is unknown or does not fit.
    pub fn take_defaults(&mut self, registry: &Registry, dataset: &str, table: Vec<Entry>) -> Result<()> {
        let (venue, trading): (Vec<Entry>, Vec<Entry>) =
            table.into_iter().partition(|entry| VENUE.iter().any(|parameter| parameter.name == entry.name));
        let mut names: Vec<&'static str> = Vec::new();
        for (entries, parameters) in [(&venue, VENUE), (&trading, COSTS)] {
            let is_there = |parameter: &&Parameter| entries.iter().any(|entry| entry.name == parameter.name);
            names.extend(parameters.iter().filter(is_there).map(|parameter| parameter.name));
        }
        let bound = [(VENUE, venue), (COSTS, trading)].map(|(parameters, entries)| {
            let entries = entries.into_iter().map(|entry| as_meant(parameters, entry)).collect();
            bind_record(registry, TRADING, parameters, entries)
        });
        let bound = all(bound)?;
        let [venue, trading] = bound.as_slice() else { return Ok(()) };
        let theirs = costs(trading)?;
        names.retain(|name| self.figures.is_open(name));
        for name in names {
            match name {
                "lot" => self.account.lot = venue.number(name)?,
                "tick" => self.account.tick = venue.number(name)?,
                "minimum_notional" => self.account.minimum_notional = venue.number(name)?,
                _ => take(&mut self.costs, name, &theirs),
            }
            self.figures.given.insert(name, FigureSource::Dataset(dataset.into()));
        }
        Ok(())
    }
}

/// A table's entry with its numbers as the proportions that they are meant to be.
fn as_meant(parameters: &[Parameter], Entry { name, given }: Entry) -> Entry {
    let kind = parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.kind);
    let inner = |parameters: &[Parameter], item: Given| {
        let value = match item.value {
            Argument::Record(entries) => {
                Argument::Record(entries.into_iter().map(|entry| as_meant(parameters, entry)).collect())
            }
            other => other,
        };
        Given { value, ..item }
    };
    let value = match (kind, given.value) {
        (Some(Kind::Percent(..) | Kind::Distance(..)), Argument::Number(value)) => Argument::Percent(value),
        (Some(Kind::Percent(..) | Kind::Distance(..)), Argument::Integer(value)) => Argument::Percent(value as f64),
        (Some(Kind::Records(parameters)), Argument::List(items)) => {
            Argument::List(items.into_iter().map(|item| inner(parameters, item)).collect())
        }
        (_, value) => value,
    };
    Entry { name, given: Given { value, origin: given.origin } }
}

/// Takes one figure from other costs.
fn take(costs: &mut Costs, name: &str, from: &Costs) {
    match name {
        "commission" => costs.commission = from.commission,
        "commission_fixed" => costs.commission_fixed = from.commission_fixed,
        "commission_per_unit" => costs.commission_per_unit = from.commission_per_unit,
        "commission_minimum" => costs.commission_minimum = from.commission_minimum,
        "tiers" => costs.tiers = from.tiers,
        "spread" => costs.spread = from.spread,
        "slippage" => costs.slippage = from.slippage,
        "impact" => costs.impact = from.impact,
        "impact_model" => costs.impact_model = from.impact_model,
        "volume_limit" => costs.volume_limit = from.volume_limit,
        "borrow" => costs.borrow = from.borrow,
        "funding" => costs.funding = from.funding,
        "funding_hours" => costs.funding_hours = from.funding_hours,
        "interest" => costs.interest = from.interest,
        "margin_interest" => costs.margin_interest = from.margin_interest,
        _ => {}
    }
}
