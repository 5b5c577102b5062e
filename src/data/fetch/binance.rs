//! Binance: the spot market's klines, 1,000 a page, without a key.
//!
//! <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints>

use std::time::Duration;

use serde_json::Value;

use crate::data::About;
use crate::data::fetch::source::{beginning, escaped, unreadable};
use crate::data::fetch::{Ask, Page, Row, Source};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// Crypto-currencies on Binance's spot market.
#[derive(Debug)]
pub(super) struct Binance;

/// The most that a page may have.
const PAGE: usize = 1_000;
/// The weight of requests a minute from which on we wait; 6,000 are allowed.
const MUCH: u32 = 5_000;
/// Figures of a kline beside the five, and where they stand in it.
const OTHERS: [(&str, usize); 3] = [("quote_volume", 7), ("trades", 8), ("taker_buy_volume", 9)];

impl Source for Binance {
    fn name(&self) -> &'static str {
        "binance"
    }

    fn url(&self) -> &'static str {
        "https://data-api.binance.vision"
    }

    fn offers(&self) -> &'static str {
        "binance has bars from 1s to 1d since a pair is listed, of symbols such as BTCUSDT"
    }

    fn timeframes(&self) -> &'static [&'static str] {
        &["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"]
    }

    fn earliest(&self, _: Timeframe, _: Timestamp) -> Option<Timestamp> {
        None
    }

    fn about(&self) -> About {
        About {
            calendar: Some(Calendar::Continuous),
            // A symbol does not say where its first currency ends.
            currency: None,
            source: Some("Binance spot klines, api/v3/klines".into()),
            licence: Some("Binance's terms of use".into()),
        }
    }

    fn pace(&self) -> Duration {
        Duration::from_millis(50)
    }

    fn restates(&self) -> bool {
        false
    }

    fn path(&self, ask: &Ask) -> String {
        // Their times are inclusive, and in milliseconds.
        let (from, to) = (ask.from.0.div_euclid(1_000).max(0), ask.to.0.div_euclid(1_000) - 1);
        let (symbol, interval) = (escaped(ask.symbol), ask.timeframe);
        format!("/api/v3/klines?symbol={symbol}&interval={interval}&startTime={from}&endTime={to}&limit={PAGE}")
    }

    fn read(&self, body: &[u8], ask: &Ask) -> Result<Page> {
        let wrong = |why: &str| unreadable(self.name(), why, body);
        let answer: Value = serde_json::from_slice(body).map_err(|error| wrong(&format!("it is no JSON ({error})")))?;
        let klines = answer.as_array().ok_or_else(|| wrong("it is no list"))?;
        let row = |(number, kline): (usize, &Value)| {
            let wrong = |what: &str| wrong(&format!("bar {} has no {what}", number + 1));
            let figure = |place: usize, what: &str| figure(kline.get(place)).ok_or_else(|| wrong(what));
            let open = kline.get(0).and_then(Value::as_i64).and_then(|millis| millis.checked_mul(1_000));
            let names = ["open", "high", "low", "close", "volume"];
            let mut values = [0.0; 5];
            for (place, name) in names.iter().enumerate() {
                values[place] = figure(place + 1, name)?;
            }
            let others = OTHERS.iter().map(|(name, place)| figure(*place, name)).collect::<Result<_>>()?;
            Ok(Row { open: Timestamp(open.ok_or_else(|| wrong("time"))?), values, others })
        };
        let rows = klines.iter().enumerate().map(row).collect::<Result<Vec<Row>>>()?;
        let span = ask.timeframe.seconds() * Timestamp::SECOND;
        let next = rows.last().map(|last| Timestamp(last.open.0.saturating_add(span))).filter(|next| *next < ask.to);
        Ok(Page { columns: OTHERS.map(|(name, _)| name).to_vec(), rows, next, ..Page::default() })
    }

    fn refusal(&self, status: u16, body: &[u8], ask: &Ask) -> Option<Diagnostic> {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let said = |key: &str| answer.as_ref().and_then(|answer| answer.get(key));
        let message = said("msg").and_then(Value::as_str).map(|text| beginning(text.as_bytes()));
        let diagnostic = Diagnostic::new(format!("binance says: {}", message?));
        Some(match said("code").and_then(Value::as_i64) {
            Some(-1121) => Diagnostic::new(format!("binance has no symbol `{}`", ask.symbol))
                .hint("write both currencies in one word: BTCUSDT"),
            _ if status == 451 => diagnostic.hint("binance does not serve your place; --url names another host"),
            _ => diagnostic,
        })
    }

    fn pause(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<Duration> {
        let used: u32 = header("x-mbx-used-weight-1m")?.parse().ok()?;
        (used > MUCH).then(|| Duration::from_secs(10))
    }
}

/// A figure, which klines have as a text.
fn figure(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}
