//! Target weights: the other way to say what to hold, and when positions are brought back to it.

use std::fmt;

use crate::data::Instrument;
use crate::error::{Diagnostic, Origin, Result, all};
use crate::expr::{Argument, Arguments, Entry, Series};
use crate::node::{Kind, Parameter};
use crate::time::Timeframe;

/// What may stand in `rebalance`.
pub(super) const REBALANCE: &[Parameter] = &[
    Parameter::optional(
        "every",
        Kind::Every,
        "when weights are looked at: at the first close after each month (\"1mo\"), week or other period, or every so \
         many bars; at each close where only `drift` is given",
    ),
    Parameter::optional(
        "drift",
        Kind::Percent(0.0001, 10.0),
        "by how much a weight must be off before anything is traded, of equity; else everything is, each time",
    ),
];

/// What to hold: a share of the equity in each instrument.
#[derive(Clone, Debug)]
pub struct Weights {
    /// One for all instruments, or one for each.
    pub shares: Vec<Share>,
    /// When positions are brought back to it.
    pub rebalance: Rebalance,
    /// Where a person wrote that.
    pub origin: Option<Origin>,
}

impl Weights {
    /// Checks that what is held is known for each of the instruments that are traded, and for no other.
    ///
    /// # Errors
    /// At each share of an instrument that is not traded; where one that is has none.
    pub(crate) fn cover(&self, traded: &[Instrument]) -> Result<()> {
        let named = self.shares.iter().filter_map(|share| Some((share.of.as_ref()?, &share.origin)));
        let strange = named.clone().filter(|(of, _)| !traded.contains(of)).map(|(of, origin)| {
            let names: Vec<String> = traded.iter().map(ToString::to_string).collect();
            Err::<(), _>(
                Diagnostic::new(format!("`weights` has a share of {of}, which is not in the universe"))
                    .did_you_mean(&of.to_string(), names.iter().map(String::as_str))
                    .at(origin.clone()),
            )
        });
        all(strange)?;
        let (Some((_, origin)), shares) = (named.clone().next(), named.map(|(of, _)| of).collect::<Vec<_>>()) else {
            return Ok(());
        };
        match traded.iter().find(|instrument| !shares.contains(instrument)) {
            None => Ok(()),
            Some(without) => {
                Err(Diagnostic::new(format!("`weights` says nothing of {without}, which is in the universe"))
                    .hint(format!("add \"{without}\": 0 where nothing of it is to be held"))
                    .at(origin.clone()))
            }
        }
    }

    /// Checks that positions are brought back no more often than there are bars.
    ///
    /// # Errors
    /// Where the period is shorter than the bars of the base timeframe.
    pub(crate) fn fits(&self, base: Timeframe) -> Result<()> {
        match self.rebalance.every {
            Every::Period(period) if period < base => Err(Diagnostic::new(format!(
                "positions cannot be brought back every {period}: the bars are those of {base}"
            ))
            .hint(format!("say \"{base}\" or longer, or read bars(\"{period}\")"))
            .at(self.origin.clone())),
            _ => Ok(()),
        }
    }
}

/// A share of the equity.
#[derive(Clone, Debug)]
pub struct Share {
    /// The instrument that it is for; where there is none, each has its own value of the series.
    pub of: Option<Instrument>,
    /// A number a bar: negative is short, and nothing where it is not known.
    pub series: Series,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

/// When positions are brought back to their weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rebalance {
    /// When the weights are looked at.
    pub every: Every,
    /// By how much a weight must be off, as a fraction of equity, before anything is traded; where there
    /// is none, everything is, each time.
    pub drift: Option<f64>,
}

/// How often something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Every so many bars; at least one.
    Bars(usize),
    /// Once in each period of a timeframe: at the first close at which the one before has ended.
    Period(Timeframe),
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Every::Bars(1) => f.write_str("bar"),
            Every::Bars(bars) => write!(f, "{bars} bars"),
            Every::Period(timeframe) => timeframe.fmt(f),
        }
    }
}

impl fmt::Display for Rebalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "every {}", self.every)?;
        match self.drift {
            Some(drift) => write!(f, ", past a drift of {}", Argument::Percent(drift).literal()),
            None => Ok(()),
        }
    }
}

/// Checks that a record says what to hold in one way.
///
/// # Errors
/// At each entry that does not go with `weights`, or not without them.
pub(super) fn check(record: &[Entry]) -> Result<()> {
    let find = |name: &str| record.iter().find(|entry| entry.name == name);
    let Some(weights) = find("weights") else {
        let alone = find("rebalance").map(|entry| {
            Diagnostic::new("`rebalance` has no `weights` to bring positions back to")
                .hint("say what to hold: weights: 1 / count_across(day.close), or take `rebalance` out")
                .at(entry.given.origin.clone())
        });
        return alone.map_or(Ok(()), Err);
    };
    let place = weights.given.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
    let beside = |name: &str| {
        let entry = find(name)?;
        let (what, hint) = match name {
            "exits" => (
                "what is held is what the weights say, and no exit closes it",
                "let the weights be 0 where nothing is to be held, or trade on `long` and `short`",
            ),
            "size" => (
                "a weight is a size: the share of equity that is held",
                "multiply the weights, such as weights: w * 0.5, or trade on `long` and `short`",
            ),
            _ => (
                "a strategy trades on signals or holds weights, not both",
                "keep one of them: a weight is above 0 to hold, below 0 to be short, 0 to hold nothing",
            ),
        };
        let message = format!("`{name}` does not go with `weights`{place}: {what}");
        Some(Err::<(), _>(Diagnostic::new(message).hint(hint).at(entry.given.origin.clone())))
    };
    all(["long", "short", "exits", "size"].into_iter().filter_map(beside)).map(|_| ())
}

/// The weights of a checked record, where there are any.
pub(super) fn weights(arguments: &Arguments) -> Result<Option<Weights>> {
    if arguments.get("weights").is_none() {
        return Ok(None);
    }
    let (given, origin) = (arguments.settings("rebalance")?, arguments.origin("rebalance"));
    let drift = given.get("drift").map(|_| given.percent("drift")).transpose()?;
    let every = match (given.get("every"), drift) {
        (Some(Argument::Text(text)), _) => Every::Period(text.parse().map_err(|e: Diagnostic| e.at(origin.clone()))?),
        (Some(_), _) => Every::Bars(given.length("every")?),
        (None, Some(_)) => Every::Bars(1),
        (None, None) => {
            return Err(Diagnostic::new("`rebalance` says neither `every` nor `drift`")
                .hint("leave it out for every month, or write rebalance: \"1wk\", or #{ drift: percent(5) }")
                .at(origin));
        }
    };
    let shares = match arguments.given("weights").map(|given| (&given.value, &given.origin)) {
        Some((Argument::Record(entries), _)) => entries.iter().filter_map(share).collect(),
        Some((Argument::Series(series), origin)) => {
            vec![Share { of: None, series: series.clone(), origin: origin.clone() }]
        }
        _ => Vec::new(),
    };
    Ok(Some(Weights { shares, rebalance: Rebalance { every, drift }, origin }))
}

/// One instrument's share of a checked record.
fn share(entry: &Entry) -> Option<Share> {
    match &entry.given.value {
        Argument::Series(series) => {
            let (of, origin) = (Some(entry.name.parse().ok()?), entry.given.origin.clone());
            Some(Share { of, series: series.clone(), origin })
        }
        _ => None,
    }
}
