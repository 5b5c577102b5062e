//! Brings a CSV file into a dataset, as an external series.

use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};

use crate::data::external::words;
use crate::data::{About, Column, Dataset, ExternalSource, Releases};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Span, Timestamp};

/// What stands in a cell that has no figure.
const EMPTY: [&str; 6] = ["", ".", "na", "nan", "n/a", "null"];

/// A CSV file with a header, and what to make of it.
#[derive(Clone, Debug)]
pub struct SeriesImport {
    /// The CSV file.
    pub file: PathBuf,
    /// The dataset; made if it is not there.
    pub dataset: String,
    /// What the series is to be called in it.
    pub name: String,
    /// The column that says what each figure is about; `timestamp` or `date` where none is named.
    pub timestamp: Option<String>,
    /// The column that says from when on each could be known; `available_at` where there is one. A bare date
    /// counts from its end on.
    pub available_at: Option<String>,
    /// Where there is none: how long after its timestamp a figure could be known, at the latest.
    pub lag: Option<Span>,
    /// Where a new dataset's figures come from.
    pub source: Option<String>,
    /// What may be done with a new dataset's figures.
    pub licence: Option<String>,
}

/// What an import of a series did.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedSeries {
    /// The Parquet file that was written.
    pub path: PathBuf,
    /// What it holds.
    pub releases: Releases,
    /// How many rows were left out because no figure stands in them.
    pub empty: usize,
}

impl SeriesImport {
    /// Reads and checks the CSV, writes `NAME.parquet` into the dataset below `datasets`, and records its hash in
    /// `dataset.toml`. Rows without a figure, as of holidays, are left out and counted. Every other column holds figures, or words
    /// ([`Releases::from_record_batch`]); where there is only one, it is called `value`.
    ///
    /// # Errors
    /// Where a file cannot be read or written, a column is missing, nothing says when figures could be known, or
    /// rows are wrong.
    pub fn run(&self, datasets: &Path) -> Result<ImportedSeries> {
        let source: ExternalSource = format!("{}/{}", self.dataset, self.name).parse()?;
        if source.is_by_symbol() {
            return Err(Diagnostic::new(format!("`{}` is no name of a series: it stands for many", self.name))
                .hint("bring each in by its own name, as --dataset fundamentals --name AAPL"));
        }
        let (releases, empty) = self.read().map_err(|error| error.at(Origin::file(self.file.display().to_string())))?;
        let about = About { source: self.source.clone(), licence: self.licence.clone(), ..About::default() };
        let path = Dataset::open(datasets, &self.dataset, &about)?.store_series(&self.name, &releases)?;
        Ok(ImportedSeries { path, releases, empty })
    }

    fn read(&self) -> Result<(Releases, usize)> {
        let broken = |error: csv::Error| Diagnostic::new(format!("this is no CSV file that can be read: {error}"));
        let mut reader = ReaderBuilder::new().flexible(true).from_path(&self.file).map_err(broken)?;
        let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(words::plain).collect();
        let timestamp = match find(&names, self.timestamp.as_deref(), &["timestamp", "date"])? {
            Some(place) => place,
            None => return Err(no_column("says what each figure is about", "--date", &names)),
        };
        let available = find(&names, self.available_at.as_deref(), &["available_at"])?;
        if available.is_some() == self.lag.is_some() {
            return Err(match self.lag {
                Some(_) => Diagnostic::new("a column says when figures could be known: a lag does not count")
                    .hint("take --lag out"),
                None => no_column("says from when on each figure could be known", "--available", &names)
                    .also("or say how long after its date, at the latest: --lag 45d"),
            });
        }
        let figures: Vec<usize> =
            (0..names.len()).filter(|place| *place != timestamp && Some(*place) != available).collect();
        let mut rows = reader.records().collect::<Result<Vec<StringRecord>, csv::Error>>().map_err(broken)?;
        let all = rows.len();
        rows.retain(|row| figures.iter().any(|place| !is_empty(row.get(*place).unwrap_or_default())));
        let empty = all - rows.len();
        if let Some(row) = rows.iter().find(|row| row.len() != names.len()) {
            let (cells, columns) = (row.len(), names.len());
            let line = row.position().map_or(0, |position| position.line());
            return Err(Diagnostic::new(format!("line {line}: {cells} cells where the header has {columns}")));
        }
        let line = |row: &StringRecord| row.position().map_or(0, |position| position.line());
        let instants = |place: usize, read: &dyn Fn(&str) -> Result<i64>| -> Result<Vec<i64>> {
            let read = |row: &StringRecord| {
                read(row.get(place).unwrap_or_default()).map_err(|error| error.of(format!("line {}", line(row))))
            };
            rows.iter().map(read).collect()
        };
        let timestamps = instants(timestamp, &|text| Ok(text.parse::<Timestamp>()?.0))?;
        let available_at = match (available, self.lag) {
            (Some(place), _) => instants(place, &|text| Ok(Timestamp::end_of(text)?.0))?,
            (None, Some(lag)) => timestamps.iter().map(|at| lag.after(Timestamp(*at), 1).0).collect(),
            (None, None) => timestamps.clone(),
        };
        let mut columns = Vec::new();
        for place in &figures {
            let name = if figures.len() == 1 { "value" } else { &names[*place] };
            let cells: Vec<&str> = rows.iter().map(|row| row.get(*place).unwrap_or_default().trim()).collect();
            columns.extend(column(name, &cells, &|row| line(&rows[row]))?);
        }
        Ok((Releases::new(timestamps, available_at, columns)?, empty))
    }
}

/// The place of a column: that of the name given, else of one that is usual.
fn find(names: &[String], given: Option<&str>, usual: &[&str]) -> Result<Option<usize>> {
    match given.map(words::plain) {
        Some(given) => match names.iter().position(|name| *name == given) {
            Some(place) => Ok(Some(place)),
            None => Err(Diagnostic::new(format!("there is no column `{given}`"))
                .did_you_mean(&given, names.iter().map(String::as_str))),
        },
        None => Ok(names.iter().position(|name| usual.contains(&name.as_str()))),
    }
}

fn no_column(what: &str, flag: &str, names: &[String]) -> Diagnostic {
    let columns = names.join(", ");
    Diagnostic::new(format!("no column {what}")).hint(format!("name one of {columns} with {flag}"))
}

fn is_empty(cell: &str) -> bool {
    EMPTY.contains(&cell.trim().to_lowercase().as_str())
}

/// A column of numbers; or where no cell is one, a column for each word.
fn column(name: &str, cells: &[&str], line: &dyn Fn(usize) -> u64) -> Result<Vec<(String, Column)>> {
    let number = |cell: &str| if is_empty(cell) { Ok(f64::NAN) } else { cell.parse::<f64>() };
    let wrong = |cell: &&&str| number(cell).is_err();
    if cells.iter().any(|cell| wrong(&cell)) && cells.iter().all(|cell| is_empty(cell) || wrong(&cell)) {
        let words: Vec<Option<String>> =
            cells.iter().map(|cell| (!is_empty(cell)).then(|| (*cell).to_owned())).collect();
        return words::columns(name, &words);
    }
    let number = |(row, cell): (usize, &&str)| {
        number(cell)
            .map_err(|_| Diagnostic::new(format!("line {}: `{name}` is `{cell}`, which is no number", line(row))))
    };
    Ok(vec![(name.to_owned(), cells.iter().enumerate().map(number).collect::<Result<Column>>()?)])
}
