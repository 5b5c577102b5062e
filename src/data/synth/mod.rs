//! Markets that are made up: bars of a model whose laws are known, for tests, tutorials and stress.
//!
//! A [`Market`] says all there is to say: the model, its parameters, when it trades, how many instruments,
//! and a seed. Its bars hang on nothing else. They are the same bytes on every machine, on any number of
//! threads, and whatever other instruments are made with them.
//!
//! ```
//! use timeweave::data::synth::{Gbm, Length, Market, Model};
//! use timeweave::time::{Calendar, Timeframe};
//!
//! let model = Model::Gbm(Gbm { drift: 0.05, volatility: 0.2 });
//! let mut market = Market::new(model, Timeframe::DAY, Calendar::Weekdays, "2020-01-01".parse()?, Length::Bars(500));
//! market.seed = 7;
//! market.instruments = 3;
//! market.correlation = 0.6;
//! let bars = market.bars(0)?;
//! assert_eq!(bars.len(), 500);
//! assert_eq!(market.all()?.len(), 3);
//! # Ok::<(), timeweave::error::Diagnostic>(())
//! ```

mod draws;
mod market;
mod model;
mod openings;
mod process;

pub use market::{Length, Market};
pub use model::{Garch, Gbm, Jumps, MeanReversion, Model, Mood, Regime};
