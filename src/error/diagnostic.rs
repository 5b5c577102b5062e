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

/// One thing that is wrong, told so that a person can act on it; with others that do not follow from it.
///
/// `message` says what was given and what is allowed; `origin` says where; `hint` says what to do
/// next. The source text is not kept here: whoever prints the diagnostic reads it again.
///
/// Where several things are wrong, the first carries the rest: [`Diagnostic::each`] goes through them.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    message: String,
    origin: Option<Origin>,
    hint: Option<String>,
    callers: Vec<Caller>,
    others: Vec<Diagnostic>,
    told: bool,
    warning: bool,
}

/// A call of a function of the script, inside which something went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The function that was called; none for a closure, which has no name.
    pub function: Option<String>,
    /// Where it was called.
    pub origin: Origin,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some(function) => write!(f, "in `{function}`, called at {}", self.origin),
            None => write!(f, "in a closure, called at {}", self.origin),
        }
    }
}

/// The result of anything that a person's script, file or flag can make fail.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

impl Diagnostic {
    /// A diagnostic with no place yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), ..Parts::default() }))
    }

    /// Something that is suspicious, not wrong: it stops nothing.
    pub fn warning(message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), warning: true, ..Parts::default() }))
    }

    /// Whether it is only suspicious.
    pub fn is_warning(&self) -> bool {
        self.0.warning
    }

    /// What follows from an error that has been told: it stops what it must stop, and is not told itself.
    pub fn told() -> Self {
        Self(Box::new(Parts { told: true, ..Parts::default() }))
    }

    /// Whether it only follows from what has been told.
    pub fn is_told(&self) -> bool {
        self.0.told
    }

    /// Adds another error, one that does not follow from this. What has been told is dropped.
    #[must_use]
    pub fn and(mut self, mut other: Diagnostic) -> Self {
        if self.is_told() {
            return other;
        }
        if !other.is_told() {
            let others = std::mem::take(&mut other.0.others);
            self.0.others.push(other);
            self.0.others.extend(others);
        }
        self
    }

    /// This error and the others that came with it, each by itself.
    pub fn apart(mut self) -> Vec<Diagnostic> {
        let others = std::mem::take(&mut self.0.others);
        std::iter::once(self).chain(others).collect()
    }

    /// This error, then the others that came with it.
    pub fn each(&self) -> impl Iterator<Item = &Diagnostic> {
        std::iter::once(self).chain(&self.0.others)
    }

    /// Says where, unless a more precise place is known already; of the others too.
    #[must_use]
    pub fn at(self, origin: impl Into<Option<Origin>>) -> Self {
        let origin = origin.into();
        self.change(|parts| parts.origin = parts.origin.take().or_else(|| origin.clone()))
    }

    /// Says what to do next, unless something was said already; of the others too.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.change(|parts| {
            parts.hint.get_or_insert_with(|| hint.clone());
        })
    }

    /// Says that it went wrong inside a call; calls are named from the innermost to the outermost.
    #[must_use]
    pub fn called(self, caller: Caller) -> Self {
        self.change(|parts| {
            // A closure that a function calls stands at the place where the function is called.
            parts.callers.retain(|inner| inner.origin != caller.origin || inner.function.is_some());
            parts.callers.push(caller.clone());
        })
    }

    /// Changes this error and the others that came with it.
    fn change(mut self, change: impl Fn(&mut Parts)) -> Self {
        change(&mut self.0);
        self.0.others.iter_mut().for_each(|other| change(&mut other.0));
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

    /// The same, said of something: `us_equities/AAPL: …`.
    #[must_use]
    pub fn of(mut self, what: impl fmt::Display) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
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

    /// The calls that it went wrong inside of, from the innermost to the outermost.
    pub fn callers(&self) -> &[Caller] {
        &self.0.callers
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
        if self.0.warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.0.message)?;
        for caller in &self.0.callers {
            write!(f, "\n  {caller}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\n  help: {hint}")?;
        }
        self.0.others.iter().try_for_each(|other| write!(f, "\n{other}"))
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Diagnostic {}

/// All values, or all errors: where one does not follow from another, a person is told of each.
///
/// # Errors
/// The first error, with the others.
pub fn all<T>(results: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let mut wrong: Option<Diagnostic> = None;
    for result in results {
        match (result, wrong.take()) {
            (Ok(value), None) => values.push(value),
            (Ok(_), before) => wrong = before,
            (Err(error), None) => wrong = Some(error),
            (Err(error), Some(before)) => wrong = Some(before.and(error)),
        }
    }
    wrong.map_or(Ok(values), Err)
}

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
    fn errors_that_do_not_follow_from_each_other_are_told_together() {
        let results = [Ok(1), Err(Diagnostic::new("a")), Err(Diagnostic::told()), Ok(2), Err(Diagnostic::new("b"))];
        let error = all(results).unwrap_err().and(Diagnostic::new("c")).at(Origin::file("f")).hint("h");
        assert_eq!(error.to_string(), "f: a\n  help: h\nf: b\n  help: h\nf: c\n  help: h");
        assert_eq!(error.each().count(), 3);
        let told = all::<()>([Err(Diagnostic::told()), Err(Diagnostic::told())]).unwrap_err();
        assert!(told.is_told() && !told.and(Diagnostic::new("a")).is_told());
        assert_eq!(all([Ok(1), Ok(2)]).unwrap(), [1, 2]);
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
