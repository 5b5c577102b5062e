//! What a source is: how it is asked, and how its answers are read.

use std::time::Duration;

use crate::data::About;
use crate::error::{Diagnostic, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// A source of bars on the net.
pub trait Source: Sync {
    /// Its name on the command line, and of its dataset.
    fn name(&self) -> &'static str;

    /// Where it answers: scheme and host, without a slash at the end.
    fn url(&self) -> &'static str;

    /// What it has, and how far back, in a sentence for messages.
    fn offers(&self) -> &'static str;

    /// The timeframes that can be asked for, as they are written here.
    fn timeframes(&self) -> &'static [&'static str];

    /// From when on it has bars of a timeframe; none where it has all there are.
    fn earliest(&self, timeframe: Timeframe, now: Timestamp) -> Option<Timestamp>;

    /// What its dataset is, where the dataset is new and nobody said otherwise.
    fn about(&self) -> About;

    /// How long to wait from one request to the next.
    fn pace(&self) -> Duration;

    /// Whether figures of the past change (adjusted for what came later): then all of them are asked for again.
    fn restates(&self) -> bool;

    /// The path and query that ask for a page of bars, with `/` in front.
    fn path(&self, ask: &Ask) -> String;

    /// Reads an answer.
    ///
    /// # Errors
    /// Where it is not one of this source, or says that something is wrong.
    fn read(&self, body: &[u8], ask: &Ask) -> Result<Page>;

    /// What an answer with an error's status says, in words; none where it says nothing that can be read.
    fn refusal(&self, status: u16, body: &[u8], ask: &Ask) -> Option<Diagnostic>;

    /// How long the headers of an answer ask to wait; none where they do not.
    fn pause(&self, _header: &dyn Fn(&str) -> Option<String>) -> Option<Duration> {
        None
    }
}

/// What a source is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The symbol, in capitals.
    pub symbol: &'a str,
    /// The interval of a bar.
    pub timeframe: Timeframe,
    /// Bars that open here or later.
    pub from: Timestamp,
    /// Bars that open before this.
    pub to: Timestamp,
    /// What the clock shows.
    pub now: Timestamp,
    /// When the dataset's instruments trade; none while the dataset is new and nobody said.
    pub calendar: Option<&'a Calendar>,
}

/// A part of the bars that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The names of the columns beside the five.
    pub columns: Vec<&'static str>,
    /// The bars, in order of time.
    pub rows: Vec<Row>,
    /// How many bars the source named without figures: it knows of no trade.
    pub empty: usize,
    /// Where the next page begins; none where this was the last.
    pub next: Option<Timestamp>,
    /// What the answer says of the market, where it does.
    pub market: Option<Market>,
}

/// What an answer says of the market that an instrument trades on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// When it trades.
    pub calendar: Calendar,
    /// What its prices are in.
    pub currency: String,
}

/// One bar of an answer.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its opening instant.
    pub open: Timestamp,
    /// Open, high, low, close, volume.
    pub values: [f64; 5],
    /// The values of the page's other columns.
    pub others: Vec<f64>,
}

/// A text as a part of a URL's path or query (RFC 3986).
pub(super) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The beginning of an answer, for a message: one line, without what a terminal would obey.
pub(super) fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned();
    let words = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    let plain: String = words.chars().filter(|c| !c.is_control()).collect();
    match plain.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// An answer that is none of the source's.
pub(super) fn unreadable(name: &str, why: impl std::fmt::Display, body: &[u8]) -> Diagnostic {
    let given = match beginning(body) {
        empty if empty.is_empty() => "it is empty".to_owned(),
        text => format!("it begins with `{text}`"),
    };
    Diagnostic::new(format!("the answer is not as {name}'s are: {why}; {given}"))
        .hint("the source may have changed or be out of order: try again later, or open the URL in a browser")
}
