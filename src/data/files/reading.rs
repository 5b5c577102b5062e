//! Bars out of a Parquet file: all of them, or those of a range of time.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, RowGroupMetaData};
use parquet::file::reader::Length;
use parquet::file::statistics::Statistics;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::data::files::batch::{assembled, column_name, instants, numbers, require_columns};
use crate::data::files::shared::SharedFile;
use crate::data::files::unusable;
use crate::data::memory::prefer_large_pages;
use crate::data::{Bars, Column};
use crate::error::{Diagnostic, Origin, Result};
use crate::time::{Calendar, Timeframe, Timestamp};

/// Rows that are decoded at a time: what they come to stays in the processor's cache until it is copied.
const ROWS: usize = 1 << 15;
/// More columns than this are no bars.
const COLUMNS: usize = 1000;
/// No file of true bars holds more rows a byte: their timestamps differ. It bounds the memory that a damaged or
/// hostile file can ask for.
const ROWS_A_BYTE: u64 = 1_000;

impl Bars {
    /// Reads a Parquet file with the columns that [`Bars::from_record_batch`] takes.
    ///
    /// # Errors
    /// Where the file cannot be read, is no Parquet file or changes meanwhile; as [`Bars::from_record_batch`].
    pub fn read_parquet(path: &Path, timeframe: Timeframe, calendar: &Calendar) -> Result<Self> {
        ParquetFile::open(path)?.bars(timeframe, calendar, None).map(|(bars, _)| bars)
    }

    /// Reads the bars that open within a range of time, and says how many bytes that took. Of the file, what
    /// lies outside is skipped as far as its row groups and its index of pages allow: next to all of it in
    /// files that are written here.
    ///
    /// # Errors
    /// As [`Bars::read_parquet`], for the rows that are read.
    pub fn read_parquet_between(
        path: &Path,
        timeframe: Timeframe,
        calendar: &Calendar,
        range: Range<Timestamp>,
    ) -> Result<(Self, u64)> {
        ParquetFile::open(path)?.bars(timeframe, calendar, Some(range))
    }
}

/// A whole Parquet file as one record batch.
///
/// # Errors
/// Where the file cannot be read, is no Parquet file or changes meanwhile.
pub(in crate::data) fn read_batch(path: &Path) -> Result<RecordBatch> {
    let opened = ParquetFile::open(path)?;
    let rows = opened.all_rows().count;
    let read = || {
        let (file, metadata) = (opened.file.clone(), opened.metadata.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        let batch = builder.with_batch_size(rows.max(1)).build()?.next().transpose()?;
        let batch = batch.unwrap_or_else(|| RecordBatch::new_empty(opened.metadata.schema().clone()));
        match batch.num_rows() == rows {
            true => Ok(batch),
            false => Err(ParquetError::EOF(format!("{} rows where its footer names {rows}", batch.num_rows()))),
        }
    };
    let batch = guarded(read).map_err(|error| no_parquet(path, &error))?;
    match opened.file.has_changed() {
        true => Err(changed().at(opened.here())),
        false => Ok(batch),
    }
}

/// A Parquet file whose footer was read.
pub(in crate::data) struct ParquetFile<'a> {
    path: &'a Path,
    pub file: SharedFile,
    pub metadata: ArrowReaderMetadata,
}

/// The record batches of a Parquet file, one after the other.
pub(in crate::data) struct Batches<'a> {
    path: &'a Path,
    reader: ParquetRecordBatchReader,
}

impl Batches<'_> {
    /// The next batch; none at the end.
    ///
    /// # Errors
    /// Where the file is broken there.
    pub fn next(&mut self) -> Result<Option<RecordBatch>> {
        guarded(|| Ok(self.reader.next().transpose()?)).map_err(|error| no_parquet(self.path, &error))
    }
}

/// Some of a file's rows.
struct Rows {
    groups: Vec<usize>,
    /// Of the rows of those groups; all of them where there is none.
    selection: Option<RowSelection>,
    count: usize,
}

impl<'a> ParquetFile<'a> {
    /// Reads a file's footer.
    ///
    /// # Errors
    /// Where the file is none, or cannot hold what its footer says.
    pub fn open(path: &'a Path) -> Result<Self> {
        let file = SharedFile::open(path).map_err(|error| unusable(path, "cannot be read", &error))?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata =
            guarded(|| ArrowReaderMetadata::load(&file, options)).map_err(|error| no_parquet(path, &error))?;
        let opened = Self { path, file, metadata };
        opened.plausible().map_err(|error| error.at(opened.here()))?;
        Ok(opened)
    }

