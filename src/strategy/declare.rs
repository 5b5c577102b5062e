//! The record that `strategy(#{ … })` takes: its parameters, and how they become a [`Strategy`].

use std::slice;
use std::sync::Arc;

use crate::data::Adjust;
use crate::error::{Diagnostic, Origin, Result, all};
use crate::expr::{Argument, Arguments, Call, Entry};
use crate::node::{Inputs, Kind, Literal, Parameter, Presence, Registry, Spec, bind_record};
use crate::strategy::figures::{ACCOUNT, COSTS, Figures, account, costs, slippage_distance};
use crate::strategy::preset::{PRESETS, check, complete, matching};
use crate::strategy::weights::{self, REBALANCE};
use crate::strategy::{Fill, GoodFor, Intrabar, Period, Rules, Selection, Selector, Strategy};

/// The record's Spec: what may stand in it, with ranges and defaults.
pub const STRATEGY: Spec = Spec {
    name: "strategy",
    family: "strategy",
    doc: "The strategy itself: what to trade, when, how much, at what cost.",
    formula: "Rules and weights are read at a bar's close and act from the next bar. A side without rules is not traded. Weights stand in place of rules.",
    inputs: Inputs::None,
    parameters: &[
        Parameter::required(
            "universe",
            Kind::Texts,
            "what to trade: \"us_equities/AAPL\", all that a pattern matches: \"us_equities/*\", or a list",
        ),
        Parameter::optional("long", Kind::Record(RULES), "when to buy, and when to sell again"),
        Parameter::optional("short", Kind::Record(RULES), "when to sell short, and when to buy back"),
        Parameter::optional(
            "weights",
            Kind::Weights,
            "what to hold, in place of rules: the share of equity in each instrument, or #{ \"us_equities/AAPL\": …, … }; negative is short, not known is nothing",
        ),
        Parameter {
            name: "rebalance",
            doc: "when positions are brought back to `weights`: \"1mo\", \"1wk\", 20 (bars), or #{ every: …, drift: percent(5) }",
            kind: Kind::RecordOrFirst(REBALANCE),
            presence: Presence::Default(Literal::Text("1mo")),
        },
        Parameter::optional("exits", Kind::Exits, "what protects an open position; the first to act closes it"),
        Parameter {
            name: "size",
            doc: "how much to trade: percent(…) of equity, units(…), risk(…) and other sizers",
            kind: Kind::Sizer,
            presence: Presence::Default(Literal::Percent(1.0)),
        },
        Parameter::record("costs", COSTS, "what trading costs"),
        Parameter::record("account", ACCOUNT, "what it trades with"),
        Parameter::choice("preset", PRESETS, "whose rules match orders with bars: ours, or another system's"),
        Parameter::choice("fill", &["next_open", "same_close"], "when a market order fills"),
        Parameter::choice(
            "intrabar",
            &["stop_first", "target_first", "nearest_extreme", "finer_bars"],
            "what happened first in a bar that touched both a stop and a target",
        ),
        Parameter::choice(
            "adjust",
            &["total", "splits", "none"],
            "prices adjusted for splits and dividends, for splits alone, or as traded",
        ),
        Parameter::optional(
            "from",
            Kind::Text,
            "the first date that is traded: \"2010-01-01\"; earlier bars warm up and train",
        ),
        Parameter::optional("to", Kind::Text, "the last date that is read at all: \"2012-12-31\""),
        Parameter::flag("in_sample", false, "let models give values on the bars that they were trained on"),
        Parameter::optional("plot", Kind::SeriesRecord, "series to show in the report"),
    ],
    outputs: &[],
    example: "strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: close > sma(close, 50), exit: close < sma(close, 50) } })",
    source: "",
};

const RULES: &[Parameter] = &[
    Parameter::required("enter", Kind::Condition, "enter at the next open after a bar on which this holds"),
    Parameter::optional("exit", Kind::Condition, "leave at the next open after a bar on which this holds"),
    Parameter::optional("at", Kind::Order, "the price at which `enter` fills, on the bar on which it holds"),
    Parameter::optional("good_for", Kind::GoodFor, "how long an order with a price waits; else until cancelled"),
    Parameter::integer("add", 0, 0, 1_000, "how often `enter` adds to a position that is open, each time by `size`"),
];

