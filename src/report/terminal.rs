//! The page that a run prints on the terminal.

use std::fmt::Write;

use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::report::format::{money, ratio, share, significant, sparkline};
use crate::report::{figures, ranges, warnings};

/// How wide the equity line is, in characters.
const LINE: usize = 60;

/// The page: ranges, figures beside buy-and-hold, equity, quality of the forecasts, doubts.
pub fn page(outcome: &Outcome) -> String {
    let mut page = String::new();
    let universe: Vec<String> = outcome.strategy.universe.iter().map(ToString::to_string).collect();
    let timeframes: Vec<String> = outcome.plan.timeframes().iter().map(ToString::to_string).collect();
    let _ = writeln!(page, "{}: {} at {}", outcome.strategy.name, universe.join(", "), timeframes.join(", "));
    for parameter in &outcome.strategy.parameters {
        let _ = writeln!(page, "  {} = {}", parameter.name, parameter.value);
    }
    page.push('\n');
    for line in ranges(outcome) {
        let _ = writeln!(page, "  {line}");
    }
    let _ = writeln!(page, "\n  {:<18}{:>14}{:>16}", "", "strategy", "buy and hold");
    for figure in figures(&outcome.metrics) {
        let line = format!("  {:<18}{:>14}{:>16}", figure.name, figure.strategy, figure.buy_and_hold);
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
        let _ = writeln!(page, "  ! {warning}");
    }
    page
}

fn forecasts(page: &mut String, model: &Fitted) {
    let head =
        format!("  {:<26}{:>9}{:>10}{:>8}{:>16}", "forecasts out of sample", "R²", "hit rate", "IC", "mean sq. error");
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
            cell(information_coefficient, &ratio),
            cell(mean_squared_error, &|value| significant(value, 4)),
        );
    }
}
