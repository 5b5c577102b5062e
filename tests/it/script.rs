//! The script host: operators, diagnostics, sandbox.
