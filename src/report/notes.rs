//! What a reader must know before believing the figures: the sample, assumptions, doubts.

use std::collections::BTreeMap;

use crate::backtest::{Backtest, ExitReason, Refused, Trade};
use crate::pipeline::{Extreme, Fitted, Outcome};
use crate::report::format::{count, percent, significant};
use crate::report::ranges::sized;
use crate::strategy::{Fill, Intrabar, Matching, Selector, Strategy};

/// Fewer trades than this say little about the next ones.
const FEW: usize = 30;

/// How many instruments are named before the rest are counted.
const NAMED: usize = 4;

/// What is traded and at which timeframes: `us_equities/AAPL at 1d, 1wk`; with the patterns that named it.
pub fn subject(outcome: &Outcome) -> String {
    let universe = &outcome.backtest.universe;
    let mut names: Vec<String> = universe.iter().take(NAMED).map(ToString::to_string).collect();
    if universe.len() > NAMED {
        names.push(format!("{} more", count(universe.len() - NAMED)));
    }
    let timeframes: Vec<String> = outcome.plan.timeframes().iter().map(ToString::to_string).collect();
    let patterns = outcome.strategy.universe.iter().filter(|selection| matches!(selection.what, Selector::Pattern(_)));
    let patterns: Vec<String> = patterns.map(|selection| selection.what.to_string()).collect();
    let matched = if patterns.is_empty() { String::new() } else { format!(" (matched by {})", patterns.join(", ")) };
    format!("{}{matched} at {}", names.join(", "), timeframes.join(", "))
}

/// Whether what was traded is out of sample, in a sentence.
pub fn sample(outcome: &Outcome) -> &'static str {
    match (outcome.models.is_empty(), outcome.is_out_of_sample()) {
        (true, _) => {
            "No model was trained. If rules or parameters were chosen by looking at these bars, the figures flatter."
        }
        (false, true) => {
            "Out of sample: every bar that was traded came after those that trained and validated the models."
        }
        (false, false) => {
            "IN SAMPLE: the models were trained on bars that were traded. The figures say nothing about the future."
        }
    }
}

/// What could make the figures wrong or mean less than they seem to, a sentence or two each.
pub fn warnings(outcome: &Outcome) -> Vec<String> {
    let mut warnings = Vec::new();
    if !outcome.is_out_of_sample() {
        warnings.push(sample(outcome).to_owned());
    }
    if outcome.strategy.fill == Fill::SameClose {
        let text = "Market orders fill at the close that gave the signal: a price that is known only once it is gone.";
        warnings.push(text.into());
    }
    let system = match outcome.strategy.matching {
        Matching::Standard => None,
        Matching::BacktestingPy => Some("backtesting.py"),
        Matching::Pine => Some("TradingView's broker emulator"),
        Matching::VectorBt => Some("vectorbt"),
    };
    warnings.extend(system.map(|system| format!("Orders fill by the rules of {system}, not by the standard ones.")));
    warnings.extend(ambiguity(outcome));
    let without = outcome.backtest.without_finer_bars;
    if without > 0 {
        warnings.push(format!(
            "For {} no finer bars show the order of events: the stop came first.",
            sized(without, "bar")
        ));
    }
    let several = outcome.models.len() > 1;
    for (number, model) in outcome.models.iter().enumerate() {
        let of = if several { format!("Model {}: ", number + 1) } else { String::new() };
        warnings.extend(forecasts(model).map(|text| format!("{of}{text}")));
    }
    warnings.extend(refusals(&outcome.backtest));
    warnings.extend(delisted(outcome));
    let bars = outcome.metrics.bars;
    if bars > 1 && outcome.metrics.periods_per_year.is_some_and(|year| (bars as f64) < year) {
        warnings.push(format!("{} are less than a year: annual figures are extrapolated.", sized(bars, "bar")));
    }
    warnings.extend(match outcome.backtest.trades.len() {
        0 => Some(match outcome.strategy.weights {
            None => "There was no trade: no rule to enter held, or no order was filled.".into(),
            Some(_) => "There was no trade: no weight was other than 0, or no order was filled.".into(),
        }),
        1 => Some("1 trade cannot tell skill from luck.".into()),
        few @ 2..FEW => Some(format!("{few} trades are too few to tell skill from luck.")),
        _ => None,
    });
    warnings
}

