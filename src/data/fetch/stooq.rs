//! Stooq: daily bars of many markets as one CSV.
//!
//! Its page for a symbol offers the file: <https://stooq.com/q/d/?s=aapl.us>.

use std::time::Duration;

use csv::ReaderBuilder;

use crate::data::fetch::source::{beginning, escaped, unreadable};
use crate::data::fetch::{Ask, Page, Row, Source};
use crate::data::{About, Field};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// Shares, indices and currencies, by day.
#[derive(Debug)]
pub(super) struct Stooq;

impl Source for Stooq {
    fn name(&self) -> &'static str {
        "stooq"
    }

    fn url(&self) -> &'static str {
        "https://stooq.com"
    }

    fn offers(&self) -> &'static str {
        "stooq has daily bars, of symbols with their market: aapl.us, ^spx, eurusd"
    }

    fn timeframes(&self) -> &'static [&'static str] {
        &["1d"]
    }

    fn earliest(&self, _: Timeframe, _: Timestamp) -> Option<Timestamp> {
        None
    }

    fn about(&self) -> About {
        About {
            calendar: Some(Calendar::Weekdays),
            currency: None,
            source: Some("Stooq daily bars, adjusted by Stooq for splits and dividends".into()),
            licence: Some("Stooq's terms of use".into()),
        }
    }

    fn pace(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn restates(&self) -> bool {
        true
    }

    fn path(&self, ask: &Ask) -> String {
        let date = |instant: Timestamp| instant.date().format("%Y%m%d").to_string();
        let symbol = escaped(&ask.symbol.to_lowercase());
        format!("/q/d/l/?s={symbol}&i=d&d1={}&d2={}", date(ask.from), date(ask.to))
    }

    fn read(&self, body: &[u8], ask: &Ask) -> Result<Page> {
        let said = beginning(body);
        if said.starts_with("No data") {
            return Err(Diagnostic::new(format!("stooq has no data of `{}`", ask.symbol.to_lowercase()))
                .hint("symbols carry their market: aapl.us; look one up on stooq.com"));
        }
        if said.starts_with("Exceeded the daily hits limit") {
            return Err(Diagnostic::new("stooq says: Exceeded the daily hits limit")
                .hint("it counts the files that an address asks for a day: run the same command tomorrow"));
        }
        if said.to_lowercase().contains("apikey") {
            return Err(Diagnostic::new(format!("stooq asks for a key: {said}"))
                .hint("save the CSV with a browser, and bring it in with `runner data import`"));
        }
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(body);
        let header = reader.headers().map_err(|error| unreadable(self.name(), error, body))?;
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let place = |name: &str| names.iter().position(|other| other == name);
        let prices = ["date", "open", "high", "low", "close"].map(place);
        if prices.contains(&None) {
            return Err(unreadable(self.name(), "it has no columns Date,Open,High,Low,Close", body));
        }
        let mut rows = Vec::new();
        for (number, record) in reader.records().enumerate() {
            let wrong = |why: &str| unreadable(self.name(), format!("row {} {why}", number + 1), body);
            let record = record.map_err(|error| wrong(&error.to_string()))?;
            let text = |place: Option<usize>| place.and_then(|place| record.get(place)).map(str::trim);
            let date = text(place("date")).and_then(Timestamp::bare_date).ok_or_else(|| wrong("has no date"))?;
            let date = Timestamp::midnight(date);
            let mut values = [0.0; 5];
            for field in Field::ALL {
                let name = field.name();
                let known = text(place(name)).filter(|text| !text.is_empty());
                values[field as usize] = match known {
                    Some(text) => text.parse().map_err(|_| wrong(&format!("has no {name}")))?,
                    // Indices and currencies have none.
                    None if field == Field::Volume => 0.0,
                    None => return Err(wrong(&format!("has no {name}"))),
                };
            }
            // A bare date in a calendar of sessions stands for the opening of that date's session.
            let open = ask.calendar.map_or(date, |calendar| match calendar {
                Calendar::Session(_) => calendar.period_start(Timeframe::DAY, date),
                _ => date,
            });
            rows.push(Row { open, values, others: Vec::new() });
        }
        Ok(Page { rows, ..Page::default() })
    }

    fn refusal(&self, _: u16, body: &[u8], _: &Ask) -> Option<Diagnostic> {
        Some(beginning(body))
            .filter(|said| !said.is_empty() && !said.starts_with('<'))
            .map(|said| Diagnostic::new(format!("stooq says: {said}")))
    }
}
