//! `lstm`: one LSTM a group of features, each on its own timeframe, with a forecast each.

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Arguments, Entry, Label, Series};
use crate::models::configuration::{Configuration, Group, ScalerKind, Schedule, SplitFractions};
use crate::node::{Inputs, Kind, Literal, ModelNode, ModelOutput, Parameter, Presence, Spec};
use crate::time::Timeframe;

/// The node.
pub const NODE: ModelNode = ModelNode { spec: SPEC, outputs };

const SPEC: Spec = Spec {
    name: "lstm",
    family: "model",
    doc: "One LSTM a group of features, each on the bars of its own timeframe, trained to forecast the target.",
    formula: "Each network sees the last `lookback` closed bars of its group, scaled by what the training range \
              showed; a linear head on its last output gives the forecast, in units of the target. The usable bars \
              are split in order of time: train | gap | validation | gap | test. The gap is the target's horizon plus \
              the embargo. There are no values before the test range. Adam minimises the mean squared error; training \
              stops when the validation loss no longer falls, and the best parameters are kept.",
    inputs: Inputs::None,
    parameters: &[
        Parameter::required("inputs", Kind::Groups, "features by group; the series of a group share one timeframe"),
        Parameter::required("target", Kind::Label, "what to forecast; the model gives a value a bar of its timeframe"),
        Parameter {
            name: "lookback",
            doc: "how many bars of its timeframe each network sees: one number, or a record by group",
            kind: Kind::IntegerByGroup(1, 10_000),
            presence: Presence::Default(Literal::Integer(30)),
        },
        Parameter::integer("hidden", 32, 1, 4_096, "units of each LSTM layer"),
        Parameter::integer("layers", 1, 1, 8, "layers of each LSTM"),
        Parameter::number("dropout", 0.1, 0.0, 0.95, "share of values dropped between layers and before the head"),
        Parameter::integer("epochs", 40, 1, 100_000, "at most so many passes over the training range"),
        Parameter::integer("patience", 6, 1, 100_000, "stop after so many epochs without a lower validation loss"),
        Parameter::integer("batch", 64, 1, 65_536, "samples a step"),
        Parameter::number("learning_rate", 1e-3, 1e-9, 10.0, "Adam's learning rate"),
        Parameter::choice("schedule", Schedule::NAMES, "how the learning rate goes: it stays, or falls to zero"),
        Parameter::number("gradient_clip", 1.0, 0.0, 1e9, "largest norm of all gradients together; 0 for no limit"),
        Parameter::number("weight_decay", 0.0, 0.0, 10.0, "penalty on squared parameters"),
        Parameter::record("split", SPLIT, "how usable bars are split; the rest is the test range"),
        Parameter::choice("scaler", ScalerKind::NAMES, "how features are scaled, by the training range alone"),
        Parameter::integer("seed", 7, 0, i64::MAX, "fixes every random number"),
    ],
    outputs: &[],
    example: "lstm(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5) })",
    source: "Hochreiter & Schmidhuber (1997); Kingma & Ba (2015)",
};

const SPLIT: &[Parameter] = &[
    Parameter::number("train", 0.6, 0.01, 0.98, "share of the usable bars that networks are trained on"),
    Parameter::number("validation", 0.2, 0.01, 0.98, "share that says when to stop"),
    Parameter::length("embargo", 0, 0, "bars left out between ranges beside those of the target's horizon"),
];

/// The series of a group, with their names.
#[derive(Clone, Debug)]
pub struct GroupSeries {
    /// The group's name.
    pub name: String,
    /// The timeframe of its series.
    pub timeframe: Timeframe,
    /// Its series by name, in order.
    pub features: Vec<(String, Series)>,
}

/// A model as a script declared it: what it reads, and how it is trained.
#[derive(Clone, Debug)]
pub struct ModelPlan {
    /// What each network reads.
    pub groups: Vec<GroupSeries>,
    /// What the weights may depend on; empty without `dynamic_weight`.
    pub given: Vec<Series>,
    /// What is forecast.
    pub target: Label,
    /// The target's timeframe: the model gives a value a bar of it.
    pub timeframe: Timeframe,
    /// How it is trained.
    pub configuration: Configuration,
}

impl ModelPlan {
    /// The plan of a call of `lstm` alone: each network is trained on its own.
    ///
    /// # Errors
    /// At the argument that does not fit the others.
    pub fn lstm(arguments: &Arguments) -> Result<Self> {
        let target = arguments.label("target")?.clone();
        let timeframe = target.check().map_err(|error| error.at(arguments.origin("target")))?;
        let groups = groups(arguments, timeframe)?;
        let configuration = Configuration {
            groups: lookbacks(arguments, &groups)?,
            timeframe: timeframe.to_string(),
            horizon: target.horizon,
            hidden: arguments.length("hidden")?,
            layers: arguments.length("layers")?,
            dropout: arguments.number("dropout")?,
            epochs: arguments.length("epochs")?,
            patience: arguments.length("patience")?,
            batch: arguments.length("batch")?,
            learning_rate: arguments.number("learning_rate")?,
            schedule: match arguments.text("schedule")? {
                "cosine" => Schedule::Cosine,
                _ => Schedule::Constant,
            },
            gradient_clip: arguments.number("gradient_clip")?,
            weight_decay: arguments.number("weight_decay")?,
            split: split(arguments)?,
            scaler: match arguments.text("scaler")? {
                "min_max" => ScalerKind::MinMax,
                "robust" => ScalerKind::Robust,
                "rank" => ScalerKind::Rank,
                _ => ScalerKind::Standard,
            },
            seed: arguments.integer("seed")?.unsigned_abs(),
            weighting: None,
        };
        Ok(Self { groups, given: Vec::new(), target, timeframe, configuration })
    }
}

