//! Arguments: the values that a person hands to a node or writes in a record.

use std::sync::Arc;

use crate::error::Origin;
use crate::expr::{Arguments, BarsRef, Call, Condition, Label, OrderPrice, Series};

/// A value that a person gave, before or after a Spec has looked at it.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A whole number.
    Integer(i64),
    /// Any number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A text: a name, or one of a few words.
    Text(String),
    /// A proportion, as a fraction of one: `percent(8)` is 0.08, `bps(5)` is 0.0005.
    Percent(f64),
    /// The bars at a timeframe.
    Bars(BarsRef),
    /// A number a bar.
    Series(Series),
    /// A truth value a bar.
    Condition(Condition),
    /// A target that looks ahead.
    Label(Label),
    /// How far away, or where, a price is.
    Level(Level),
    /// At what price an order to enter fills.
    Order(OrderPrice),
    /// A model, an exit or a sizer.
    Call(Arc<Call>),
    /// `[a, b, …]`
    List(Vec<Given>),
    /// `#{ name: value, … }`, in the order written.
    Record(Vec<Entry>),
    /// A record that has been checked against the parameters that it may hold.
    Settings(Arguments),
    /// What could not be made, for a reason that has been told: nothing more is said of it.
    Wrong,
}

impl Argument {
    /// What a person would call it, for messages.
    pub fn describe(&self) -> String {
        match self {
            Argument::Integer(value) => format!("the number {value}"),
            Argument::Number(value) if value.is_nan() => "what is not a number (0 / 0)".into(),
            Argument::Number(value) if value.is_infinite() => "an infinite number".into(),
            Argument::Number(value) => format!("the number {value:?}"),
            Argument::Flag(value) => format!("{value}"),
            Argument::Text(value) => format!("the text \"{value}\""),
            Argument::Percent(_) => self.literal(),
            Argument::Bars(bars) => match bars {
                BarsRef::Traded(timeframe) => format!("the bars at {timeframe}"),
                BarsRef::Other(instrument, timeframe) => format!("the bars of {instrument} at {timeframe}"),
                BarsRef::Base => "the bars of the strategy".into(),
                BarsRef::External(source) => format!("the external series {source}"),
            },
            Argument::Series(_) => "a series".into(),
            Argument::Condition(_) => "a condition".into(),
            Argument::Label(label) => format!("a label ({}), which looks ahead", label.kind.name()),
            Argument::Level(_) => "a price level".into(),
            Argument::Order(order) => format!("the price of an order ({})", order.name()),
            Argument::Call(call) => format!("`{}`", call.node),
            Argument::List(items) => format!("a list of {}", items.len()),
            Argument::Record(_) | Argument::Settings(_) => "a record".into(),
            Argument::Wrong => "what could not be made".into(),
        }
    }
}

impl Argument {
    /// The depth of the deepest expression in it.
    pub fn depth(&self) -> usize {
        match self {
            Argument::Series(series) | Argument::Level(Level::Distance(series) | Level::Price(series)) => {
                series.depth()
            }
            Argument::Order(order) => order.values().map(Series::depth).max().unwrap_or(0),
            Argument::Condition(condition) => condition.depth(),
            Argument::Label(label) => label.reads().iter().map(|(_, series)| series.depth()).max().unwrap_or(0),
            Argument::Call(call) => call.depth(),
            Argument::List(items) => items.iter().map(|item| item.value.depth()).max().unwrap_or(0),
            Argument::Record(entries) => entries.iter().map(|entry| entry.given.value.depth()).max().unwrap_or(0),
            Argument::Settings(settings) => settings.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// A value as a script would write it, for the plain ones.
    pub fn literal(&self) -> String {
        match self {
            Argument::Integer(value) => value.to_string(),
            Argument::Number(value) => format!("{value:?}"),
            Argument::Flag(value) => value.to_string(),
            Argument::Text(value) => format!("\"{value}\""),
            // Without the last digits, which are an artefact of binary fractions: 0.07 * 100.
            Argument::Percent(value) => format!("percent({})", (value * 1e12).round() / 1e10),
            other => other.describe(),
        }
    }
}

/// An argument and where it was written.
#[derive(Clone, Debug)]
pub struct Given {
    /// The value.
    pub value: Argument,
    /// Where it stands in the script, if it came from one.
    pub origin: Option<Origin>,
}

impl<T: Into<Argument>> From<T> for Given {
    fn from(value: T) -> Self {
        Self { value: value.into(), origin: None }
    }
}

/// A named value of a record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its value; the origin is that of the name.
    pub given: Given,
}

/// A price beside the position's entry price, or a price outright.
#[derive(Clone, Debug)]
pub enum Level {
    /// A fraction of the entry price away: 0.08 is 8 %.
    Percent(f64),
    /// A distance in price units, from the last bar that was known at the entry.
    Distance(Series),
    /// The price itself.
    Price(Series),
}

macro_rules! argument_from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Argument {
            fn from(value: $type) -> Self {
                Argument::$variant(value.into())
            }
        }
    )*};
}
argument_from!(
    i64 => Integer, i32 => Integer, f64 => Number, bool => Flag, &str => Text, String => Text, BarsRef => Bars,
    Series => Series, &Series => Series, Condition => Condition, Label => Label, Level => Level, OrderPrice => Order,
    Call => Call,
    Arc<Call> => Call, Vec<Given> => List, Vec<Entry> => Record,
);

impl Argument {
    /// A record from names and values, in order.
    pub fn record<T: Into<Argument>>(entries: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let entry = |(name, value): (&str, T)| Entry { name: name.into(), given: value.into().into() };
        Argument::Record(entries.into_iter().map(entry).collect())
    }
}
