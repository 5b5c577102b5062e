//! Servers on their worst days: slow, broken, endless, in circles, or somebody else's.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use timeweave::data::fetch::{Ask, source};

use super::answers::klines;
use super::server::{Answer, Server};
use super::{Desk, instant, new_york, timeframe};

const LINE: &str = "binance BTCUSDT 1h 2024-01-01";

fn well(path: &str) -> Answer {
    klines(path, instant("2024-01-01"), instant("2024-02-01"))
}

fn desk() -> Desk {
    Desk::at("2024-01-02")
}

#[test]
fn what_goes_wrong_for_once_is_tried_again() {
    let faults: [fn() -> Answer; 7] = [
        || Answer::status(500, "oops"),
        || Answer::status(503, "").with("Retry-After", "0"),
        || Answer::status(429, "").with("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
        || Answer::CutOff(b"[[1704067200000,\"1\"".to_vec(), 500),
        || Answer::Raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()),
        || Answer::Raw(Vec::new()),
        || Answer::Silence(Duration::from_millis(1_300)),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let mut calls = 0;
        let server = Server::by(move |path| {
            calls += 1;
            if calls == 1 { fault() } else { well(path) }
        });
        let done = desk().done(LINE, &server);
        assert_eq!((done.added, done.requests), (24, 2), "fault {number}");
    }
}

#[test]
fn what_stays_wrong_is_told_after_so_many_attempts() {
    let faults: [fn() -> Answer; 4] = [
        || Answer::status(500, "oops"),
        || Answer::status(429, ""),
        || Answer::CutOff(b"[[".to_vec(), 500),
        || Answer::Silence(Duration::from_millis(1_300)),
    ];
    let told = faults.map(|fault| {
        let server = Server::by(move |_| fault());
        let desk = desk();
        let told = desk.told(LINE, &server);
        assert_eq!(server.asked().len(), 3);
        assert!(!desk.path().join("binance").exists(), "nothing came, nothing is made");
        told
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn answers_that_are_none_are_told_at_once() {
    let nested = "[".repeat(1_000_000);
    let bodies = [
        "<!DOCTYPE html><html><body>Please enable cookies \u{1b}[31m</body></html>".to_owned(),
        nested,
        "[[1704067200000,NaN,1,1,1,1]]".into(),
        "[[1704067200000,\"NaN\",\"1\",\"1\",\"1\",\"1\",0,\"1\",1,\"1\",\"1\",\"0\"]]".into(),
        "[[1704067200000,\"-5\",\"1\",\"-9\",\"1\",\"1\",0,\"1\",1,\"1\",\"1\",\"0\"]]".into(),
        "[[1704067200000,\"1\",\"1\",\"1\",\"1e400\",\"1\",0,\"1\",1,\"1\",\"1\",\"0\"]]".into(),
        "[[\"2024-01-01\",\"1\",\"1\",\"1\",\"1\",\"1\"]]".into(),
        "[[9223372036854775807,\"1\",\"1\",\"1\",\"1\",\"1\",0,\"1\",1,\"1\",\"1\",\"0\"]]".into(),
        "[[1704067200000,\"1\"]]".into(),
        "{}".into(),
        "null".into(),
        String::new(),
    ];
    let told = bodies.map(|body| {
        let server = Server::of([Answer::ok(body)]);
        let told = desk().told(LINE, &server);
        assert_eq!(server.asked().len(), 1, "{told}");
        told
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn bars_out_of_order_and_twice_are_told() {
    let kline = |open: i64| super::answers::kline(open, 3_600_000);
    let day = 1_704_067_200_000;
    let told = [[day, day], [day + 3_600_000, day]].map(|opens| {
        let body = serde_json::Value::from(opens.map(kline).to_vec()).to_string();
        desk().told(LINE, &Server::of([Answer::ok(body)]))
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_endless_body_is_read_no_further_than_its_bound() {
    let begun = Instant::now();
    let mut told = desk().told(LINE, &Server::of([Answer::Zeros(1 << 30)]));
    assert!(begun.elapsed() < Duration::from_secs(10));
    told.push('\n');
    // An answer that says so of itself, and one that hides it in its head.
    let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Filler: 0123456789\r\n".repeat(100_000));
    told += &desk().told(LINE, &Server::by(move |_| Answer::Raw(head.clone().into_bytes())));
    insta::assert_snapshot!(told);
}

#[test]
fn redirects_are_followed_but_not_in_circles() {
    let server = Server::by(|path| match path.strip_prefix("/moved") {
        Some(path) => well(path),
        None => Answer::status(302, "").with("Location", format!("/moved{path}")),
    });
    assert_eq!(desk().done(LINE, &server).added, 24);
    let circle = Server::by(|path| Answer::status(301, "").with("Location", path));
    insta::assert_snapshot!(desk().told(LINE, &circle));
    assert!(circle.asked().len() < 10);
}

#[test]
fn a_place_that_is_none_is_told() {
    let server = Server::of([]);
    let told = ["ftp://mirror.example", "mirror.example", "http://", "http://127.0.0.1:1"].map(|url| {
        let desk = desk();
        let mut fetch = desk.fetch(LINE, &server);
        fetch.url = Some(url.into());
        desk.refused(&fetch, &server)
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn ctrl_c_ends_a_wait() {
    let server = Server::by(|_| Answer::status(429, "").with("Retry-After", "1"));
    let desk = desk();
    let begun = Instant::now();
    let mut glances = 0;
    let done = desk.fetch(LINE, &server).run(desk.path(), &mut |progress| {
        glances += usize::from(progress.waits.is_some());
        glances < 3
    });
    let done = done.unwrap();
    assert!(done.stopped && done.path.is_none() && begun.elapsed() < Duration::from_millis(900));
}

/// Whatever an answer holds, it is read or refused, and what was read can be looked at.
#[test]
fn a_reader_takes_any_bytes() {
    let answers = [
        ("binance", serde_json::Value::from(vec![super::answers::kline(1_704_067_200_000, 3_600_000)]).to_string()),
        ("stooq", "Date,Open,High,Low,Close,Volume\r\n2024-01-02,187.15,188.44,183.885,185.64,82488700\r\n".into()),
        ("yahoo", super::yahoo::apple().to_string()),
    ];
    let marks =
        prop_oneof![Just(b'['), Just(b'}'), Just(b'"'), Just(b'-'), Just(b'9'), Just(b'e'), Just(0xff), any::<u8>()];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..3, marks), 1..6);
    proptest!(ProptestConfig::with_cases(600), |(which in 0_usize..3, changes in changes, cut in any::<prop::sample::Index>())| {
        let (name, answer) = &answers[which];
        let mut bytes = answer.clone().into_bytes();
        for (place, kind, byte) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => bytes.truncate(cut.index(bytes.len()).max(1)),
            }
        }
        let calendar = new_york();
        let ask = Ask {
            symbol: "AAPL",
            timeframe: timeframe("1d"),
            from: instant("2000-01-01"),
            to: instant("2024-02-01"),
            now: instant("2024-02-01"),
            calendar: Some(&calendar),
        };
        let source = source(name).unwrap();
        match source.read(&bytes, &ask) {
            Ok(page) => prop_assert!(page.rows.iter().all(|row| row.others.len() == page.columns.len())),
            Err(error) => {
                let plain = error.message().chars().all(|c| !c.is_control() || c == '\n');
                prop_assert!(plain, "{}", error.message());
            }
        }
        let _ = source.refusal(400, &bytes, &ask);
    });
}
