//! `external`: figures from outside the market.

use rhai::{Dynamic, ImmutableString};

use crate::data::{ExternalSource, Missing, Revisions};
use crate::error::{Diagnostic, Result};
use crate::expr::{Arguments, BarsRef, Series, SeriesKind};
use crate::node::{Kind, Parameter, bind_record};
use crate::script::functions::{Call, Function};
use crate::script::value;
use crate::time::Span;

/// The column that a series is where none is named.
const VALUE: &str = "value";

/// The function that reads external series.
pub static FUNCTION: Function = Function {
    name: "external",
    signature: "external(series, #{ lag: …, max_age: …, revisions: …, missing: … })",
    doc: "a series from outside the market, such as external(\"macro/core_cpi\"): the column `value` of \
          datasets/macro/core_cpi.parquet, or another as a property: external(\"fundamentals/{symbol}\").eps, with a file for \
          each instrument. It lives at its own rows, and shows each from its `available_at` on: x[12] is twelve \
          timestamps ago, as was known then. `lag` (\"45d\", \"2mo\") says how long after its timestamp a figure could be \
          known, where the file does not; after `max_age` it is not known any more; revisions: \"first\" ignores what \
          was revised later; missing: \"nan\" allows for instruments without a file",
    counts: 1..=2,
    call: external,
};

const OPTIONS: &[Parameter] = &[
    Parameter::optional("lag", Kind::Text, "how long after its timestamp a figure could be known: \"45d\", \"2mo\""),
    Parameter::optional("max_age", Kind::Text, "how long after its release a figure counts: \"100d\""),
    Parameter::choice("revisions", &["known", "first"], "which of several releases about one timestamp count"),
    Parameter::choice("missing", &["error", "nan"], "what is done for an instrument that has no file"),
];

fn external(call: &Call) -> Result<Dynamic> {
    let Some(text) = value::cast::<ImmutableString>(call.argument(0)) else {
        return Err(call.wrong(0, "the name of a series such as \"macro/core_cpi\""));
    };
    let source: ExternalSource = text.parse().map_err(|error: Diagnostic| error.at(call.site.place(0)))?;
    let source = match call.count() {
        1 => source,
        _ => read_as(source, &bind_record(&call.site.host.registry, "external", OPTIONS, call.record(1)?)?)?,
    };
    call.site.series(BarsRef::external(source).column(VALUE))
}

fn read_as(source: ExternalSource, options: &Arguments) -> Result<ExternalSource> {
    let span = |name: &str| match options.get(name) {
        Some(_) => {
            let span = options.text(name)?.parse::<Span>();
            span.map(Some).map_err(|error| error.of(format!("`{name}` of `external`")).at(options.origin(name)))
        }
        None => Ok(None),
    };
    let missing = match options.text("missing")? {
        "nan" => Missing::Unknown,
        _ => Missing::Refused,
    };
    if missing == Missing::Unknown && !source.is_by_symbol() {
        return Err(Diagnostic::new(format!(
            "`missing` says what is done for instruments without a file: {source} is one file for all"
        ))
        .hint("take it out, or read a file for each instrument: external(\"fundamentals/{symbol}\")")
        .at(options.origin("missing")));
    }
    let revisions = match options.text("revisions")? {
        "first" => Revisions::First,
        _ => Revisions::Known,
    };
    Ok(ExternalSource { lag: span("lag")?, max_age: span("max_age")?, revisions, missing, ..source })
}

/// Another column of the external series that this is a column of, where it is one as `external` gives it.
pub fn column(series: &Series, name: &str) -> Option<Series> {
    match series.kind() {
        SeriesKind::Column(bars @ BarsRef::External(_), own) if &**own == VALUE => Some(bars.column(name)),
        _ => None,
    }
}
