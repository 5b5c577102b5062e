//! What the engine is at, and how long it took: `-v`, `-vv` and RUST_LOG, on stderr.

use std::env;
use std::fmt::{Debug, Write};
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

use crate::output::note;

/// Which variable says what is told, target by target.
const VARIABLE: &str = "RUST_LOG";

/// Tells of stages from now on: those that RUST_LOG names, or where it is not set, as often as `-v` was given. Gives
/// whether anything is told.
pub fn listen(verbose: u8) -> bool {
    let named = env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let named = named.and_then(|text| match text.parse::<Targets>() {
        Ok(targets) => Some(targets),
        Err(error) => {
            note(format_args!(
                "{VARIABLE} is `{text}`, which names no stages ({error}): write a level, as in `info`, or targets \
                 with levels, as in `timeweave::models=debug,info`"
            ));
            None
        }
    });
    let targets = named.or(match verbose {
        0 => None,
        1 => Some(Targets::new().with_target("timeweave", LevelFilter::INFO)),
        _ => Some(Targets::new().with_target("timeweave", LevelFilter::TRACE)),
    });
    // A second listener would be refused; the first goes on.
    targets.is_some_and(|targets| Registry::default().with(Stages.with_filter(targets)).try_init().is_ok())
}

/// Writes a line for each stage that ends, those within it before it and further in.
struct Stages;

/// When a stage began, and what it is called.
struct Begun {
    at: Instant,
    what: String,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Stages {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut what = attributes.metadata().name().to_owned();
        attributes.record(&mut Fields(&mut what));
        span.extensions_mut().insert(Begun { at: Instant::now(), what });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut what = String::new();
        event.record(&mut Fields(&mut what));
        let depth = context.event_scope(event).map_or(0, Iterator::count);
        note(format_args!("{:>11}  {:width$}{}", "", "", what.trim_start(), width = depth * 2));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let depth = span.scope().skip(1).count();
        if let Some(Begun { at, what }) = span.extensions().get() {
            note(format_args!("{:>9.3} s  {:width$}{what}", at.elapsed().as_secs_f64(), "", width = depth * 2));
        }
    }
}

/// The values of a span or an event, after its name: of the message itself, of others also what they are called.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Text in memory takes whatever is written.
        let _ = match field.name() {
            "message" | "name" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name} {value:?}"),
        };
    }
}
