//! The models, with their parameters and laws.

use std::f64::consts::LN_2;

use crate::error::{Diagnostic, Result};

/// How prices move.
///
/// Drifts and volatilities are fractions a year: 0.2 is 20 %. Time passes while the market trades: a year
/// has 252 days of weekdays or sessions, or 365 of a 24x7 calendar, 52 weeks, 12 months. `Δ` is a bar in
/// years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Geometric Brownian motion.
    Gbm(Gbm),
    /// Volatility that clusters.
    Garch(Garch),
    /// Two moods that follow each other.
    Regime(Regime),
    /// Sudden jumps beside the motion.
    Jumps(Jumps),
    /// A price that is drawn back to where it started.
    MeanReversion(MeanReversion),
}

/// Geometric Brownian motion (Black & Scholes 1973, "The Pricing of Options and Corporate Liabilities").
///
/// The log return of a bar is normal with mean `(drift - volatility² / 2) Δ` and variance `volatility² Δ`,
/// and hangs on no other, so the price grows by `exp(drift)` a year in the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gbm {
    /// μ, a year.
    pub drift: f64,
    /// σ, a year; above 0.
    pub volatility: f64,
}

/// GARCH(1,1) (Bollerslev 1986, "Generalized Autoregressive Conditional Heteroskedasticity").
///
/// A bar's log return is `(drift - volatility² / 2) Δ + ε`, with `ε = √h z`, `z` normal, and
/// `h = (1 - alpha - beta) volatility² Δ + alpha ε₋₁² + beta h₋₁`. Its variance is `volatility² Δ`; squares of ε
/// are correlated by `alpha (1 - alpha beta - beta²) / (1 - 2 alpha beta - beta²)` from one bar to the next, and by
/// `alpha + beta` of that with every further bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Garch {
    /// μ, a year.
    pub drift: f64,
    /// σ of the long run, a year; above 0.
    pub volatility: f64,
    /// α: how strongly the last bar's move counts; from 0.
    pub alpha: f64,
    /// β: how much of its variance lasts; from 0, with `alpha + beta < 1`.
    pub beta: f64,
}

/// Two moods of the market, of which one holds at a time: a Markov chain (Hamilton 1989, "A New Approach to
/// the Economic Analysis of Nonstationary Time Series and the Business Cycle").
///
/// A mood ends before a bar with probability `1 / duration`, so it holds on `duration` bars in the mean, and the
/// market is in the wild one for `wild / (calm + wild)` of the time. Let `x` be how far a bar's log return
/// lies from its mood's mean `(drift - volatility² / 2) Δ`: then `x = memory x₋₁ + volatility √Δ z`. All instruments
/// of a market are in the same mood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regime {
    /// One mood.
    pub calm: Mood,
    /// The other.
    pub wild: Mood,
}

/// One of the moods of a [`Regime`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mood {
    /// μ while it holds, a year.
    pub drift: f64,
    /// σ of what is new in a bar while it holds, a year; above 0.
    pub volatility: f64,
    /// φ: which part of the last bar's move goes on (above 0) or is turned back (below 0); between -1 and 1.
    pub memory: f64,
    /// How many bars it holds in the mean; from 1.
    pub duration: f64,
}

/// Jump diffusion (Merton 1976, "Option Pricing When Underlying Stock Returns Are Discontinuous").
///
/// Between jumps the price is a geometric Brownian motion. Jumps come `rate` times a year (Poisson); each
/// adds a normal number with `mean` and `deviation` to the log price. The drift makes up for them, so that the
/// price grows by `exp(drift)` a year in the mean. The variance of a bar's log return is
/// `(volatility² + rate (mean² + deviation²)) Δ`, and its excess kurtosis
/// `rate (mean⁴ + 6 mean² deviation² + 3 deviation⁴) Δ` over the square of that. Each instrument has jumps of its own,
/// as with Merton.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jumps {
    /// μ, a year.
    pub drift: f64,
    /// σ between jumps, a year; above 0.
    pub volatility: f64,
    /// λ: jumps a year; from 0.
    pub rate: f64,
    /// The mean of a jump of the log price: -0.05 is about 5 % down.
    pub mean: f64,
    /// Its standard deviation; from 0.
    pub deviation: f64,
}

