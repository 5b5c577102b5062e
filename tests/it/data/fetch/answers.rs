//! Answers as the sources give them, written by hand after their documentation and pages.

use serde_json::{Value, json};
use timeweave::time::{Timeframe, Timestamp};

use super::server::Answer;

/// A price that the instant alone tells.
pub(super) fn price(open: i64) -> f64 {
    100.0 + ((open / 60_000_000) % 977) as f64 / 8.0
}

/// Binance's klines for a request, of a pair that is listed at one instant and trades until another.
pub(super) fn klines(path: &str, listed: Timestamp, until: Timestamp) -> Answer {
    let query = |name: &str| {
        let value = path.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        value.unwrap_or_else(|| panic!("{name} in {path}")).to_owned()
    };
    let span = query("interval").parse::<Timeframe>().unwrap().seconds() * 1_000;
    let (from, to): (i64, i64) = (query("startTime").parse().unwrap(), query("endTime").parse().unwrap());
    let first = from.max(listed.0 / 1_000);
    let first = first + (span - first % span) % span;
    let opens = (0..).map(|bar| first + bar * span).take_while(|open| *open <= to && *open < until.0 / 1_000);
    let klines: Vec<Value> = opens.take(query("limit").parse().unwrap()).map(|open| kline(open, span)).collect();
    Answer::ok(Value::from(klines).to_string())
}

pub(super) fn kline(open: i64, span: i64) -> Value {
    let close = price(open * 1_000);
    let text = |value: f64| format!("{value:.8}");
    json!([
        open,
        text(close - 0.5),
        text(close + 1.0),
        text(close - 1.0),
        text(close),
        "12.50000000",
        open + span - 1,
        "1250.75000000",
        42,
        "6.25000000",
        "625.37500000",
        "0"
    ])
}

/// Yahoo's chart: instants, and a row of open, high, low, close, volume, adjusted close for each.
pub(super) fn chart(rows: &[(&str, [Value; 6])], events: Value) -> Value {
    let column = |place: usize| rows.iter().map(|(_, row)| row[place].clone()).collect::<Vec<Value>>();
    let instants: Vec<i64> = rows.iter().map(|(open, _)| open.parse::<Timestamp>().unwrap().0 / 1_000_000).collect();
    json!({"chart": {"result": [{
        "meta": {
            "currency": "USD", "symbol": "AAPL", "exchangeName": "NMS", "instrumentType": "EQUITY",
            "firstTradeDate": 345_479_400, "gmtoffset": -14_400, "timezone": "EDT",
            "exchangeTimezoneName": "America/New_York", "priceHint": 2, "dataGranularity": "1d", "range": "",
            "currentTradingPeriod": {"regular": {
                "timezone": "EDT", "gmtoffset": -14_400, "start": 1_598_880_600, "end": 1_598_904_000
            }}
        },
        "timestamp": instants,
        "events": events,
        "indicators": {
            "quote": [{"open": column(0), "high": column(1), "low": column(2), "close": column(3), "volume": column(4)}],
            "adjclose": [{"adjclose": column(5)}]
        }
    }], "error": null}})
}