/// What was not done as asked, a line for each; one for all instruments where there are many.
fn refusals(backtest: &Backtest) -> Vec<String> {
    let mut by_what: BTreeMap<&str, Vec<&Refused>> = BTreeMap::new();
    backtest.refused.iter().for_each(|refused| by_what.entry(&refused.what).or_default().push(refused));
    let name = |refused: &Refused| refused.instrument.and_then(|place| backtest.universe.get(place));
    let line = |refused: &&Refused| {
        let name = name(refused).map_or(String::new(), |name| format!("{name}: "));
        let times = if refused.times == 1 { String::new() } else { format!(" ({} times)", count(refused.times)) };
        format!("{name}{}{times}.", refused.what)
    };
    let lines = |(what, all): (&str, Vec<&Refused>)| match all.len() {
        ..=NAMED => all.iter().map(line).collect(),
        number => {
            let times = all.iter().map(|refused| refused.times).sum();
            let first: Vec<String> =
                all.iter().take(NAMED).filter_map(|one| name(one)).map(ToString::to_string).collect();
            let (times, number, first) = (count(times), count(number), first.join(", "));
            vec![format!("{what} ({times} times, on {number} instruments: {first}, …).")]
        }
    };
    by_what.into_iter().flat_map(lines).collect()
}

/// Which positions were closed because their instruments had no bars any more.
fn delisted(outcome: &Outcome) -> Option<String> {
    let backtest = &outcome.backtest;
    let trades: Vec<_> = backtest.trades.iter().filter(|trade| trade.reason == ExitReason::Delisted).collect();
    let told = |trade: &&Trade| {
        let name = backtest.universe.get(trade.instrument).map_or(String::new(), ToString::to_string);
        format!("{name} at {} (its bar of {})", significant(trade.exit_price, 6), trade.exit_time)
    };
    let mut named: Vec<String> = trades.iter().take(NAMED).map(told).collect();
    if trades.len() > NAMED {
        named.push(format!("{} more", count(trades.len() - NAMED)));
    }
    (!trades.is_empty())
        .then(|| format!("Closed as delisted at the last close, after 30 days without a bar: {}.", named.join(", ")))
}

fn ambiguity(outcome: &Outcome) -> Option<String> {
    let ambiguity = &outcome.ambiguity;
    let Strategy { matching, intrabar, .. } = outcome.strategy;
    let assumed = match (matching, intrabar) {
        (Matching::BacktestingPy | Matching::Pine | Matching::VectorBt, _) => "the preset says which comes first",
        (Matching::Standard, Intrabar::StopFirst) => "the stop is taken to come first",
        (Matching::Standard, Intrabar::TargetFirst) => "the target is taken to come first",
        (Matching::Standard, Intrabar::NearestExtreme) => "the extreme nearer to the open is taken to come first",
        (Matching::Standard, Intrabar::FinerBars) => {
            "finer bars show it, and where there are none the stop is taken to come first"
        }
    };
    let extreme = |extreme: Extreme| {
        let sharpe = extreme.sharpe.map(|sharpe| format!(", Sharpe {sharpe:.2}")).unwrap_or_default();
        format!("{}{sharpe}", percent(extreme.total_return))
    };
    (ambiguity.trades > 0).then(|| {
        format!(
            "{} of {} hung on the order of events inside a bar ({assumed}). Total return: {} with the stop always \
             first; {} with the target.",
            count(ambiguity.trades),
            sized(outcome.backtest.trades.len(), "trade"),
            extreme(ambiguity.stop_first),
            extreme(ambiguity.target_first)
        )
    })
}

/// The verdict, where it is a doubt.
fn forecasts(model: &Fitted) -> Option<String> {
    model.quality.verdict.as_ref().filter(|verdict| verdict.doubt).map(|verdict| verdict.text.clone())
}
