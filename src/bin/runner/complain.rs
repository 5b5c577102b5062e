//! Complaints: a diagnostic with the line that it is about, on stderr.

use timeweave::error::{Diagnostic, render};
/// Draws a diagnostic with its source line; in colour on a terminal that wants it.
pub fn print(diagnostic: &Diagnostic) {
    let source = diagnostic.origin().and_then(|origin| std::fs::read_to_string(&*origin.file).ok());
    eprint!("{}", render(diagnostic, source.as_deref()));
}
