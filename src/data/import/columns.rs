//! What the columns of a file are to a bar, by their names and what they hold.

use crate::data::Field;
use crate::data::files::require_columns;
use crate::error::{Diagnostic, Result};

/// What a column is to a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// The date, with the time where it has one.
    Timestamp,
    /// The time of the day, beside a date.
    Time,
    /// What the row is a bar of.
    Symbol,
    /// One of the five.
    Field(Field),
    /// A column of numbers beside the five, by the name that it goes by.
    Extra(String),
    /// Nothing, and why.
    LeftOut(&'static str),
}

impl Use {
    /// The word for it, as `--columns` takes it.
    pub fn name(&self) -> &str {
        match self {
            Use::Timestamp => "timestamp",
            Use::Time => "time",
            Use::Symbol => "symbol",
            Use::Field(field) => field.name(),
            Use::Extra(name) => name,
            Use::LeftOut(why) => why,
        }
    }

    fn called(name: &str) -> Self {
        match name {
            "timestamp" | "date" | "datetime" => Use::Timestamp,
            "time" => Use::Time,
            "symbol" | "ticker" => Use::Symbol,
            name => match Field::ALL.into_iter().find(|field| field.name() == name) {
                Some(field) => Use::Field(field),
                None => Use::Extra(name.into()),
            },
        }
    }
}

/// What most cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// A date, with or without a time, that is no number; or a type of instants.
    Date,
    /// A time of the day, which may be written as digits alone.
    Time,
    Text,
    Empty,
}

/// A column of a file.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Its name, or its number where the file names none.
    pub name: String,
    pub kind: Kind,
}

const LEFT_OUT_TEXT: &str = "text";
const LEFT_OUT_EMPTY: &str = "empty";
const LEFT_OUT_TIME: &str = "times of the day";
const LEFT_OUT_COUNTER: &str = "no name";
/// How the file itself calls a row's interval.
const PERIODS: [&str; 3] = ["per", "period", "interval"];

/// The names that a meaning goes by, the likeliest first.
#[rustfmt::skip]
const TIMESTAMPS: [&str; 34] = [
    "timestamp", "datetime", "date_time", "open_time", "opentime", "time_open", "gmt_time", "utc_time", "time_utc",
    "date_utc", "datetime_utc", "local_time", "unix", "unix_timestamp", "unix_time", "epoch", "date", "dtyyyymmdd",
    "dt", "day", "datum", "fecha", "data", "time", "t", "ts", "start", "start_time", "begin", "window_start", "month",
    "week", "index", "period_start",
];
const TIMES: [&str; 8] = ["time", "time_of_day", "uhrzeit", "zeit", "hora", "heure", "ora", "hour"];
const SYMBOLS: [&str; 10] =
    ["symbol", "ticker", "sym", "instrument", "asset", "pair", "stock", "code", "security", "name"];
const OPENS: [&str; 8] = ["open", "o", "open_price", "opening_price", "first", "eröffnung", "erster", "bidopen"];
const HIGHS: [&str; 6] = ["high", "h", "high_price", "max", "hoch", "bidhigh"];
const LOWS: [&str; 6] = ["low", "l", "low_price", "min", "tief", "bidlow"];
#[rustfmt::skip]
const CLOSES: [&str; 13] = [
    "close", "c", "close_last", "close_price", "closing_price", "last", "price", "settle", "schluss", "schlusskurs",
    "kurs", "bidclose", YAHOOS_CLOSE,
];
#[rustfmt::skip]
const VOLUMES: [&str; 14] = [
    "volume", "vol", "v", "base_volume", "volume_traded", "total_volume", "qty", "quantity", "shares", "stuecke",
    // Where both stand in a German file, `Volumen` is what was paid.
    "stücke", "volumen", "tickvol", "tick_volume",
];
const ADJUSTED: [&str; 6] = ["adj_close", "adjclose", "adjusted_close", "close_adj", "close_adjusted", YAHOOS_ADJUSTED];
/// What is copied from Yahoo's pages has the explanation of a column in its name.
const YAHOOS_CLOSE: &str = "close_close_price_adjusted_for_splits";
const YAHOOS_ADJUSTED: &str =
    "adj_close_adjusted_close_price_adjusted_for_splits_and_dividend_and_or_capital_gain_distributions";

