//! Distributions: the returns of bars and of trades, and how far trades went against and for whoever held them.

use serde_json::{Value, json};

use crate::backtest::Trade;
use crate::metrics::returns;
use crate::pipeline::Outcome;
use crate::report::format::count;

/// At most so many bins.
const BINS: usize = 41;
/// Fewer values than this have no shape.
const LEAST: usize = 5;

/// The distributions of a run: of each its title, what it says, the middle of each bin in percent, and how many values
/// of each series fall into it. One with too few values is left out.
pub(in crate::report) fn distributions(outcome: &Outcome) -> Vec<Value> {
    let backtest = &outcome.backtest;
    let trades = |of: fn(&Trade) -> f64, keep: fn(&Trade) -> bool| -> Vec<f64> {
        backtest.trades.iter().filter(|trade| keep(trade)).map(of).collect()
    };
    let won = |trade: &Trade| trade.profit > 0.0;
    let lost = |trade: &Trade| trade.profit <= 0.0;
    let bars = returns(backtest.initial_cash, &backtest.equity).into_iter().filter(|value| *value != 0.0).collect();
    let all = [
        histogram(
            "Returns of bars, %",
            "Bars on which equity did not change are left out.",
            &[("bars", "--hue-0", bars)],
        ),
        histogram(
            "Returns of trades, %",
            "After costs, of the entry's value.",
            &[("trades", "--hue-0", trades(|trade| trade.profit_fraction, |_| true))],
        ),
        histogram(
            "Adverse excursion, %",
            "The worst that each trade stood at: where winners never went, a stop costs none of them.",
            &[
                ("won", "--good", trades(|trade| trade.adverse_excursion, won)),
                ("lost", "--bad", trades(|trade| trade.adverse_excursion, lost)),
            ],
        ),
        histogram(
            "Favourable excursion, %",
            "The best that each trade stood at: what losers had, a target could have taken.",
            &[
                ("won", "--good", trades(|trade| trade.favourable_excursion, won)),
                ("lost", "--bad", trades(|trade| trade.favourable_excursion, lost)),
            ],
        ),
    ];
    all.into_iter().flatten().collect()
}

/// Counts of each series over the same bins, which hold the middle 99 % of all values; what lies further out is counted
/// in the outermost.
fn histogram(title: &str, note: &str, series: &[(&str, &str, Vec<f64>)]) -> Option<Value> {
    let mut values: Vec<f64> =
        series.iter().flat_map(|(.., values)| values).copied().filter(|v| v.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    if values.len() < LEAST || values.first() == values.last() {
        return None;
    }
    let bins = ((values.len() as f64).sqrt().ceil() as usize * 2).clamp(LEAST, BINS);
    let outer = values.len() / 200;
    let (mut low, mut high) = (values[outer], values[values.len() - 1 - outer]);
    if low == high {
        (low, high) = (values[0], values[values.len() - 1]);
    }
    let width = (high - low) / bins as f64;
    let bin = |value: &f64| (((value - low) / width).max(0.0) as usize).min(bins - 1);
    let counted = series.iter().map(|(name, colour, values)| {
        let mut counts = vec![0_usize; bins];
        values.iter().filter(|value| value.is_finite()).for_each(|value| counts[bin(value)] += 1);
        json!({ "name": format!("{name}, {}", count(values.len())), "colour": colour, "counts": counts })
    });
    let middles: Vec<f64> = (0..bins).map(|bin| (low + width * (bin as f64 + 0.5)) * 100.0).collect();
    Some(json!({ "title": title, "note": note, "middles": middles, "series": counted.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let won: Vec<f64> = (0..300).map(|i| f64::from(i) / 100.0).collect();
        let lost = vec![-1.0, -50.0, f64::NAN];
        let made = histogram("", "", &[("won", "", won), ("lost", "", lost)]).unwrap();
        let counts = |series: usize| -> Vec<u64> {
            made["series"][series]["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
        };
        assert_eq!((counts(0).iter().sum::<u64>(), counts(1).iter().sum::<u64>()), (300, 2));
        // What lies far out is in the outermost bin.
        assert_eq!(counts(1)[0], 2);
        assert_eq!(made["middles"].as_array().unwrap().len(), counts(0).len());
    }

    #[test]
    fn few_or_equal_values_have_no_shape() {
        assert!(histogram("", "", &[("some", "", vec![1.0, 2.0, 3.0, 4.0])]).is_none());
        assert!(histogram("", "", &[("same", "", vec![1.0; 100])]).is_none());
    }
}
