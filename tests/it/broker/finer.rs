//! The order of events inside a bar, read from the bars of a finer timeframe.

use proptest::prelude::*;
use timeweave::backtest::{Backtest, Entry, Feed, Policies, Request, RequestAction, Trigger, replay};
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::Intrabar;
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Finer bars in one of the base timeframe.
const PARTS: usize = 4;

/// Bars of six hours, and the days that they make.
fn quarters(rows: &[[f64; 4]]) -> (Bars, Bars) {
    let timeframe: Timeframe = "6h".parse().unwrap();
    let column = |field: usize| rows.iter().map(|row| row[field]).collect::<Vec<_>>();
    let timestamps = (0..rows.len() as i64).map(|part| part * Timestamp::DAY / PARTS as i64).collect();
    let fields = [column(0), column(1), column(2), column(3), vec![0.0; rows.len()]];
    let finer = Bars::new(timeframe, &Calendar::Continuous, timestamps, fields).unwrap();
    let days = finer.resample(Timeframe::DAY, &Calendar::Continuous).unwrap();
    (finer, days)
}

fn run(bars: &Bars, finer: Option<&Bars>, intrabar: Intrabar, requests: &[Request]) -> Backtest {
    let feed = Feed { finer, ..Feed::new("test/A".parse().unwrap(), bars) };
    let backtest = replay(Policies { intrabar, ..Policies::default() }, &[feed], requests).unwrap();
    backtest.check_books().unwrap();
    backtest
}

const FLAT: [f64; 4] = [100.0; 4];

#[test]
fn the_first_of_stop_and_target_is_the_one_that_finer_bars_show_first() {
    let (up, down) = ([100.0, 106.0, 100.0, 104.0], [104.0, 104.0, 94.0, 96.0]);
    let entry = Entry { stop: Some(95.0), target: Some(105.0), ..Entry::market(Side::Long, 1.0) };
    let requests = [Request { instrument: 0, bar: 0, action: RequestAction::Enter(entry) }];
    let exit = |second_day: [[f64; 4]; PARTS], kept: usize| {
        let (finer, days) = quarters(&[[FLAT; PARTS], second_day, [FLAT; PARTS]].concat());
        let finer = finer.slice(0..kept);
        let backtest = run(&days, Some(&finer), Intrabar::FinerBars, &requests);
        let trade = &backtest.trades[0];
        (trade.exit_price, trade.ambiguous, backtest.without_finer_bars)
    };
    let after = [96.0, 96.0, 96.0, 96.0];
    assert_eq!(exit([FLAT, up, down, after], 12), (105.0, false, 0));
    let (fall, rise) = ([100.0, 100.0, 94.0, 96.0], [96.0, 106.0, 96.0, 104.0]);
    assert_eq!(exit([FLAT, fall, rise, after], 12), (95.0, false, 0));
    // One of the finer bars touched both: the stop first, and the trade is marked.
    assert_eq!(exit([FLAT, [100.0, 106.0, 94.0, 96.0], after, after], 12), (95.0, true, 0));
    // They end before: the stop first, and the bar is counted.
    assert_eq!(exit([FLAT, up, down, after], 4), (95.0, true, 1));
}

#[test]
fn a_target_above_a_limit_that_was_reached_first_is_sure() {
    let entry = Entry { trigger: Trigger::Limit(95.0), target: Some(105.0), ..Entry::market(Side::Long, 1.0) };
    let requests = [Request { instrument: 0, bar: 0, action: RequestAction::Enter(entry) }];
    let (fall, rise) = ([100.0, 100.0, 94.0, 96.0], [96.0, 106.0, 96.0, 104.0]);
    let (finer, days) = quarters(&[[FLAT; PARTS], [FLAT, fall, rise, rise], [FLAT; PARTS]].concat());
    let exit = |intrabar| {
        let trade = run(&days, Some(&finer), intrabar, &requests).trades.remove(0);
        (trade.exit_bar, trade.exit_price, trade.ambiguous)
    };
    assert_eq!(exit(Intrabar::FinerBars), (1, 105.0, false));
    assert_eq!(exit(Intrabar::StopFirst), (2, 100.0, true), "the day alone does not show it");
}

/// Days of parts that move at random.
fn any_quarters() -> impl Strategy<Value = Vec<[f64; 4]>> {
    let row = (-0.03_f64..0.03, -0.1_f64..0.1, 0.0_f64..0.05, 0.0_f64..0.05);
    prop::collection::vec(row, 2 * PARTS..20 * PARTS).prop_map(|mut rows| {
        rows.truncate(rows.len() / PARTS * PARTS);
        let mut last = 100.0_f64;
        let row = |(gap, change, up, down): (f64, f64, f64, f64)| {
            let open = last * (1.0 + gap);
            last = (open * (1.0 + change)).clamp(20.0, 500.0);
            [open, open.max(last) * (1.0 + up), open.min(last) * (1.0 - down), last]
        };
        rows.into_iter().map(row).collect()
    })
}

fn any_requests() -> impl Strategy<Value = Vec<Request>> {
    let price = || 60.0_f64..160.0;
    let order = (any::<bool>(), 1.0_f64..5.0, 0..5, price(), price());
    let guards = (prop::option::of(price()), prop::option::of(price()));
    let request = (0..20_usize, order, guards, 0..8).prop_map(|(bar, order, (stop, target), kind)| {
        let (buy, units, trigger, price, limit) = order;
        let trigger = match trigger {
            0 => Trigger::Limit(price),
            1 => Trigger::Stop(price),
            2 => Trigger::StopLimit { stop: price, limit },
            _ => Trigger::Market,
        };
        let side = if buy { Side::Long } else { Side::Short };
        let entry = Entry { trigger, stop, target, ..Entry::market(side, units) };
        let action = if kind == 0 { RequestAction::Close(1.0) } else { RequestAction::Enter(entry) };
        Request { instrument: 0, bar, action }
    });
    prop::collection::vec(request, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Days that look into their parts trade as the parts themselves do, with orders made at the days'
    /// closes.
    #[test]
    fn days_with_finer_bars_fill_as_the_finer_bars_do(rows in any_quarters(), requests in any_requests()) {
        let (finer, days) = quarters(&rows);
        let requests: Vec<Request> = requests.into_iter().filter(|request| request.bar < days.len()).collect();
        let looked_up = run(&days, Some(&finer), Intrabar::FinerBars, &requests);
        let at_parts = |request: &Request| Request { bar: request.bar * PARTS + PARTS - 1, ..*request };
        let alone = run(&finer, None, Intrabar::StopFirst, &requests.iter().map(at_parts).collect::<Vec<_>>());
        let fills = |backtest: &Backtest, parts: usize| -> Vec<_> {
            let fill = |bar: usize, price: f64| (bar / parts, price);
            let trade = |t: &timeweave::backtest::Trade| {
                (t.side, t.units, fill(t.entry_bar, t.entry_price), fill(t.exit_bar, t.exit_price), t.ambiguous)
            };
            backtest.trades.iter().map(trade).collect()
        };
        prop_assert_eq!(fills(&looked_up, 1), fills(&alone, PARTS));
        prop_assert_eq!(looked_up.without_finer_bars, 0);
    }
}
