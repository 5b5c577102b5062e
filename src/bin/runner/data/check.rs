//! `runner data check`: every bar of a dataset looked at.

use clap::Args;
use timeweave::data::{Catalog, Checked, Fault, MonthOfBars};
use timeweave::error::{Diagnostic, Result};

use crate::data::table;
use crate::output::{draw, line, text};

/// Look at every bar that is stored: what is wrong, what is suspicious, and what is missing.
///
/// Names each wrong row by file, row and value, closes that lie more than 50 % from the one before, and bars that the
/// dataset's calendar has and the file has not. Exits with 1 where a file or a row is wrong; gaps and jumps are told only.
#[derive(Args)]
pub struct CheckArgs {
    /// The datasets; all of them if left out.
    #[arg(value_name = "DATASET")]
    names: Vec<String>,
    /// How many rows of a kind to list of a file; 0 lists all.
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
}

/// Runs `runner data check`.
pub fn run(args: &CheckArgs, catalog: &Catalog) -> Result<()> {
    let datasets = if args.names.is_empty() { catalog.datasets()? } else { args.names.clone() };
    let (mut files, mut wrong) = (0, 0);
    for dataset in datasets {
        let checked = catalog.check(&dataset)?;
        files += checked.len();
        wrong += checked.iter().filter(|file| !file.is_right()).count();
        let calendar = catalog.manifest(&dataset)?.calendar.name_and_timezone();
        line(format_args!("{dataset}  ({calendar})"))?;
        let head = ["file", "bars", "from", "to", "missing", "jumps", "wrong rows"].map(String::from).to_vec();
        let rows: Vec<Vec<String>> = [head].into_iter().chain(checked.iter().map(row)).collect();
        text(format_args!("{}\n", table::table(&rows, &[1, 4, 5, 6])))?;
        for file in &checked {
            findings(file, args.rows)?;
        }
        line("")?;
    }
    match wrong {
        0 if files == 1 => line("1 file: nothing is wrong"),
        0 => line(format_args!("{files} files: nothing is wrong")),
        _ if files == 1 => Err(Diagnostic::new("the file is not right")),
        1 => Err(Diagnostic::new(format!("1 of {files} files is not right"))),
        wrong => Err(Diagnostic::new(format!("{wrong} of {files} files are not right"))),
    }
}

fn row(file: &Checked) -> Vec<String> {
    let ends = file.range.map_or_else(Default::default, |(first, last)| (first.to_string(), last.to_string()));
    let counted = [file.missing(), file.jumps.len(), file.faults.len()].map(|count| count.to_string());
    [file.file.clone(), file.rows.to_string(), ends.0, ends.1].into_iter().chain(counted).collect()
}

fn findings(file: &Checked, most: usize) -> Result<()> {
    if let Some(broken) = &file.broken {
        text(draw(broken))?;
    }
    list(file, "wrong", &file.faults, most)?;
    list(file, "suspicious, and perhaps right", &file.jumps, most)?;
    if file.missing() > 0 {
        line(format_args!(
            "\n{}: {} bars are missing. A letter a month: · none, 1 to 9 tenths, # all of it",
            file.file,
            file.missing()
        ))?;
        text(gaps(&file.months))?;
    }
    Ok(())
}

fn list(file: &Checked, what: &str, faults: &[Fault], most: usize) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let most = if most == 0 { faults.len() } else { most };
    line(format_args!("\n{}: {what}", file.file))?;
    for fault in faults.iter().take(most) {
        line(format_args!("  row {}: {fault}", fault.row))?;
    }
    if faults.len() > most {
        line(format_args!("  and {} more; --rows 0 lists them all", faults.len() - most))?;
    }
    Ok(())
}

/// A line a year, a letter a month.
fn gaps(months: &[MonthOfBars]) -> String {
    let mut drawn = String::new();
    for year in months.chunk_by(|a, b| a.year == b.year) {
        let letter = |number: u32| year.iter().find(|month| month.month == number).map_or(' ', letter);
        let letters: String = (1..=12).map(letter).collect();
        let missing: usize = year.iter().map(|month| month.missing).sum();
        let told = if missing > 0 { format!("  {missing} missing") } else { String::new() };
        drawn.push_str(&format!("  {}  {letters}{told}\n", year[0].year));
    }
    drawn
}

fn letter(month: &MonthOfBars) -> char {
    match (month.missing, month.expected) {
        (0, _) => '·',
        (missing, expected) if missing >= expected => '#',
        // So many tenths, rounded up: one bar of many shows.
        (missing, expected) => char::from_digit((missing * 10).div_ceil(expected).min(9) as u32, 10).unwrap_or('9'),
    }
}
