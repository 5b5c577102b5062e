//! What a model is and how it is trained: plain data, kept beside the weights.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::models::training::loss::Loss;
use crate::networks::{Architecture, Window};
use crate::time::Span;

/// One group of features and its network, in the order in which the script names them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its name, and the prefix of its tensors.
    pub name: String,
    /// The timeframe of its features, as scripts write it.
    pub timeframe: String,
    /// How many bars of it the network sees.
    pub lookback: usize,
    /// The names of its features, in the order of the network's inputs.
    pub features: Vec<String>,
}

/// How values are scaled before a network sees them: by `(value - centre) / spread`, or by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalerKind {
    /// Mean and standard deviation.
    Standard,
    /// Minimum, and maximum less minimum.
    MinMax,
    /// Median, and the distance between the quartiles.
    Robust,
    /// Not by a line: the rank among the values of the training range, from -1 to 1.
    Rank,
}

impl ScalerKind {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["standard", "min_max", "robust", "rank"];
}

/// How much the samples count that networks are trained on; those that say when to stop count the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleWeight {
    /// All the same.
    Equal,
    /// The less, the more other labels depend on the same bars ([`crate::models::uniqueness`]).
    Uniqueness,
}

impl SampleWeight {
    /// The names in scripts, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["equal", "uniqueness"];
}

/// How the learning rate goes from epoch to epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// It falls to zero along half a cosine over all epochs (Loshchilov & Hutter 2017, no restarts).
    Cosine,
}

impl Schedule {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["constant", "cosine"];

    /// The factor on the learning rate in an epoch, counted from 0.
    pub fn factor(self, epoch: usize, epochs: usize) -> f64 {
        match self {
            Schedule::Constant => 1.0,
            Schedule::Cosine => 0.5 * (1.0 + (PI * epoch as f64 / epochs as f64).cos()),
        }
    }
}

/// In what order networks and weights are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Together: the loss of the score reaches the LSTMs through the weights.
    Joint,
    /// First each LSTM on its own, then the weights with the LSTMs as they are.
    Staged,
}

impl Regime {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["joint", "staged"];
}

/// How groups are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightMethod {
    /// By a network on `given`, with a softmax.
    Softmax,
    /// By attention: a query from `given`, a key from each network.
    Attention,
    /// By one over the errors of past forecasts whose outcome is known.
    InverseError,
    /// By how each group did in thirds of the first series of `given`.
    Regime,
    /// All alike.
    Equal,
}

impl WeightMethod {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["softmax", "attention", "inverse_error", "regime", "equal"];

    /// Whether it has parameters that descent finds.
    pub fn is_trained(self) -> bool {
        matches!(self, WeightMethod::Softmax | WeightMethod::Attention)
    }

    /// Whether it depends on `given`.
    pub fn reads_given(self) -> bool {
        self.is_trained() || self == WeightMethod::Regime
    }
}

/// What weighs the groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighting {
    /// How.
    pub method: WeightMethod,
    /// How many forecasts whose outcome is known [`WeightMethod::InverseError`] looks back on.
    pub window: usize,
    /// How many series the weights may depend on.
    pub given: usize,
    /// How many units its hidden layer has, or its query.
    pub hidden: usize,
    /// In what order it and the LSTMs are trained.
    pub regime: Regime,
    /// How much the groups' own losses count beside the loss of the score in joint training.
    pub auxiliary: f64,
}

/// How the usable bars are divided into those to train on, to validate on and to test on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Division {
    /// Once, by fractions.
    Split(SplitFractions),
    /// Again and again, as time goes on.
    WalkForward(WalkForward),
}

/// One division in order of time: fractions of the usable bars; the rest is the test range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SplitFractions {
    /// The share that networks are trained on.
    pub train: f64,
    /// The share that says when to stop.
    pub validation: f64,
    /// Bars left out between ranges beside those of the label's horizon.
    pub embargo: usize,
}

/// A division for each fold: trained on what came before, tested on what comes next. The tests of all
/// folds make one range without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WalkForward {
    /// How much of the past each fold is fitted to, its validation range included.
    pub train: Span,
    /// How much each fold is tested on, and how far the next one is ahead.
    pub test: Span,
    /// The share of the past, its latest, that says when to stop.
    pub validation: f64,
    /// Whether the past is always as long, or grows.
    pub window: PastWindow,
    /// Bars left out between ranges beside those of the label's horizon.
    pub embargo: usize,
}