impl Strategy {
    /// A strategy from the record that a script would write, checked against [`STRATEGY`].
    ///
    /// # Errors
    /// At each entry that is unknown, missing or does not fit.
    pub fn declare(registry: &Registry, name: &str, record: Vec<Entry>, origin: Option<Origin>) -> Result<Self> {
        // What is wrong with the names of instruments does not hide what is wrong elsewhere.
        let universe = universe(&record);
        let contradictions = all([check(&record), weights::check(&record)]).map(|_| ());
        let figures = Figures::stated(&record);
        let arguments = bind_record(registry, STRATEGY.name, STRATEGY.parameters, record);
        let arguments = match (arguments, contradictions) {
            (Err(entries), Err(settings)) => Err(entries.and(settings)),
            (arguments, contradictions) => contradictions.and(arguments),
        };
        let strategy = match (universe, arguments) {
            (Ok(universe), Ok(arguments)) => read(name, universe, &arguments, figures),
            (Err(names), Err(entries)) => Err(names.and(entries)),
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        let strategy = strategy.map_err(|e| e.at(origin.clone()))?;
        if strategy.long.is_none() && strategy.short.is_none() && strategy.weights.is_none() {
            return Err(Diagnostic::new(
                "the strategy has neither `long` nor `short` rules, nor `weights`: it would never trade",
            )
            .hint("add long: #{ enter: … , exit: … }, or weights: …")
            .at(origin));
        }
        Ok(strategy)
    }
}

fn read(name: &str, universe: Vec<Selection>, arguments: &Arguments, figures: Figures) -> Result<Strategy> {
    let rules = |side: &str| match arguments.get(side) {
        Some(Argument::Settings(rules)) => {
            let exit = rules.get("exit").and_then(|_| rules.condition("exit").ok().cloned());
            let order = rules.get("at").and_then(|_| rules.order("at").ok().cloned());
            let good_for = good_for(rules)?;
            if order.is_none() && good_for != GoodFor::Ever {
                let message = format!("`good_for` of `{side}` has no order to wait: one at market fills at once");
                let error = Diagnostic::new(message).hint("say its price: at: limit(day.low[1])");
                return Err(error.at(rules.origin("good_for")));
            }
            Ok(Some(Rules {
                enter: rules.condition("enter")?.clone(),
                exit,
                order,
                good_for,
                add: rules.length("add")?,
            }))
        }
        _ => Ok::<_, Diagnostic>(None),
    };
    let plot = match arguments.get("plot") {
        Some(Argument::Record(entries)) => entries.iter().filter_map(series).collect(),
        _ => Vec::new(),
    };
    let mut strategy = Strategy {
        name: name.into(),
        universe,
        long: rules("long")?,
        short: rules("short")?,
        weights: weights::weights(arguments)?,
        exits: exits(arguments),
        size: sizer(arguments)?,
        costs: costs(arguments.settings("costs")?)?,
        slippage_distance: slippage_distance(arguments.settings("costs")?)?,
        account: account(arguments.settings("account")?, &figures)?,
        matching: matching(arguments.text("preset")?),
        figures,
        fill: match arguments.text("fill")? {
            "same_close" => Fill::SameClose,
            _ => Fill::NextOpen,
        },
        intrabar: match arguments.text("intrabar")? {
            "target_first" => Intrabar::TargetFirst,
            "nearest_extreme" => Intrabar::NearestExtreme,
            "finer_bars" => Intrabar::FinerBars,
            _ => Intrabar::StopFirst,
        },
        adjust: match arguments.text("adjust")? {
            "none" => Adjust::None,
            "splits" => Adjust::Splits,
            _ => Adjust::Total,
        },
        period: period(arguments)?,
        in_sample: arguments.flag("in_sample")?,
        plot,
        parameters: Vec::new(),
        source: None,
    };
    complete(&mut strategy);
    Ok(strategy)
}

fn period(arguments: &Arguments) -> Result<Period> {
    let text = |name: &str| arguments.get(name).and_then(|_| arguments.text(name).ok());
    let named = if text("from").is_some() { "from" } else { "to" };
    let alone = |name: &str, from, to| Period::new(from, to).map_err(|error| error.at(arguments.origin(name)));
    alone("from", text("from"), None)?;
    alone("to", None, text("to"))?;
    alone(named, text("from"), text("to"))
}

/// How long the orders of a side wait.
fn good_for(rules: &Arguments) -> Result<GoodFor> {
    Ok(match rules.get("good_for") {
        None => GoodFor::Ever,
        Some(Argument::Text(_)) => GoodFor::Day,
        Some(_) => GoodFor::Bars(rules.length("good_for")?),
    })
}

/// The instruments and patterns that a record names. What is no text is left to the check of the record.
fn universe(record: &[Entry]) -> Result<Vec<Selection>> {
    let Some(entry) = record.iter().find(|entry| entry.name == "universe") else { return Ok(Vec::new()) };
    let given = match &entry.given.value {
        Argument::List(items) if items.is_empty() => {
            return Err(Diagnostic::new("`universe` is empty: there is nothing to trade")
                .hint("name at least one instrument: universe: \"us_equities/AAPL\"")
                .at(entry.given.origin.clone()));
        }
        Argument::List(items) => items.as_slice(),
        _ => slice::from_ref(&entry.given),
    };
    let mut seen = Vec::new();
    let named = given.iter().filter_map(|given| match &given.value {
        Argument::Text(text) => Some((text, given.origin.clone())),
        _ => None,
    });
    all(named.map(|(text, origin)| {
        let what = text.parse::<Selector>().map_err(|e| e.at(origin.clone()))?;
        if seen.contains(&what) {
            return Err(Diagnostic::new(format!("{what} stands twice in `universe`")).at(origin));
        }
        seen.push(what.clone());
        Ok(Selection { what, origin })
    }))
}

fn exits(arguments: &Arguments) -> Vec<Arc<Call>> {
    let given = arguments.list("exits").unwrap_or_default();
    let call = |argument: &Argument| match argument {
        Argument::Call(call) => Some(call.clone()),
        _ => None,
    };
    given.iter().filter_map(|given| call(&given.value)).collect()
}

fn sizer(arguments: &Arguments) -> Result<Arc<Call>> {
    arguments.call("size").cloned()
}

fn series(entry: &Entry) -> Option<(String, crate::expr::Series)> {
    match &entry.given.value {
        Argument::Series(series) => Some((entry.name.clone(), series.clone())),
        _ => None,
    }
}
