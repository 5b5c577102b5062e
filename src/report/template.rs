//! What report.html and compare.html have in common: one file with style, data and scripts in it, which opens offline.

use serde_json::Value;

use crate::error::{Diagnostic, Result};

const FRAME: &str = include_str!("assets/frame.html");
const LIBRARY: &str = include_str!("assets/lightweight-charts.js");

/// A page: what fills the frame.
pub(super) struct Template {
    /// Style sheets, in order.
    pub styles: &'static [&'static str],
    /// The elements of the body, without the footer.
    pub body: &'static str,
    /// The scripts, in the order in which they use each other.
    pub scripts: &'static [&'static str],
}

impl Template {
    /// The page with its title, and with its data as [`in_script`] writes it.
    pub fn filled(&self, title: &str, data: &str) -> String {
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        let (style, script) = (self.styles.concat(), self.scripts.concat());
        let parts = [
            ("{{title}}", title.as_str()),
            ("{{style}}", &style),
            ("{{body}}", self.body),
            ("{{data}}", data),
            ("{{library}}", LIBRARY),
            ("{{script}}", &script),
        ];
        let mut html = String::new();
        let mut rest = FRAME;
        for (mark, text) in parts {
            let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
            html.push_str(before);
            html.push_str(text);
            rest = after;
        }
        html.push_str(rest);
        html
    }
}

/// JSON as it may stand in a script element, where only `<` could end it early.
///
/// # Errors
/// Never in practice: it is made of texts and numbers.
pub(super) fn in_script(data: &Value) -> Result<String> {
    let text = serde_json::to_string(data)
        .map_err(|error| Diagnostic::new(format!("the page's data could not be written: {error}")))?;
    Ok(text.replace('<', "\\u003c"))
}
