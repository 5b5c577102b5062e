//! The parameters that the nodes of all architectures share.

use crate::models::configuration::{PastWindow, Pool, SampleWeight, ScalerKind, Schedule};
use crate::models::training::loss::Loss;
use crate::node::{Kind, Literal, Parameter, Presence};

/// The parameters of an architecture's node: its own among those that all share.
pub const fn with_shared<const OWN: usize, const ALL: usize>(own: &[Parameter; OWN]) -> [Parameter; ALL] {
    let mut all = [Parameter::flag("", false, ""); ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < FIRST {
            SHARED[index]
        } else if index < FIRST + OWN {
            own[index - FIRST]
        } else {
            SHARED[index - OWN]
        };
        index += 1;
    }
    all
}

/// So many of [`SHARED`] come first: without them there is no model.
const FIRST: usize = 3;

/// What every model that forecasts takes.
pub const SHARED: [Parameter; 22] = [
    Parameter::required("inputs", Kind::Groups, "features by group; the series of a group share one timeframe"),
    Parameter::required("target", Kind::Label, "what to forecast; the model gives a value a bar of its timeframe"),
    Parameter {
        name: "lookback",
        doc: "how many bars of its timeframe each network sees: one number, or a record by group",
        kind: Kind::IntegerByGroup(1, 10_000),
        presence: Presence::Default(Literal::Integer(30)),
    },
    Parameter::optional(
        "loss",
        Kind::Choice(Loss::NAMES),
        "what training minimises; left out, \"mse\", or \"cross_entropy\" where the target has classes",
    ),
    Parameter::optional(
        "huber_delta",
        Kind::Number(1e-3, 1e3),
        "with \"huber\": from where on an error counts by its distance, in standard deviations of the target; left out, 1",
    ),
    Parameter::optional(
        "quantile",
        Kind::Number(0.001, 0.999),
        "with \"quantile\": what the target stays below with this probability is forecast; left out, 0.5",
    ),
    Parameter::optional(
        "sample_weight",
        Kind::Choice(SampleWeight::NAMES),
        "whether training samples count by how little their labels overlap; left out, \"uniqueness\" where labels end \
         at different bars (triple_barrier), else \"equal\": labels of one length overlap all alike",
    ),
    Parameter::number("dropout", 0.1, 0.0, 0.95, "share of values dropped between layers and before the head"),
    Parameter::integer("epochs", 40, 1, 100_000, "at most so many passes over the training range"),
    Parameter::integer(
        "patience",
        6,
        1,
        100_000,
        "stop after so many epochs, or rounds of trees, without a lower validation loss",
    ),
    Parameter::integer("batch", 64, 1, 65_536, "samples a step"),
    Parameter::number("learning_rate", 1e-3, 1e-9, 10.0, "Adam's learning rate"),
    Parameter::choice("schedule", Schedule::NAMES, "how the learning rate goes: it stays, or falls to zero"),
    Parameter::number("gradient_clip", 1.0, 0.0, 1e9, "largest norm of all gradients together; 0 for no limit"),
    Parameter::number("weight_decay", 0.0, 0.0, 10.0, "penalty on squared parameters"),
    Parameter::record("split", SPLIT, "how usable bars are split once; the rest is the test range"),
    Parameter::optional("walk_forward", Kind::Record(WALK_FORWARD), "train and test again and again instead of once"),
    Parameter::optional("update", Kind::Text, "go on learning in the test range, after each such span: \"1mo\""),
    Parameter::integer("update_epochs", 1, 1, 1_000, "passes over the labels that became known since"),
    Parameter::choice(
        "pool",
        Pool::NAMES,
        "one model for all instruments, one that scales each by itself, or one each",
    ),
    Parameter::choice("scaler", ScalerKind::NAMES, "how features are scaled, by the training range alone"),
    Parameter::integer("seed", 7, 0, i64::MAX, "fixes every random number"),
];

const SPLIT: &[Parameter] = &[
    Parameter::number("train", 0.6, 0.01, 0.98, "share of the usable bars that networks are trained on"),
    Parameter::number("validation", 0.2, 0.01, 0.98, "share that says when to stop"),
    Parameter::length("embargo", 0, 0, "bars left out between ranges beside those of the target's horizon"),
];

const WALK_FORWARD: &[Parameter] = &[
    Parameter::required("train", Kind::Text, "how much of the past each fold is fitted to: \"3y\""),
    Parameter::required("test", Kind::Text, "how much each fold is tested on, and how far the next is ahead: \"6mo\""),
    Parameter::number("validation", 0.2, 0.01, 0.9, "share of the past, its latest, that says when to stop"),
    Parameter::choice("window", PastWindow::NAMES, "whether the past moves along, or grows"),
    Parameter::length("embargo", 0, 0, "bars left out between ranges beside those of the target's horizon"),
];
