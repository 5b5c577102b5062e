//! `runner data check`: every bar and every release of a dataset looked at.

use clap::Args;
use timeweave::data::{Catalog, Checked, CheckedSeries, Fault, MonthOfBars};
use timeweave::error::{Diagnostic, Result};
use timeweave::time::Timestamp;

use crate::data::table;
use crate::output::{draw, line, text};

/// Look at every bar and every release that is stored: what is wrong, what is suspicious, and what is missing.
///
/// Names each wrong row by file, row and value, closes that lie more than 50 % from the one before, and bars that the
/// dataset's calendar has and the file has not. Of external series it names all for which a run would refuse them.
/// Exits with 1 where a file or a row is wrong; gaps and jumps are told only.
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
        let (bars, series) = (catalog.check(&dataset)?, catalog.check_series(&dataset)?);
        files += bars.len() + series.len();
        wrong += bars.iter().filter(|file| !file.is_right()).count();
        wrong += series.iter().filter(|file| !file.is_right()).count();
        let calendar = catalog.manifest(&dataset)?.calendar.name_and_timezone();
        line(format_args!("{dataset}  ({calendar})"))?;
        if !bars.is_empty() {
            let head = ["file", "bars", "from", "to", "missing", "jumps", "wrong rows"];
            overview(head, bars.iter().map(row), &[1, 4, 5, 6])?;
        }
        if !series.is_empty() {
            let head = ["external series", "releases", "about", "to", "known from", "to", "revised", "wrong rows"];
            overview(head, series.iter().map(row_of_series), &[1, 6, 7])?;
        }
        for file in &bars {
            findings(file, args.rows)?;
        }
        for CheckedSeries { file, broken, faults, .. } in &series {
            mistakes(file, broken.as_ref(), faults, args.rows)?;
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

fn overview<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>, numbers: &[usize]) -> Result<()> {
    let rows: Vec<Vec<String>> = [head.map(String::from)].into_iter().chain(rows).map(Vec::from).collect();
    text(format_args!("{}\n", table::table(&rows, numbers)))
}

fn row(file: &Checked) -> [String; 7] {
    let [from, to] = ends(file.range);
    let [missing, jumps, wrong] = [file.missing(), file.jumps.len(), file.faults.len()].map(|count| count.to_string());
    [file.file.clone(), file.rows.to_string(), from, to, missing, jumps, wrong]
}

fn row_of_series(file: &CheckedSeries) -> [String; 8] {
    let ([about, until], [known, last]) = (ends(file.about), ends(file.known));
    let is_said_by_scripts = file.known.is_none() && file.rows > 0;
    let known = if is_said_by_scripts { "the script's lag".into() } else { known };
    let [rows, revised, wrong] = [file.rows, file.revisions, file.faults.len()].map(|count| count.to_string());
    [file.file.clone(), rows, about, until, known, last, revised, wrong]
}

fn ends(range: Option<(Timestamp, Timestamp)>) -> [String; 2] {
    range.map_or_else(Default::default, |(first, last)| [first, last].map(|end| end.to_string()))
}

fn findings(file: &Checked, most: usize) -> Result<()> {
    mistakes(&file.file, file.broken.as_ref(), &file.faults, most)?;
    list(&file.file, "suspicious, and perhaps right", &file.jumps, most)?;
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

fn mistakes(file: &str, broken: Option<&Diagnostic>, faults: &[Fault], most: usize) -> Result<()> {
    if let Some(broken) = broken {
        text(draw(broken))?;
    }
    list(file, "wrong", faults, most)
}

fn list(file: &str, what: &str, faults: &[Fault], most: usize) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let most = if most == 0 { faults.len() } else { most };
    line(format_args!("\n{file}: {what}"))?;
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
