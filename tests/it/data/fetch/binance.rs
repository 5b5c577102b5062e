//! Binance: pages of 1,000, going on, limits, and what it says of a wrong symbol.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use timeweave::data::Field;
use timeweave::time::Timestamp;

use super::answers::{kline, klines, price};
use super::server::{Answer, Server};
use super::{Desk, instant, timeframe};

/// A server with a pair that is listed at an instant.
fn exchange(listed: &str, until: &str) -> Server {
    let (listed, until) = (instant(listed), instant(until));
    Server::by(move |path| klines(path, listed, until))
}

#[test]
fn pages_are_joined_and_every_bar_has_its_figures() {
    let server = exchange("2024-01-01 00:07", "2024-01-03");
    let desk = Desk::at("2024-01-03");
    let done = desk.done("binance BTCUSDT 1m 2024-01-01", &server);
    // Two days less seven minutes.
    assert_eq!(done.stored.unwrap().0, 2_873);
    assert_eq!((done.added, done.unfinished, done.requests), (2_873, None, 3));
    let bars = desk.bars("binance/BTCUSDT", "1m");
    assert_eq!(bars.timestamp(0), instant("2024-01-01 00:07"));
    assert_eq!(bars.calendar().name_and_timezone(), "24x7 UTC");
    for (bar, open) in bars.timestamps().iter().enumerate() {
        assert_eq!(*open, bars.timestamps()[0] + bar as i64 * 60_000_000);
        let close = price(*open);
        assert_eq!(
            Field::ALL.map(|field| bars.field(field)[bar]),
            [close - 0.5, close + 1.0, close - 1.0, close, 12.5]
        );
    }
    assert_eq!(bars.column("trades").unwrap()[5], 42.0);
    let first = &server.asked()[0];
    assert_eq!(
        first,
        "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1704067200000&endTime=1704239999999&limit=1000"
    );
}

#[test]
fn what_is_stored_is_not_asked_for_again_but_for_its_last_bar() {
    let server = exchange("2024-01-01", "2024-03-01");
    let desk = Desk { now: "2024-01-02 12:00", ..Desk::at("") };
    assert_eq!(desk.done("binance ethusdt 1h 2024-01-01", &server).added, 36);
    let desk = Desk { now: "2024-01-03 00:30", ..desk };
    let done = desk.done("binance ethusdt 1h 2024-01-01", &server);
    assert_eq!((done.added, done.changed, done.stored.unwrap().0), (12, 0, 48));
    assert_eq!(done.unfinished, Some(instant("2024-01-03")));
    assert!(server.asked()[1].contains("startTime=1704193200000"), "the last bar, of 2024-01-02 11:00");
    let again = desk.done("binance ethusdt 1h", &server);
    assert_eq!((again.added, again.changed, again.stored.unwrap().0), (0, 0, 48));
    // Earlier ones than are stored are fetched, too.
    let server = exchange("2023-12-01", "2024-03-01");
    let earlier = desk.done("binance ethusdt 1h 2023-12-31", &server);
    assert_eq!((earlier.added, earlier.stored.unwrap().1), (24, instant("2023-12-31")));
}

#[test]
fn a_bar_that_has_not_closed_is_not_stored() {
    let server = exchange("2024-01-01", "2024-03-01");
    let desk = Desk::at("2024-01-05 07:59:59");
    let done = desk.done("binance BTCUSDT 4h 2024-01-04", &server);
    assert_eq!(done.unfinished, Some(instant("2024-01-05 04:00")));
    assert_eq!(done.stored.unwrap().2, instant("2024-01-05"));
}

#[test]
fn a_download_that_breaks_keeps_what_came_and_goes_on() {
    let (listed, until) = (instant("2024-01-01"), instant("2024-01-03"));
    let mut count = 0;
    let server = Server::by(move |path| {
        count += 1;
        if (3..=5).contains(&count) {
            Answer::status(502, "<html>bad gateway</html>")
        } else {
            klines(path, listed, until)
        }
    });
    let desk = Desk::at("2024-01-03");
    let told = desk.told("binance BTCUSDT 1m 2024-01-01", &server);
    insta::assert_snapshot!(told);
    assert_eq!(desk.bars("binance/BTCUSDT", "1m").len(), 2_000);
    let done = desk.done("binance BTCUSDT 1m", &server);
    assert_eq!((done.added, done.stored.unwrap().0), (880, 2_880));
}

#[test]
fn many_bars_are_stored_as_they_come() {
    let server = exchange("2024-01-01", "2024-03-01");
    let desk = Desk::at("2024-02-01");
    let fetch = desk.fetch("binance BTCUSDT 1m 2024-01-01", &server);
    let mut seen = 0;
    let done = fetch.run(desk.path(), &mut |progress| {
        seen = progress.bars;
        assert_eq!((progress.from, progress.to), (instant("2024-01-01"), instant("2024-02-01")));
        // Ctrl-C after a while.
        progress.bars < 23_000
    });
    let done = done.unwrap();
    assert!(done.stopped && seen == 23_000);
    assert_eq!((done.stored.unwrap().0, desk.bars("binance/BTCUSDT", "1m").len()), (23_000, 23_000));
    assert_eq!(desk.done("binance BTCUSDT 1m", &server).stored.unwrap().0, 31 * 1_440);
}

