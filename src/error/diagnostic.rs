//! Diagnostics: what was wrong, where, and what to do next.

use std::fmt;
use std::sync::Arc;

/// A place in a text file that a person wrote: a script, a CSV, a `dataset.toml`.
///
/// Lines and columns count from 1; 0 stands for "the whole file" and "the whole line".
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The file as the person named it.
    pub file: Arc<str>,
    /// Line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: usize,
}

impl Origin {
    /// A file as a whole.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }

    /// A line of a file (a row of a table).
    pub fn line(file: impl Into<Arc<str>>, line: usize) -> Self {
        Self { file: file.into(), line, column: 0 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// One thing that is wrong, told so that a person can act on it.
///
/// `message` says what was given and what is allowed; `origin` says where; `hint` says what to do
/// next. The source text is not kept here: whoever prints the diagnostic reads it again.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    message: String,
    origin: Option<Origin>,
    hint: Option<String>,
}

/// The result of anything that a person's script, file or flag can make fail.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

impl Diagnostic {
    /// A diagnostic with no place yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), origin: None, hint: None }))
    }

    /// Says where, unless a more precise place is known already.
    #[must_use]
    pub fn at(mut self, origin: impl Into<Option<Origin>>) -> Self {
        self.0.origin = self.0.origin.or(origin.into());
        self
    }

    /// Says what to do next, unless something was said already.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Adds "did you mean `x`?" where one of `candidates` is near to `given`, else lists them all
    /// (or, where they are many, the first of them).
    #[must_use]
    pub fn did_you_mean<'a>(self, given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let mut candidates: Vec<&str> = candidates.into_iter().collect();
        if let Some(nearest) = nearest(given, candidates.iter().copied()) {
            return self.hint(format!("did you mean `{nearest}`?"));
        }
        candidates.sort_unstable();
        match candidates.len() {
            0 => self,
            1..=24 => self.hint(format!("allowed here: {}", candidates.join(", "))),
            n => self.hint(format!("allowed here: {} and {} more", candidates[..12].join(", "), n - 12)),
        }
    }

    /// Says what to do next, behind what was said already.
    #[must_use]
    pub fn also(mut self, hint: impl fmt::Display) -> Self {
        self.0.hint = Some(match self.0.hint.take() {
            Some(first) if first.ends_with('?') => format!("{first} {hint}"),
            Some(first) => format!("{first}; {hint}"),
            None => hint.to_string(),
        });
        self
    }

    /// What was wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where, when that is known.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// What to do next, when something can be said.
    pub fn help(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.0.origin {
            write!(f, "{origin}: ")?;
        }
        f.write_str(&self.0.message)?;
        match &self.0.hint {
            Some(hint) => write!(f, "\n  help: {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Diagnostic {}

/// The candidate that a typist most likely meant, if any is near.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_and_the_first_hint_win() {
        let precise = Origin { file: "a.rhai".into(), line: 3, column: 7 };
        let d = Diagnostic::new("bad").at(precise).at(Origin::file("b")).hint("one").hint("two");
        assert_eq!(d.to_string(), "a.rhai:3:7: bad\n  help: one");
    }

    #[test]
    fn a_further_hint_stands_behind_the_first() {
        assert_eq!(Diagnostic::new("bad").also("one").also("two").help(), Some("one; two"));
        let typo = Diagnostic::new("bad").did_you_mean("smaa", ["sma"]).also("it is sma(close)");
        assert_eq!(typo.help(), Some("did you mean `sma`? it is sma(close)"));
    }

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_the_list() {
        let names = ["sma", "ema", "stddev"];
        let typo = Diagnostic::new("x").did_you_mean("stdev", names);
        assert_eq!(typo.help(), Some("did you mean `stddev`?"));
        let nonsense = Diagnostic::new("x").did_you_mean("qqq", names);
        assert_eq!(nonsense.help(), Some("allowed here: ema, sma, stddev"));
    }
}
