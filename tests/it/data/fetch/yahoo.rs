//! Yahoo: splits and dividends as traded, days without figures, exchanges of other hours, limits.

use serde_json::{Value, json};
use timeweave::data::{Adjust, Catalog, Field};
use timeweave::time::Timestamp;

use super::answers::chart;
use super::server::{Answer, Server};
use super::{Desk, instant, timeframe};

/// AAPL around its split of four for one on 2020-08-31, as Yahoo tells it now, and a made-up dividend of 0.205 a
/// share of today on 2020-08-27.
pub(super) fn apple() -> Value {
    let row = |figures: [f64; 6]| figures.map(Value::from);
    let rows = [
        (
            "2020-08-26 13:30",
            row([
                126.17999267578125,
                126.99250030517578,
                125.0824966430664,
                126.522_499_084_472_66,
                163_022_400.0,
                123.2,
            ]),
        ),
        (
            "2020-08-27 13:30",
            row([127.14250183105469, 127.48500061035156, 123.8324966430664, 125.01000213623047, 155_552_400.0, 122.0]),
        ),
        (
            "2020-08-28 13:30",
            row([126.01249694824219, 126.44249725341797, 124.57749938964844, 124.80750274658203, 187_630_000.0, 121.8]),
        ),
        ("2020-08-31 13:30", row([127.58000183105469, 131.0, 126.0, 129.0399932861328, 225_702_700.0, 126.0])),
        (
            "2020-09-01 13:30",
            row([132.75999450683594, 134.8000030517578, 130.52999877929688, 134.17999267578125, 151_948_100.0, 131.0]),
        ),
    ];
    let events = json!({
        "splits": {"1598880600": {"date": 1_598_880_600, "numerator": 4.0, "denominator": 1.0, "splitRatio": "4:1"}},
        "dividends": {"1598535000": {"amount": 0.205, "date": 1_598_535_000}}
    });
    chart(&rows, events)
}

#[test]
fn daily_bars_are_stored_as_they_were_traded() {
    let server = Server::of([Answer::ok(apple().to_string())]);
    let desk = Desk::at("2020-09-02");
    let done = desk.done("yahoo AAPL 1d 2020-08-26", &server);
    assert_eq!((done.added, done.calendar.name_and_timezone().as_str()), (5, "XNYS America/New_York"));
    assert_eq!(
        server.asked(),
        [
            "/v8/finance/chart/AAPL?period1=1598400000&period2=1599004800&interval=1d&events=div%7Csplit&includeAdjustedClose=true"
        ]
    );
    let bars = desk.bars("yahoo/AAPL", "1d");
    assert_eq!(bars.timestamp(0), instant("2020-08-26 13:30"));
    // What the exchange's tape had on those days.
    assert_eq!(bars.field(Field::Close).to_vec(), [506.09, 500.04, 499.23, 129.04, 134.18]);
    assert_eq!(
        bars.field(Field::Volume).to_vec(),
        [40_755_600.0, 38_888_100.0, 46_907_500.0, 225_702_700.0, 151_948_100.0]
    );
    assert_eq!(bars.column("split_factor").unwrap().to_vec(), [1.0, 1.0, 1.0, 4.0, 1.0]);
    assert_eq!(bars.column("dividend").unwrap().to_vec(), [0.0, 0.82, 0.0, 0.0, 0.0]);
    // Adjusted, the split is no jump.
    let adjusted = Catalog::open(desk.path()).unwrap();
    let adjusted = adjusted.bars(&"yahoo/AAPL".parse().unwrap(), timeframe("1d"), Adjust::Total).unwrap();
    assert!((adjusted.field(Field::Close)[2] - 121.8).abs() < 1e-9);
}

#[test]
fn days_without_figures_are_left_out_and_their_events_fall_on_the_next() {
    let mut answer = apple();
    for place in ["open", "high", "low", "close", "volume"] {
        answer["chart"]["result"][0]["indicators"]["quote"][0][place][3] = Value::Null;
    }
    answer["chart"]["result"][0]["indicators"]["adjclose"][0]["adjclose"][3] = Value::Null;
    let desk = Desk::at("2020-09-02");
    let done = desk.done("yahoo AAPL 1d", &Server::of([Answer::ok(answer.to_string())]));
    assert_eq!((done.added, done.empty), (4, 1));
    assert_eq!(desk.bars("yahoo/AAPL", "1d").column("split_factor").unwrap().to_vec(), [1.0, 1.0, 1.0, 4.0]);
}

#[test]
fn a_session_that_is_on_is_left_out_and_comes_later() {
    let desk = Desk { now: "2020-09-01 19:59", ..Desk::at("") };
    let done = desk.done("yahoo AAPL 1d", &Server::of([Answer::ok(apple().to_string())]));
    assert_eq!((done.added, done.unfinished), (4, Some(instant("2020-09-01 13:30"))));
    // The last row of a running session carries the time of its last trade; after the close it is the day's.
    let mut answer = apple();
    answer["chart"]["result"][0]["timestamp"][4] = json!(instant("2020-09-01 20:00:01").0 / 1_000_000);
    answer["chart"]["result"][0]["indicators"]["adjclose"][0]["adjclose"][0] = json!(123.1);
    let desk = Desk { now: "2020-09-01 20:30", ..desk };
    let server = Server::of([Answer::ok(answer.to_string())]);
    let done = desk.done("yahoo AAPL 1d", &server);
    // An adjusted close of the past has changed: all of it is asked for, and what changed counts.
    assert_eq!((done.added, done.changed, done.stored.unwrap().0), (1, 1, 5));
    assert_eq!(desk.bars("yahoo/AAPL", "1d").timestamp(4), instant("2020-09-01 13:30"));
}

