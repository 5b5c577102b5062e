//! Several runs side by side: their figures, what changed between them, and their equity drawn together.

mod changes;
mod html;
mod kept;
mod page;
mod rows;

pub use changes::{Change, Changes};
pub use kept::KeptRun;
pub use rows::Row;

use serde_json::json;

use crate::error::{Diagnostic, Result};
use crate::report::comparison::rows::rows;
use crate::report::json::text;

/// Several runs, compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The runs, in the order in which they were given.
    pub runs: Vec<KeptRun>,
    /// What each is called: its folder's name, or its path where several folders have that name.
    pub names: Vec<String>,
    /// The figures.
    pub rows: Vec<Row>,
    /// What changed from the first run to each of the others.
    pub changes: Vec<Changes>,
    /// What makes the comparison doubtful.
    pub doubts: Vec<String>,
}

impl Comparison {
    /// Compares runs.
    ///
    /// # Errors
    /// Where there are fewer than two.
    pub fn of(runs: Vec<KeptRun>) -> Result<Self> {
        let [first, others @ ..] = runs.as_slice() else {
            return Err(Diagnostic::new("there is no run to compare"));
        };
        if others.is_empty() {
            return Err(Diagnostic::new("a comparison takes two runs or more").hint("runner compare runs/A runs/B"));
        }
        let short: Vec<String> = runs.iter().map(KeptRun::name).collect();
        let is_taken = |name: &String| short.iter().filter(|other| *other == name).count() > 1;
        let name = |(run, name): (&KeptRun, &String)| match is_taken(name) {
            true => run.folder.display().to_string(),
            false => name.clone(),
        };
        let names: Vec<String> = runs.iter().zip(&short).map(name).collect();
        let changes = others.iter().map(|other| Changes::between(first, other)).collect();
        let (rows, doubts) = (rows(&runs), doubts(&runs, &names));
        Ok(Self { names, rows, changes, doubts, runs })
    }

    /// The comparison for programs.
    ///
    /// # Errors
    /// Never in practice: it is made of texts and numbers.
    pub fn json(&self) -> Result<String> {
        let run = |(name, run): (&String, &KeptRun)| {
            json!({
                "name": name,
                "folder": run.folder.display().to_string(),
                "strategy": run.run["strategy"],
                "engine": run.run["engine"],
                "ranges": run.run["ranges"],
            })
        };
        text(&json!({
            "runs": self.names.iter().zip(&self.runs).map(run).collect::<Vec<_>>(),
            "figures": self.rows,
            "changes_from_first": self.changes,
            "doubts": self.doubts,
        }))
    }
}

/// What a reader must know before comparing figures.
fn doubts(runs: &[KeptRun], names: &[String]) -> Vec<String> {
    let mut doubts = Vec::new();
    let told = |tell: &dyn Fn(&KeptRun) -> String| {
        let each = names.iter().zip(runs).map(|(name, run)| format!("{name} {}", tell(run)));
        each.collect::<Vec<_>>().join(", ")
    };
    let first = &runs[0];
    if runs.iter().any(|run| run.engine() != first.engine()) {
        let engines = told(&|run| run.engine().to_owned());
        doubts.push(format!(
            "Different engines made the runs, which may compute differently: {engines}. Run the older again."
        ));
    }
    if runs.iter().any(|run| run.traded() != first.traded()) {
        let dates = told(&|run| run.traded().map_or("no bar".into(), |[from, to]| format!("{from} to {to}")));
        let begin = runs.iter().filter_map(|run| run.traded()).map(|[from, _]| from).max();
        let end = runs.iter().filter_map(|run| run.traded()).map(|[_, to]| to).min();
        let overlap = match (begin, end) {
            (Some(begin), Some(end)) if begin <= end => format!("All of them traded only from {begin} to {end}."),
            _ => "There is no time at which all of them traded.".into(),
        };
        doubts.push(format!("The runs do not cover the same bars: {dates}. {overlap} Figures of different times are no comparison of strategies."));
    }
    let samples = runs.iter().map(|run| run.metrics["out_of_sample"].as_bool());
    if samples.clone().any(|sample| sample == Some(false)) {
        doubts.push(format!(
            "In sample: {}.",
            told(&|run| match run.metrics["out_of_sample"].as_bool() {
                Some(false) => "is in sample".into(),
                _ => "is not".into(),
            })
        ));
    }
    let cash = |run: &KeptRun| run.metrics["initial_equity"].as_f64();
    if runs.iter().any(|run| cash(run) != cash(first)) {
        doubts.push("The runs began with different cash: compare fractions, not amounts.".into());
    }
    doubts
}
