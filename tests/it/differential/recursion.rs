//! Scans that a script writes: equal to the built-in of the name, or to the loop by hand.

use timeweave::data::{Bars, Catalog, Column, Field};
use timeweave::pipeline::{Evaluated, MarketData, Options, evaluate, evaluate_on};
use timeweave::run::InstrumentBars;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::Strategy;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::bits;

/// A script that plots what it has computed.
fn strategy(body: &str, plots: &str) -> Strategy {
    let registry = standard_registry().unwrap();
    let text = format!(
        "let day = bars(\"1d\"); let close = day.close;\n{body}\n\
         strategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: close > 0 }}, plot: #{{ {plots} }} }})"
    );
    compile(&text, "scan.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap()
}

fn plotted(run: &Evaluated, name: &str) -> Column {
    let (_, id) = run.plan.plot.iter().find(|(plot, _)| plot == name).unwrap();
    run.evaluation.instruments[0].numbers(*id, run.plan.base).unwrap()
}

fn on_apple(body: &str, plots: &str) -> Evaluated {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    evaluate(strategy(body, plots), &registry, &catalog, &Options::default(), &mut |_| {}).unwrap()
}

/// On days that close at the given prices, and their weeks.
fn on_closes(body: &str, plots: &str, closes: &[f64]) -> Evaluated {
    let registry = standard_registry().unwrap();
    let timestamps = (0..closes.len() as i64).map(|day| day * Timestamp::DAY).collect();
    let columns = [closes; 5].map(<[f64]>::to_vec);
    let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, columns).unwrap();
    let weeks = bars.resample(Timeframe::WEEK, &Calendar::Continuous).unwrap();
    let own = InstrumentBars::new("us_equities/AAPL".parse().unwrap(), [bars, weeks]);
    let market = MarketData::from_bars(vec![own]);
    evaluate_on(strategy(body, plots), &registry, market, &Options::default(), &mut |_| {}).unwrap()
}

fn apple(run: &Evaluated) -> [Column; 3] {
    let bars = run.evaluation.instruments[0].bars.at(Timeframe::DAY).unwrap();
    [Field::High, Field::Low, Field::Close].map(|field| bars.field(field).clone())
}

const SUPERTREND: &str = "
    let reach = 3.0 * atr(day, 10);
    let middle = (day.high + day.low) / 2;
    let lines = scan(#{ lower: middle - reach, upper: middle + reach, rising: 1 }, |last| {
        let lower = select(close[1] >= last.lower, max(middle - reach, last.lower), middle - reach);
        let upper = select(close[1] <= last.upper, min(middle + reach, last.upper), middle + reach);
        let up = (last.rising > 0 and close >= lower) or (last.rising < 0 and close > upper);
        #{ lower: lower, upper: upper, rising: select(up, 1, -1) }
    });
    let mine = select(lines.rising > 0, lines.lower, lines.upper);
    let theirs = supertrend(day, 10, 3.0);";

#[test]
fn a_supertrend_in_the_script_is_the_built_in_one_to_the_last_bit() {
    let run = on_apple(SUPERTREND, "mine: mine, rising: lines.rising, theirs: theirs.supertrend, trend: theirs.trend");
    let [mine, rising, theirs, trend] = ["mine", "rising", "theirs", "trend"].map(|name| plotted(&run, name));
    assert_eq!(bits(&mine), bits(&theirs));
    assert_eq!(bits(&rising), bits(&trend));
    let (first, turns) = (mine.iter().position(|line| !line.is_nan()), trend.windows(2).filter(|t| t[0] * t[1] < 0.0));
    assert_eq!(first, Some(10));
    assert!(turns.count() > 50);
}

#[test]
fn an_ema_in_the_script_is_the_built_in_one_but_for_rounding() {
    // The built-in one begins with the mean of its first values, and so does this one.
    let body = "let mine = scan(sma(close, 20), |last| last + (close - last) * (2.0 / 21.0));";
    let run = on_apple(body, "mine: mine, theirs: ema(close, 20)");
    let [mine, theirs] = ["mine", "theirs"].map(|name| plotted(&run, name));
    assert_eq!(mine.iter().position(|value| !value.is_nan()), Some(19));
    assert_eq!(theirs.iter().position(|value| !value.is_nan()), Some(19));
    for (bar, (mine, theirs)) in mine.iter().zip(&theirs[..]).enumerate().skip(19) {
        // The two write the same sum in another order.
        assert!((mine / theirs - 1.0).abs() < 1e-12, "bar {bar}: {mine}, not {theirs}");
    }
}

#[test]
fn a_kalman_filter_in_the_script_is_the_loop_by_hand() {
    let body = "
        let noise = natr(day, 14);
        let filter = scan(#{ level: close, variance: 1.0 }, |last| {
            let predicted = last.variance + 0.01;
            let gain = predicted / (predicted + noise);
            #{ level: last.level + gain * (close - last.level), variance: (1 - gain) * predicted }
        });";
    let run = on_apple(body, "level: filter.level, variance: filter.variance, noise: noise");
    let [level, variance, noise] = ["level", "variance", "noise"].map(|name| plotted(&run, name));
    let [.., close] = apple(&run);
    let (mut at, mut spread) = (close[0], 1.0);
    let mut passed_over = 0;
    for bar in 0..close.len() {
        if bar > 0 && noise[bar].is_nan() {
            // The noise is not known: the bar is passed over.
            assert!(level[bar].is_nan() && variance[bar].is_nan());
            passed_over += 1;
            continue;
        }
        if bar > 0 {
            let predicted = spread + 0.01;
            let gain = predicted / (predicted + noise[bar]);
            at += gain * (close[bar] - at);
            spread = (1.0 - gain) * predicted;
        }
        assert_eq!((level[bar], variance[bar]), (at, spread), "bar {bar}");
    }
    assert_eq!(passed_over, 13);
}

