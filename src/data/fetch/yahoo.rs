//! Yahoo Finance: daily and intraday bars, with splits and dividends, from the chart that its pages draw.
//!
//! Yahoo documents none of this. `v8/finance/chart` answers with prices and volumes that are adjusted for the splits
//! that came later, and a close that is adjusted for dividends too. Daily bars are stored as they were
//! traded: what came later is taken out again.

use std::time::Duration;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use serde_json::Value;

use crate::data::About;
use crate::data::fetch::source::{beginning, escaped, unreadable};
use crate::data::fetch::{Ask, Market, Page, Row, Source};
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Session, Timeframe, Timestamp};

/// Shares, funds, indices, currencies and crypto-currencies of most exchanges.
#[derive(Debug)]
pub(super) struct Yahoo;

/// How many days one request for minutes may span.
const DAYS_OF_MINUTES: i64 = 7;
/// How many days back Yahoo gives daily bars: a hundred years are the limit.
const DAYS_OF_DAYS: i64 = 99 * 365;

impl Source for Yahoo {
    fn name(&self) -> &'static str {
        "yahoo"
    }

    fn url(&self) -> &'static str {
        "https://query1.finance.yahoo.com"
    }

    fn offers(&self) -> &'static str {
        "yahoo has daily bars of all years, 1h bars of 730 days, 2m to 30m of 60 days and 1m of 30 days"
    }

    fn timeframes(&self) -> &'static [&'static str] {
        &["1m", "2m", "5m", "15m", "30m", "1h", "1d"]
    }

    fn earliest(&self, timeframe: Timeframe, now: Timestamp) -> Option<Timestamp> {
        let days = match timeframe.seconds() {
            86_400.. => DAYS_OF_DAYS,
            3_600.. => 730,
            120.. => 60,
            _ => 30,
        };
        // A day less: the limit moves on while we ask. At midnight, so that it can be written as a date.
        Some(Timestamp((now.0.div_euclid(Timestamp::DAY) - days + 1) * Timestamp::DAY))
    }

    fn about(&self) -> About {
        About {
            calendar: Some(Calendar::Weekdays),
            currency: None,
            source: Some("Yahoo Finance, v8/finance/chart".into()),
            licence: Some("Yahoo's terms of service: personal use".into()),
        }
    }

    fn pace(&self) -> Duration {
        Duration::from_millis(500)
    }

    fn restates(&self) -> bool {
        true
    }

    fn path(&self, ask: &Ask) -> String {
        let seconds = |instant: Timestamp| instant.0.div_euclid(Timestamp::SECOND);
        // Later splits are in the prices of days, so they must be in the answer.
        let to = if ask.timeframe.is_intraday() { page_end(ask) } else { ask.now };
        let (symbol, from, to) = (escaped(ask.symbol), seconds(ask.from), seconds(to));
        let interval = ask.timeframe;
        format!(
            "/v8/finance/chart/{symbol}?period1={from}&period2={to}&interval={interval}&events=div%7Csplit&includeAdjustedClose=true"
        )
    }

    fn read(&self, body: &[u8], ask: &Ask) -> Result<Page> {
        let wrong = |why: &str| unreadable(self.name(), why, body);
        let answer: Value = serde_json::from_slice(body).map_err(|error| wrong(&format!("it is no JSON ({error})")))?;
        let chart = answer.get("chart").ok_or_else(|| wrong("it has no chart"))?;
        if let Some(refusal) = refusal(chart, ask) {
            return Err(refusal);
        }
        let result = chart.pointer("/result/0").ok_or_else(|| wrong("its chart has no result"))?;
        let zone = result.pointer("/meta/exchangeTimezoneName").and_then(Value::as_str);
        let zone: Tz = zone.and_then(|name| name.parse().ok()).ok_or_else(|| wrong("it names no timezone"))?;
        let market = market(result, zone);
        let instants: &[Value] = result.get("timestamp").and_then(Value::as_array).map_or(&[], Vec::as_slice);
        let next = Some(page_end(ask)).filter(|end| ask.timeframe.is_intraday() && *end < ask.to);
        let mut page = Page { next, ..Page::default() };
        let column = |path: &str| match result.pointer(path).and_then(Value::as_array) {
            Some(column) if column.len() == instants.len() => Ok(column),
            Some(_) => Err(wrong(&format!("{path} is not as long as its times"))),
            None if instants.is_empty() => Ok(&EMPTY),
            None => Err(wrong(&format!("it has no {path}"))),
        };
        let quotes = ["open", "high", "low", "close", "volume"].map(|name| format!("/indicators/quote/0/{name}"));
        let quotes = quotes.iter().map(|path| column(path)).collect::<Result<Vec<_>>>()?;
        let is_daily = !ask.timeframe.is_intraday();
        let adjusted = if is_daily { Some(column("/indicators/adjclose/0/adjclose")?) } else { None };
        let calendar = ask.calendar.or(market.as_ref().map(|market| &market.calendar));
        let mut dates = Vec::new();
        for (place, instant) in instants.iter().enumerate() {
            let figure = |column: &[Value]| match &column[place] {
                Value::Null => Ok(None),
                value => value.as_f64().map(Some).ok_or_else(|| wrong(&format!("bar {} holds no number", place + 1))),
            };
            let seconds = instant.as_i64().ok_or_else(|| wrong(&format!("bar {} has no time", place + 1)))?;
            let date = date(seconds, zone).ok_or_else(|| wrong(&format!("bar {} has no time", place + 1)))?;
            let values = quotes.iter().map(|column| figure(column)).collect::<Result<Vec<_>>>()?;
            let adjusted = adjusted.map(|column| figure(column)).transpose()?;
            let (&[Some(open), Some(high), Some(low), Some(close), volume], None | Some(Some(_))) =
                (values.as_slice(), &adjusted)
            else {
                page.empty += 1;
                continue;
            };
            let values = [decimal(open), decimal(high), decimal(low), decimal(close), volume.unwrap_or(0.0)];
            let open =
                if is_daily { day(date, calendar) } else { Timestamp(seconds.saturating_mul(Timestamp::SECOND)) };
            page.rows.push(Row { open, values, others: adjusted.flatten().map(decimal).into_iter().collect() });
            dates.push(date);
        }
        if is_daily {
            let events = |name: &str| -> Vec<(NaiveDate, &Value)> {
                let found = result.pointer(&format!("/events/{name}")).and_then(Value::as_object);
                let found = found.into_iter().flat_map(|events| events.values());
                found.filter_map(|event| Some((date(event.get("date")?.as_i64()?, zone)?, event))).collect()
            };
            as_traded(&mut page, &dates, &events("splits"), &events("dividends"))
                .ok_or_else(|| wrong("an event holds no figures"))?;
        }
        page.market = market;
        Ok(page)
    }

    fn refusal(&self, _: u16, body: &[u8], ask: &Ask) -> Option<Diagnostic> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        // Some refusals come as `finance`, where an answer has `chart`.
        refusal(answer.get("chart").or_else(|| answer.get("finance"))?, ask)
    }
}