impl fmt::Display for Division {
    /// `trained on 0.6, validated on 0.2, tested on the rest`; `trained on 3y, tested on 1y, again and again`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Division::Split(SplitFractions { train, validation, .. }) => {
                write!(f, "trained on {train:?}, validated on {validation:?}, tested on the rest of the bars")
            }
            Division::WalkForward(WalkForward { train, test, window: PastWindow::Rolling, .. }) => {
                write!(f, "trained on {train}, tested on the next {test}, and again {test} later")
            }
            Division::WalkForward(WalkForward { train, test, window: PastWindow::Expanding, .. }) => {
                write!(f, "trained on {train} and more, tested on the next {test}, and again {test} later")
            }
        }
    }
}

/// How the past that a fold is fitted to moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PastWindow {
    /// It moves along and is always as long.
    Rolling,
    /// It begins with the first bar and grows.
    Expanding,
}

impl PastWindow {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["rolling", "expanding"];
}

/// A model that goes on learning in its test range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Update {
    /// At the end of each such span it is trained on the labels that became known in it.
    pub every: Span,
    /// How often it goes over them.
    pub epochs: usize,
}

impl fmt::Display for Update {
    /// `learns on every 1mo`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "learns on every {}", self.every)
    }
}

/// How the instruments of a universe share a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// One model, and one scaling of all.
    Joint,
    /// One model; each instrument is scaled by its own training range.
    ScaledEach,
    /// A model for each.
    Separate,
}

impl Pool {
    /// The names in scripts, the default first, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["joint", "scaled_each", "separate"];
}

/// The architecture of a model's networks, by its node's name and settings.
#[derive(Clone, Debug, Serialize)]
pub struct Design {
    /// The name of its node.
    #[serde(rename = "architecture")]
    pub name: String,
    /// What its node was given beside what all models take: `hidden`, `layers`.
    #[serde(flatten)]
    pub settings: BTreeMap<String, Value>,
    /// What it computes.
    #[serde(skip)]
    pub architecture: Arc<dyn Architecture>,
}

impl PartialEq for Design {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.settings == other.settings
    }
}

/// How parameters are found by gradient descent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Training {
    /// At most so many passes over the training range.
    pub epochs: usize,
    /// Training stops after so many epochs in which the validation loss did not fall.
    pub patience: usize,
    /// Samples a step.
    pub batch: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// How it goes from epoch to epoch.
    pub schedule: Schedule,
    /// The largest norm of all gradients together; 0 for no limit.
    pub gradient_clip: f64,
    /// The penalty on squared parameters, as in PyTorch's Adam.
    pub weight_decay: f64,
    /// Whether the model goes on learning in its test range.
    pub update: Option<Update>,
}

/// A model and how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Configuration {
    /// What its networks are.
    #[serde(flatten)]
    pub design: Design,
    /// The groups, in order.
    pub groups: Vec<Group>,
    /// The timeframe of the target, of which the model gives a value a bar.
    pub timeframe: String,
    /// How many bars ahead the target looks.
    pub horizon: usize,
    /// The share of values that dropout sets to zero: between layers and before the head.
    pub dropout: f64,
    /// How it is trained.
    #[serde(flatten)]
    pub training: Training,
    /// How bars are divided.
    pub division: Division,
    /// How instruments share it.
    pub pool: Pool,
    /// How values are scaled.
    pub scaler: ScalerKind,
    /// What training minimises.
    pub loss: Loss,
    /// How much each sample counts in training.
    pub sample_weight: SampleWeight,
    /// What fixes every random number.
    pub seed: u64,
    /// The network that weighs the groups, if there is one.
    pub weighting: Option<Weighting>,
}

impl Configuration {
    /// What the network of a group sees.
    pub fn window(&self, group: &Group) -> Window {
        Window { steps: group.lookback, features: group.features.len() }
    }

    /// How many series the weights may depend on; none without weights.
    pub fn given(&self) -> usize {
        self.weighting.as_ref().map_or(0, |weighting| weighting.given)
    }

    /// Bars left out between ranges: the target's horizon and the embargo.
    pub fn gap(&self) -> usize {
        let embargo = match self.division {
            Division::Split(split) => split.embargo,
            Division::WalkForward(walk) => walk.embargo,
        };
        self.horizon + embargo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_falls_from_one_by_half_at_the_middle() {
        let at = |epoch| Schedule::Cosine.factor(epoch, 40);
        assert_eq!(at(0), 1.0);
        assert!((at(20) - 0.5).abs() < 1e-15 && at(39) > 0.0 && at(39) < 0.002);
        assert_eq!(Schedule::Constant.factor(39, 40), 1.0);
    }
}
