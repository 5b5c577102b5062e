//! The page that a run prints on the terminal.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::report::figures::is_gain;
use crate::report::forecasts::{interval, rows, worth};
use crate::report::format::{falls, lows, money, optional, paragraph, percent, share, signed_ratio, sparkline};
use crate::report::plain::plain_page;
use crate::report::ranges::bar_date;
use crate::report::{Look, Range, figures, ranges, sample, subject, warnings};

/// How much narrower than the page the equity line is, in characters.
const BESIDE_LINE: usize = 30;

/// How wide the table of forecasts is with its intervals; on a narrower page it does without them.
const WITH_INTERVALS: usize = 74;

/// The page: what was run, its ranges, figures beside buy-and-hold, equity and drawdown, quality of the
/// forecasts, doubts.
pub fn page(outcome: &Outcome, look: &Look) -> String {
    if look.plain {
        return plain_page(outcome);
    }
    let mut page = String::new();
    let width = look.width();
    paragraph(&mut page, "", &format!("{}: {}", outcome.strategy.name, subject(outcome)), width);
    let parameters = outcome.strategy.parameters.iter().map(|p| format!("{} = {}", p.name, p.value));
    paragraph(&mut page, "  ", &parameters.collect::<Vec<_>>().join(", "), width);
    page.push('\n');
    ranges_table(&mut page, outcome, width);
    if outcome.is_out_of_sample() {
        page.push('\n');
        paragraph(&mut page, "  ", sample(outcome), width);
    }
    let _ = writeln!(page, "\n  {}", look.bold(&format!("{:<18}{:>16}{:>18}", "", "strategy", "buy and hold")));
    for figure in figures(&outcome.metrics) {
        let cells = [format!("{:>16}", figure.strategy), format!("{:>18}", figure.buy_and_hold)];
        let [own, other] = cells.map(|cell| if is_gain(figure.name) { look.signed(&cell) } else { cell });
        let line = format!("  {:<18}{own}{other}", figure.name);
        let _ = writeln!(page, "{}", line.trim_end());
    }
    curves(&mut page, outcome, look);
    for model in &outcome.models {
        forecasts(&mut page, outcome, model, look);
    }
    let warnings = warnings(outcome);
    if !warnings.is_empty() {
        page.push('\n');
    }
    for warning in warnings {
        let mut lines = String::new();
        paragraph(&mut lines, "  ! ", &warning, width);
        page += &lines.replacen('!', &look.warning("!"), 1);
    }
    page
}

/// Equity with its last value, and the drawdown below it with its deepest.
fn curves(page: &mut String, outcome: &Outcome, look: &Look) {
    let backtest = &outcome.backtest;
    let (initial, equity) = (backtest.initial_cash, &backtest.equity);
    let Some(last) = equity.last() else { return };
    let line = look.width() - BESIDE_LINE;
    let ended = money(*last);
    let ended = match last.total_cmp(&initial) {
        Ordering::Greater => look.good(&ended),
        Ordering::Less => look.bad(&ended),
        Ordering::Equal => ended,
    };
    let _ = writeln!(page, "\n  equity    {}  {ended}", sparkline(equity, line));
    let falls = falls(initial, equity);
    let deepest = falls.iter().copied().fold(0.0, f64::min);
    let drawn = if deepest < 0.0 { sparkline(&lows(&falls, line), line) } else { "█".repeat(line.min(falls.len())) };
    let _ = writeln!(page, "  drawdown  {drawn}  {}", look.signed(&percent(deepest)));
}

fn ranges_table(page: &mut String, outcome: &Outcome, width: usize) {
    let ranges = ranges(outcome);
    let widest = |cell: fn(&Range) -> String| ranges.iter().map(|range| cell(range).len()).max().unwrap_or(0);
    let (name, date, size) = (widest(|r| r.name.clone()), widest(|r| r.from.clone()), widest(Range::size));
    let line = |range: &Range| {
        let Range { from, to, .. } = range;
        format!("  {:<name$}  {from:<date$} to {to:<date$}  {:>size$}", range.name, range.size())
    };
    let fit = ranges.iter().all(|range| line(range).chars().count() + 2 + range.meaning.chars().count() <= width);
    for range in &ranges {
        // Where times of day make it wide, what a range means stands below.
        let gap = if fit { "  " } else { "\n    " };
        let _ = writeln!(page, "{}{gap}{}", line(range), range.meaning);
    }
}

/// The most folds that the page lists; report.html has them all.
const FOLDS: usize = 12;

fn forecasts(page: &mut String, outcome: &Outcome, model: &Fitted, look: &Look) {
    let width = look.width();
    let quality = &model.quality;
    let (name, hits, hit_rate) = columns(width);
    let head = format!("{:<name$}{:>9}{hit_rate:>hits$}{:>9}{:>7}", "forecasts, test range", "R²", "IC", "t");
    let _ = writeln!(page, "\n  {}", look.bold(&head));
    for (figures, mark) in rows(quality) {
        forecast(page, &format!("{}{mark}", figures.name.replace('_', " ")), figures, width);
    }
    // Of each fold, the forecast that is judged.
    let judged = quality.verdict.as_ref().map_or("", |verdict| &verdict.forecast);
    for (number, fold) in quality.folds.iter().enumerate().take(FOLDS) {
        let Some(figures) = fold.forecasts.iter().find(|figures| figures.name == judged) else { continue };
        forecast(page, &format!("fold {} from {}", number + 1, bar_date(outcome, fold.tested.from)), figures, width);
    }
    if quality.folds.len() > FOLDS {
        let _ = writeln!(page, "  … and {} folds more", quality.folds.len() - FOLDS);
    }
    if let Some(worth) = worth(quality) {
        paragraph(page, "  ", &format!("Intervals and t: {worth}."), width);
    }
    if let Some(verdict) = quality.verdict.as_ref().filter(|verdict| !verdict.doubt) {
        page.push('\n');
        paragraph(page, "  ", &verdict.text, width);
    }
}

/// How wide the columns of names and of hit rates are, and the latter's head.
fn columns(width: usize) -> (usize, usize, &'static str) {
    if width >= WITH_INTERVALS { (26, 21, "hit rate, 95 %") } else { (25, 8, "hit rate") }
}

fn forecast(page: &mut String, name: &str, figures: &Figures, width: usize) {
    let (wide, hits, _) = columns(width);
    let interval = interval(figures).filter(|_| width >= WITH_INTERVALS);
    let interval = interval.map(|[low, high]| format!(", {:.0} to {:.0}", low * 100.0, high * 100.0));
    let rate = format!("{}{}", optional(figures.hit_rate, share), interval.unwrap_or_default());
    let r_squared = optional(figures.r_squared, |value| format!("{value:+.4}"));
    let coefficient = optional(figures.information_coefficient, signed_ratio);
    let t = optional(figures.information_coefficient_t, |t| format!("{t:+.1}"));
    let _ = writeln!(page, "  {name:<wide$}{r_squared:>9}{rate:>hits$}{coefficient:>9}{t:>7}");
}