#[test]
fn a_gap_of_an_exchange_does_not_end_a_download() {
    let (listed, until) = (instant("2024-01-01"), instant("2024-01-03"));
    let server = Server::by(move |path| match klines(path, listed, until) {
        Answer::Whole(status, headers, body) => {
            let bars: Vec<Value> = serde_json::from_slice(&body).unwrap();
            let day = 1_704_067_200_000;
            let open =
                bars.into_iter().filter(|bar| !(day + 3_600_000..day + 7_200_000).contains(&bar[0].as_i64().unwrap()));
            Answer::Whole(status, headers, Value::from(open.collect::<Vec<Value>>()).to_string().into())
        }
        other => other,
    });
    let done = Desk::at("2024-01-03").done("binance BTCUSDT 1m 2024-01-01", &server);
    assert_eq!(done.stored.unwrap().0, 2_880 - 60);
}

#[test]
fn limits_are_kept_and_refusals_told() {
    let listed = (instant("2024-01-01"), instant("2024-01-02"));
    let answer = move |path: &str| klines(path, listed.0, listed.1);
    let limited = |status: u16, after: &str| {
        let after = after.to_owned();
        let calls = Arc::new(AtomicUsize::new(0));
        Server::by(move |path| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::status(status, r#"{"code":-1003,"msg":"Way too much request weight used"}"#)
                .with("Retry-After", after.as_str()),
            _ => answer(path).with("X-MBX-USED-WEIGHT-1M", "5990"),
        })
    };
    let desk = Desk::at("2024-01-02");
    for status in [429, 418] {
        let begun = std::time::Instant::now();
        assert_eq!(desk.done("binance BTCUSDT 1h 2024-01-01", &limited(status, "1")).requests, 2);
        assert!(begun.elapsed().as_secs_f64() >= 1.0, "it waited for as long as it was asked to");
    }
    let mut told = vec![desk.told("binance BTCUSDT 1h 2024-01-01", &limited(418, "7200"))];
    let refusals = [
        Answer::status(400, r#"{"code":-1121,"msg":"Invalid symbol."}"#),
        Answer::status(451, r#"{"code":0,"msg":"Service unavailable from a restricted location."}"#),
        Answer::status(403, "<html><h1>403 Forbidden</h1></html>"),
    ];
    told.extend(refusals.map(|answer| Desk::at("2024-01-02").told("binance BTC-USD 1h", &Server::of([answer]))));
    let server = Server::of([]);
    told.push(desk.told("binance BTCUSDT 1wk", &server));
    told.push(desk.told("binance BTCUSDT 7m", &server));
    told.push(desk.told("binance BTCUSDT 1h 2024-01-02", &Server::of([])));
    told.push(desk.told("binance ../../etc 1h", &server));
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_page_that_repeats_is_told_and_not_asked_for_for_ever() {
    let page: Vec<Value> = (0..1_000).map(|bar| kline(1_704_067_200_000 + bar * 60_000, 60_000)).collect();
    let page = Value::from(page).to_string();
    let server = Server::by(move |_| Answer::ok(page.clone()));
    let desk = Desk::at("2024-01-03");
    insta::assert_snapshot!(desk.told("binance BTCUSDT 1m 2024-01-01", &server));
    assert_eq!((server.asked().len(), desk.bars("binance/BTCUSDT", "1m").len()), (2, 1_000));
}

#[test]
fn a_history_that_was_rewritten_is_not_joined_with_what_is_stored() {
    let server = exchange("2024-01-01", "2024-03-01");
    let desk = Desk { now: "2024-01-02", ..Desk::at("") };
    desk.done("binance BTCUSDT 1h 2024-01-01", &server);
    let halved = Server::by(|path| {
        let Answer::Whole(status, headers, body) = klines(path, Timestamp(0), instant("2024-03-01")) else {
            unreachable!()
        };
        let mut bars: Vec<Value> = serde_json::from_slice(&body).unwrap();
        for bar in &mut bars {
            for place in 1..=4 {
                bar[place] = json!((bar[place].as_str().unwrap().parse::<f64>().unwrap() / 2.0).to_string());
            }
        }
        Answer::Whole(status, headers, Value::from(bars).to_string().into())
    });
    let desk = Desk { now: "2024-01-03", ..desk };
    insta::assert_snapshot!(desk.told("binance BTCUSDT 1h", &halved));
    assert_eq!(desk.bars("binance/BTCUSDT", "1h").len(), 24);
    assert_eq!(desk.bars("binance/BTCUSDT", "1h").timeframe(), timeframe("1h"));
}
