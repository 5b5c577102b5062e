//! Instants in JSON: microseconds in memory, RFC 3339 in the file.

use chrono::{DateTime, SecondsFormat};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes microseconds since 1970 as `2012-05-18T00:00:00.000000Z`.
pub fn serialize<S: Serializer>(instant: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let time =
        DateTime::from_timestamp_micros(*instant).ok_or_else(|| S::Error::custom("an instant beyond all dates"))?;
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp_micros()).map_err(D::Error::custom)
}
