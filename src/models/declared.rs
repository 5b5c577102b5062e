//! A model as a script declared it: what it reads, and how it is trained.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Arguments, Call, Entry, Label, Series};
use crate::models::configuration::{
    Configuration, Design, Division, Group, PastWindow, Pool, ScalerKind, Schedule, SplitFractions, Training, Update,
    WalkForward,
};
use crate::models::declared_loss::{loss, of_each_sample, sample_weight, squared};
use crate::models::shared::SHARED;
use crate::networks::{Architecture, Fitting};
use crate::node::ModelOutput;
use crate::time::{Span, Timeframe};

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
    /// The plan of a call of an architecture's node: each network is trained on its own.
    ///
    /// # Errors
    /// At the argument that does not fit the others.
    pub fn forecaster(call: &Call, architecture: Arc<dyn Architecture>) -> Result<Self> {
        let arguments = &call.arguments;
        let (target, timeframe) = target(arguments)?;
        let groups = groups(arguments, timeframe)?;
        let fitting = architecture.fitting();
        if let Some(origin) = arguments.origin("update").filter(|_| fitting != Fitting::Descent) {
            let why = match fitting {
                Fitting::Boosting(_) => "grows tree upon tree",
                _ => "is solved for at once",
            };
            let message = format!("`{}` {why}: it cannot go on learning by `update`", call.node);
            return Err(Diagnostic::new(message)
                .hint("fit it again and again: walk_forward: #{ train: \"3y\", test: \"1mo\" }")
                .at(origin));
        }
        let configuration = Configuration {
            design: Design { name: call.node.clone(), settings: settings(arguments), architecture },
            groups: lookbacks(arguments, &groups)?,
            timeframe: timeframe.to_string(),
            horizon: target.horizon,
            dropout: arguments.number("dropout")?,
            division: division(arguments)?,
            pool: match arguments.text("pool")? {
                "scaled_each" => Pool::ScaledEach,
                "separate" => Pool::Separate,
                _ => Pool::Joint,
            },
            scaler: match arguments.text("scaler")? {
                "min_max" => ScalerKind::MinMax,
                "robust" => ScalerKind::Robust,
                "rank" => ScalerKind::Rank,
                _ => ScalerKind::Standard,
            },
            loss: match fitting {
                Fitting::Descent => loss(arguments, &target)?,
                Fitting::Ridge(_) => squared(arguments, &call.node)?,
                Fitting::Boosting(_) => of_each_sample(arguments, &target, &call.node)?,
            },
            sample_weight: sample_weight(arguments, &target)?,
            seed: arguments.integer("seed")?.unsigned_abs(),
            training: training(arguments)?,
            weighting: None,
        };
        Ok(Self { groups, given: Vec::new(), target, timeframe, configuration })
    }

    /// Refuses Adam's learning rate where it is taken for that of trees: they have another, and nothing would obey it.
    ///
    /// # Errors
    /// At `learning_rate`.
    pub fn check_learning_rate(&self, arguments: &Arguments) -> Result<()> {
        let Configuration { design, weighting, .. } = &self.configuration;
        let grows = matches!(design.architecture.fitting(), Fitting::Boosting(_));
        let descends = weighting.as_ref().is_some_and(|weighting| weighting.method.is_trained());
        match arguments.origin("learning_rate").filter(|_| grows && !descends) {
            Some(origin) => {
                let message = format!("`learning_rate` is Adam's, which has no part in `{}` alone", design.name);
                Err(Diagnostic::new(message)
                    .hint("that of trees is called `shrinkage`, the share of each that is added: 0.1")
                    .at(origin))
            }
            None => Ok(()),
        }
    }
}

/// The outputs of an architecture's node: a forecast for each group.
pub(super) fn outputs(arguments: &Arguments) -> Result<Vec<ModelOutput>> {
    let (target, timeframe) = target(arguments)?;
    let groups = groups(arguments, timeframe)?;
    lookbacks(arguments, &groups)?;
    loss(arguments, &target)?;
    division(arguments)?;
    update(arguments)?;
    Ok(groups.into_iter().map(|group| (group.name, Some(timeframe))).collect())
}

fn target(arguments: &Arguments) -> Result<(Label, Timeframe)> {
    let target = arguments.label("target")?.clone();
    let timeframe = target.check().map_err(|error| error.at(arguments.origin("target")))?;
    Ok((target, timeframe))
}

/// What the node takes beside what all models take.
fn settings(arguments: &Arguments) -> BTreeMap<String, Value> {
    let own = |(name, _): &(&'static str, &Argument)| !SHARED.iter().any(|shared| shared.name == *name);
    let value = |argument: &Argument| match argument {
        Argument::Integer(value) => Value::from(*value),
        Argument::Number(value) | Argument::Percent(value) => Value::from(*value),
        Argument::Flag(value) => Value::from(*value),
        Argument::Text(value) => Value::from(value.clone()),
        other => Value::from(other.describe()),
    };
    arguments.iter().filter(own).map(|(name, argument)| (name.to_owned(), value(argument))).collect()
}

fn training(arguments: &Arguments) -> Result<Training> {
    Ok(Training {
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
        update: update(arguments)?,
    })
}

fn update(arguments: &Arguments) -> Result<Option<Update>> {
    if arguments.get("update").is_none() {
        return Ok(None);
    }
    Ok(Some(Update { every: span(arguments, "update")?, epochs: arguments.length("update_epochs")? }))
}

fn span(arguments: &Arguments, name: &str) -> Result<Span> {
    let read = arguments.text(name)?.parse::<Span>();
    read.map_err(|error| error.at(arguments.origin(name)))
}

fn division(arguments: &Arguments) -> Result<Division> {
    let split = arguments.settings("split")?;
    let Some(Argument::Settings(walk)) = arguments.get("walk_forward") else {
        return self::split(arguments, split).map(Division::Split);
    };
    if let Some(origin) = arguments.origin("split") {
        return Err(Diagnostic::new(
            "a model is split once by `split`, or again and again by `walk_forward`: not both",
        )
        .hint("take one of them out")
        .at(origin));
    }
    Ok(Division::WalkForward(WalkForward {
        train: span(walk, "train")?,
        test: span(walk, "test")?,
        validation: walk.number("validation")?,
        window: match walk.text("window")? {
            "expanding" => PastWindow::Expanding,
            _ => PastWindow::Rolling,
        },
        embargo: walk.length("embargo")?,
    }))
}

fn split(arguments: &Arguments, settings: &Arguments) -> Result<SplitFractions> {
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
        let timeframe = group_timeframe(name, entries, target).map_err(at)?;
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

/// The timeframe that all series of a group share; a constant has none and fits any. External series have none
/// either: alone, they are seen at the target's.
fn group_timeframe(group: &str, entries: &[Entry], target: Timeframe) -> Result<Timeframe> {
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
    let changes = |entry: &Entry| matches!(&entry.given.value, Argument::Series(series) if series.bars().is_some());
    let outside = entries.iter().any(changes).then_some(target);
    found.map(|(_, timeframe)| timeframe).or(outside).ok_or_else(nothing)
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
