//! One instrument's log price, bar by bar, with what it passes inside a bar.

use crate::data::synth::draws::Draws;
use crate::data::synth::{Garch, Gbm, Jumps, MeanReversion, Model, Mood, Regime};

/// A bar is made of so many steps.
const STEPS: u32 = 8;

/// Streams of a seed: the moods and the part of moves that all instruments share, then two of each instrument.
const MOODS: u64 = 0;
const SHARED: u64 = 1;
const OWN: u64 = 2;

/// The stream of an instrument's volumes.
pub(super) fn volumes(seed: u64, instrument: usize) -> Draws {
    Draws::new(seed, OWN + 2 * instrument as u64 + 1)
}

/// A bar of log prices, against the first open.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogBar {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
}

/// A log price that moves by a model.
#[derive(Clone, Debug)]
pub(super) struct Process {
    motion: Motion,
    /// A whole bar, in years.
    years: f64,
    /// The weights of what is shared and what is not in a normal number: their squares sum to 1.
    shared_weight: f64,
    own_weight: f64,
    shared: Draws,
    own: Draws,
    moods: Draws,
    price: f64,
}

/// A model, and what it remembers of the bar before.
#[derive(Clone, Copy, Debug)]
enum Motion {
    Gbm(Gbm),
    /// With the variance of a whole bar, against that of the long run.
    Garch(Garch, f64),
    /// With the mood, and how far the last return lay from that mood's mean.
    Regime {
        model: Regime,
        wild: bool,
        departure: f64,
    },
    Jumps(Jumps),
    MeanReversion(MeanReversion),
}

/// How the log price moves in a step: `mean - pull * price`, and a normal number times `deviation`.
#[derive(Clone, Copy, Debug)]
struct Step {
    mean: f64,
    pull: f64,
    deviation: f64,
    /// Expected jumps, and their mean and deviation.
    jumps: (f64, f64, f64),
}

impl Process {
    pub fn new(model: Model, years: f64, correlation: f64, seed: u64, instrument: usize) -> Self {
        let mut moods = Draws::new(seed, MOODS);
        let motion = match model {
            Model::Gbm(model) => Motion::Gbm(model),
            Model::Garch(model) => Motion::Garch(model, 1.0),
            Model::Regime(model) => {
                let share = model.wild.duration / (model.calm.duration + model.wild.duration);
                Motion::Regime { model, wild: moods.uniform() <= share, departure: 0.0 }
            }
            Model::Jumps(model) => Motion::Jumps(model),
            Model::MeanReversion(model) => Motion::MeanReversion(model),
        };
        Self {
            motion,
            years,
            shared_weight: correlation.sqrt(),
            own_weight: (1.0 - correlation).sqrt(),
            shared: Draws::new(seed, SHARED),
            own: Draws::new(seed, OWN + 2 * instrument as u64),
            moods,
            price: 0.0,
        }
    }

    /// The next bar, which lasts for a share of a whole one.
    pub fn bar(&mut self, share: f64) -> LogBar {
        let years = self.years * share;
        let (mean, step) = self.step(years, share);
        let open = self.price;
        let mut bar = LogBar { open, high: open, low: open, close: open };
        for _ in 0..STEPS {
            let from = self.price;
            let to = from + step.mean - step.pull * from + step.deviation * self.normal();
            let variance = step.deviation * step.deviation;
            bar.high = bar.high.max((from + to + self.excursion(to - from, variance)) / 2.0);
            bar.low = bar.low.min((from + to - self.excursion(to - from, variance)) / 2.0);
            self.price = to + self.jump(step.jumps);
            bar.high = bar.high.max(self.price);
            bar.low = bar.low.min(self.price);
        }
        bar.close = self.price;
        self.remember(bar.close - open - mean, share);
        bar
    }

    /// How a step of the next bar goes, and the mean of the bar's return in its mood.
    fn step(&mut self, years: f64, share: f64) -> (f64, Step) {
        let steps = f64::from(STEPS);
        let plain = |bar_mean: f64, bar_variance: f64| Step {
            mean: bar_mean / steps,
            pull: 0.0,
            deviation: (bar_variance / steps).sqrt(),
            jumps: (0.0, 0.0, 0.0),
        };
        match &mut self.motion {
            Motion::Gbm(model) => {
                let mean = growth(model.drift, model.volatility) * years;
                (mean, plain(mean, model.volatility * model.volatility * years))
            }
            Motion::Garch(model, relative) => {
                let mean = growth(model.drift, model.volatility) * years;
                (mean, plain(mean, *relative * model.volatility * model.volatility * years))
            }
            Motion::Regime { model, wild, departure } => {
                let duration = if *wild { model.wild.duration } else { model.calm.duration };
                *wild ^= self.moods.uniform() * duration <= 1.0;
                let Mood { drift, volatility, memory, .. } = if *wild { model.wild } else { model.calm };
                let mean = growth(drift, volatility) * years;
                (mean, plain(mean + memory * *departure, volatility * volatility * years))
            }
            Motion::Jumps(model) => {
                // A jump multiplies the price by exp(mean + deviation² / 2) in the mean.
                let factor = libm::exp(model.mean + model.deviation * model.deviation / 2.0);
                let mean = (growth(model.drift, model.volatility) - model.rate * (factor - 1.0)) * years;
                let jumps = (model.rate * years / steps, model.mean, model.deviation);
                (mean, Step { jumps, ..plain(mean, model.volatility * model.volatility * years) })
            }
            Motion::MeanReversion(model) => {
                // The law of the motion over a step, not an approximation of it.
                let kept = libm::exp(-model.pull() * share / steps);
                let a_year = model.pull() / self.years;
                let variance = model.volatility * model.volatility * (1.0 - kept * kept) / (2.0 * a_year);
                (0.0, Step { pull: 1.0 - kept, deviation: variance.sqrt(), ..plain(0.0, 0.0) })
            }
        }
    }

    /// Keeps what the next bar hangs on.
    fn remember(&mut self, departure: f64, share: f64) {
        match &mut self.motion {
            Motion::Garch(model, relative) => {
                let long_run = model.volatility * model.volatility * self.years * share;
                let square = departure * departure / long_run;
                *relative = (1.0 - model.alpha - model.beta) + model.alpha * square + model.beta * *relative;
            }
            Motion::Regime { departure: last, .. } => *last = departure,
            Motion::Gbm(_) | Motion::Jumps(_) | Motion::MeanReversion(_) => (),
        }
    }

    /// A normal number that is correlated with those of the other instruments.
    fn normal(&mut self) -> f64 {
        if self.shared_weight == 0.0 {
            return self.own.normal();
        }
        self.shared_weight * self.shared.normal() + self.own_weight * self.own.normal()
    }

    /// Twice how far a Brownian bridge of this variance rises over the middle of its ends: the exact law,
    /// P(maximum > b) = exp(-2 (b - from) (b - to) / variance). A step's highest and lowest price are drawn apart:
    /// that they hang together matters only where both the bar's lie in the same step.
    fn excursion(&mut self, move_of_step: f64, variance: f64) -> f64 {
        (move_of_step * move_of_step - 2.0 * variance * libm::log(self.own.uniform())).sqrt()
    }

    fn jump(&mut self, (expected, mean, deviation): (f64, f64, f64)) -> f64 {
        if expected == 0.0 {
            return 0.0;
        }
        let jumps = self.own.events(expected);
        (0..jumps).map(|_| mean + deviation * self.own.normal()).sum()
    }
}

/// The drift of the log price.
fn growth(drift: f64, volatility: f64) -> f64 {
    drift - volatility * volatility / 2.0
}
