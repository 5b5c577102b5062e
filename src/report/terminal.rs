//! The page that a run prints on the terminal: at most 80 columns wide.

use std::fmt::Write;

use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::report::forecasts::{interval, rows, worth};
use crate::report::format::{money, optional, paragraph, share, signed_ratio, sparkline};
use crate::report::ranges::bar_date;
use crate::report::{Range, figures, ranges, sample, subject, warnings};

/// How wide the page is, in characters.
const WIDTH: usize = 80;

/// How wide the equity line is, in characters.
const LINE: usize = 50;

/// The page: what was run, its ranges, figures beside buy-and-hold, equity, quality of the
/// forecasts, doubts.
pub fn page(outcome: &Outcome) -> String {
    let mut page = String::new();
    paragraph(&mut page, "", &format!("{}: {}", outcome.strategy.name, subject(outcome)), WIDTH);
    let parameters = outcome.strategy.parameters.iter().map(|p| format!("{} = {}", p.name, p.value));
    paragraph(&mut page, "  ", &parameters.collect::<Vec<_>>().join(", "), WIDTH);
    page.push('\n');
    ranges_table(&mut page, outcome);
    if outcome.is_out_of_sample() {
        page.push('\n');
        paragraph(&mut page, "  ", sample(outcome), WIDTH);
    }
    let _ = writeln!(page, "\n  {:<18}{:>16}{:>18}", "", "strategy", "buy and hold");
    for figure in figures(&outcome.metrics) {
        let line = format!("  {:<18}{:>16}{:>18}", figure.name, figure.strategy, figure.buy_and_hold);
        let _ = writeln!(page, "{}", line.trim_end());
    }
    let equity = &outcome.backtest.equity;
    if let Some(last) = equity.last() {
        let _ = writeln!(page, "\n  equity  {}  {}", sparkline(equity, LINE), money(*last));
    }
    for model in &outcome.models {
        forecasts(&mut page, outcome, model);
    }
    let warnings = warnings(outcome);
    if !warnings.is_empty() {
        page.push('\n');
    }
    for warning in warnings {
        paragraph(&mut page, "  ! ", &warning, WIDTH);
    }
    page
}

fn ranges_table(page: &mut String, outcome: &Outcome) {
    let ranges = ranges(outcome);
    let widest = |cell: fn(&Range) -> String| ranges.iter().map(|range| cell(range).len()).max().unwrap_or(0);
    let (name, date, size) = (widest(|r| r.name.clone()), widest(|r| r.from.clone()), widest(Range::size));
    for range in &ranges {
        let _ = writeln!(
            page,
            "  {:<name$}  {:<date$} to {:<date$}  {:>size$}  {}",
            range.name,
            range.from,
            range.to,
            range.size(),
            range.meaning
        );
    }
}

/// The most folds that the page lists; report.html has them all.
const FOLDS: usize = 12;

fn forecasts(page: &mut String, outcome: &Outcome, model: &Fitted) {
    let quality = &model.quality;
    let head = format!("  {:<26}{:>9}{:>21}{:>9}{:>7}", "forecasts, test range", "R²", "hit rate, 95 %", "IC", "t");
    let _ = writeln!(page, "\n{head}");
    for (figures, mark) in rows(quality) {
        forecast(page, &format!("{}{mark}", figures.name.replace('_', " ")), figures);
    }
    // Of each fold, the forecast that is judged.
    let judged = quality.verdict.as_ref().map_or("", |verdict| &verdict.forecast);
    for (number, fold) in quality.folds.iter().enumerate().take(FOLDS) {
        let Some(figures) = fold.forecasts.iter().find(|figures| figures.name == judged) else { continue };
        forecast(page, &format!("fold {} from {}", number + 1, bar_date(outcome, fold.tested.from)), figures);
    }
    if quality.folds.len() > FOLDS {
        let _ = writeln!(page, "  … and {} folds more", quality.folds.len() - FOLDS);
    }
    if let Some(worth) = worth(quality) {
        paragraph(page, "  ", &format!("Intervals and t: {worth}."), WIDTH);
    }
    if let Some(verdict) = quality.verdict.as_ref().filter(|verdict| !verdict.doubt) {
        page.push('\n');
        paragraph(page, "  ", &verdict.text, WIDTH);
    }
}

fn forecast(page: &mut String, name: &str, figures: &Figures) {
    let interval = interval(figures).map(|[low, high]| format!(", {:.0} to {:.0}", low * 100.0, high * 100.0));
    let hits = format!("{}{}", optional(figures.hit_rate, share), interval.unwrap_or_default());
    let r_squared = optional(figures.r_squared, |value| format!("{value:+.4}"));
    let coefficient = optional(figures.information_coefficient, signed_ratio);
    let t = optional(figures.information_coefficient_t, |t| format!("{t:+.1}"));
    let _ = writeln!(page, "  {name:<26}{r_squared:>9}{hits:>21}{coefficient:>9}{t:>7}");
}