static EMPTY: Vec<Value> = Vec::new();

/// Where the span of a request for intraday bars ends.
fn page_end(ask: &Ask) -> Timestamp {
    match ask.timeframe.seconds() {
        ..120 => ask.to.min(Timestamp(ask.from.0 + DAYS_OF_MINUTES * Timestamp::DAY)),
        _ => ask.to,
    }
}

/// What clocks show at an instant, of the years 1900 to 2999.
fn local(seconds: i64, zone: Tz) -> Option<DateTime<Tz>> {
    let plausible = (-2_208_988_800..32_503_680_000).contains(&seconds);
    Some(DateTime::from_timestamp(seconds, 0).filter(|_| plausible)?.with_timezone(&zone))
}

fn date(seconds: i64, zone: Tz) -> Option<NaiveDate> {
    local(seconds, zone).map(|local| local.date_naive())
}

/// The opening instant of a date's bar.
fn day(date: NaiveDate, calendar: Option<&Calendar>) -> Timestamp {
    let midnight = Timestamp::midnight(date);
    match calendar {
        // A bare date stands for the opening of that date's session.
        Some(calendar @ Calendar::Session(_)) => calendar.period_start(Timeframe::DAY, midnight),
        _ => midnight,
    }
}

/// What Yahoo says is wrong.
fn refusal(chart: &Value, ask: &Ask) -> Option<Diagnostic> {
    let said = |key: &str| chart.pointer(&format!("/error/{key}")).and_then(Value::as_str);
    let description = beginning(said("description").or_else(|| said("code"))?.as_bytes());
    Some(match said("code") {
        Some("Not Found") => Diagnostic::new(format!("yahoo has no data of `{}`: it says: {description}", ask.symbol))
            .hint("look the symbol up on finance.yahoo.com: AAPL, ^GSPC, EURUSD=X, BTC-USD, VOD.L"),
        _ => Diagnostic::new(format!("yahoo says: {description}")).hint(Yahoo.offers()),
    })
}

