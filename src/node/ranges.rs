//! Ranges: values within what a parameter accepts, and what is said of those that are not.

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, OrderPrice, Series, SeriesKind};
use crate::node::Kind;

pub(super) fn within(what: &str, value: i64, min: i64, max: i64) -> Result<()> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(Diagnostic::new(format!("{what} is {value}: {min} to {max} are allowed")))
}

pub(super) fn number(what: &str, value: f64, min: f64, max: f64) -> Result<f64> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    let range = match (min > f64::MIN, max < f64::MAX) {
        (true, true) => format!("{} to {} are allowed", shown(min), shown(max)),
        (true, false) => format!("{} and more are allowed", shown(min)),
        (false, true) => format!("{} and less are allowed", shown(max)),
        (false, false) => "a finite number is allowed".into(),
    };
    Err(Diagnostic::new(format!("{what} is {}: {range}", shown(value))))
}

/// A number as a person writes it.
fn shown(number: f64) -> String {
    match number.abs() {
        size if size.is_nan() => "not a number".into(),
        size if size.is_infinite() => "infinite".into(),
        size if size != 0.0 && !(1e-4..1e7).contains(&size) => format!("{number:e}"),
        _ => format!("{number}"),
    }
}

pub(super) fn positive(what: &str, value: f64) -> Result<f64> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Diagnostic::new(format!("{what} is percent({}): more than percent(0) is needed", value * 100.0)))
}

/// An order whose prices are above zero, as far as that is known before any bar is.
pub(super) fn above_zero(what: &str, order: OrderPrice) -> Result<OrderPrice> {
    let constant = |series: &Series| match series.kind() {
        SeriesKind::Constant(value) => Some(*value),
        _ => None,
    };
    let below = order.values().filter_map(constant).find(|value| *value <= 0.0);
    let Some(value) = below else { return Ok(order) };
    let thing = if matches!(order, OrderPrice::Trailing(_)) { "distance" } else { "price" };
    let message = format!("{what} is `{}` with the {thing} {}", order.name(), shown(value));
    Err(Diagnostic::new(format!("{message}: more than 0 is needed")))
}

pub(super) fn mismatch(what: &str, wanted: &str, found: &Argument) -> Diagnostic {
    let diagnostic = Diagnostic::new(format!("{what} is {}, but takes {wanted}", found.describe()));
    match found {
        Argument::Label(_) => diagnostic.hint("only a model's `target` may look ahead"),
        Argument::Series(_) if wanted == "a condition" => diagnostic.hint("compare it with something: `close > 10`"),
        Argument::Integer(_) | Argument::Number(_) if wanted.starts_with("a proportion") => {
            diagnostic.hint("write percent(8) for 8 %, bps(5) for 0.05 %")
        }
        Argument::Integer(_) | Argument::Number(_) | Argument::Text(_) if wanted == "a condition" => {
            diagnostic.hint("a condition is a comparison, or several: `close > 10 and volume > 0`")
        }
        Argument::Series(_) | Argument::Integer(_) | Argument::Number(_) | Argument::Level(_)
            if wanted.starts_with("an order's price") =>
        {
            diagnostic.hint("limit(…) fills at that price or better, stop(…) once it is reached: at: limit(day.low[1])")
        }
        Argument::Text(_) if wanted.starts_with("an order's price") => {
            diagnostic.hint("leave `at` out to enter at market; a price is written limit(day.low[1])")
        }
        Argument::Percent(_) | Argument::Number(_) if wanted.starts_with("a timeframe") => {
            diagnostic.hint("by how much a weight may be off is written #{ drift: percent(5) }")
        }
        _ if wanted == "a list of exits" => diagnostic.hint("write [stop_loss(percent(8)), …]"),
        Argument::Record(_) if wanted == "a list of records" => diagnostic.hint("write [#{ … }, …]"),
        Argument::Integer(_) if wanted.starts_with("a list of whole numbers") => {
            diagnostic.hint("write [8], or [0, 8, 16]")
        }
        Argument::Integer(_) | Argument::Number(_) if wanted.starts_with("a price level") => {
            diagnostic.hint("write percent(8) for 8 % of the entry price")
        }
        _ => diagnostic,
    }
}

impl Kind {
    /// What it accepts, in words.
    pub fn describe(self) -> String {
        match self {
            Kind::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Kind::Number(..) => "a number".into(),
            Kind::Percent(..) => "a proportion".into(),
            Kind::Flag => "true or false".into(),
            Kind::Text => "a text".into(),
            Kind::Choice(words) => format!("one of \"{}\"", words.join("\", \"")),
            Kind::Series => "a series".into(),
            Kind::Condition => "a condition".into(),
            Kind::Label => "a label such as future_return(close, 5)".into(),
            Kind::Level => "a price level: percent(8), a distance such as atr(day, 14) * 2, or price(series)".into(),
            Kind::Distance(..) => "a proportion, or a distance in price units such as atr(day, 14) * 0.1".into(),
            Kind::Integers(min, max) => format!("a list of whole numbers from {min} to {max}"),
            Kind::Records(_) => "a list of records".into(),
            Kind::Order => "an order's price: limit(…), stop(…), stop_limit(…, …) or trailing(…)".into(),
            Kind::GoodFor => "\"day\" or a number of bars".into(),
            Kind::Weights => "a series or a proportion, or a record of them by instrument".into(),
            Kind::Every => "a timeframe such as \"1mo\", or a number of bars".into(),
            Kind::Forecaster => "a model that forecasts, such as the result of `lstm`".into(),
            Kind::Sizer => "a sizer, such as percent(50) or units(100)".into(),
            Kind::Exits => "a list of exits".into(),
            Kind::Texts => "a list of texts".into(),
            Kind::SeriesList => "a list of series".into(),
            Kind::SeriesRecord => "a record of series".into(),
            Kind::Groups => "a record of groups of series".into(),
            Kind::IntegerByGroup(min, max) => {
                format!("a whole number from {min} to {max}, or a record of them by group")
            }
            Kind::Record(_) => "a record".into(),
            Kind::RecordOrFirst([first, ..]) => format!("{}; or a record", first.kind.describe()),
            Kind::RecordOrFirst([]) => "a record".into(),
        }
    }
}