#[test]
fn minutes_are_asked_for_by_the_week_within_their_limit() {
    let server = Server::by(|path| {
        let value = |name: &str| {
            path.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)).unwrap().parse::<i64>().unwrap()
        };
        let (from, to) = (value("period1="), value("period2="));
        assert!(to - from <= 7 * 86_400, "{path}");
        let opens = (from..to).step_by(60).filter(|open| open % 86_400 < 1_200);
        let opens: Vec<String> = opens.map(|open| Timestamp(open * 1_000_000).to_string()).collect();
        let rows: Vec<(&str, [Value; 6])> =
            opens.iter().map(|open| (open.as_str(), [1.5, 2.0, 1.0, 1.75, 10.0, 0.0].map(Value::from))).collect();
        let mut answer = chart(&rows, Value::Null);
        answer["chart"]["result"][0]["indicators"].as_object_mut().unwrap().remove("adjclose");
        Answer::ok(answer.to_string())
    });
    let desk = Desk::at("2020-09-02");
    let done = desk.done("yahoo AAPL 1m", &server);
    // 29 days at four weeks and one.
    assert_eq!((done.requests, done.stored.unwrap().1), (5, instant("2020-08-04")));
    assert_eq!(desk.bars("yahoo/AAPL", "1m").extra().len(), 0);
}

#[test]
fn what_cannot_be_had_is_told() {
    let not_found = r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}"#;
    let too_far = r#"{"chart":{"result":null,"error":{"code":"Unprocessable Entity","description":"1m data not available for startTime=1 and endTime=2. Only 8 days worth of 1m granularity data are allowed to be fetched per request."}}}"#;
    let unauthorised = r#"{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}"#;
    let mut london = apple();
    london["chart"]["result"][0]["meta"]["exchangeTimezoneName"] = json!("Europe/London");
    let mut short = apple();
    short["chart"]["result"][0]["timestamp"].as_array_mut().unwrap().pop();
    let mut text = apple();
    text["chart"]["result"][0]["indicators"]["quote"][0]["low"][2] = json!("124.5");
    let mut negative = apple();
    negative["chart"]["result"][0]["indicators"]["quote"][0]["low"][2] = json!(-1.0);
    let opens: Vec<String> =
        (0..30).map(|hour| Timestamp(instant("2020-08-20").0 + hour * 3_600_000_000).to_string()).collect();
    let rows = opens.iter().map(|open| (open.as_str(), [1.5, 2.0, 1.0, 1.75, 10.0, 1.0].map(Value::from)));
    let hourly = chart(&rows.collect::<Vec<_>>(), Value::Null);
    let desk = Desk::at("2020-09-02");
    desk.done("yahoo AAPL 1d", &Server::of([Answer::ok(apple().to_string())]));
    let answers = [
        ("yahoo NOPE 1d", Answer::status(404, not_found)),
        ("yahoo AAPL 1m", Answer::status(422, too_far)),
        ("yahoo AAPL 1d", Answer::status(401, unauthorised)),
        ("yahoo VOD.L 1d", Answer::ok(london.to_string())),
        ("yahoo MSFT 1d", Answer::ok(short.to_string())),
        ("yahoo MSFT 1d", Answer::ok(text.to_string())),
        ("yahoo MSFT 1d", Answer::ok(negative.to_string())),
        ("yahoo MSFT 15m", Answer::ok(hourly.to_string())),
        ("yahoo MSFT 1d", Answer::ok("{\"chart\":{\"result\":[],\"error\":null}}")),
    ];
    let mut told: Vec<String> =
        answers.into_iter().map(|(line, answer)| desk.told(line, &Server::of([answer]))).collect();
    let server = Server::of([]);
    told.push(desk.told("yahoo AAPL 5m 2020-01-01", &server));
    told.push(desk.told("yahoo AAPL 1wk", &server));
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(desk.bars("yahoo/AAPL", "1d").len(), 5, "nothing of it has touched what is stored");
}

#[test]
fn wrong_bars_are_left_out_where_that_is_asked_for() {
    let mut answer = apple();
    answer["chart"]["result"][0]["indicators"]["quote"][0]["low"][2] = json!(-1.0);
    answer["chart"]["result"][0]["indicators"]["quote"][0]["high"][4] = json!(1.0);
    let server = Server::of([Answer::ok(answer.to_string())]);
    let desk = Desk::at("2020-09-02");
    let mut fetch = desk.fetch("yahoo AAPL 1d", &server);
    fetch.lenient = true;
    let done = desk.run(&fetch).unwrap();
    let dropped: Vec<String> = done.dropped.iter().map(|fault| format!("{}: {fault}", fault.row)).collect();
    insta::assert_snapshot!(dropped.join("\n"));
    assert_eq!(desk.bars("yahoo/AAPL", "1d").len(), 3);
}
