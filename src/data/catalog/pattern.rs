//! Patterns: many instruments of a dataset in a few characters.

use std::fmt;
use std::str::FromStr;

use crate::data::Instrument;
use crate::data::bars::{is_name, is_of_name};
use crate::error::{Diagnostic, Result};

/// Instruments of one dataset by their symbols: `us_equities/*`, `us_equities/A?PL`,
/// `us_equities/{AAPL,GO*}`. `*` stands for any characters or none, `?` for one, and braces for one of
/// what they hold.
///
/// ```
/// use timeweave::data::{Instrument, Pattern};
///
/// let all = ["AAPL", "FB", "GOOG"].map(|symbol| format!("us_equities/{symbol}").parse::<Instrument>().unwrap());
/// let pattern: Pattern = "us_equities/{FB,*L}".parse()?;
/// let symbols: Vec<String> = pattern.among(&all)?.into_iter().map(|instrument| instrument.symbol).collect();
/// assert_eq!(symbols, ["AAPL", "FB"]);
/// assert!("us_equities/{FB,Z*}".parse::<Pattern>()?.among(&all).is_err());
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    dataset: String,
    /// As it was written, behind the dataset.
    written: String,
    /// What stands before, between and behind braces: each must match an instrument.
    alternatives: Vec<String>,
}

impl Pattern {
    /// The dataset whose instruments it speaks of.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Whether a text is meant to be a pattern, not the name of one instrument.
    pub fn is_meant(text: &str) -> bool {
        text.contains(['*', '?', '{', '}'])
    }

    /// Those of some instruments that it matches, in the order of their symbols.
    ///
    /// # Errors
    /// Where none is matched, or none by one of the alternatives in braces.
    pub fn among(&self, instruments: &[Instrument]) -> Result<Vec<Instrument>> {
        let of_dataset = || instruments.iter().filter(|instrument| instrument.dataset == self.dataset);
        for alternative in &self.alternatives {
            if !of_dataset().any(|instrument| matches(alternative, &instrument.symbol)) {
                let message = match self.alternatives.len() {
                    1 => format!("`{self}` matches no instrument"),
                    _ => format!("`{alternative}` of `{self}` matches no instrument"),
                };
                return Err(Diagnostic::new(message)
                    .did_you_mean(alternative, of_dataset().map(|instrument| instrument.symbol.as_str()))
                    .hint(format!("the dataset `{}` has no instruments", self.dataset)));
            }
        }
        let is_matched =
            |instrument: &&Instrument| self.alternatives.iter().any(|one| matches(one, &instrument.symbol));
        let mut matched: Vec<Instrument> = of_dataset().filter(is_matched).cloned().collect();
        matched.sort();
        matched.dedup();
        Ok(matched)
    }
}

impl FromStr for Pattern {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| Diagnostic::new(format!("`{text}` is no pattern of instruments: {why}"));
        let Some((dataset, symbols)) = text.split_once('/') else {
            return Err(wrong("it names no dataset").hint("write the dataset and the symbols: \"us_equities/*\""));
        };
        if !is_name(dataset) {
            return Err(wrong("a dataset is named in full")
                .hint("`*`, `?` and braces stand for symbols; several datasets are a list: [\"us/*\", \"eu/*\"]"));
        }
        let alternatives = match symbols.split_once('{') {
            None => vec![symbols.to_owned()],
            Some((before, rest)) => {
                let Some((inside, behind)) = rest.split_once('}') else {
                    return Err(
                        wrong("a brace is open").hint("alternatives stand in braces: \"us_equities/{AAPL,GOOG}\"")
                    );
                };
                inside.split(',').map(|one| format!("{before}{}{behind}", one.trim())).collect()
            }
        };
        for symbol in &alternatives {
            if symbol.contains(['{', '}']) {
                return Err(wrong("there is more than one pair of braces").hint(
                    "one pair is allowed; several patterns are a list: [\"us_equities/A*\", \"us_equities/G*\"]",
                ));
            }
            let plain = symbol.chars().all(|character| is_of_name(character) || matches!(character, '*' | '?'));
            if symbol.is_empty() || symbol.starts_with('.') || !plain {
                return Err(wrong("a symbol is missing, or has a character that no symbol has")
                    .hint("as in \"us_equities/*\" or \"us_equities/{AAPL,GOOG}\""));
            }
        }
        Ok(Self { dataset: dataset.into(), written: symbols.into(), alternatives })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.dataset, self.written)
    }
}

/// Whether a symbol is what `*` and `?` stand for. Steps: at most the product of both lengths.
fn matches(pattern: &str, symbol: &str) -> bool {
    let (pattern, symbol): (Vec<char>, Vec<char>) = (pattern.chars().collect(), symbol.chars().collect());
    let (mut at, mut of) = (0, 0);
    // The last star, and where what it stands for ends so far.
    let mut star: Option<(usize, usize)> = None;
    while of < symbol.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some('?') => (at, of) = (at + 1, of + 1),
            Some(character) if *character == symbol[of] => (at, of) = (at + 1, of + 1),
            _ => {
                let Some((before, end)) = star else { return false };
                star = Some((before, end + 1));
                (at, of) = (before + 1, end + 1);
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, by trying everything that a star may stand for.
    fn slowly(pattern: &[char], symbol: &[char]) -> bool {
        match pattern.split_first() {
            None => symbol.is_empty(),
            Some(('*', rest)) => (0..=symbol.len()).any(|skipped| slowly(rest, &symbol[skipped..])),
            Some((first, rest)) => {
                symbol.split_first().is_some_and(|(own, after)| (*first == '?' || first == own) && slowly(rest, after))
            }
        }
    }

    proptest! {
        #[test]
        fn stars_stand_for_any_characters(pattern in "[AB*?]{0,8}", symbol in "[AB]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &symbol), slowly(&chars(&pattern), &chars(&symbol)));
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in
            ["us*", "*/AAPL", "us/", "us/{A", "us/{A}{B}", "us/{A,}", "us/{A,{B}}", "us/A B*", "us/.*", "us/A}*"]
        {
            let error = text.parse::<Pattern>().unwrap_err();
            assert!(error.help().is_some(), "{text}: {error}");
        }
        assert_eq!("us/{ A , B* }".parse::<Pattern>().unwrap().alternatives, ["A", "B*"]);
    }

    #[test]
    fn what_matches_nothing_is_named_with_what_there_is() {
        let all: Vec<Instrument> = ["us/GOOG", "us/AAPL", "eu/BMW"].iter().map(|name| name.parse().unwrap()).collect();
        let told = |text: &str| text.parse::<Pattern>().unwrap().among(&all).unwrap_err().to_string();
        assert_eq!(told("us/Z*"), "`us/Z*` matches no instrument\n  help: allowed here: AAPL, GOOG");
        assert_eq!(
            told("us/{A*,GOGO}"),
            "`GOGO` of `us/{A*,GOGO}` matches no instrument\n  help: did you mean `GOOG`?"
        );
        assert_eq!(told("cn/*"), "`cn/*` matches no instrument\n  help: the dataset `cn` has no instruments");
    }
}
