//! `runner data import`: brings files of other people into a dataset.

use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use timeweave::data::{
    About, DateFormat, Decimal, Fault, FileRead, Import, Merge, Mode, Progress, Reading, Staged, Stamp,
};
use timeweave::error::{Diagnostic, Result};
use timeweave::time::{Calendar, Timeframe};

use crate::data::calendar_called;
use crate::data::table::table;
use crate::interrupt;
use crate::output::line;

/// Bring CSV, Parquet, Feather or Arrow stream files into a dataset, checked.
///
/// PATHS are files, folders, or patterns such as 'prices/*.csv'. Text may have any delimiter and be packed by
/// gzip or zstd. What divides cells, which column is which, how dates are written and the timeframe are
/// understood from the files and shown before the dataset changes; what they do not tell is asked for.
#[derive(Args)]
pub struct ImportArgs {
    /// The files, folders of files, or patterns of their names.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The dataset; made if it is not there.
    #[arg(long)]
    dataset: String,
    /// The symbol; else a column `symbol` says it, or the file's name.
    #[arg(long)]
    symbol: Option<String>,
    /// Where the file's name has the symbol, as in '{symbol}-1m-*'.
    #[arg(long, value_name = "PATTERN", conflicts_with = "symbol")]
    symbol_from: Option<String>,
    /// The interval of a row: 1m, 15m, 1h, 1d, 1wk, 1mo …; else by the pace of the rows.
    #[arg(long)]
    timeframe: Option<Timeframe>,
    /// Show what was understood and what is wrong, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// How the bars meet those that are stored.
    #[arg(long, value_enum, default_value = "new")]
    merge: MergeArg,
    /// Of several files, import those that are right, though others are not.
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Leave wrong rows out and count them. Without this a file with a wrong row is refused.
    #[arg(long)]
    lenient: bool,
    /// Refuse a close further than this from the one before, in percent. Without this, those over
    /// 50 % are named and let in.
    #[arg(long, value_name = "PERCENT")]
    max_jump: Option<f64>,
    /// When a new dataset trades: weekdays, 24x7, XNYS, or a session's hours, as 09:30-16:00 [default: weekdays].
    #[arg(long)]
    calendar: Option<String>,
    /// The timezone of a session's hours, as America/New_York.
    #[arg(long, default_value = "UTC", requires = "calendar")]
    timezone: String,
    /// What a new dataset's prices are in, as USD.
    #[arg(long)]
    currency: Option<String>,
    /// Where a new dataset's figures come from.
    #[arg(long)]
    source: Option<String>,
    /// What may be done with a new dataset's figures.
    #[arg(long)]
    licence: Option<String>,
}

/// How files are to be read, where they do not tell.
#[derive(Args)]
#[command(next_help_heading = "How the files are written, where they do not tell")]
struct ReadingArgs {
    /// Which column is which: close=Kurs,date=Datum; or by their numbers: close=5.
    #[arg(long, value_name = "MEANING=NAME", value_delimiter = ',')]
    columns: Vec<String>,
    /// Columns that are not to come in.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    leave_out: Vec<String>,
    /// What stands between cells: a character, tab or space.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The first line is a bar already.
    #[arg(long)]
    no_header: bool,
    /// How dates are written: %d.%m.%Y, %m/%d/%Y %H:%M …; or s, ms, us, ns since 1970.
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Numbers are written 1.234,5.
    #[arg(long, conflicts_with = "decimal_point")]
    decimal_comma: bool,
    /// Numbers are written 1,234.5.
    #[arg(long)]
    decimal_point: bool,
    /// Where the clock hung that times were read off: UTC, America/New_York …
    #[arg(long, value_name = "TIMEZONE")]
    source_timezone: Option<String>,
    /// Whether a row's time is when its bar opens or closes.
    #[arg(long, value_enum, default_value = "open")]
    stamp: StampArg,
    /// Store a volume of 0 where the file has none.
    #[arg(long)]
    without_volume: bool,
    /// Sort rows that are not in order of time.
    #[arg(long)]
    sort: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum MergeArg {
    /// Refuse where bars are stored already
    New,
    /// Add later bars; those that are stored already must be the same
    Append,
    /// Let the new bars count where both have one; all others stay
    Update,
    /// Drop what is stored
    Replace,
}

#[derive(Clone, Copy, ValueEnum)]
enum StampArg {
    Open,
    Close,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        "space" => Ok(b' '),
        _ => match text.as_bytes() {
            [one] if one.is_ascii() && !one.is_ascii_alphanumeric() => Ok(*one),
            _ => Err("one character that is no letter or digit, or tab, or space".into()),
        },
    }
}

