//! The timeline: every instant at which any instrument's bar opens, and where each bar lies on it.

use arrow_buffer::ScalarBuffer;

use crate::backtest::feed::Prices;

/// Several instruments' bars, on one line of time.
///
/// A step begins where bars open and lasts until the next one begins. Bars of one calendar close in
/// the step that they open in; where calendars differ, a bar may stay open over several.
pub(super) struct Timeline {
    /// The opening instants, in order.
    pub instants: ScalarBuffer<i64>,
    places: Vec<Places>,
}

/// The steps of an instrument's bars.
enum Places {
    /// Bar `first` lies on step `step`, the next on the next, and so on to its end. `closed`: each
    /// closes before the next step begins.
    Consecutive { first: usize, step: usize, closed: bool },
    /// The step of each bar from `first` on.
    Scattered { first: usize, steps: Vec<usize> },
}

impl Timeline {
    pub fn new(feeds: &[Prices<'_>]) -> Self {
        let mut instants: ScalarBuffer<i64> = Vec::new().into();
        for feed in feeds {
            let own = feed.timestamp.slice(feed.start, feed.end - feed.start);
            if is_part(&own, &instants) {
                instants = own;
            } else if !is_part(&instants, &own) {
                instants = union(&instants, &own).into();
            }
        }
        let places = feeds.iter().map(|feed| Places::new(feed, &instants)).collect();
        Self { instants, places }
    }

    /// The step in which a bar opens.
    #[inline]
    pub fn step_of(&self, instrument: usize, bar: usize) -> usize {
        match &self.places[instrument] {
            Places::Consecutive { first, step, .. } => bar - first + step,
            Places::Scattered { first, steps } => steps[bar - first],
        }
    }

    /// The last bar that opened in a step or before it.
    #[inline]
    pub fn bar_at(&self, instrument: usize, feed: &Prices<'_>, step: usize) -> Option<usize> {
        let (first, opened) = match &self.places[instrument] {
            Places::Consecutive { first, step: start, .. } => (*first, (step + 1).saturating_sub(*start)),
            Places::Scattered { first, steps } => (*first, steps.partition_point(|opening| *opening <= step)),
        };
        (first + opened).min(feed.end).checked_sub(1).filter(|bar| *bar >= first)
    }

    /// The step during which a bar closes: the last that begins before its close.
    #[inline]
    pub fn closing_step(&self, feed: &Prices<'_>, instrument: usize, bar: usize) -> usize {
        let (step, close) = (self.step_of(instrument, bar), feed.close_instant[bar]);
        match self.instants.get(step + 1) {
            Some(next) if *next < close => self.instants.partition_point(|instant| *instant < close) - 1,
            _ => step,
        }
    }

    /// An instrument's last known price when each of so many steps from `from` on ended: its bar's close, the open
    /// of a bar that goes on, and 0 before its first bar.
    pub fn prices(&self, feed: &Prices<'_>, instrument: usize, from: usize, into: &mut [f64]) {
        if let Places::Consecutive { first, step, closed: true } = self.places[instrument] {
            let before = step.saturating_sub(from).min(into.len());
            let closes = &feed.close[first + (from + before).saturating_sub(step).min(feed.end - first)..feed.end];
            let (early, rest) = into.split_at_mut(before);
            let (own, late) = rest.split_at_mut(closes.len().min(rest.len()));
            early.fill(0.0);
            own.copy_from_slice(&closes[..own.len()]);
            late.fill(feed.close[first..feed.end].last().copied().unwrap_or(0.0));
            return;
        }
        for (step, price) in (from..).zip(into) {
            let end = self.instants.get(step + 1).map_or(i64::MAX, |next| *next);
            *price = self.price_at(feed, instrument, step, end);
        }
    }

    /// An instrument's last known price in a step, at an instant in it.
    #[inline]
    pub fn price_at(&self, feed: &Prices<'_>, instrument: usize, step: usize, now: i64) -> f64 {
        match self.bar_at(instrument, feed, step) {
            Some(bar) if feed.close_instant[bar] <= now => feed.close[bar],
            Some(bar) => feed.open[bar],
            None => 0.0,
        }
    }

    /// The first step that begins at an instant or after it.
    pub fn step_from(&self, instant: i64) -> Option<usize> {
        Some(self.instants.partition_point(|other| *other < instant)).filter(|step| *step < self.instants.len())
    }
}

impl Places {
    fn new(feed: &Prices<'_>, instants: &[i64]) -> Self {
        let (first, own) = (feed.start, &feed.timestamp[feed.start..feed.end]);
        let step = own.first().map_or(0, |instant| instants.partition_point(|other| other < instant));
        if instants.get(step..step + own.len()) == Some(own) {
            let closes = feed.close_instant[feed.start..feed.end].iter();
            let closed = closes.zip(instants.get(step + 1..).unwrap_or_default()).all(|(close, next)| close <= next);
            return Places::Consecutive { first, step, closed };
        }
        let mut at = step;
        let find = |instant: &i64| {
            while instants[at] < *instant {
                at += 1;
            }
            at
        };
        Places::Scattered { first, steps: own.iter().map(find).collect() }
    }
}

/// Whether a run of instants stands in another as it is.
fn is_part(instants: &[i64], part: &[i64]) -> bool {
    let Some(first) = part.first() else { return true };
    let step = instants.partition_point(|instant| instant < first);
    instants.get(step..step + part.len()) == Some(part)
}

/// The instants of both, each once, in order.
fn union(a: &[i64], b: &[i64]) -> Vec<i64> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        all.push(a[i].min(b[j]));
        let (step_a, step_b) = (a[i] <= b[j], b[j] <= a[i]);
        i += usize::from(step_a);
        j += usize::from(step_b);
    }
    all.extend_from_slice(&a[i..]);
    all.extend_from_slice(&b[j..]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars that open at these instants and close two later.
    fn feed<'a>(timestamp: &'a ScalarBuffer<i64>, close_instant: &'a [i64], start: usize, end: usize) -> Prices<'a> {
        Prices {
            timestamp,
            close_instant,
            open: &[],
            high: &[],
            low: &[],
            close: &[],
            volume: &[],
            slippage: None,
            start,
            end,
            finer: None,
            actions: Vec::new(),
        }
    }

    #[test]
    fn instants_are_merged_in_order_and_bars_lie_on_their_steps() {
        let (a, b) = ([1, 2, 5], [0, 2, 3, 5, 9]);
        let (close_a, close_b) = (a.map(|t| t + 2), b.map(|t| t + 1));
        let (a, b) = (a.to_vec().into(), b.to_vec().into());
        let feeds = [feed(&a, &close_a, 0, 3), feed(&b, &close_b, 1, 5)];
        let timeline = Timeline::new(&feeds);
        assert_eq!(*timeline.instants, [1, 2, 3, 5, 9]);
        assert_eq!([0, 1, 2].map(|bar| timeline.step_of(0, bar)), [0, 1, 3]);
        assert_eq!([1, 2, 3, 4].map(|bar| timeline.step_of(1, bar)), [1, 2, 3, 4]);
        let at = |instrument: usize| [0, 1, 2, 3, 4].map(|step| timeline.bar_at(instrument, &feeds[instrument], step));
        assert_eq!(at(0), [Some(0), Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(at(1), [None, Some(1), Some(2), Some(3), Some(4)]);
        // The bar of 1 closes at 3, where step 2 begins: in step 1. That of 2 closes at 4.
        assert_eq!([0, 1, 2].map(|bar| timeline.closing_step(&feeds[0], 0, bar)), [1, 2, 3]);
        assert_eq!([0, 4, 10].map(|instant| timeline.step_from(instant)), [Some(0), Some(3), None]);
    }

    #[test]
    fn an_instrument_without_bars_is_on_no_step() {
        let (none, one) = (Vec::new().into(), vec![4].into());
        let feeds = [feed(&none, &[], 0, 0), feed(&one, &[5], 0, 1)];
        let timeline = Timeline::new(&feeds);
        assert_eq!(*timeline.instants, [4]);
    }
}
