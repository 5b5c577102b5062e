//! report.html made again: the data of the page that is there, in the page as this engine draws it.
//!
//! The data stands in the page itself, as JSON, so that a run keeps it once.

use std::path::Path;

use serde_json::Value;

use crate::error::{Diagnostic, Origin, Result};
use crate::report::html::PAGE;

/// What stands before and after the data in every report.
const AROUND: [&str; 2] = ["<script type=\"application/json\" id=\"data\">", "</script>"];

/// A report made again from the text of one that was made before; `file` names it in messages. The same engine
/// gives the same bytes.
///
/// # Errors
/// Where the text is no report, or only a part of one.
pub fn report_again(text: &str, file: &Path) -> Result<String> {
    let [before, after] = AROUND;
    let refused = |what: &str| {
        Diagnostic::new(what.to_owned())
            .at(Origin::file(file.display().to_string()))
            .hint("run the script again: it leaves a whole report")
    };
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let rest = rest.ok_or_else(|| refused("this is no report: the data that it draws is not in it"))?;
    let (data, _) = rest.split_once(after).ok_or_else(|| refused("only a part of this report is there"))?;
    let value: Value = serde_json::from_str(data).map_err(|_| refused("the data in this report is damaged"))?;
    let title = value["title"].as_str().ok_or_else(|| refused("the data in this report has no title"))?;
    Ok(PAGE.filled(title, data))
}