impl ReadingArgs {
    fn reading(self) -> Result<Reading> {
        let pair = |text: &String| match text.split_once('=') {
            Some((meaning, name)) if !meaning.is_empty() && !name.is_empty() => Ok((meaning.into(), name.into())),
            _ => Err(Diagnostic::new(format!("--columns {text} does not say which column is which"))
                .hint("write meaning=name, as in --columns date=Datum,close=Kurs")),
        };
        Ok(Reading {
            delimiter: self.delimiter,
            header: self.no_header.then_some(false),
            columns: self.columns.iter().map(pair).collect::<Result<_>>()?,
            leave_out: self.leave_out,
            without_volume: self.without_volume,
            dates: self.date_format.as_deref().map(DateFormat::given).transpose()?,
            decimal: match (self.decimal_comma, self.decimal_point) {
                (true, _) => Some(Decimal::Comma),
                (_, true) => Some(Decimal::Point),
                _ => None,
            },
            timezone: self.source_timezone.as_deref().map(Calendar::timezone_called).transpose()?,
            stamp: match self.stamp {
                StampArg::Open => Stamp::Open,
                StampArg::Close => Stamp::Close,
            },
            sort: self.sort,
        })
    }
}

/// Runs `runner data import`.
pub fn run(args: ImportArgs, catalog_dir: &Path) -> Result<()> {
    let calendar = args.calendar.as_deref().map(|name| calendar_called(name, &args.timezone));
    if args.max_jump.is_some_and(|percent| !(percent > 0.0 && percent.is_finite())) {
        return Err(Diagnostic::new("--max-jump is a percentage above 0"));
    }
    let import = Import {
        symbol: args.symbol,
        symbol_from: args.symbol_from,
        timeframe: args.timeframe,
        reading: args.reading.reading()?,
        mode: if args.lenient { Mode::Lenient } else { Mode::Strict },
        maximum_jump: args.max_jump.map(|percent| percent / 100.0),
        about: About {
            calendar: calendar.transpose()?,
            currency: args.currency,
            source: args.source,
            licence: args.licence,
        },
        merge: match args.merge {
            MergeArg::New => Merge::New,
            MergeArg::Append => Merge::Append,
            MergeArg::Update => Merge::Update,
            MergeArg::Replace => Merge::Replace,
        },
        ..Import::new(args.dataset, args.paths)
    };
    let mut meter = Meter::new();
    interrupt::listen();
    let read = import.read(catalog_dir, !args.dry_run, &mut |progress| meter.show(progress));
    meter.clear();
    interrupt::obey();
    let staged = read?;
    let wrong = staged.files.iter().filter_map(|(_, read)| read.as_ref().err().cloned());
    let wrong = wrong.reduce(Diagnostic::and);
    let some_are_right = staged.files.iter().any(|(_, read)| read.is_ok());
    if some_are_right {
        show(&staged)?;
    }
    if let Some(wrong) = wrong.as_ref().filter(|_| !args.keep_going || !some_are_right).cloned() {
        let several = staged.files.len() > 1 && some_are_right && !args.dry_run;
        let nothing = "nothing was imported; --keep-going imports the files that are right";
        if several {
            line(nothing)?;
        }
        return Err(wrong);
    }
    if args.dry_run {
        line("a dry run: nothing was changed")?;
    } else {
        commit(staged)?;
    }
    wrong.map_or(Ok(()), Err)
}

fn commit(staged: Staged) -> Result<()> {
    for (symbol, stored) in staged.commit()? {
        let added = match (stored.added == stored.bars, stored.changed) {
            (true, _) => String::new(),
            (false, 0) => format!(", {} of them new", stored.added),
            (false, changed) => format!(", {} of them new and {changed} changed", stored.added),
        };
        line(format_args!("{symbol}: {} bars in {}{added}", stored.bars, stored.path.display()))?;
    }
    Ok(())
}

