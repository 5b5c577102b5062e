//! HTTP with bounds: on time, size, redirects and how often it is tried again.

use std::io;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ureq::http::Response;
use ureq::{Agent, Body, Error};

use crate::data::fetch::Source;
use crate::error::{Diagnostic, Result};

/// How long and how often a source is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How many times a request is made before it is given up.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait, for what a source asks for too.
    pub longest_wait: Duration,
    /// How long a request may take, its answer included.
    pub timeout: Duration,
    /// How many bytes an answer may have.
    pub most_bytes: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(120),
            timeout: Duration::from_secs(60),
            most_bytes: 64 << 20,
        }
    }
}

const USER_AGENT: &str =
    concat!("Mozilla/5.0 (compatible; ", env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"), ")");
const REDIRECTS: u32 = 5;
/// How often a wait looks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(50);

/// Asks one source.
pub(super) struct Client<'a> {
    agent: Agent,
    source: &'a dyn Source,
    base: String,
    patience: Patience,
    /// When the next request may be made.
    due: Instant,
    /// How many requests were made.
    pub requests: usize,
}

/// What came of a request.
pub(super) enum Answer {
    /// A body, with a status of success.
    Good(Vec<u8>),
    /// Another status that stays as it is, however often it is asked, and the body.
    Refused(u16, Vec<u8>),
    /// Nobody wants it any more.
    Stopped,
}

/// Why an attempt failed.
enum Failure {
    /// It may go well another time: in words, and the wait that was asked for.
    ForNow(String, Option<Duration>),
    /// It will not.
    ForGood(Diagnostic),
}

impl<'a> Client<'a> {
    pub fn new(source: &'a dyn Source, base: &str, patience: Patience) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(patience.timeout))
            .max_redirects(REDIRECTS)
            // Whoever asks over TLS is not led to an answer without it.
            .https_only(base.starts_with("https://"))
            .user_agent(USER_AGENT)
            .build()
            .new_agent();
        let base = base.trim_end_matches('/').to_owned();
        Self { agent, source, base, patience, due: Instant::now(), requests: 0 }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The answer to a path; tried again, with growing waits, where that may help.
    ///
    /// # Errors
    /// Where all attempts failed, or further ones would.
    pub fn get(&mut self, path: &str, wanted: &mut dyn FnMut(Option<&str>) -> bool) -> Result<Answer> {
        let url = self.url(path);
        let mut attempt = 1;
        loop {
            if !self.wait(wanted, None) {
                return Ok(Answer::Stopped);
            }
            self.requests += 1;
            let (why, asked) = match self.attempt(&url) {
                Ok(answer) => return Ok(answer),
                Err(Failure::ForGood(diagnostic)) => return Err(diagnostic.of(url)),
                Err(Failure::ForNow(why, asked)) => (why, asked),
            };
            let longest = self.patience.longest_wait;
            if let Some(asked) = asked.filter(|asked| *asked > longest) {
                return Err(Diagnostic::new(format!("{url}: {why}, and asks for a wait of {} s", asked.as_secs()))
                    .hint("run the same command after that time: it goes on from the last bar that is stored"));
            }
            if attempt >= self.patience.attempts {
                let often = if attempt > 1 { format!(", {attempt} times") } else { String::new() };
                return Err(Diagnostic::new(format!("{url}: {why}{often}"))
                    .hint("run the same command later: it goes on from the last bar that is stored"));
            }
            let growing = self.patience.first_wait.saturating_mul(1 << (attempt - 1).min(16));
            let wait = asked.unwrap_or_else(|| (growing + jitter(growing / 4)).min(longest));
            self.due = self.due.max(Instant::now() + wait);
            attempt += 1;
            if !self.wait(wanted, Some(&format!("{why}; attempt {attempt} in {:.0} s", wait.as_secs_f64().ceil()))) {
                return Ok(Answer::Stopped);
            }
        }
    }

    /// Waits until the next request is due; whether it is still wanted then.
    fn wait(&self, wanted: &mut dyn FnMut(Option<&str>) -> bool, why: Option<&str>) -> bool {
        loop {
            if !wanted(why) {
                return false;
            }
            let left = self.due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(GLANCE));
        }
    }

    fn attempt(&mut self, url: &str) -> Result<Answer, Failure> {
        let name = self.source.name();
        let response = self.agent.get(url).call();
        self.due = Instant::now() + self.source.pace();
        let response = response.map_err(|error| failure(name, &error))?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.trim().to_owned());
        if let Some(pause) = self.source.pause(&header) {
            self.due = self.due.max(Instant::now() + pause.min(self.patience.longest_wait));
        }
        let status = response.status().as_u16();
        // Also a date, in theory; then our own wait serves.
        let asked = header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        match status {
            429 | 418 => {
                Err(Failure::ForNow(format!("{name} says that it was asked too often (status {status})"), asked))
            }
            500..=599 => Err(Failure::ForNow(format!("{name} is out of order (status {status})"), asked)),
            200..=299 => Ok(Answer::Good(self.body(response)?)),
            _ => Ok(Answer::Refused(status, self.body(response)?)),
        }
    }

    fn body(&self, response: Response<Body>) -> Result<Vec<u8>, Failure> {
        let read = response.into_body().into_with_config().limit(self.patience.most_bytes).read_to_vec();
        read.map_err(|error| failure(self.source.name(), &error))
    }
}

fn failure(name: &str, error: &Error) -> Failure {
    let for_now = |why: &str| Failure::ForNow(format!("{name} {why}"), None);
    let for_good = |why: &str, hint: &str| Failure::ForGood(Diagnostic::new(why).hint(hint));
    match error {
        Error::Timeout(_) => for_now("did not answer in time"),
        Error::HostNotFound => for_now("was not found: is there a way to the net?"),
        Error::ConnectionFailed => for_now("could not be reached"),
        Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => for_now("refused the connection"),
        Error::Io(error) => for_now(&format!("broke off ({error})")),
        Error::Protocol(error) => for_now(&format!("answered what is no HTTP ({error})")),
        Error::BodyExceedsLimit(limit) => for_good(
            &format!("the answer has more than {} MB", limit >> 20),
            "no page of bars is that long: is the URL right?",
        ),
        Error::TooManyRedirects | Error::RedirectFailed => for_good(
            &format!("more than {REDIRECTS} redirects"),
            "the source may have moved: give its place with --url",
        ),
        Error::RequireHttpsOnly(place) => for_good(
            &format!("a redirect leads to {place}, without TLS"),
            "give a place that can be trusted with --url",
        ),
        Error::BadUri(_) | Error::Http(_) => for_good("this is no URL", "write it as https://host"),
        other => for_good(&other.to_string(), "try again later, or give another place with --url"),
    }
}

/// A part of a wait that differs from one asker to the next, so that they do not come back together.
fn jitter(most: Duration) -> Duration {
    let noise = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    most.mul_f64(f64::from(noise % 1_000) / 1_000.0)
}