fn outputs(arguments: &Arguments) -> Result<Vec<ModelOutput>> {
    let plan = ModelPlan::lstm(arguments)?;
    Ok(plan.groups.into_iter().map(|group| (group.name, Some(plan.timeframe))).collect())
}

fn split(arguments: &Arguments) -> Result<SplitFractions> {
    let settings = arguments.settings("split")?;
    let (train, validation) = (settings.number("train")?, settings.number("validation")?);
    if train + validation > 0.99 {
        let message =
            format!("`split` takes {train:?} for training and {validation:?} for validation: nothing is left");
        return Err(Diagnostic::new(format!("{message} to test on"))
            .hint("leave at least 0.01, better 0.2, for the test range: #{ train: 0.6, validation: 0.2 }")
            .at(arguments.origin("split")));
    }
    Ok(SplitFractions { train, validation, embargo: settings.length("embargo")? })
}

fn groups(arguments: &Arguments, target: Timeframe) -> Result<Vec<GroupSeries>> {
    let mut groups: Vec<GroupSeries> = Vec::new();
    for Entry { name, given } in arguments.record("inputs")? {
        let at = |diagnostic: Diagnostic| diagnostic.at(given.origin.clone());
        if ["score", "weights"].contains(&name.as_str()) || name.contains('.') {
            let message = format!("a group of `inputs` may not be called `{name}`");
            return Err(at(Diagnostic::new(message).hint("name it after its timeframe: day, week, month")));
        }
        if groups.iter().any(|other| other.name == *name) {
            return Err(at(Diagnostic::new(format!("`inputs` has two groups called `{name}`"))));
        }
        let Argument::Record(entries) = &given.value else { continue };
        let timeframe = group_timeframe(name, entries).map_err(at)?;
        if timeframe < target {
            let message = format!("group `{name}` is at {timeframe}, finer than the target at {target}");
            return Err(at(Diagnostic::new(message)
                .hint(format!("give the target at {timeframe}, or the group's series at {target} or coarser"))));
        }
        let features = entries.iter().filter_map(|entry| match &entry.given.value {
            Argument::Series(series) => Some((entry.name.clone(), series.clone())),
            _ => None,
        });
        groups.push(GroupSeries { name: name.clone(), timeframe, features: features.collect() });
    }
    Ok(groups)
}

/// The timeframe that all series of a group share; a constant has none and fits any.
fn group_timeframe(group: &str, entries: &[Entry]) -> Result<Timeframe> {
    let mut found: Option<(&str, Timeframe)> = None;
    for entry in entries {
        let Argument::Series(series) = &entry.given.value else { continue };
        match (found, series.timeframe()) {
            (None, Some(timeframe)) => found = Some((&entry.name, timeframe)),
            (Some((first, timeframe)), Some(other)) if timeframe != other => {
                let message = format!(
                    "group `{group}` mixes timeframes: `{first}` is at {timeframe}, `{}` at {other}",
                    entry.name
                );
                return Err(Diagnostic::new(message)
                    .hint("make a group of each timeframe: each has a network of its own")
                    .at(entry.given.origin.clone()));
            }
            _ => {}
        }
    }
    let nothing = || Diagnostic::new(format!("group `{group}` holds numbers that never change: nothing to learn from"));
    found.map(|(_, timeframe)| timeframe).ok_or_else(nothing)
}

fn lookbacks(arguments: &Arguments, groups: &[GroupSeries]) -> Result<Vec<Group>> {
    let names = || groups.iter().map(|group| group.name.as_str());
    if let Some(Argument::Record(entries)) = arguments.get("lookback")
        && let Some(entry) = entries.iter().find(|entry| !names().any(|name| name == entry.name))
    {
        let message = format!("`lookback` names `{}`, which is no group of `inputs`", entry.name);
        return Err(Diagnostic::new(message).did_you_mean(&entry.name, names()).at(entry.given.origin.clone()));
    }
    let lookback = |group: &GroupSeries| match arguments.get("lookback") {
        Some(Argument::Record(entries)) => {
            match entries.iter().find(|entry| entry.name == group.name).map(|entry| &entry.given.value) {
                Some(Argument::Integer(bars)) => Ok(*bars),
                _ => Err(Diagnostic::new(format!("`lookback` says nothing of group `{}`", group.name))
                    .hint("name every group, or give one number for all")
                    .at(arguments.origin("lookback"))),
            }
        }
        _ => arguments.integer("lookback"),
    };
    let read = |group: &GroupSeries| {
        Ok(Group {
            name: group.name.clone(),
            timeframe: group.timeframe.to_string(),
            lookback: lookback(group)?.unsigned_abs() as usize,
            features: group.features.iter().map(|(name, _)| name.clone()).collect(),
        })
    };
    groups.iter().map(read).collect()
}
