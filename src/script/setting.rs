//! Settings from outside: `--set threshold=0.01`.

use std::str::FromStr;

use crate::error::{Diagnostic, Result};

/// A value for one of the script's parameters, given from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The parameter's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

impl FromStr for Setting {
    type Err = Diagnostic;

    /// Reads `name=value`.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |message: String| Diagnostic::new(message).hint("write a name and a number: threshold=0.01");
        let Some((name, value)) = text.split_once('=') else {
            return Err(wrong(format!("`{text}` sets nothing")));
        };
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(wrong(format!("`{text}` names no parameter")));
        }
        match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Self { name: name.into(), value: number }),
            _ => Err(wrong(format!("`{name}` is set to `{value}`, which is not a number"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_number_are_read_and_nothing_else() {
        let setting: Setting = "threshold = 1e-2".parse().unwrap();
        assert_eq!(setting, Setting { name: "threshold".into(), value: 0.01 });
        for text in ["", "threshold", "=1", "threshold=", "threshold=high", "threshold=NaN", "threshold=inf"] {
            assert!(text.parse::<Setting>().is_err(), "{text}");
        }
    }
}
