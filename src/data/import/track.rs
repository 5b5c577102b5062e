//! The rows of one instrument on their way: put in order, given their instants, checked, and handed on.

use std::mem;

use crate::data::Fault;
use crate::data::files::Columns;
use crate::data::import::clock::{Clock, Instant};
use crate::data::import::dates::Moment;
use crate::data::import::rows::RawRow;
use crate::data::quality::{Checker, Pace, Problem, Row};
use crate::time::{Calendar, Timeframe, Timestamp};

/// The order in which the rows of a file stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
    /// As they come; a person asked to have them sorted.
    Unsorted,
}

/// How many faults of a file are kept in words; the others are counted.
const KEPT: usize = 1000;

/// What was wrong in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub faults: Vec<Fault>,
    pub wrong: usize,
    pub jumps: Vec<Fault>,
    pub jumped: usize,
    /// Rows that were right.
    pub right: usize,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

impl Log {
    pub fn fault(&mut self, row: usize, problem: Problem) {
        self.wrong += 1;
        if self.faults.len() < KEPT {
            self.faults.push(Fault { row, problem });
        }
    }

    fn jump(&mut self, row: usize, problem: Problem) {
        self.jumped += 1;
        if self.jumps.len() < KEPT {
            self.jumps.push(Fault { row, problem });
        }
    }
}

/// A row whose time the clocks showed twice.
struct Folded {
    number: usize,
    local: i64,
    instants: [i64; 2],
    values: Vec<f64>,
}

/// The rows of one instrument.
pub(super) struct Track {
    clock: Clock,
    order: Order,
    allowed_jump: f64,
    adjusted: Option<usize>,
    held: Vec<(usize, Moment)>,
    held_values: Columns,
    folded: Vec<Folded>,
    checker: Checker,
    pub pace: Pace,
    /// Rows on weekends, and the first of them.
    pub weekends: (usize, Option<Timestamp>),
    /// What is ready to be written.
    pub ready: Columns,
}

impl Track {
    /// A track for rows with so many columns beside the five, of which one may be the adjusted close.
    pub fn new(clock: Clock, order: Order, extra: &[String], allowed_jump: f64) -> Self {
        let adjusted = extra.iter().position(|name| name == "adj_close").map(|place| place + 5);
        Self {
            checker: Checker::new(clock.calendar.clone(), clock.timeframe),
            pace: Pace::new(clock.timeframe),
            clock,
            order,
            allowed_jump,
            adjusted,
            held: Vec::new(),
            held_values: Columns::new(extra.len()),
            folded: Vec::new(),
            weekends: (0, None),
            ready: Columns::new(extra.len()),
        }
    }

    /// How many rows wait for others.
    pub fn waiting(&self) -> usize {
        self.held.len()
    }

    /// Takes a row.
    pub fn take(&mut self, row: &RawRow, log: &mut Log) {
        if self.order == Order::OldestFirst {
            return self.place(row.number, row.moment, &row.values, log);
        }
        self.held.push((row.number, row.moment));
        self.held_values.push(0, &row.values);
    }

    /// Takes note that the file has no more rows; the next may be in another order.
    pub fn end_of_file(&mut self, log: &mut Log) {
        let mut rows: Vec<usize> = (0..self.held.len()).collect();
        match self.order {
            Order::OldestFirst => (),
            Order::NewestFirst => rows.reverse(),
            Order::Unsorted => rows.sort_by_key(|row| self.held[*row].1.local()),
        }
        let held = mem::take(&mut self.held);
        let values = self.held_values.take();
        let mut row_values = Vec::new();
        for row in rows {
            let (number, moment) = held[row];
            row_values.clear();
            row_values.extend(values.values.iter().map(|column| column[row]));
            self.place(number, moment, &row_values, log);
        }
        self.unfold(log);
    }

    /// The next file's rows may be in another order, or have another clock.
    pub fn go_on(&mut self, clock: Clock, order: Order) {
        (self.clock, self.order) = (clock, order);
    }

    fn place(&mut self, number: usize, moment: Moment, values: &[f64], log: &mut Log) {
        match self.clock.instant(moment) {
            Ok(Instant::Opens(open)) => {
                if !self.folded.is_empty() {
                    self.unfold(log);
                }
                self.settle(number, open, values, log);
            }
            Ok(Instant::Twice(a, b)) => {
                let local = moment.local();
                self.folded.push(Folded { number, local, instants: [a, b], values: values.to_vec() });
            }
            Err(problem) => log.fault(number, problem),
        }
    }

    /// Rows of the hour that comes twice: where time goes back once, that is where the second begins.
    fn unfold(&mut self, log: &mut Log) {
        let rows = mem::take(&mut self.folded);
        let mut back = (1..rows.len()).filter(|row| rows[*row].local <= rows[row - 1].local);
        let second = back.next().filter(|_| back.next().is_none());
        for (place, row) in rows.into_iter().enumerate() {
            match (second, self.clock.zone) {
                (Some(second), _) => {
                    let open = self.clock.opening(row.instants[usize::from(place >= second)]);
                    self.settle(row.number, open, &row.values, log);
                }
                (None, zone) => {
                    let zone = zone.map_or("UTC", |zone| zone.name());
                    log.fault(row.number, Problem::Unsettled { local: Timestamp(row.local), zone });
                }
            }
        }
    }

    fn settle(&mut self, number: usize, timestamp: Timestamp, values: &[f64], log: &mut Log) {
        let adjusted_close = self.adjusted.and_then(|place| values.get(place)).copied();
        let mut own = [f64::NAN; 5];
        own.iter_mut().zip(values).for_each(|(own, value)| *own = *value);
        let row = Row { number, timestamp, values: own, adjusted_close };
        if let Err(problem) = self.checker.check(&row) {
            return log.fault(number, problem);
        }
        if let Some(problem) = self.checker.jump(&row, self.allowed_jump) {
            log.jump(number, problem);
        }
        self.pace.push(timestamp);
        // The week that a weekend's bar belongs to opens after it.
        if Calendar::Weekdays.period_start(Timeframe::WEEK, timestamp) > timestamp {
            self.weekends.0 += 1;
            self.weekends.1.get_or_insert(timestamp);
        }
        log.right += 1;
        log.first = Some(log.first.map_or(timestamp, |first| first.min(timestamp)));
        log.last = Some(log.last.map_or(timestamp, |last| last.max(timestamp)));
        self.ready.push(timestamp.0, values);
    }
}
