//! What is to be made, and the bars of it.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::data::synth::Model;
use crate::data::synth::model::require;
use crate::data::synth::openings::{openings, years};
use crate::data::synth::process::{Process, volumes};
use crate::data::{Bars, Field};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// How many bars there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many of each instrument.
    Bars(usize),
    /// Those that have closed at this instant.
    Until(Timestamp),
}

/// A made-up market.
///
/// The bars of one instrument are eight steps each; the highest and lowest price between two steps are drawn
/// by the law of a Brownian bridge's extremes, so a bar's range is that of a path, not of a few points on
/// it. A bar opens where the one before it closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// How prices move.
    pub model: Model,
    /// The interval of a bar; of at most a day where it is counted in hours.
    pub timeframe: Timeframe,
    /// When bars open.
    pub calendar: Calendar,
    /// The first bar opens here or after it.
    pub from: Timestamp,
    /// How many bars there are to be.
    pub length: Length,
    /// Fixes every random number.
    pub seed: u64,
    /// How many instruments.
    pub instruments: usize,
    /// How the normal numbers of each two instruments are correlated; from 0, below 1.
    pub correlation: f64,
    /// The first open.
    pub start_price: f64,
    /// How many units are traded on a bar, in the mean of a usual mood. It is more on bars that move far.
    pub volume: f64,
    /// Prices are whole multiples of this; none for prices as they come.
    pub tick: Option<f64>,
}

/// The spread of the logarithm of volume.
const VOLUME_SPREAD: f64 = 0.4;

impl Market {
    /// One instrument from a price of 100 on, with a tick of 0.01, a volume of 10,000 and the seed 1.
    pub fn new(model: Model, timeframe: Timeframe, calendar: Calendar, from: Timestamp, length: Length) -> Self {
        Self {
            model,
            timeframe,
            calendar,
            from,
            length,
            seed: 1,
            instruments: 1,
            correlation: 0.0,
            start_price: 100.0,
            volume: 10_000.0,
            tick: Some(0.01),
        }
    }

    /// The bars of every instrument, beside one another on as many threads as there are.
    ///
    /// # Errors
    /// As [`Market::bars`].
    pub fn all(&self) -> Result<Vec<Bars>> {
        (0..self.instruments).into_par_iter().map(|instrument| self.bars(instrument)).collect()
    }

    /// The bars of one instrument, from 0. They are the same whatever [`Market::instruments`] is.
    ///
    /// # Errors
    /// Where a parameter is out of its range, no bar lies in the time, or a price leaves what a number can hold.
    pub fn bars(&self, instrument: usize) -> Result<Bars> {
        self.check()?;
        let opens = openings(&self.calendar, self.timeframe, self.from, self.length)?;
        let years = years(&self.calendar, self.timeframe);
        let mut process = Process::new(self.model, years, self.correlation, self.seed, instrument);
        let mut volumes = volumes(self.seed, instrument);
        let usual = self.model.volatility() * years.sqrt();
        let whole = (self.timeframe.seconds() * Timestamp::SECOND) as f64;
        let mut fields = Field::ALL.map(|_| Vec::with_capacity(opens.len()));
        for &open in &opens {
            // The last bar of a session may be a short one.
            let close = self.calendar.close_instant(self.timeframe, Timestamp(open)).0;
            let share = if self.timeframe.is_intraday() { ((close - open) as f64 / whole).min(1.0) } else { 1.0 };
            let bar = process.bar(share);
            let [open_price, high, low, close_price] =
                [bar.open, bar.high, bar.low, bar.close].map(|log| self.price(log));
            if !(high.is_finite() && low > 0.0) {
                let message = format!("by {} a price has left what a number can hold", Timestamp(open));
                return Err(Diagnostic::new(message).hint("ask for fewer bars, or for less drift or volatility"));
            }
            // A usual bar moves by √(2/π) of its deviation.
            let moved = (bar.close - bar.open).abs() / (usual * share.sqrt());
            let liveliness = (1.0 + moved) / (1.0 + std::f64::consts::FRAC_2_PI.sqrt());
            let noise = libm::exp(VOLUME_SPREAD * volumes.normal() - VOLUME_SPREAD * VOLUME_SPREAD / 2.0);
            let volume = (self.volume * share * liveliness * noise).round();
            let values = [open_price, high, low, close_price, volume];
            fields.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        Bars::new(self.timeframe, &self.calendar, opens, fields)
    }

    /// A price from its logarithm against the first open, on the tick and never below one.
    fn price(&self, log: f64) -> f64 {
        let price = self.start_price * libm::exp(log);
        let Some(tick) = self.tick else { return price };
        // 100.3 is the number next to 1003 / 10, and not always next to 1003 times 0.1.
        let per_unit = (1.0 / tick).round();
        if (per_unit * tick - 1.0).abs() < 1e-9 {
            return (price * per_unit).round().max(1.0) / per_unit;
        }
        (price / tick).round().max(1.0) * tick
    }

    fn check(&self) -> Result<()> {
        self.model.check()?;
        require((1..=100_000).contains(&self.instruments), "instruments", self.instruments as f64, "from 1 to 100000")?;
        require((0.0..1.0).contains(&self.correlation), "correlation", self.correlation, "from 0 on, below 1")?;
        require(self.start_price > 0.0 && self.start_price < 1e12, "start_price", self.start_price, "above 0")?;
        require(self.volume >= 0.0 && self.volume < 1e15, "volume", self.volume, "from 0 on")?;
        match self.tick {
            Some(tick) => {
                require(tick > 0.0 && tick < self.start_price, "tick", tick, "above 0 and below the start price")
            }
            None => Ok(()),
        }
    }
}
