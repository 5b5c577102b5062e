//! Specs: what a node is called, takes and gives, in data.

use std::fmt;

use crate::data::Field;

/// Everything that others need to know of a node, without its code.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name in scripts: lower case, TA-Lib's where TA-Lib has it.
    pub name: &'static str,
    /// The part of the reference that it belongs to: "overlap", "momentum", "exit", …
    pub family: &'static str,
    /// One line: what it is.
    pub doc: &'static str,
    /// How it is computed, with its units and range, in a few lines; may be empty.
    pub formula: &'static str,
    /// The series that it reads.
    pub inputs: Inputs,
    /// What else it takes, in the order of positional arguments.
    pub parameters: &'static [Parameter],
    /// The names of what it gives; one output is named as the node is. Empty for what gives none.
    pub outputs: &'static [&'static str],
    /// A line of script that uses it.
    pub example: &'static str,
    /// Who defined it: the paper, the manual, TA-Lib's function.
    pub source: &'static str,
}

/// The series that a node reads on each bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// None: everything is in the parameters.
    None,
    /// So many series, by name: `sma(close, 20)`.
    Series(&'static [&'static str]),
    /// Columns of bars: `atr(day, 14)`, or each as a series: `atr(high, low, close, 14)`.
    Bars(&'static [Field]),
}

impl Inputs {
    /// How many series.
    pub fn len(self) -> usize {
        match self {
            Inputs::None => 0,
            Inputs::Series(names) => names.len(),
            Inputs::Bars(fields) => fields.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl Spec {
    /// How it is called: `rsi(price, timeperiod = 14)`.
    pub fn signature(&self) -> String {
        let inputs: Vec<String> = match self.inputs {
            Inputs::None => Vec::new(),
            Inputs::Series(names) => names.iter().map(|name| (*name).into()).collect(),
            Inputs::Bars(_) => vec!["bars".into()],
        };
        let parameters = self.parameters.iter().map(Parameter::signature);
        format!("{}({})", self.name, inputs.into_iter().chain(parameters).collect::<Vec<_>>().join(", "))
    }
}

/// A parameter: a named value with a kind, a range and a default.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in scripts.
    pub name: &'static str,
    /// One line: what it does, with its unit.
    pub doc: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// Whether it must be given.
    pub presence: Presence,
}

/// Whether a parameter must be given, and what holds if it is not.
#[derive(Clone, Copy, Debug)]
pub enum Presence {
    /// It must be given.
    Required,
    /// It may be left out; there is no value then.
    Optional,
    /// It may be left out; this holds then.
    Default(Literal),
}

/// A default value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A text or one of a few words.
    Text(&'static str),
    /// A fraction of one.
    Percent(f64),
    /// A record of which nothing is given: its own defaults hold.
    Record,
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Integer(value) => write!(f, "{value}"),
            Literal::Number(value) => write!(f, "{value:?}"),
            Literal::Flag(value) => write!(f, "{value}"),
            Literal::Text(value) => write!(f, "\"{value}\""),
            Literal::Percent(value) => write!(f, "percent({})", value * 100.0),
            Literal::Record => f.write_str("#{}"),
        }
    }
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A whole number in a closed range.
    Integer(i64, i64),
    /// A finite number in a closed range.
    Number(f64, f64),
    /// A proportion in a closed range of fractions: `percent(8)`, `bps(5)`, or the fraction as a number.
    Percent(f64, f64),
    /// True or false.
    Flag,
    /// A text.
    Text,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A series, or a number that stands for a constant one.
    Series,
    /// A condition.
    Condition,
    /// A target that looks ahead.
    Label,
    /// A price level: `percent(8)`, a distance as a series, or `price(series)`.
    Level,
    /// A proportion in a closed range of fractions, or a distance in price units as a series.
    Distance(f64, f64),
    /// A list of whole numbers, each in a closed range.
    Integers(i64, i64),
    /// A list of records with parameters of their own.
    Records(&'static [Parameter]),
    /// At what price an order to enter fills: `limit(series)` and the like.
    Order,
    /// How long an order waits: `"day"`, or a number of bars.
    GoodFor,
    /// A series or a proportion, or a record of them by instrument.
    Weights,
    /// How often: once in each period of a timeframe, or every so many bars.
    Every,
    /// A model that forecasts: the result of a call of an architecture's node.
    Forecaster,
    /// A sizer, or `percent(…)` of equity.
    Sizer,
    /// A list of exits.
    Exits,
    /// A list of texts, or one text.
    Texts,
    /// A list of series.
    SeriesList,
    /// Named series; a record inside flattens to `outer.inner`.
    SeriesRecord,
    /// Named groups of named series, each group at one timeframe: a model's inputs.
    Groups,
    /// A whole number in a closed range, or a record of such numbers by group.
    IntegerByGroup(i64, i64),
    /// A record with parameters of its own.
    Record(&'static [Parameter]),
    /// The same, or the value of the first of them alone.
    RecordOrFirst(&'static [Parameter]),
}

impl Parameter {
    /// How it is written in a signature: `timeperiod = 14`.
    pub fn signature(&self) -> String {
        match self.presence {
            Presence::Required => self.name.into(),
            Presence::Optional | Presence::Default(Literal::Record) => format!("{}?", self.name),
            Presence::Default(literal) => format!("{} = {literal}", self.name),
        }
    }

    /// A required parameter.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, doc, kind, presence: Presence::Required }
    }

    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, doc, kind, presence: Presence::Optional }
    }

    /// A whole number with a default.
    pub const fn integer(name: &'static str, default: i64, min: i64, max: i64, doc: &'static str) -> Self {
        let presence = Presence::Default(Literal::Integer(default));
        Self { name, doc, kind: Kind::Integer(min, max), presence }
    }

    /// A count of bars, from `min` to 100,000, with a default.
    pub const fn length(name: &'static str, default: i64, min: i64, doc: &'static str) -> Self {
        Self::integer(name, default, min, 100_000, doc)
    }

    /// A number with a default.
    pub const fn number(name: &'static str, default: f64, min: f64, max: f64, doc: &'static str) -> Self {
        let presence = Presence::Default(Literal::Number(default));
        Self { name, doc, kind: Kind::Number(min, max), presence }
    }

    /// A proportion with a default, all as fractions of one.
    pub const fn percent(name: &'static str, default: f64, min: f64, max: f64, doc: &'static str) -> Self {
        let presence = Presence::Default(Literal::Percent(default));
        Self { name, doc, kind: Kind::Percent(min, max), presence }
    }

    /// True or false with a default.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self { name, doc, kind: Kind::Flag, presence: Presence::Default(Literal::Flag(default)) }
    }

    /// A record that may be left out: its own defaults hold then.
    pub const fn record(name: &'static str, parameters: &'static [Parameter], doc: &'static str) -> Self {
        Self { name, doc, kind: Kind::Record(parameters), presence: Presence::Default(Literal::Record) }
    }

    /// One of a few words, the first of which is the default.
    pub const fn choice(name: &'static str, words: &'static [&'static str], doc: &'static str) -> Self {
        Self { name, doc, kind: Kind::Choice(words), presence: Presence::Default(Literal::Text(words[0])) }
    }
}
