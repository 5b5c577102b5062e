//! Presets: what each fixes, and what in a script contradicts it.

use crate::error::{Diagnostic, Origin, Result, all};
use crate::expr::{Argument, Entry};
use crate::strategy::{Fill, Intrabar, Matching, Strategy};

/// Their names, the default first.
pub(super) const PRESETS: &[&str] = &["standard", "backtesting_py", "pine", "vectorbt"];

/// The rules of a preset; the standard ones for any other name.
pub(super) fn matching(name: &str) -> Matching {
    match name {
        "backtesting_py" => Matching::BacktestingPy,
        "pine" => Matching::Pine,
        "vectorbt" => Matching::VectorBt,
        _ => Matching::Standard,
    }
}

/// A setting that a preset leaves no choice of.
struct Fixed {
    /// The record inside the strategy's in which it stands, if it stands in one.
    record: Option<&'static str>,
    name: &'static str,
    /// What it may be given as all the same.
    allowed: Allowed,
    why: &'static str,
}

enum Allowed {
    Text(&'static str),
    Number(f64),
    Nothing,
}

const fn absent(record: &'static str, name: &'static str, why: &'static str) -> Fixed {
    Fixed { record: Some(record), name, allowed: Allowed::Nothing, why }
}

const VOLUME: &str = "it fills any size, whatever the volume";
const CAPS: &str = "its broker has no such limit";

const fn cost(name: &'static str, why: &'static str) -> Fixed {
    Fixed { record: Some("costs"), name, allowed: Allowed::Number(0.0), why }
}

/// It knows orders, and no share of the account that is held.
const fn no_weights(why: &'static str) -> Fixed {
    Fixed { record: None, name: "weights", allowed: Allowed::Nothing, why }
}

const fn choice(name: &'static str, only: &'static str, why: &'static str) -> Fixed {
    Fixed { record: None, name, allowed: Allowed::Text(only), why }
}

const BACKTESTING_PY: &[Fixed] = &[
    no_weights("its strategies make orders of a size, and have no target weights"),
    choice("intrabar", "stop_first", "its queue has the stop before the target"),
    cost("slippage", "its entries pay the spread, and nothing slips"),
    cost("slippage_amount", "its entries pay the spread, and nothing slips"),
    absent("costs", "impact", VOLUME),
    absent("costs", "volume_limit", VOLUME),
    absent("account", "tick", CAPS),
    absent("account", "minimum_notional", CAPS),
    absent("account", "max_positions", CAPS),
    absent("account", "max_position", CAPS),
    absent("account", "max_gross", CAPS),
    absent("account", "max_net", CAPS),
];

const PINE: &[Fixed] = &[
    no_weights("its strategies make orders of a size, and have no target weights"),
    choice("intrabar", "nearest_extreme", "its price walks to the nearer extreme first"),
    cost("spread", "it has no spread: use slippage_amount, so many ticks"),
    cost("slippage", "its slippage is in ticks: use slippage_amount, ticks times the size of one"),
    cost("commission_minimum", "it has no least commission"),
    absent("costs", "impact", VOLUME),
    absent("costs", "volume_limit", VOLUME),
];

const VECTORBT: &[Fixed] = &[
    no_weights("it is the simulation from signals, which has no target weights"),
    choice("fill", "same_close", "its signals fill on their own close"),
    choice("intrabar", "stop_first", "it looks at the stop before the target"),
    cost("spread", "it has no spread: use slippage"),
    cost("slippage_amount", "its slippage is a proportion: use slippage"),
    cost("commission_per_unit", "its fees are a proportion and a fixed sum"),
    cost("commission_minimum", "its fees are a proportion and a fixed sum"),
    absent("costs", "impact", VOLUME),
    absent("costs", "volume_limit", VOLUME),
    Fixed {
        record: Some("account"),
        name: "leverage",
        allowed: Allowed::Number(1.0),
        why: "it trades without leverage",
    },
];

fn fixed(matching: Matching) -> &'static [Fixed] {
    match matching {
        Matching::Standard => &[],
        Matching::BacktestingPy => BACKTESTING_PY,
        Matching::Pine => PINE,
        Matching::VectorBt => VECTORBT,
    }
}

/// Checks that a record says nothing against the preset that it names.
///
/// # Errors
/// At each setting that does.
pub(super) fn check(record: &[Entry]) -> Result<()> {
    let Some(Argument::Text(preset)) = value(record, None, "preset").map(|(value, _)| value) else { return Ok(()) };
    let against = |fixed: &Fixed| {
        let (given, origin) = value(record, fixed.record, fixed.name)?;
        let (fits, instead) = match fixed.allowed {
            Allowed::Text(only) => {
                (matches!(given, Argument::Text(text) if text == only), format!(", which is then \"{only}\""))
            }
            Allowed::Number(only) => (may_be(given, only), format!(", which is then {only}")),
            Allowed::Nothing => (false, String::new()),
        };
        let Fixed { name, why, .. } = fixed;
        let message = format!("`{name}` contradicts `preset: \"{preset}\"`: {why}");
        let hint = format!("take `{name}` out{instead}, or take another preset");
        (!fits).then(|| Diagnostic::new(message).hint(hint).at(origin.clone()))
    };
    all(fixed(matching(preset)).iter().filter_map(against).map(Err::<(), _>)).map(|_| ())
}

/// What a preset sets that the record does not give.
pub(super) fn complete(strategy: &mut Strategy) {
    match strategy.matching {
        Matching::BacktestingPy if !strategy.figures.is_stated("lot") => strategy.account.lot = 1.0,
        Matching::Standard | Matching::BacktestingPy => {}
        Matching::Pine => strategy.intrabar = Intrabar::NearestExtreme,
        Matching::VectorBt => strategy.fill = Fill::SameClose,
    }
}

/// What a record gives for a setting, and where.
fn value<'a>(record: &'a [Entry], inner: Option<&str>, name: &str) -> Option<(&'a Argument, &'a Option<Origin>)> {
    let find = |entries: &'a [Entry], name: &str| entries.iter().find(|entry| entry.name == name);
    let entries = match inner {
        None => record,
        Some(inner) => match &find(record, inner)?.given.value {
            Argument::Record(entries) => entries,
            _ => return None,
        },
    };
    find(entries, name).map(|entry| (&entry.given.value, &entry.given.origin))
}

/// Whether what was given is this number, however it was written. What is neither a number nor a series is
/// told elsewhere.
fn may_be(given: &Argument, only: f64) -> bool {
    match given {
        Argument::Integer(number) => *number as f64 == only,
        Argument::Number(number) | Argument::Percent(number) => *number == only,
        Argument::Series(_) => false,
        _ => true,
    }
}
