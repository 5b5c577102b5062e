//! The page that a run prints on the terminal: at most 80 columns wide.

use std::fmt::Write;

use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::report::format::{money, paragraph, share, signed_ratio, sparkline};
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
        forecasts(&mut page, model);
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

fn forecasts(page: &mut String, model: &Fitted) {
    let head =
        format!("  {:<26}{:>9}{:>10}{:>8}{:>16}", "forecasts, test range", "R²", "hit rate", "IC", "mean sq. error");
    let _ = writeln!(page, "\n{head}");
    let rows = model.quality.forecasts.iter().map(|figures| (figures, ""));
    for (figures, baseline) in rows.chain(model.quality.baselines.iter().map(|figures| (figures, " (baseline)"))) {
        let Figures { name, r_squared, hit_rate, information_coefficient, mean_squared_error, .. } = figures;
        let name = format!("{}{baseline}", name.replace('_', " "));
        let cell = |value: &Option<f64>, write: &dyn Fn(f64) -> String| value.map_or_else(|| "n/a".into(), write);
        let _ = writeln!(
            page,
            "  {name:<26}{:>9}{:>10}{:>8}{:>16}",
            cell(r_squared, &|value| format!("{value:+.4}")),
            cell(hit_rate, &share),
            cell(information_coefficient, &signed_ratio),
            cell(mean_squared_error, &|value| format!("{value:.3e}")),
        );
    }
}