/// A name without case, signs, units' brackets and footnotes: `<DATE>` is `date`, `Adj Close**` is `adj_close`.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::new();
    for character in name.trim().trim_start_matches('\u{feff}').chars() {
        match character {
            c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
            ' ' | '-' | '_' | '/' | '(' | '.' if !plain.is_empty() && !plain.ends_with('_') => plain.push('_'),
            '%' => plain.push_str("percent"),
            _ => (),
        }
    }
    plain.trim_end_matches('_').to_owned()
}

/// What each column is: what a person said, then what the names say, then what they hold.
///
/// # Errors
/// Where a person named a column that is not there, or a column that bars need is missing.
pub(super) fn uses(seen: &[Seen], given: &[(String, String)], without_volume: bool) -> Result<Vec<Use>> {
    let mut uses: Vec<Option<Use>> = vec![None; seen.len()];
    for (meaning, name) in given {
        let place = find(seen, name)?;
        if let Some(other) = &uses[place] {
            let message = format!("--columns gives `{name}` two meanings: {} and {meaning}", other.name());
            return Err(Diagnostic::new(message));
        }
        uses[place] = Some(Use::called(&plain(meaning)));
    }
    let plains: Vec<String> = seen.iter().map(|column| plain(&column.name)).collect();
    let assign = |uses: &mut Vec<Option<Use>>, what: Use, names: &[&str], kinds: &[Kind]| {
        if uses.iter().flatten().any(|other| *other == what) {
            return;
        }
        let fits = |place: &usize, name: &str| {
            uses[*place].is_none() && plains[*place] == name && kinds.contains(&seen[*place].kind)
        };
        let found = names.iter().find_map(|name| (0..seen.len()).find(|place| fits(place, name)));
        if let Some(place) = found {
            uses[place] = Some(what);
        }
    };
    let numbers = [Kind::Number, Kind::Time];
    assign(&mut uses, Use::Timestamp, &TIMESTAMPS, &[Kind::Date, Kind::Number]);
    let whole_file_empty = seen.iter().all(|column| column.kind == Kind::Empty);
    if whole_file_empty {
        assign(&mut uses, Use::Timestamp, &TIMESTAMPS, &[Kind::Empty]);
    }
    if !uses.contains(&Some(Use::Timestamp)) {
        // A date in a column that no name tells: the index that pandas writes, another language.
        if let Some(place) = (0..seen.len()).find(|place| uses[*place].is_none() && seen[*place].kind == Kind::Date) {
            uses[place] = Some(Use::Timestamp);
        }
    }
    // What is called a date and is none is told as that.
    assign(&mut uses, Use::Timestamp, &TIMESTAMPS, &[Kind::Text]);
    assign(&mut uses, Use::Time, &TIMES, &[Kind::Time]);
    let fields = [&OPENS[..], &HIGHS, &LOWS, &CLOSES, &VOLUMES];
    for (field, names) in Field::ALL.into_iter().zip(fields) {
        // What a column of that name holds is looked at row by row: a wrong cell is told with its line.
        assign(&mut uses, Use::Field(field), names, &[Kind::Number, Kind::Time, Kind::Text, Kind::Empty, Kind::Date]);
    }
    assign(&mut uses, Use::Extra("adj_close".into()), &ADJUSTED, &[Kind::Number, Kind::Time, Kind::Text, Kind::Empty]);
    assign(&mut uses, Use::Symbol, &SYMBOLS, &[Kind::Text]);
    if !uses.contains(&Some(Use::Field(Field::Volume))) {
        let place = (0..seen.len()).find(|place| uses[*place].is_none() && plains[*place].starts_with("vol"));
        if let Some(place) = place.filter(|place| numbers.contains(&seen[*place].kind)) {
            uses[place] = Some(Use::Field(Field::Volume));
        }
    }
    let uses: Vec<Use> = uses
        .into_iter()
        .zip(seen)
        .zip(&plains)
        .map(|((used, column), plain)| {
            used.unwrap_or_else(|| match column.kind {
                _ if plain.is_empty() || plain.starts_with("unnamed") || plain.parse::<u32>().is_ok() => {
                    Use::LeftOut(LEFT_OUT_COUNTER)
                }
                Kind::Number if !PERIODS.contains(&plain.as_str()) => Use::Extra(plain.clone()),
                Kind::Time => Use::LeftOut(LEFT_OUT_TIME),
                Kind::Empty => Use::LeftOut(LEFT_OUT_EMPTY),
                _ => Use::LeftOut(LEFT_OUT_TEXT),
            })
        })
        .collect();
    complete(seen, &uses, without_volume)?;
    Ok(uses)
}

