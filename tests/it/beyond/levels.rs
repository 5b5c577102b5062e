//! Bands, clouds, stops and levels.

use super::{assert_is, average_range, exponential, highest, lowest, markets, mean, of_bars, true_ranges, window};

#[test]
fn ichimoku_is_the_middles_of_windows_that_end_where_they_were_known() {
    for market in markets() {
        let middle =
            |bar, length| (highest(window(&market.high, bar, length)) + lowest(window(&market.low, bar, length))) / 2.0;
        let standard = of_bars("ichimoku", &[], &market);
        assert_eq!(standard.1, 77);
        assert_is(&market.name, standard, 0.0, |bar| {
            let edge = (middle(bar - 26, 9) + middle(bar - 26, 26)) / 2.0;
            [middle(bar, 9), middle(bar, 26), edge, middle(bar - 26, 52)]
        });
        let periods = [("tenkanperiod", 7.into()), ("kijunperiod", 3.into()), ("senkouperiod", 5.into())];
        let given = [&periods[..], &[("displacement", 1.into())]].concat();
        assert_is(&market.name, of_bars("ichimoku", &given, &market), 0.0, |bar| {
            let edge = (middle(bar - 1, 7) + middle(bar - 1, 3)) / 2.0;
            [middle(bar, 7), middle(bar, 3), edge, middle(bar - 1, 5)]
        });
    }
}

#[test]
fn keltner_is_an_average_and_ranges_around_it() {
    for market in markets() {
        let ranges = true_ranges(&market);
        let bands = |middle: f64, width: f64| [middle + width, middle, middle - width];
        assert_is(&market.name, of_bars("keltner", &[], &market), 0.0, |bar| {
            let middle = exponential(&market.close[..=bar], 20, 2.0 / 21.0);
            bands(middle, 2.0 * average_range(&ranges, bar, 10))
        });
        let given =
            [("timeperiod", 5.into()), ("atrperiod", 14.into()), ("multiplier", 1.5.into()), ("matype", "sma".into())];
        assert_is(&market.name, of_bars("keltner", &given, &market), 0.0, |bar| {
            bands(mean(window(&market.close, bar, 5)), 1.5 * average_range(&ranges, bar, 14))
        });
    }
}

#[test]
fn chandelier_hangs_from_the_extremes() {
    for market in markets() {
        let ranges = true_ranges(&market);
        assert_is(&market.name, of_bars("chandelier", &[], &market), 0.0, |bar| {
            let distance = 3.0 * average_range(&ranges, bar, 22);
            let (high, low) = (highest(window(&market.high, bar, 22)), lowest(window(&market.low, bar, 22)));
            [high - distance, low + distance]
        });
    }
}

#[test]
fn chande_kroll_stop_is_the_extreme_of_first_stops() {
    for market in markets() {
        let ranges = true_ranges(&market);
        let given = [("timeperiod", 10.into()), ("multiplier", 3.0.into()), ("stopperiod", 20.into())];
        assert_is(&market.name, of_bars("chande_kroll_stop", &given, &market), 0.0, |bar| {
            let first = |bar| {
                let distance = 3.0 * average_range(&ranges, bar, 10);
                let (high, low) = (highest(window(&market.high, bar, 10)), lowest(window(&market.low, bar, 10)));
                (low + distance, high - distance)
            };
            let stops: (Vec<f64>, Vec<f64>) = (bar - 19..=bar).map(first).unzip();
            [lowest(&stops.0), highest(&stops.1)]
        });
    }
}

#[test]
fn pivots_are_symmetrical_around_the_typical_price() {
    for market in markets() {
        assert_is(&market.name, of_bars("pivot", &[], &market), 0.0, |bar| {
            let (high, low, close) = (market.high[bar], market.low[bar], market.close[bar]);
            // The levels by the distances of the extremes from the pivot.
            let pivot = mean(&[high, low, close]);
            let (above, below) = (high - pivot, pivot - low);
            let (r1, s1) = (pivot + below, pivot - above);
            [pivot, r1, s1, r1 + above, s1 - below, r1 + (high - low), s1 - (high - low)]
        });
    }
}
