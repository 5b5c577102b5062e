//! Indicators against TA-Lib.
