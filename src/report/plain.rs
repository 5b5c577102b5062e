//! The page of a run in words, line by line: no table, no block characters, nothing that needs eyes.

use std::fmt::Write;

use crate::models::Figures;
use crate::pipeline::{Fitted, Outcome};
use crate::report::forecasts::{interval, rows, worth};
use crate::report::format::{falls, money, optional, percent, share, signed_ratio};
use crate::report::ranges::bar_date;
use crate::report::{figures, ranges, sample, subject, warnings};

/// The page: a fact a line.
pub(super) fn plain_page(outcome: &Outcome) -> String {
    let mut page = String::new();
    let mut say = |text: String| {
        let _ = writeln!(page, "{text}");
    };
    say(format!("{}: {}", outcome.strategy.name, subject(outcome)));
    for parameter in &outcome.strategy.parameters {
        say(format!("parameter {}: {}", parameter.name, parameter.value));
    }
    for range in ranges(outcome) {
        say(format!("{}: from {} to {}, {}, {}", range.name, range.from, range.to, range.size(), range.meaning));
    }
    if outcome.is_out_of_sample() {
        say(sample(outcome).to_owned());
    }
    for figure in figures(&outcome.metrics) {
        let other = if figure.buy_and_hold.is_empty() { "" } else { ", buy and hold " };
        say(format!("{}: strategy {}{other}{}", figure.name, figure.strategy, figure.buy_and_hold));
    }
    curves(outcome).into_iter().for_each(&mut say);
    for model in &outcome.models {
        forecasts(outcome, model).into_iter().for_each(&mut say);
    }
    for warning in warnings(outcome) {
        say(format!("warning: {warning}"));
    }
    page
}

/// Equity and drawdown: where they went, and when.
fn curves(outcome: &Outcome) -> Vec<String> {
    let backtest = &outcome.backtest;
    let equity = &backtest.equity;
    let Some(last) = equity.last() else { return Vec::new() };
    let at = |place: usize| backtest.timestamps.get(place).map_or(String::new(), |time| format!(" on {time}"));
    let least = |values: &[f64]| (0..values.len()).min_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0);
    let most = |values: &[f64]| (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0);
    let (low, high) = (least(equity), most(equity));
    let falls = falls(backtest.initial_cash, equity);
    let deepest = least(&falls);
    let equity = format!(
        "equity: from {} to {}, lowest {}{}, highest {}{}",
        money(backtest.initial_cash),
        money(*last),
        money(equity[low]),
        at(low),
        money(equity[high]),
        at(high)
    );
    let drawdown = match falls[deepest] {
        fall if fall < 0.0 => format!("drawdown: deepest {}{}", percent(fall), at(deepest)),
        _ => "drawdown: none, equity was never below its highest".to_owned(),
    };
    vec![equity, drawdown]
}

fn forecasts(outcome: &Outcome, model: &Fitted) -> Vec<String> {
    let quality = &model.quality;
    let mut lines: Vec<String> = rows(quality)
        .map(|(figures, mark)| forecast(&format!("{}{mark}", figures.name.replace('_', " ")), figures))
        .collect();
    let judged = quality.verdict.as_ref().map_or("", |verdict| &verdict.forecast);
    for (number, fold) in quality.folds.iter().enumerate() {
        let Some(figures) = fold.forecasts.iter().find(|figures| figures.name == judged) else { continue };
        lines.push(forecast(&format!("fold {} from {}", number + 1, bar_date(outcome, fold.tested.from)), figures));
    }
    lines.extend(worth(quality).map(|worth| format!("what intervals and t rest on: {worth}")));
    lines.extend(quality.verdict.as_ref().filter(|verdict| !verdict.doubt).map(|verdict| verdict.text.clone()));
    lines
}

fn forecast(name: &str, figures: &Figures) -> String {
    let interval = interval(figures)
        .map(|[low, high]| format!(" (95 % interval {:.0} to {:.0} %)", low * 100.0, high * 100.0))
        .unwrap_or_default();
    format!(
        "forecast {name}, test range: R squared {}, hit rate {}{interval}, information coefficient {}, t {}",
        optional(figures.r_squared, |value| format!("{value:+.4}")),
        optional(figures.hit_rate, share),
        optional(figures.information_coefficient, signed_ratio),
        optional(figures.information_coefficient_t, |t| format!("{t:+.1}")),
    )
}
