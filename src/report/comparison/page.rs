//! The comparison on a terminal.

use std::fmt::Write;

use crate::report::comparison::{Change, Changes, Comparison, Row};
use crate::report::{Look, paragraph};

/// How wide the column of the figures' names is, with its margin.
const NAMES: usize = 20;

impl Comparison {
    /// The page: figures side by side, then what changed, then doubts. `≠` marks rows that differ, `*` the best of a
    /// row.
    pub fn page(&self, look: &Look) -> String {
        let mut page = String::new();
        if look.plain {
            self.words(&mut page)
        } else {
            self.table(&mut page, look)
        }
        for (name, changes) in self.names.iter().skip(1).zip(&self.changes) {
            page.push('\n');
            let head = format!("what changed from {} to {name}", self.names[0]);
            let _ = writeln!(page, "{}", look.bold(&head));
            changed(&mut page, changes, look);
        }
        if !self.doubts.is_empty() {
            page.push('\n');
        }
        for doubt in &self.doubts {
            if look.plain {
                let _ = writeln!(page, "warning: {doubt}");
                continue;
            }
            let mut lines = String::new();
            paragraph(&mut lines, "  ! ", doubt, look.width());
            page += &lines.replacen('!', &look.warning("!"), 1);
        }
        page
    }

    /// As many runs beside each other as the page is wide; the others below.
    fn table(&self, page: &mut String, look: &Look) {
        let cells = |run: usize| self.rows.iter().map(move |row| row.cells[run].chars().count());
        let width = |run: usize| cells(run).max().unwrap_or(0).max(self.names[run].chars().count()) + 2;
        let mut next = 0;
        while next < self.runs.len() {
            let mut used = NAMES + width(next);
            let mut end = next + 1;
            while end < self.runs.len() && used + width(end) + 2 <= look.width() {
                used += width(end) + 2;
                end += 1;
            }
            if next > 0 {
                page.push('\n');
            }
            let heads: String =
                (next..end).map(|run| format!("{:>width$}  ", self.names[run], width = width(run))).collect();
            let _ = writeln!(page, "{}", look.bold(format!("{:NAMES$}{heads}", "").trim_end()));
            for row in &self.rows {
                let cells: String = (next..end).map(|run| cell(row, run, width(run), look)).collect();
                let mark = if row.differs { '≠' } else { ' ' };
                let _ = writeln!(page, "{}", format!("{mark} {:<18}{cells}", row.name).trim_end());
            }
            next = end;
        }
        if self.rows.iter().any(|row| row.differs) {
            let _ = writeln!(page, "\n≠ they differ   * the best of them");
        } else {
            let _ = writeln!(page, "\nno figure differs");
        }
    }

    fn words(&self, page: &mut String) {
        for row in &self.rows {
            let cell = |(run, name): (usize, &String)| {
                format!("{name} {}{}", row.cells[run], if row.best[run] { " (best)" } else { "" })
            };
            let cells: Vec<String> = self.names.iter().enumerate().map(cell).collect();
            let same = if row.differs { "" } else { " (the same)" };
            let _ = writeln!(page, "{}: {}{same}", row.name, cells.join(", "));
        }
    }
}

fn cell(row: &Row, run: usize, width: usize, look: &Look) -> String {
    let text = format!("{:>width$}", row.cells[run]);
    if row.best[run] { format!("{} *", look.good(&text)) } else { format!("{text}  ") }
}

fn changed(page: &mut String, changes: &Changes, look: &Look) {
    if changes.is_empty() {
        let _ = writeln!(page, "  nothing: script, data, parameters, costs and account are the same");
        return;
    }
    let _ = writeln!(page, "  script: {}", changes.script);
    for line in changes.script_diff.lines() {
        let coloured = match line.chars().next() {
            Some('+') => look.good(line),
            Some('-') => look.bad(line),
            _ => line.to_owned(),
        };
        let _ = writeln!(page, "    {coloured}");
    }
    for Change { what, before, after } in &changes.settings {
        let _ = match (before, after) {
            (Some(before), Some(after)) => writeln!(page, "  {what}: {before} -> {after}"),
            (Some(before), None) => writeln!(page, "  {what}: {before} -> none"),
            (None, Some(after)) => writeln!(page, "  {what}: none -> {after}"),
            (None, None) => Ok(()),
        };
    }
}
