//! `runner data synth`: makes up a market, and records how.

use std::env;
use std::path::Path;

use clap::{Args, Subcommand};
use timeweave::data::synth::{Garch, Gbm, Jumps, Length, Market, MeanReversion, Model, Mood, Regime};
use timeweave::data::{About, Dataset, Manifest, Merge};
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::time::{Timeframe, Timestamp};

use crate::data::calendar_called;
use crate::output::line;

/// Make up a market whose laws are known, for tests, tutorials and stress.
///
/// The same command makes the same bytes on every machine. It is recorded in the dataset.toml, as the source.
/// Drifts and volatilities are fractions a year: 0.2 is 20 %.
#[derive(Args)]
pub struct SynthArgs {
    #[command(subcommand)]
    model: ModelArgs,
}

#[derive(Subcommand)]
enum ModelArgs {
    /// Geometric Brownian motion: each bar's return is normal and hangs on no other.
    Gbm {
        #[command(flatten)]
        motion: MotionArgs,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// GARCH(1,1): volatility that clusters.
    Garch {
        #[command(flatten)]
        motion: MotionArgs,
        /// How strongly the last bar's move counts in the next bar's variance.
        #[arg(long, value_name = "FRACTION", default_value_t = 0.1)]
        alpha: f64,
        /// How much of a bar's variance lasts; alpha and beta are below 1 together.
        #[arg(long, value_name = "FRACTION", default_value_t = 0.85)]
        beta: f64,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// Two moods that follow each other, a calm and a wild one (Markov switching).
    Regime {
        #[command(flatten)]
        motion: MotionArgs,
        /// Which part of the last bar's move goes on (above 0) or is turned back (below 0) in the calm mood.
        #[arg(long, value_name = "FRACTION", default_value_t = 0.0, allow_negative_numbers = true)]
        memory: f64,
        /// How many bars the calm mood holds in the mean.
        #[arg(long, value_name = "BARS", default_value_t = 100.0)]
        duration: f64,
        /// The drift of the wild mood, a year.
        #[arg(long, value_name = "A YEAR", default_value_t = 0.0, allow_negative_numbers = true)]
        wild_drift: f64,
        /// The volatility of the wild mood, a year.
        #[arg(long, value_name = "A YEAR", default_value_t = 0.4)]
        wild_volatility: f64,
        /// As --memory, in the wild mood.
        #[arg(long, value_name = "FRACTION", default_value_t = 0.0, allow_negative_numbers = true)]
        wild_memory: f64,
        /// How many bars the wild mood holds in the mean.
        #[arg(long, value_name = "BARS", default_value_t = 50.0)]
        wild_duration: f64,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// Jumps beside a geometric Brownian motion (Merton).
    Jumps {
        #[command(flatten)]
        motion: MotionArgs,
        /// How many jumps there are a year, in the mean.
        #[arg(long, value_name = "A YEAR", default_value_t = 12.0)]
        jumps: f64,
        /// The mean jump, as a logarithm: -0.02 is about 2 % down.
        #[arg(long, value_name = "LOG", default_value_t = -0.01, allow_negative_numbers = true)]
        jump_mean: f64,
        /// The standard deviation of a jump, as a logarithm.
        #[arg(long, value_name = "LOG", default_value_t = 0.04)]
        jump_deviation: f64,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// A price that is drawn back to where it started (Ornstein and Uhlenbeck, on its logarithm).
    MeanReversion {
        /// The volatility, a year.
        #[arg(long, value_name = "A YEAR", default_value_t = 0.2)]
        volatility: f64,
        /// How many bars take half of a departure back.
        #[arg(long, value_name = "BARS", default_value_t = 20.0)]
        half_life: f64,
        #[command(flatten)]
        market: MarketArgs,
    },
}

/// How prices move on the whole.
#[derive(Args)]
struct MotionArgs {
    /// The drift, a year; of a regime, in its calm mood.
    #[arg(long, value_name = "A YEAR", default_value_t = 0.0, allow_negative_numbers = true)]
    drift: f64,
    /// The volatility, a year; of a regime, in its calm mood.
    #[arg(long, value_name = "A YEAR", default_value_t = 0.2)]
    volatility: f64,
}

/// What every made-up market has.
#[derive(Args)]
struct MarketArgs {
    /// The dataset; made if it is not there.
    #[arg(long)]
    dataset: String,
    /// The symbol; of several instruments the first letters, which a number follows.
    #[arg(long)]
    symbol: String,
    /// The interval of a bar: 1m, 15m, 1h, 1d, 1wk, 1mo …
    #[arg(long)]
    timeframe: Timeframe,
    /// When it trades: weekdays, 24x7, XNYS, or a session's hours, as 09:30-16:00.
    #[arg(long, default_value = "weekdays")]
    calendar: String,
    /// The timezone of a session's hours, as America/New_York.
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// The first bar opens here or after it: a date, or a date and a time in UTC.
    #[arg(long, value_name = "DATE")]
    from: Timestamp,
    /// How many bars.
    #[arg(long, required_unless_present = "to", conflicts_with = "to")]
    bars: Option<usize>,
    /// The last bar has closed here.
    #[arg(long, value_name = "DATE")]
    to: Option<Timestamp>,
    /// Fixes every random number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many instruments. An instrument's bars do not change with it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    instruments: usize,
    /// How each two instruments move together: from 0, below 1.
    #[arg(long, default_value_t = 0.0)]
    correlation: f64,
    /// The first open.
    #[arg(long, value_name = "PRICE", default_value_t = 100.0)]
    start_price: f64,
    /// How many units are traded on a usual bar, in the mean.
    #[arg(long, value_name = "UNITS", default_value_t = 10_000.0)]
    volume: f64,
    /// Prices are whole multiples of this; 0 leaves them as they come.
    #[arg(long, value_name = "PRICE", default_value_t = 0.01)]
    tick: f64,
    /// What prices are in.
    #[arg(long, default_value = "USD")]
    currency: String,
}

impl ModelArgs {
    fn split(self) -> (Model, MarketArgs) {
        match self {
            ModelArgs::Gbm { motion: MotionArgs { drift, volatility }, market } => {
                (Model::Gbm(Gbm { drift, volatility }), market)
            }
            ModelArgs::Garch { motion: MotionArgs { drift, volatility }, alpha, beta, market } => {
                (Model::Garch(Garch { drift, volatility, alpha, beta }), market)
            }
            ModelArgs::Regime {
                motion: MotionArgs { drift, volatility },
                memory,
                duration,
                wild_drift,
                wild_volatility,
                wild_memory,
                wild_duration,
                market,
            } => {
                let calm = Mood { drift, volatility, memory, duration };
                let wild = Mood {
                    drift: wild_drift,
                    volatility: wild_volatility,
                    memory: wild_memory,
                    duration: wild_duration,
                };
                (Model::Regime(Regime { calm, wild }), market)
            }
            ModelArgs::Jumps { motion: MotionArgs { drift, volatility }, jumps, jump_mean, jump_deviation, market } => {
                let model = Jumps { drift, volatility, rate: jumps, mean: jump_mean, deviation: jump_deviation };
                (Model::Jumps(model), market)
            }
            ModelArgs::MeanReversion { volatility, half_life, market } => {
                (Model::MeanReversion(MeanReversion { volatility, half_life }), market)
            }
        }
    }
}

/// Runs `runner data synth`.
pub fn run(args: SynthArgs, catalog_dir: &Path) -> Result<()> {
    let (model, args) = args.model.split();
    let calendar = calendar_called(&args.calendar, &args.timezone)?;
    let length = match (args.bars, args.to) {
        (Some(bars), _) => Length::Bars(bars),
        (None, to) => Length::Until(to.unwrap_or(args.from)),
    };
    let market = Market {
        seed: args.seed,
        instruments: args.instruments,
        correlation: args.correlation,
        start_price: args.start_price,
        volume: args.volume,
        tick: Some(args.tick).filter(|tick| *tick != 0.0),
        ..Market::new(model, args.timeframe, calendar, args.from, length)
    };
    let source = format!("made by: {}", typed(env::args().skip(1)));
    let folder = catalog_dir.join(&args.dataset);
    let manifest = Manifest::path(&folder);
    if manifest.exists() {
        let stored = Manifest::read(&folder)?.source;
        if stored != source {
            return Err(Diagnostic::new(format!(
                "the dataset `{}` is there, of another source: {stored}",
                args.dataset
            ))
            .hint("name another with --dataset, so that each is made by the command that its dataset.toml records")
            .at(Origin::file(manifest.display().to_string())));
        }
    }
    let about = About {
        calendar: Some(&market.calendar).cloned(),
        currency: Some(args.currency),
        source: Some(source),
        licence: Some("CC0: made up; no market has such prices".into()),
    };
    let mut dataset = Dataset::open(catalog_dir, &args.dataset, &about)?;
    for instrument in 0..market.instruments {
        let symbol = match market.instruments {
            1 => args.symbol.clone(),
            _ => format!("{}{}", args.symbol, instrument + 1),
        };
        let bars = market.bars(instrument)?;
        let stored = dataset.store(&symbol, &bars, Merge::Replace)?;
        let (first, last) = (bars.timestamp(0), bars.timestamp(bars.len() - 1));
        line(format_args!(
            "{}: {} {} bars from {first} to {last}",
            stored.path.display(),
            stored.bars,
            bars.timeframe()
        ))?;
    }
    Ok(())
}

/// The command as it was typed, without the folder of the datasets: that is another one for everybody.
fn typed(arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec!["runner".to_owned()];
    let mut skip = false;
    for argument in arguments {
        let is_value = std::mem::take(&mut skip);
        skip = argument == "--datasets";
        if is_value || skip || argument.starts_with("--datasets=") {
            continue;
        }
        let plain = |c: char| c.is_alphanumeric() || "-_=.,:/^+".contains(c);
        let quoted = argument.is_empty() || !argument.chars().all(plain);
        words.push(if quoted { format!("'{}'", argument.replace('\'', r"'\''")) } else { argument });
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_recorded_as_a_shell_would_take_it_again() {
        let words = "data --datasets elsewhere synth gbm --datasets=x --from".split(' ').chain(["2020-01-01 10:00"]);
        assert_eq!(typed(words.map(String::from)), "runner data synth gbm --from '2020-01-01 10:00'");
    }
}
