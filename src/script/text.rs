//! The text of a script or a module, as it stands in its file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::error::{Diagnostic, Result};

/// The longest script or module that is read, in bytes.
const MAXIMUM: usize = 1 << 20;

/// Reads a text of up to so many bytes, whatever the file is, without a byte order mark: some editors
/// write one, and it is no part of the text.
pub fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAXIMUM as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAXIMUM {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {MAXIMUM} bytes")));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is no text in UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(String::from).unwrap_or(text))
}

/// Refuses a text that is too long.
///
/// # Errors
/// Where it has more bytes than a script may have.
pub fn check_length(text: &str) -> Result<()> {
    if text.len() > MAXIMUM {
        let message = format!("the script is {} bytes long: up to {MAXIMUM} are allowed", text.len());
        return Err(Diagnostic::new(message));
    }
    Ok(())
}