    /// The rows of some groups, a batch at a time; of some columns or all of them.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn batches(&self, groups: Range<usize>, columns: Option<&[usize]>) -> Result<Batches<'a>> {
        let reader = guarded(|| {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone());
            let mask = match columns {
                Some(columns) => ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied()),
                None => ProjectionMask::all(),
            };
            builder.with_projection(mask).with_row_groups(groups.collect()).with_batch_size(ROWS).build()
        });
        Ok(Batches { path: self.path, reader: reader.map_err(|error| no_parquet(self.path, &error))? })
    }

    /// The least and the greatest timestamp of a group, where the file is one of ours and its statistics say.
    pub fn range_of_group(&self, group: usize) -> Option<(i64, i64)> {
        match self.groups()[group].column(0).statistics() {
            Some(Statistics::Int64(statistics)) => statistics.min_opt().copied().zip(statistics.max_opt().copied()),
            _ => None,
        }
    }

    fn here(&self) -> Origin {
        Origin::file(self.path.display().to_string())
    }

    /// Refuses what no file of bars is, before memory is taken for it.
    fn plausible(&self) -> Result<()> {
        let columns = self.metadata.schema().fields().len();
        if columns > COLUMNS {
            return Err(Diagnostic::new(format!("it has {columns} columns: at most {COLUMNS} are allowed"))
                .hint("leave out the columns that no strategy reads"));
        }
        let rows = self.metadata.metadata().file_metadata().num_rows();
        let groups: i128 = self.groups().iter().map(|group| i128::from(group.num_rows())).sum();
        let most = self.file.len().saturating_mul(ROWS_A_BYTE);
        if rows < 0 || groups != i128::from(rows) || rows.unsigned_abs() > most {
            return Err(Diagnostic::new(format!("its footer names {rows} rows, which cannot be in this file"))
                .hint("it may be damaged: write it again"));
        }
        Ok(())
    }

    /// Its groups of rows.
    pub fn groups(&self) -> &[RowGroupMetaData] {
        self.metadata.metadata().row_groups()
    }

    /// The bars that open within the range, or all of them, and how many bytes were read for them.
    fn bars(&self, timeframe: Timeframe, calendar: &Calendar, range: Option<Range<Timestamp>>) -> Result<(Bars, u64)> {
        let read = || {
            let (timestamps, columns) = self.columns(range)?;
            assembled(timeframe, calendar, timestamps, columns, &self.path.display().to_string())
        };
        let bars = read().map_err(|error: Diagnostic| error.at(self.here()))?;
        Ok((bars, self.file.bytes_read()))
    }

    /// The timestamps and the other columns as they stand in the file, whether they are right or not; within a
    /// range, or all of them.
    ///
    /// # Errors
    /// Where a column that bars need is missing, or one has no numbers.
    pub fn columns(&self, range: Option<Range<Timestamp>>) -> Result<Columns> {
        let fields = self.metadata.schema().fields();
        let names: Vec<String> = fields.iter().map(|field| column_name(field.name())).collect();
        require_columns(&names)?;
        let time = names.iter().position(|name| name == "timestamp").unwrap_or_default();
        let rows = match range {
            Some(range) => self.rows_between(time, &range)?,
            None => self.all_rows(),
        };
        let one = |column: usize| match &names[column] {
            _ if column == time => self.column(column, &rows, instants).map(Made::Instants),
            name => {
                let values = self.column(column, &rows, |array| numbers(name, array))?;
                Ok(Made::Numbers(name.clone(), values.into()))
            }
        };
        let made = (0..names.len()).into_par_iter().map(one).collect::<Result<Vec<Made>>>()?;
        if self.file.has_changed() {
            return Err(changed());
        }
        let mut timestamps = ScalarBuffer::from(Vec::new());
        let mut columns = Vec::new();
        for made in made {
            match made {
                Made::Instants(instants) => timestamps = instants,
                Made::Numbers(name, column) => columns.push((name, column)),
            }
        }
        Ok((timestamps, columns))
    }

    fn all_rows(&self) -> Rows {
        let count = self.groups().iter().map(row_count).sum();
        Rows { groups: (0..self.groups().len()).collect(), selection: None, count }
    }

    /// The rows whose timestamps lie within a range. Groups whose statistics say that they lie outside are
    /// not looked at; the timestamps of the others are read.
    fn rows_between(&self, time: usize, range: &Range<Timestamp>) -> Result<Rows> {
        let from_statistics = |group: &usize| self.may_hold(&self.groups()[*group], time, range);
        let groups: Vec<usize> = (0..self.groups().len()).filter(from_statistics).collect();
        let count = groups.iter().map(|group| row_count(&self.groups()[*group])).sum();
        let candidates = Rows { groups, selection: None, count };
        let timestamps = self.column(time, &candidates, instants)?;
        let within = |row: &usize| range.contains(&Timestamp(timestamps[*row]));
        let first = (0..count).find(within).unwrap_or(count);
        // Of a file that is not in order the checks tell; nothing within the range is passed over here.
        let end = (first..count).rev().find(within).map_or(first, |last| last + 1);
        let selectors = [RowSelector::skip(first), RowSelector::select(end - first), RowSelector::skip(count - end)];
        let selection = RowSelection::from(selectors.to_vec());
        Ok(Rows { selection: Some(selection), count: end - first, ..candidates })
    }

    /// Whether a group may hold timestamps of the range, by its statistics.
    fn may_hold(&self, group: &RowGroupMetaData, time: usize, range: &Range<Timestamp>) -> bool {
        let unit = match self.metadata.schema().field(time).data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, _) => 1,
            DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
            // Those of other types are read.
            _ => return true,
        };
        let Some(Statistics::Int64(statistics)) = group.column(time).statistics() else { return true };
        let (Some(least), Some(greatest)) = (statistics.min_opt(), statistics.max_opt()) else { return true };
        least.saturating_mul(unit) < range.end.0 && greatest.saturating_mul(unit) >= range.start.0
    }

    /// A column of some rows, put together from what its batches become.
    fn column<T: ArrowNativeType>(
        &self,
        column: usize,
        rows: &Rows,
        convert: impl Fn(&ArrayRef) -> Result<ScalarBuffer<T>>,
    ) -> Result<ScalarBuffer<T>> {
        let reader = guarded(|| {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone());
            let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
            let builder = builder.with_projection(mask).with_row_groups(rows.groups.clone()).with_batch_size(ROWS);
            match &rows.selection {
                Some(selection) => builder.with_row_selection(selection.clone()).build(),
                None => builder.build(),
            }
        });
        let mut reader = reader.map_err(|error| no_parquet(self.path, &error))?;
        let mut values: Vec<T> = Vec::new();
        values.try_reserve_exact(rows.count).map_err(|_| {
            Diagnostic::new(format!("there is no memory for {} rows", rows.count))
                .hint("make coarser bars of it, or split it into instruments")
        })?;
        prefer_large_pages(values.spare_capacity_mut());
        while let Some(batch) =
            guarded(|| Ok(reader.next().transpose()?)).map_err(|error| no_parquet(self.path, &error))?
        {
            values.extend_from_slice(&convert(batch.column(0))?);
        }
        if values.len() != rows.count {
            let error = ParquetError::EOF(format!("{} rows where its footer names {}", values.len(), rows.count));
            return Err(no_parquet(self.path, &error));
        }
        Ok(values.into())
    }
}

/// The timestamps of bars, and their other columns by name.
type Columns = (ScalarBuffer<i64>, Vec<(String, Column)>);

/// What a column of a file becomes.
enum Made {
    Instants(ScalarBuffer<i64>),
    Numbers(String, Column),
}

fn row_count(group: &RowGroupMetaData) -> usize {
    usize::try_from(group.num_rows()).unwrap_or_default()
}

fn changed() -> Diagnostic {
    Diagnostic::new("the file changed while it was read").hint("try again when it is whole")
}

fn no_parquet(path: &Path, error: &ParquetError) -> Diagnostic {
    Diagnostic::new(format!("this is no Parquet file that can be read: {error}"))
        .hint("it may be cut off or of another format; a CSV comes in with `runner data import`")
        .at(Origin::file(path.display().to_string()))
}

/// The parquet crate panics on some files whose pages contradict one another.
pub(in crate::data) fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let contradiction = |_| Err(ParquetError::General("its pages contradict one another".into()));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(contradiction)
}