/// A log price that is drawn back to where it started (Uhlenbeck & Ornstein 1930, "On the Theory of the
/// Brownian Motion").
///
/// `dX = -κ X dt + volatility dW` for the log price `X` against the start, with `κ = ln 2 / (half_life Δ)`: half of any
/// departure is gone after `half_life` bars. In the long run `X` has the variance `volatility² / 2κ` and is correlated
/// by `exp(-κ Δ)` from bar to bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanReversion {
    /// σ, a year; above 0.
    pub volatility: f64,
    /// How many bars take half of a departure back; above 0.
    pub half_life: f64,
}

impl MeanReversion {
    /// κ of a bar: which part of a departure is drawn back in an instant, times a bar.
    pub(super) fn pull(&self) -> f64 {
        LN_2 / self.half_life
    }
}

impl Model {
    /// Its volatility in a usual mood, a year.
    pub(super) fn volatility(&self) -> f64 {
        match self {
            Model::Gbm(model) => model.volatility,
            Model::Garch(model) => model.volatility,
            Model::Regime(model) => model.calm.volatility,
            Model::Jumps(model) => model.volatility,
            Model::MeanReversion(model) => model.volatility,
        }
    }

    /// Says what parameter is out of range.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Model::Gbm(Gbm { drift, volatility }) => motion(*drift, *volatility),
            Model::Garch(Garch { drift, volatility, alpha, beta }) => {
                motion(*drift, *volatility)?;
                require(*alpha >= 0.0, "alpha", *alpha, "from 0 on")?;
                require(*beta >= 0.0, "beta", *beta, "from 0 on")?;
                require(alpha + beta < 1.0, "alpha + beta", alpha + beta, "below 1: else the variance has no mean")
            }
            Model::Regime(Regime { calm, wild }) => {
                [("calm", calm), ("wild", wild)].into_iter().try_for_each(|(name, mood)| {
                    let check = || {
                        motion(mood.drift, mood.volatility)?;
                        require(mood.memory.abs() < 1.0, "memory", mood.memory, "between -1 and 1")?;
                        require(
                            (1.0..=1e12).contains(&mood.duration),
                            "duration",
                            mood.duration,
                            "a number of bars from 1 on",
                        )
                    };
                    check().map_err(|error| error.of(format!("the {name} mood")))
                })
            }
            Model::Jumps(Jumps { drift, volatility, rate, mean, deviation }) => {
                motion(*drift, *volatility)?;
                require((0.0..=1e6).contains(rate), "rate", *rate, "a number of jumps a year, 0 to 1000000")?;
                require(mean.abs() <= 2.0, "mean", *mean, "the logarithm of a jump's factor, -2 to 2")?;
                require(
                    (0.0..=2.0).contains(deviation),
                    "deviation",
                    *deviation,
                    "the spread of that logarithm, 0 to 2",
                )
            }
            Model::MeanReversion(MeanReversion { volatility, half_life }) => {
                motion(0.0, *volatility)?;
                require((1e-3..=1e12).contains(half_life), "half_life", *half_life, "a number of bars above 0")
            }
        }
    }
}

fn motion(drift: f64, volatility: f64) -> Result<()> {
    require(drift.abs() <= 100.0, "drift", drift, "a fraction a year: 0.05 is 5 %")?;
    require(
        volatility > 0.0 && volatility <= 100.0,
        "volatility",
        volatility,
        "above 0, a fraction a year: 0.2 is 20 %",
    )
}

/// What a figure must be, told where it is not; NaN is never right.
pub(super) fn require(right: bool, name: &str, given: f64, allowed: &str) -> Result<()> {
    if right {
        return Ok(());
    }
    Err(Diagnostic::new(format!("{name} is {given}: it must be {allowed}")))
}