/// When the instrument's exchange trades, and its currency.
fn market(result: &Value, zone: Tz) -> Option<Market> {
    let meta = result.get("meta")?;
    let currency = meta.get("currency").and_then(Value::as_str).unwrap_or_default().to_owned();
    let regular = |end: &str| meta.pointer(&format!("/currentTradingPeriod/regular/{end}")).and_then(Value::as_i64);
    let (start, end) = (regular("start")?, regular("end")?);
    let clock = |seconds| Some(local(seconds, zone)?.format("%H:%M").to_string());
    let calendar = match meta.get("instrumentType").and_then(Value::as_str) {
        Some("CRYPTOCURRENCY") => Calendar::Continuous,
        // Currencies trade around the clock, on weekdays.
        _ if end - start >= 23 * 3_600 => Calendar::Weekdays,
        _ => {
            let (open, close) = (clock(start)?, clock(end)?);
            match zone == Tz::America__New_York && open == "09:30" {
                // With its holidays and half days; today may be one.
                true => Calendar::new("XNYS", zone).ok()?,
                false => Calendar::Session(Session::new(zone, &open, &close).ok()?),
            }
        }
    };
    Some(Market { calendar, currency })
}

/// Takes splits that came later out of prices and volumes, and adds the columns `adj_close`, `dividend` (cash a share
/// as traded then, on the ex-date) and `split_factor` (new shares for an old one, on the first day that trades
/// them; 1 on others).
fn as_traded(
    page: &mut Page,
    dates: &[NaiveDate],
    splits: &[(NaiveDate, &Value)],
    dividends: &[(NaiveDate, &Value)],
) -> Option<()> {
    page.columns = vec!["adj_close", "dividend", "split_factor"];
    let figure = |event: &Value, key: &str| event.get(key).and_then(Value::as_f64).filter(|figure| *figure > 0.0);
    let ratio = |event: &Value| Some(figure(event, "numerator")? / figure(event, "denominator")?);
    let splits = splits.iter().map(|(date, event)| Some((*date, ratio(event)?))).collect::<Option<Vec<_>>>()?;
    for row in &mut page.rows {
        row.others.extend([0.0, 1.0]);
    }
    // What falls on a day without a bar counts on the next that has one.
    let bar_of = |date: NaiveDate| Some(dates.partition_point(|day| *day < date)).filter(|bar| *bar < dates.len());
    let later =
        |date: NaiveDate| splits.iter().filter(|(split, _)| *split > date).map(|(_, ratio)| ratio).product::<f64>();
    for (date, event) in dividends {
        let amount = figure(event, "amount")?;
        if let Some(bar) = bar_of(*date) {
            page.rows[bar].others[1] += eight_digits(amount * later(*date));
        }
    }
    for (date, ratio) in &splits {
        if let Some(bar) = bar_of(*date) {
            page.rows[bar].others[2] *= ratio;
        }
    }
    for (row, date) in page.rows.iter_mut().zip(dates) {
        let factor = later(*date);
        if factor != 1.0 {
            let [open, high, low, close, volume] = row.values;
            let [open, high, low, close] = [open, high, low, close].map(|price| eight_digits(price * factor));
            row.values = [open, high, low, close, (volume / factor).round()];
        }
    }
    Some(())
}

/// Yahoo's prices are of single precision, printed in double: 124.80750274658203 is 124.8075.
fn decimal(price: f64) -> f64 {
    let single = price as f32;
    if f64::from(single) == price { single.to_string().parse().unwrap_or(price) } else { price }
}

/// Single precision has less than eight digits: what lies behind them is noise.
fn eight_digits(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}