/// What was understood: each form of file once, then a line a file, then what is worth a look.
fn show(staged: &Staged) -> Result<()> {
    let mut shown: Vec<&FileRead> = Vec::new();
    for (path, read) in staged.files.iter().filter_map(|(path, read)| Some((path, read.as_ref().ok()?))) {
        let alike = |other: &FileRead| other.understanding.is_like(&read.understanding);
        if !shown.iter().any(|other| alike(other)) {
            let others = staged.files.iter().filter(|(_, other)| other.as_ref().is_ok_and(alike)).count() - 1;
            let more = if others > 0 { format!(" and {} like it", count(others, "file")) } else { String::new() };
            line(format_args!("{}{more}\n{}", path.display(), read.understanding))?;
            shown.push(read);
        }
    }
    let mut rows = vec![["file", "symbol", "timeframe", "rows", "from", "to", "wrong"].map(String::from).to_vec()];
    for (path, read) in &staged.files {
        let name = path.display().to_string();
        rows.push(match read {
            Ok(read) => {
                let (from, to) = read.range.map(|(a, b)| (a.to_string(), b.to_string())).unwrap_or_default();
                let symbol = match read.symbols.as_slice() {
                    [one] => one.clone(),
                    many => count(many.len(), "symbol"),
                };
                let timeframe = read.understanding.timeframe().to_string();
                vec![name, symbol, timeframe, read.rows.to_string(), from, to, read.dropped.0.to_string()]
            }
            Err(_) => [name, "refused".to_owned()].into_iter().chain((0..5).map(|_| String::new())).collect(),
        });
    }
    line(table(&rows, &[3, 6]))?;
    if let Some((symbol, pattern)) = staged.files.iter().find_map(more_than_a_symbol) {
        line(format_args!(
            "the symbol {symbol} is all of the file's name: if that is more, --symbol-from '{pattern}'"
        ))?;
    }
    for (path, read) in &staged.files {
        if let Ok(read) = read {
            notes(path, "left out", &read.dropped)?;
            notes(path, "let in, but worth a look", &read.jumps)?;
        }
    }
    Ok(())
}

/// A symbol that is a file's name and says a timeframe or a date beside, and the pattern that takes its first part.
fn more_than_a_symbol((path, read): &(PathBuf, Result<FileRead>)) -> Option<(String, String)> {
    let [symbol] = read.as_ref().ok()?.symbols.as_slice() else { return None };
    let file = path.file_name()?.to_string_lossy();
    let (first, rest) = symbol.split_once(['-', '_', '.', ','])?;
    let says_when =
        |part: &str| part.parse::<Timeframe>().is_ok() || part.len() >= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let is_named_so = file.starts_with(symbol.as_str()) && rest.split(['-', '_', '.', ',']).any(says_when);
    let divider = symbol[first.len()..].chars().next()?;
    is_named_so.then(|| (symbol.clone(), format!("{{symbol}}{divider}*")))
}

/// How many faults a note lists.
const LISTED: usize = 10;

fn notes(path: &Path, what: &str, (of, faults): &(usize, Vec<Fault>)) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    line(format_args!("{}: {} {what}:", path.display(), count(*of, "row")))?;
    for fault in faults.iter().take(LISTED) {
        line(format_args!("  line {}: {fault}", fault.row))?;
    }
    if *of > LISTED {
        line(format_args!("  and {} more", of - LISTED))?;
    }
    Ok(())
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// How far the reading is, on stderr; silent where that is no terminal.
struct Meter(Option<ProgressBar>);

impl Meter {
    fn new() -> Self {
        Self(stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let template = "reading {prefix} {bar:30} {bytes}/{total_bytes} {elapsed} < {eta}  {msg}";
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }))
    }

    /// Shows it; whether to go on.
    fn show(&mut self, progress: &Progress) -> bool {
        if let Some(bar) = &self.0 {
            bar.set_length(progress.bytes.1);
            bar.set_position(progress.bytes.0);
            bar.set_prefix(progress.file.display().to_string());
            let seconds = bar.elapsed().as_secs_f64().max(0.001);
            bar.set_message(format!("{} rows, {:.0}/s", progress.rows, progress.rows as f64 / seconds));
        }
        !interrupt::stop().load(std::sync::atomic::Ordering::Relaxed)
    }

    fn clear(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}
