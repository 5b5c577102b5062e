//! Calls: a node's name with what it was given.

use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Argument, BarsRef, Condition, Entry, Given, Label, Level, OrderPrice, Series};
use crate::time::Timeframe;

/// A node and what it was given, checked against the node's Spec. Plain data: the plan looks the
/// name up in the registry.
#[derive(Clone, Debug)]
pub struct Call {
    /// The node's name.
    pub node: String,
    /// The series that an indicator reads; empty for other nodes.
    pub inputs: Vec<Series>,
    /// Every parameter of the Spec that has a value: given or default.
    pub arguments: Arguments,
    /// The names of the outputs; a model's depend on its arguments.
    pub outputs: Vec<String>,
    /// The timeframe of each output, where it is not the finest of the inputs.
    pub output_timeframes: Vec<Option<Timeframe>>,
    /// Where a person wrote it.
    pub origin: Option<Origin>,
}

impl Call {
    /// The bars of an output: the traded instrument's at the output's own timeframe, else those that
    /// lead among the inputs'.
    pub fn bars(&self, output: usize) -> Option<BarsRef> {
        let own = self.output_timeframes.get(output).copied().flatten();
        let leading = |all: Option<BarsRef>, input: &Series| BarsRef::leading(all.as_ref(), input.bars());
        own.map(BarsRef::new).or_else(|| self.inputs.iter().fold(None, leading))
    }
}

impl Call {
    /// The depth of the deepest expression that it was given.
    pub fn depth(&self) -> usize {
        let inputs = self.inputs.iter().map(Series::depth);
        let arguments = self.arguments.iter().map(|(_, argument)| argument.depth());
        inputs.chain(arguments).max().unwrap_or(0)
    }
}

/// The values of a node's parameters, by name, in the order of its Spec.
///
/// The getters answer for what the Spec declares; asking for anything else is a mistake in the
/// node's code, and an error that says so.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    node: &'static str,
    values: Vec<(&'static str, Given)>,
}

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident -> $type:ty: $pattern:pat => $value:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, name: &str) -> Result<$type> {
            match self.get(name) {
                Some($pattern) => Ok($value),
                other => Err(self.mistake(name, stringify!($name), other)),
            }
        }
    )*};
}

impl Arguments {
    /// Arguments of `node`; `values` in the order of its Spec.
    pub fn new(node: &'static str, values: Vec<(&'static str, Given)>) -> Self {
        Self { node, values }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Argument)> {
        self.values.iter().map(|(name, given)| (*name, &given.value))
    }

    /// A value, unless it is optional and was not given.
    pub fn get(&self, name: &str) -> Option<&Argument> {
        self.given(name).map(|given| &given.value)
    }

    /// A value and where it was written.
    pub fn given(&self, name: &str) -> Option<&Given> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, given)| given)
    }

    /// Where a value was written.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        self.given(name).and_then(|given| given.origin.clone())
    }

    getters! {
        /// A whole number.
        integer -> i64: Argument::Integer(value) => *value;
        /// A number.
        number -> f64: Argument::Number(value) => *value;
        /// True or false.
        flag -> bool: Argument::Flag(value) => *value;
        /// A text or one of a few words.
        text -> &str: Argument::Text(value) => value;
        /// A proportion, as a fraction of one.
        percent -> f64: Argument::Percent(value) => *value;
        /// A price level.
        level -> &Level: Argument::Level(value) => value;
        /// At what price an order to enter fills.
        order -> &OrderPrice: Argument::Order(value) => value;
        /// A model, exit or sizer.
        call -> &Arc<Call>: Argument::Call(value) => value;
        /// A list.
        list -> &[Given]: Argument::List(value) => value;
        /// A record with parameters of its own.
        settings -> &Arguments: Argument::Settings(value) => value;
        /// A record.
        record -> &[Entry]: Argument::Record(value) => value;
        /// A target that looks ahead.
        label -> &Label: Argument::Label(value) => value;
        /// A condition.
        condition -> &Condition: Argument::Condition(value) => value;
        /// A series.
        series -> &Series: Argument::Series(value) => value;
    }

    /// A whole number that counts bars.
    pub fn length(&self, name: &str) -> Result<usize> {
        let value = self.integer(name)?;
        usize::try_from(value).map_err(|_| Diagnostic::new(format!("`{}`: {name} is {value}", self.node)))
    }

    fn mistake(&self, name: &str, wanted: &str, found: Option<&Argument>) -> Diagnostic {
        let found = found.map_or("has no value of that name".into(), |a| format!("has {}", a.describe()));
        Diagnostic::new(format!("the code of `{}` asks for the {wanted} `{name}`, but its Spec {found}", self.node))
            .hint("this is a mistake in the node, not in the strategy")
    }
}
