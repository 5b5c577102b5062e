//! What was understood of a file, for a person to look at before anything is written.

use std::fmt;

use chrono_tz::Tz;

use crate::data::import::clock::Stamp;
use crate::data::import::columns::{Use, plain};
use crate::data::import::numbers::Decimal;
use crate::data::import::rows::Layout;
use crate::data::import::track::Order;
use crate::time::Timeframe;

/// What was understood of a file. Displayed in lines that a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understanding {
    /// What the file is, and what divides its cells.
    pub(super) form: String,
    pub(super) names: Vec<String>,
    pub(super) layout: Layout,
    /// A cell of dates, as an example.
    pub(super) example: String,
    pub(super) order: Order,
    pub(super) timeframe: Timeframe,
    pub(super) timeframe_was_guessed: bool,
    pub(super) zone: Option<Tz>,
    pub(super) stamp: Stamp,
}

impl Understanding {
    /// The interval of a row.
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// Whether the other file was understood alike, but for what stands in it.
    pub fn is_like(&self, other: &Self) -> bool {
        let alike = Self { example: self.example.clone(), ..other.clone() };
        *self == alike
    }

    fn times(&self) -> String {
        let shown = match (self.layout.dates.zone(), self.zone) {
            _ if self.layout.utc => "in UTC, says the column".to_owned(),
            (Some(said), _) => said.to_owned(),
            (None, Some(zone)) => format!("by the clocks of {zone}"),
            (None, None) if self.timeframe.is_intraday() => "instants".to_owned(),
            (None, None) => "dates without times".to_owned(),
        };
        match self.stamp {
            Stamp::Open => shown,
            Stamp::Close => format!("{shown}; each is when its bar closes"),
        }
    }
}

impl fmt::Display for Understanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  form       {}", self.form)?;
        writeln!(f, "  dates      {} as {}, {}", self.example, self.layout.dates, self.times())?;
        let guessed = if self.timeframe_was_guessed { ", by the pace of the rows" } else { "" };
        writeln!(f, "  timeframe  {}{guessed}", self.timeframe)?;
        if self.layout.decimal == Decimal::Comma {
            writeln!(f, "  numbers    with a decimal comma")?;
        }
        match self.order {
            Order::OldestFirst => (),
            Order::NewestFirst => writeln!(f, "  order      newest first: turned round")?,
            Order::Unsorted => writeln!(f, "  order      sorted by time")?,
        }
        let named = |(name, used): &(&String, &Use)| match (name.trim(), used) {
            (name, Use::LeftOut(_)) => format!("`{name}`"),
            ("", used) => format!("one without a name is {}", used.name()),
            (name, used) if plain(name) == used.name() => name.to_owned(),
            (name, used) => format!("`{name}` is {}", used.name()),
        };
        let both = || self.names.iter().zip(&self.layout.uses);
        let used: Vec<String> =
            both().filter(|(_, used)| !matches!(used, Use::LeftOut(_))).map(|pair| named(&pair)).collect();
        let left: Vec<String> =
            both().filter(|(_, used)| matches!(used, Use::LeftOut(_))).map(|pair| named(&pair)).collect();
        writeln!(f, "  columns    {}", shortened(&used))?;
        if self.layout.values.iter().any(|(_, place)| place.is_none()) {
            writeln!(f, "  volume     none: 0 in every row")?;
        }
        if !left.is_empty() {
            writeln!(f, "  left out   {}", shortened(&left))?;
        }
        Ok(())
    }
}

fn shortened(names: &[String]) -> String {
    match names.len() {
        ..=24 => names.join(", "),
        many => format!("{} and {} more", names[..20].join(", "), many - 20),
    }
}