#[test]
fn a_trailing_line_in_the_script_is_the_loop_by_hand() {
    let body = "
        let below = close - 2 * atr(day, 14);
        let line = scan(below, |last| select(close < last, below, max(last, below)));";
    let run = on_apple(body, "line: line, below: below");
    let [line, below] = ["line", "below"].map(|name| plotted(&run, name));
    let [.., close] = apple(&run);
    let mut last = f64::NAN;
    let mut broken = 0;
    for bar in 0..close.len() {
        broken += usize::from(close[bar] < last);
        if !below[bar].is_nan() {
            last = if last.is_nan() || close[bar] < last { below[bar] } else { last.max(below[bar]) };
        }
        assert_eq!(line[bar].to_bits(), last.to_bits(), "bar {bar}");
    }
    assert!(broken > 20, "{broken}");
}

#[test]
fn a_scan_begins_where_its_first_values_are_known_and_never_again() {
    // The first value is known from the third bar on. The root is not known on the fifth.
    let body =
        "let sum = scan(#{ sum: close[2], bars: 0 }, |last| #{ sum: last.sum + sqrt(close), bars: last.bars + 1 });";
    let run = on_closes(body, "sum: sum.sum, bars: sum.bars", &[1.0, 4.0, 9.0, 16.0, -25.0, 36.0]);
    let nan = f64::NAN;
    assert_eq!(bits(&plotted(&run, "sum")), bits(&[nan, nan, 1.0, 5.0, nan, 11.0]));
    assert_eq!(bits(&plotted(&run, "bars")), bits(&[nan, nan, 0.0, 1.0, nan, 2.0]));
}

#[test]
fn states_move_together_from_what_they_were() {
    // Each state reads the others as they were a bar ago, whatever the order of their names.
    let body = "let pair = scan(#{ a: close * 0, b: 1 }, |last| #{ b: last.a + last.b, a: last.b });";
    let run = on_closes(body, "a: pair.a, b: pair.b", &[5.0; 7]);
    assert_eq!(plotted(&run, "a")[..], [0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0]);
    assert_eq!(plotted(&run, "b")[..], [1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0]);
}

#[test]
fn a_scan_steps_through_the_finest_bars_that_it_reads() {
    let counted = "let week = bars(\"1wk\");
        let of_days = scan(0, |last| last + 1 + 0 * close);
        let of_weeks = scan(0, |last| last + 1 + 0 * week.close);
        let of_both = scan(0, |last| last + 1 + 0 * week.close * close);";
    // Days from a Thursday on: the first week closes with its last day, the fourth.
    let run = on_closes(counted, "days: of_days, weeks: of_weeks, both: of_both", &[1.0; 15]);
    let nan = f64::NAN;
    let days: Vec<f64> = (0..15).map(f64::from).collect();
    assert_eq!(plotted(&run, "days")[..], days[..]);
    let weeks = [nan, nan, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    assert_eq!(bits(&plotted(&run, "weeks")), bits(&weeks));
    // It begins at once, and passes over the days before the first week has closed.
    let both = [0.0, nan, nan, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];
    assert_eq!(bits(&plotted(&run, "both")), bits(&both));
}

#[test]
fn a_scan_reads_a_scan_and_an_indicator_reads_it() {
    let body = "
        let up = scan(0, |last| select(close > close[1], last + 1, 0));
        let longest = scan(up, |last| max(last, up));
        let mean = sma(up, 2);
        let before = up[1];";
    let run = on_closes(body, "up: up, longest: longest, mean: mean, before: before", &[1.0, 2.0, 3.0, 1.0, 2.0]);
    assert_eq!(plotted(&run, "up")[..], [0.0, 1.0, 2.0, 0.0, 1.0]);
    assert_eq!(plotted(&run, "longest")[..], [0.0, 1.0, 2.0, 2.0, 2.0]);
    assert_eq!(plotted(&run, "mean")[1..], [0.5, 1.5, 1.0, 0.5]);
    assert_eq!(plotted(&run, "before")[1..], [0.0, 1.0, 2.0, 0.0]);
}

#[test]
fn a_state_may_be_left_as_it_was_or_be_what_stands_outside() {
    let body = "
        let outside = close * 2;
        let kept = scan(#{ first: close, last: outside }, |state| #{ first: state.first, last: outside });";
    let run = on_closes(body, "first: kept.first, last: kept.last", &[3.0, 4.0, 5.0]);
    assert_eq!(plotted(&run, "first")[..], [3.0; 3]);
    assert_eq!(plotted(&run, "last")[..], [6.0, 8.0, 10.0]);
}
