//! Made-up markets with a daily and a weekly group, and configurations small enough for tests.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use timeweave::models::{
    Configuration, Design, Division, Group, GroupColumns, InstrumentData, Loss, LstmStack, Pool, Regime, SampleWeight,
    ScalerKind, Schedule, SplitFractions, Training, WeightMethod, Weighting,
};
use timeweave::networks::{Purpose, Random};

/// How far the target of [`configuration`] looks ahead.
const HORIZON: usize = 5;
/// Days in a week.
const WEEK: usize = 5;
/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// One instrument: two daily features and a weekly one.
#[derive(Clone)]
pub struct Market {
    bars: Vec<usize>,
    day: [Vec<f64>; 2],
    week: Vec<f64>,
    target: Vec<f64>,
}

impl Market {
    /// A target that features tell nothing of.
    pub fn noise(bars: usize, seed: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Shuffling, 9);
        let mut normal = |count: usize| -> Vec<f64> {
            // The sum of twelve uniform numbers, less six, is close to a normal one.
            (0..count).map(|_| (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0).collect()
        };
        Self {
            bars: (0..bars).collect(),
            day: [normal(bars), normal(bars)],
            week: normal(bars / WEEK + 1),
            target: normal(bars).into_iter().map(|value| 0.02 * value).collect(),
        }
    }

    /// A target of which the last daily and the last closed weekly bar tell most.
    pub fn signal(bars: usize, seed: u64) -> Self {
        let mut market = Self::noise(bars, seed);
        for bar in 0..bars {
            let week = visible_week(bar).map_or(0.0, |week| market.week[week]);
            let told = market.day[0][bar].tanh() + 0.5 * market.day[0][bar.saturating_sub(1)] + 0.5 * week;
            market.target[bar] = 0.02 * told + 0.1 * market.target[bar];
        }
        market
    }

    /// Without some bars.
    pub fn without(mut self, absent: &BTreeSet<usize>) -> Self {
        self.bars.retain(|bar| !absent.contains(bar));
        self
    }

    /// Only the first bars.
    pub fn cut(mut self, bars: usize) -> Self {
        self.bars.truncate(bars);
        self.week.truncate(bars / WEEK);
        self
    }

    /// Everything from a bar on is something else; what was known before it is not.
    pub fn spoiled_from(mut self, bar: usize) -> Self {
        let spoil =
            |values: &mut [f64], from: usize| values[from..].iter_mut().for_each(|value| *value = 7.0 - 3.0 * *value);
        self.day.iter_mut().for_each(|column| spoil(column, bar));
        spoil(&mut self.week, bar.div_ceil(WEEK));
        spoil(&mut self.target, bar.saturating_sub(HORIZON));
        self
    }

    /// Replaces the first daily feature.
    pub fn with_feature(mut self, value: impl Fn(usize) -> f64) -> Self {
        self.day[0] = (0..self.day[0].len()).map(value).collect();
        self
    }

    /// The bar that closes at an instant.
    pub fn bar_at(&self, instant: i64) -> usize {
        self.bars.iter().position(|bar| close(*bar) == instant).unwrap()
    }

    /// The columns that a model of a configuration reads.
    pub fn data(&self, configuration: &Configuration) -> Vec<InstrumentData> {
        let pick = |column: &[f64]| self.bars.iter().map(|bar| column[*bar]).collect::<Vec<f64>>();
        let count = self.bars.len();
        let given = configuration.given();
        let ahead = |index: usize| self.bars.get(index + configuration.horizon);
        let day = GroupColumns {
            features: self.day.iter().map(|column| pick(column).into()).collect(),
            visible: (0..count).map(Some).collect(),
        };
        let week = GroupColumns {
            features: vec![self.week.clone().into()],
            visible: self.bars.iter().map(|bar| visible_week(*bar)).collect(),
        };
        let target = pick(&self.target).into_iter().enumerate();
        vec![InstrumentData {
            name: "test/MADE".into(),
            groups: vec![day, week],
            given: (0..given).map(|_| pick(&self.day[1]).into()).collect(),
            target: target.map(|(index, value)| if ahead(index).is_some() { value } else { f64::NAN }).collect(),
            instants: self.bars.iter().map(|bar| close(*bar)).collect(),
            known_at: (0..count).map(|index| ahead(index).map_or(i64::MAX, |bar| close(*bar))).collect(),
        }]
    }
}

/// The last week that is closed by a day's close: its last day sees it.
fn visible_week(bar: usize) -> Option<usize> {
    ((bar + 1) / WEEK).checked_sub(1)
}

fn close(bar: usize) -> i64 {
    (bar as i64 + 1) * DAY
}

/// Two small LSTMs, each trained on its own.
pub fn configuration() -> Configuration {
    let group = |name: &str, timeframe: &str, lookback: usize, features: &[&str]| Group {
        name: name.into(),
        timeframe: timeframe.into(),
        lookback,
        features: features.iter().map(|name| (*name).into()).collect(),
    };
    Configuration {
        design: lstm(8, 1),
        groups: vec![group("day", "1d", 6, &["momentum", "strength"]), group("week", "1wk", 3, &["trend"])],
        timeframe: "1d".into(),
        horizon: HORIZON,
        dropout: 0.1,
        training: Training {
            epochs: 4,
            patience: 4,
            batch: 32,
            learning_rate: 0.01,
            schedule: Schedule::Cosine,
            gradient_clip: 1.0,
            weight_decay: 0.0,
            update: None,
        },
        division: Division::Split(SplitFractions { train: 0.6, validation: 0.2, embargo: 2 }),
        pool: Pool::Joint,
        scaler: ScalerKind::Standard,
        loss: Loss::Mse,
        sample_weight: SampleWeight::Equal,
        seed: 7,
        weighting: None,
    }
}

/// The same with weights.
pub fn weighted(regime: Regime) -> Configuration {
    let weighting =
        Some(Weighting { method: WeightMethod::Softmax, window: 60, given: 1, hidden: 4, regime, auxiliary: 0.5 });
    Configuration { weighting, ..configuration() }
}

/// An LSTM of so many units and layers.
pub fn lstm(hidden: usize, layers: usize) -> Design {
    Design {
        name: "lstm".into(),
        settings: [("hidden".into(), json!(hidden)), ("layers".into(), json!(layers))].into(),
        architecture: Arc::new(LstmStack::new(hidden, layers)),
    }
}
