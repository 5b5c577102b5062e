//! `runner data fetch`: bars from the net into a dataset.

use clap::Args;
use timeweave::time::{Timeframe, Timestamp};

/// Bring bars from the net into a dataset, and later the ones that have come since.
///
/// binance: BTCUSDT, from 1s to 1d, all years. stooq: aapl.us, 1d, all years. yahoo: AAPL, 1d of all years, 1h of
/// 730 days, 2m to 30m of 60 days, 1m of 30 days; with splits and dividends.
///
/// What came is stored as it comes. The same command goes on from the last bar that is stored. A bar that has
/// not closed yet is left out.
#[derive(Args)]
pub struct FetchArgs {
    /// binance, stooq or yahoo.
    source: String,
    /// The symbol, as the source writes it.
    symbol: String,
    /// The interval of a bar: 1m, 15m, 1h, 1d …
    #[arg(long, default_value = "1d")]
    timeframe: Timeframe,
    /// The first bar opens here or after it [default: after those that are stored, or all there are].
    #[arg(long, value_name = "DATE")]
    from: Option<Timestamp>,
    /// The last bar opens before this [default: now].
    #[arg(long, value_name = "DATE")]
    to: Option<Timestamp>,
    /// The dataset; made if it is not there [default: the source's name].
    #[arg(long)]
    dataset: Option<String>,
    /// When a new dataset trades: weekdays, 24x7, XNYS, or a session's hours, as 09:30-16:00 [default: what the
    /// source says].
    #[arg(long)]
    calendar: Option<String>,
    /// The timezone of a session's hours, as America/New_York.
    #[arg(long, default_value = "UTC", requires = "calendar")]
    timezone: String,
    /// What a new dataset's prices are in, as USD [default: what the source says].
    #[arg(long)]
    currency: Option<String>,
    /// Leave wrong bars out and count them. Without this an answer with a wrong bar is refused.
    #[arg(long)]
    lenient: bool,
    /// Another host that answers as the source does: https://mirror.example.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How many times a request is made before it is given up.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: u32,
    /// How long a request may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

#[cfg(not(feature = "fetch"))]
pub use offline::run;
#[cfg(feature = "fetch")]
pub use online::run;

#[cfg(feature = "fetch")]
mod online {
    use std::io::{IsTerminal, stderr};
    use std::path::Path;
    use std::sync::atomic::Ordering;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use indicatif::{ProgressBar, ProgressStyle};
    use timeweave::data::About;
    use timeweave::data::fetch::{Fetch, Fetched, Patience, Progress, source};
    use timeweave::error::Result;
    use timeweave::time::Timestamp;

    use super::FetchArgs;
    use crate::data::calendar_called;
    use crate::interrupt;
    use crate::output::{line, note};

    /// Runs `runner data fetch`.
    pub fn run(args: FetchArgs, catalog_dir: &Path) -> Result<()> {
        let calendar = args.calendar.as_deref().map(|name| calendar_called(name, &args.timezone)).transpose()?;
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fetch = Fetch {
            source: source(&args.source)?,
            symbol: args.symbol,
            timeframe: args.timeframe,
            from: args.from,
            to: args.to,
            dataset: args.dataset,
            about: About { calendar, currency: args.currency, ..About::default() },
            url: args.url,
            lenient: args.lenient,
            patience: Patience {
                attempts: args.attempts,
                timeout: Duration::from_secs(args.timeout),
                ..Patience::default()
            },
            now: Timestamp(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)),
        };
        interrupt::listen();
        let meter = Meter::new();
        let done = fetch.run(catalog_dir, &mut |progress| {
            meter.show(progress);
            !interrupt::stop().load(Ordering::Relaxed)
        });
        meter.bar.finish_and_clear();
        tell(&fetch, &done?)?;
        interrupt::obey();
        Ok(())
    }

    /// How far it is, on a terminal.
    struct Meter {
        bar: ProgressBar,
    }

    impl Meter {
        fn new() -> Self {
            let bar = if stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
            let style = ProgressStyle::with_template("{bar:30} {elapsed} < {eta}  {msg}");
            Self { bar: style.map_or(bar.clone(), |style| bar.with_style(style)) }
        }

        fn show(&self, progress: &Progress) {
            let Progress { bars, from, at, to, waits } = progress;
            let seconds = |span: i64| u64::try_from(span / Timestamp::SECOND).unwrap_or_default();
            self.bar.set_length(seconds(to.0 - from.0));
            self.bar.set_position(seconds(at.0 - from.0));
            let rate = *bars as f64 / self.bar.elapsed().as_secs_f64().max(0.1);
            self.bar.set_message(match waits {
                Some(why) => (*why).to_owned(),
                None => format!("{bars} bars, {rate:.0} a second, from {from} to {at}"),
            });
        }
    }

    fn tell(fetch: &Fetch, done: &Fetched) -> Result<()> {
        let Fetched { instrument, added, changed, empty, dropped, .. } = done;
        match (&done.path, done.stored) {
            (Some(path), Some((bars, first, last))) => {
                let changed = if *changed > 0 { format!(", {changed} changed") } else { String::new() };
                line(format_args!(
                    "{}: {bars} {} bars from {first} to {last}, {added} of them new{changed}",
                    path.display(),
                    fetch.timeframe
                ))?;
                line(format_args!("{} trades {}", instrument.dataset, done.calendar.name_and_timezone()))?;
            }
            _ => line(format_args!("{instrument}: {} has no bars there that are not stored", fetch.source.name()))?,
        }
        if let Some(open) = done.unfinished {
            line(format_args!("the bar of {open} has not closed: it is left out"))?;
        }
        if *empty > 0 {
            line(format_args!("{empty} bars without figures are left out"))?;
        }
        if !dropped.is_empty() {
            line(format_args!("{} wrong bars are left out:", dropped.len()))?;
            dropped.iter().take(10).try_for_each(|fault| line(format_args!("  bar {}: {fault}", fault.row)))?;
        }
        if done.stopped {
            note("stopped: the same command goes on from here");
        }
        Ok(())
    }
}

#[cfg(not(feature = "fetch"))]
mod offline {
    use std::path::Path;

    use timeweave::error::{Diagnostic, Result};

    use super::FetchArgs;

    /// Says that `runner data fetch` is not built in.
    pub fn run(args: FetchArgs, _: &Path) -> Result<()> {
        let FetchArgs { source, symbol, .. } = args;
        let message =
            format!("{symbol} cannot be fetched from {source}: this runner was built without the feature `fetch`");
        Err(Diagnostic::new(message).hint("it is on unless --no-default-features turns it off: add --features fetch"))
    }
}
