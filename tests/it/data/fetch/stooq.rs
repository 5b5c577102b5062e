//! Stooq: one CSV, and the sentences that it has in place of one.

use timeweave::data::Field;

use super::Desk;
use super::server::{Answer, Server};

const CSV: &str = "Date,Open,High,Low,Close,Volume\r\n\
    2024-01-02,187.15,188.44,183.885,185.64,82488700\r\n\
    2024-01-03,184.22,185.88,183.43,184.25,58414500\r\n\
    2024-01-04,182.15,183.0872,180.88,181.91,71983600\r\n\
    2024-01-05,181.99,182.76,180.17,181.18,62379700\r\n";

#[test]
fn a_file_comes_in_without_the_day_that_is_not_over() {
    let server = Server::of([Answer::ok(CSV)]);
    let desk = Desk::at("2024-01-05 22:00");
    let done = desk.done("stooq aapl.us 1d 2024-01-01", &server);
    assert_eq!((done.added, done.unfinished.unwrap().to_string().as_str()), (3, "2024-01-05"));
    assert_eq!(server.asked(), ["/q/d/l/?s=aapl.us&i=d&d1=20240101&d2=20240105"]);
    let bars = desk.bars("stooq/AAPL.US", "1d");
    assert_eq!(Field::ALL.map(|field| bars.field(field)[2]), [182.15, 183.0872, 180.88, 181.91, 71_983_600.0]);
    assert_eq!(bars.calendar().name_and_timezone(), "weekdays UTC");
}

#[test]
fn what_it_has_restated_counts() {
    let desk = Desk::at("2024-01-06");
    assert_eq!(desk.done("stooq aapl.us 1d", &Server::of([Answer::ok(CSV)])).added, 4);
    let halved = CSV.replace("184.22,185.88,183.43,184.25", "92.11,92.94,91.715,92.125");
    let more = halved + "2024-01-08,182.09,185.6,181.5,185.56,59144500\r\n";
    let desk = Desk { now: "2024-01-09", ..desk };
    let server = Server::of([Answer::ok(more)]);
    let done = desk.done("stooq aapl.us 1d 2024-01-04", &server);
    assert_eq!((done.added, done.changed, done.stored.unwrap().0), (1, 1, 5));
    assert!(server.asked()[0].contains("d1=20240102"), "from the first bar that is stored");
    assert_eq!(desk.bars("stooq/AAPL.US", "1d").field(Field::Close)[1], 92.125);
}

#[test]
fn currencies_have_no_volume_and_indices_a_sign_in_their_name() {
    let csv = "Date,Open,High,Low,Close\n2024-01-02,1.1037,1.1046,1.0939,1.0942\n";
    let server = Server::of([Answer::ok(csv)]);
    let desk = Desk::at("2024-01-06");
    desk.done("stooq ^spx 1d 2024-01-01", &server);
    assert!(server.asked()[0].contains("s=%5Espx&"));
    assert_eq!(desk.bars("stooq/^SPX", "1d").field(Field::Volume)[0], 0.0);
}

#[test]
fn a_sentence_in_place_of_a_file_is_told() {
    let told = [
        "No data",
        "Exceeded the daily hits limit",
        "Get your apikey:\n\n1. Open https://stooq.com/q/d/?s=aapl.us&get_apikey\n2. Enter the captcha code.",
        "<!DOCTYPE html><html><head><title>Stooq</title></head></html>",
        "",
        "Date,Open,High,Low,Close,Volume\n2024-01-02,187.15,188.44,183.885\n",
        "Date,Open,High,Low,Close,Volume\n2024-01-02,187.15,188.44,N/A,185.64,1\n",
        "Date,Open,High,Low,Close,Volume\n2024-01-02,187.15,188.44,183.885,NaN,1\n",
        "Date,Open,High,Low,Close,Volume\nyesterday,187.15,188.44,183.885,185.64,1\n",
        "Date,Open,High,Low,Close,Volume\n",
    ]
    .map(|body| {
        let server = Server::of([Answer::ok(body)]);
        match Desk::at("2024-01-06").fetch("stooq aapl.us 1d", &server) {
            fetch if body.ends_with("Volume\n") => {
                let desk = Desk::at("2024-01-06");
                let done = desk.run(&fetch).unwrap();
                format!("no bars: {:?}, dataset: {}", done.path, desk.path().join("stooq").exists())
            }
            fetch => Desk::at("2024-01-06").refused(&fetch, &server),
        }
    });
    insta::assert_snapshot!(told.join("\n"));
}
