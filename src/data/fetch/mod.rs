//! Bars from the net: sources that answer over HTTP, asked page by page, politely, and checked like any file.
//!
//! What came is stored as it comes, so a download that breaks goes on from its last bar. An answer is
//! somebody else's: it is bounded in size and time, every row is checked, and a bar that has not closed is
//! left out.
//!
//! Adding a source takes one file, with its [`Source`], and one word in [`SOURCES`].

mod binance;
mod client;
mod download;
mod request;
mod rows;
mod source;
mod stooq;
mod yahoo;

pub use client::Patience;
pub use request::{Fetch, Fetched, Progress};
pub use source::{Ask, Market, Page, Row, Source};

use crate::error::{Diagnostic, Result};

/// The sources, in order of name.
pub const SOURCES: [&dyn Source; 3] = [&binance::Binance, &stooq::Stooq, &yahoo::Yahoo];

/// The source of a name.
///
/// # Errors
/// Where there is none.
pub fn source(name: &str) -> Result<&'static dyn Source> {
    SOURCES.into_iter().find(|source| source.name() == name).ok_or_else(|| {
        Diagnostic::new(format!("there is no source `{name}`"))
            .did_you_mean(name, SOURCES.iter().map(|source| source.name()))
    })
}
