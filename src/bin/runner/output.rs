//! Output: results on stdout, notes and complaints on stderr.

use std::fmt::Display;
use std::fs;
use std::io::{ErrorKind, Write, stderr, stdout};

use timeweave::error::{Diagnostic, Result, render};

/// Writes a text to stdout as it is.
///
/// Where the reader has gone, as in `runner … | head`, nobody misses the rest: that is no error, and
/// the work that is still to do is done. A full disk is one.
pub fn text(text: impl Display) -> Result<()> {
    reaches(text).map(drop)
}

/// As [`text`]; whether there is still a reader, for what has no end of its own.
pub fn reaches(text: impl Display) -> Result<bool> {
    let mut out = stdout().lock();
    match out.write_all(text.to_string().as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Diagnostic::new(format!("the standard output cannot be written: {error}"))),
    }
}

/// Writes a line to stdout; as [`text`].
pub fn line(line: impl Display) -> Result<()> {
    text(format_args!("{line}\n"))
}

/// Writes a line to stderr: something worth knowing that is no result.
pub fn note(line: impl Display) {
    // Where stderr cannot be written, there is nowhere to say so.
    let _ = writeln!(stderr(), "{line}");
}

/// Draws a diagnostic with its source lines on stderr.
pub fn complain(diagnostic: &Diagnostic) {
    let _ = write!(stderr(), "{}", draw(diagnostic));
}

/// A diagnostic with its source lines.
pub fn draw(diagnostic: &Diagnostic) -> String {
    /// Longer than any script: lines of files of data are not worth their reading.
    const LONGEST: u64 = 1 << 24;
    let read = |file: &str| {
        fs::metadata(file).ok().filter(|metadata| metadata.len() <= LONGEST)?;
        let text = fs::read_to_string(file).ok()?;
        // Places do not count a byte order mark.
        Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    };
    render(diagnostic, read)
}