/// The place of a column that a person named, or gave the number of.
fn find(seen: &[Seen], name: &str) -> Result<usize> {
    let is = |column: &Seen| column.name.trim() == name || plain(&column.name) == plain(name);
    if let Some(place) = seen.iter().position(is) {
        return Ok(place);
    }
    let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.filter(|place| *place < seen.len()).ok_or_else(|| {
        Diagnostic::new(format!("--columns: there is no column `{name}`"))
            .did_you_mean(name, seen.iter().map(|column| column.name.trim()))
    })
}

/// Whether there is all that a bar needs, and nothing twice.
fn complete(seen: &[Seen], uses: &[Use], without_volume: bool) -> Result<()> {
    let mut names: Vec<String> =
        uses.iter().filter(|of| !matches!(of, Use::LeftOut(_))).map(|of| of.name().into()).collect();
    if without_volume && !uses.contains(&Use::Field(Field::Volume)) {
        names.push(Field::Volume.name().into());
    }
    require_columns(&names).map_err(|error| {
        let columns: Vec<&str> = seen.iter().map(|column| column.name.trim()).collect();
        let listed = match columns.len() {
            ..=24 => columns.join(", "),
            many => format!("{} and {} more", columns[..12].join(", "), many - 12),
        };
        let only_volume = error.message() == "there is no column `volume`";
        let error = Diagnostic::new(error.message());
        match only_volume {
            true => error.hint("name it with --columns volume=NAME; or store 0 in every row with --without-volume"),
            false => error.hint(format!(
                "the file has: {listed}; say which is which: --columns close=NAME,open=NAME, or by number: close=5"
            )),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(columns: &[(&str, Kind)], given: &[(&str, &str)]) -> Result<String> {
        let seen: Vec<Seen> = columns.iter().map(|(name, kind)| Seen { name: (*name).into(), kind: *kind }).collect();
        let given: Vec<(String, String)> = given.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        Ok(uses(&seen, &given, false)?.iter().map(Use::name).collect::<Vec<_>>().join(" "))
    }

    fn of_numbers(header: &str) -> Vec<(&str, Kind)> {
        let kind = |name: &str| match plain(name).as_str() {
            "date" | "gmt_time" | "timestamp" => Kind::Date,
            "time" | "zeit" => Kind::Time,
            "name" | "symbol" | "ticker" => Kind::Text,
            _ => Kind::Number,
        };
        header.split([',', ';']).map(|name| (name, kind(name))).collect()
    }

    #[test]
    fn the_headers_that_are_about_are_understood() {
        for (header, expected) in [
            ("Date,Open,High,Low,Close,Adj Close,Volume", "timestamp open high low close adj_close volume"),
            ("Date,Open,High,Low,Close*,Adj Close**,Volume", "timestamp open high low close adj_close volume"),
            (
                "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>",
                "timestamp time open high low close tickvol volume spread",
            ),
            (
                "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
                "symbol text timestamp time open high low close volume openint",
            ),
            (
                "Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume",
                "timestamp open high low close volume close_time quote_asset_volume",
            ),
            ("Date,Price,Open,High,Low,Vol.,Change %", "timestamp close open high low volume change_percent"),
            ("Date,Close/Last,Volume,Open,High,Low", "timestamp close volume open high low"),
            ("time,o,h,l,c,v", "time"),
            ("date,open,high,low,close,volume,Name", "timestamp open high low close volume symbol"),
            (
                "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency)",
                "timestamp open high low close volume volume_currency",
            ),
            ("Gmt time,Open,High,Low,Close,Volume", "timestamp open high low close volume"),
            ("Date;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen", "timestamp open high low close volume volumen"),
            ("Date;Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen", "timestamp time open high low close volume"),
        ] {
            match guessed(&of_numbers(header), &[]) {
                Ok(found) => assert_eq!(found, expected, "{header}"),
                // A time of the day alone is no date.
                Err(error) => assert_eq!((error.message(), expected), ("there is no column `timestamp`", "time")),
            }
        }
    }

    #[test]
    fn what_a_person_says_counts_first() {
        let columns = of_numbers("Date,Datum,Kurs,Open,High,Low,Close,Volume");
        let found = guessed(&columns, &[("close", "kurs"), ("vwap", "7")]).unwrap();
        assert_eq!(found, "timestamp datum close open high low vwap volume");
        let error = guessed(&columns, &[("close", "Kurz")]).unwrap_err();
        assert_eq!(error.help(), Some("did you mean `Kurs`?"));
        assert!(guessed(&columns, &[("close", "Kurs"), ("open", "Kurs")]).is_err());
    }
}
