//! Downloads, from a server on this machine that answers as the sources do, and as they do on bad days.

mod answers;
mod binance;
mod hostile;
mod server;
mod stooq;
mod yahoo;

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use timeweave::data::fetch::{Fetch, Fetched, Patience, source};
use timeweave::data::{About, Adjust, Bars, Catalog};
use timeweave::error::Result;

use self::server::Server;
use super::{instant, new_york, timeframe};

/// A scratch catalog, and a clock that stands still.
struct Desk {
    folder: TempDir,
    now: &'static str,
}

impl Desk {
    fn at(now: &'static str) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), now }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A download from a server, by a line: source, symbol, timeframe.
    fn fetch(&self, line: &str, server: &Server) -> Fetch<'static> {
        let words: Vec<&str> = line.split(' ').collect();
        Fetch {
            source: source(words[0]).unwrap(),
            symbol: words[1].into(),
            timeframe: timeframe(words[2]),
            from: words.get(3).map(|from| instant(from)),
            to: None,
            dataset: None,
            about: About::default(),
            url: Some(server.url()),
            lenient: false,
            patience: patience(),
            now: instant(self.now),
        }
    }

    fn run(&self, fetch: &Fetch) -> Result<Fetched> {
        fetch.run(self.path(), &mut |_| true)
    }

    fn done(&self, line: &str, server: &Server) -> Fetched {
        self.run(&self.fetch(line, server)).unwrap_or_else(|error| panic!("{line}: {error} ({:?})", error.help()))
    }

    /// What a download that must fail says, with its hint, without the server's address.
    fn told(&self, line: &str, server: &Server) -> String {
        self.refused(&self.fetch(line, server), server)
    }

    fn refused(&self, fetch: &Fetch, server: &Server) -> String {
        let error = self.run(fetch).unwrap_err();
        let text = format!("{}\n  help: {}", error.message(), error.help().unwrap_or_default());
        text.replace(&server.url(), "http://server")
    }

    fn bars(&self, instrument: &str, at: &str) -> Bars {
        let catalog = Catalog::open(self.path()).unwrap();
        catalog.bars(&instrument.parse().unwrap(), timeframe(at), Adjust::None).unwrap()
    }
}

/// So little that a test does not wait.
fn patience() -> Patience {
    Patience {
        attempts: 3,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(1_500),
        timeout: Duration::from_millis(1_000),
        most_bytes: 4 << 20,
    }
}
