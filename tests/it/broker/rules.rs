//! What rules, exits and sizes do, worked out by hand.

use std::sync::Arc;

use timeweave::backtest::{
    Backtest, EntryOrder, ExitReason, Feed, Market, Policies, RuleInput, Setup, SideSignals, Trade, replay, simulate,
};
use timeweave::data::{Bars, Catalog, Column, Field, Lazy};
use timeweave::expr::{Argument, Call, Condition, Level, Series};
use timeweave::node::{Registry, Side};
use timeweave::pipeline::{Options, evaluate};
use timeweave::script::{self, compile};
use timeweave::strategy::{Account, Costs, Fill, Intrabar};
use timeweave::time::{Calendar, Timeframe, Timestamp};
use timeweave::{exits, sizing, standard_registry};

pub(super) fn registry() -> Registry {
    let mut registry = Registry::new();
    exits::register(&mut registry).unwrap();
    sizing::register(&mut registry).unwrap();
    registry
}

pub(super) fn call(name: &str, argument: impl Into<Argument>) -> Arc<Call> {
    Arc::new(registry().call(name, [argument.into().into()], None).unwrap())
}

/// Bars on the given days, from rows of open, high, low, close.
pub(super) fn bars(days: &[i64], rows: &[[f64; 4]]) -> Bars {
    bars_with_volume(days, rows, &vec![0.0; rows.len()])
}

/// The same, with units traded.
pub(super) fn bars_with_volume(days: &[i64], rows: &[[f64; 4]], volume: &[f64]) -> Bars {
    let column = |field: usize| rows.iter().map(|row| row[field]).collect::<Vec<_>>();
    let timestamps = days.iter().map(|day| day * Timestamp::DAY).collect();
    let fields = [column(0), column(1), column(2), column(3), volume.to_vec()];
    Bars::new(Timeframe::DAY, &Calendar::Continuous, timestamps, fields).unwrap()
}

/// One instrument, with rules written as a letter a bar: `e` enter, `x` exit, `b` both.
struct Case {
    rows: Vec<[f64; 4]>,
    long: &'static str,
    short: &'static str,
    exits: Vec<(Arc<Call>, Vec<Column>)>,
    size: Arc<Call>,
    policies: Policies,
}

impl Case {
    fn new(rows: &[[f64; 4]], long: &'static str) -> Self {
        let policies = Policies { account: Account { cash: 1_000.0, ..Account::default() }, ..Policies::default() };
        let size = call("units", 1.0);
        Self { rows: rows.to_vec(), long, short: "", exits: Vec::new(), size, policies }
    }

    fn exit(mut self, call: Arc<Call>) -> Self {
        self.exits.push((call, Vec::new()));
        self
    }

    fn run(&self) -> Backtest {
        let days: Vec<i64> = (0..self.rows.len() as i64).collect();
        let bars = bars(&days, &self.rows);
        let flags = |text: &str, wanted: char| -> Vec<bool> {
            let padded = text.chars().chain(std::iter::repeat('.'));
            padded.take(bars.len()).map(|letter| letter == wanted || letter == 'b').collect()
        };
        let columns = [self.long, self.short].map(|text| (flags(text, 'e'), flags(text, 'x')));
        let [long, short] = columns
            .each_ref()
            .map(|(enter, exit)| Some(SideSignals { enter, exit: Some(exit), order: EntryOrder::default() }));
        let (calls, exit_inputs): (Vec<_>, Vec<_>) = self.exits.iter().cloned().unzip();
        let inputs = |columns: Vec<Column>| columns.into_iter().map(RuleInput::from).collect();
        let exit_inputs = exit_inputs.into_iter().map(inputs).collect();
        let feed = Feed::new("test/A".parse().unwrap(), &bars);
        let market = Market { feed, long, short, exit_inputs, size_inputs: Vec::new() };
        let registry = registry();
        let setup = Setup { registry: &registry, exits: &calls, size: &self.size, policies: self.policies };
        let backtest = simulate(&setup, &[market]).unwrap();
        backtest.check_books().unwrap();
        backtest
    }
}

/// Entry and exit bar and price of each trade, and why it ended.
fn trades(backtest: &Backtest) -> Vec<(usize, f64, usize, f64, ExitReason)> {
    let row = |t: &Trade| (t.entry_bar, t.entry_price, t.exit_bar, t.exit_price, t.reason.clone());
    backtest.trades.iter().map(row).collect()
}

fn by(exit: &str) -> ExitReason {
    ExitReason::Exit(exit.into())
}

const FLAT: [f64; 4] = [100.0, 100.0, 100.0, 100.0];

fn percent(fraction: f64) -> Argument {
    Argument::Level(Level::Percent(fraction))
}

#[test]
fn broker_rules_act_at_the_next_open_and_the_end_closes() {
    let rows = [FLAT, [101.0, 103.0, 99.0, 102.0], [104.0, 106.0, 103.0, 105.0], [107.0, 109.0, 106.0, 108.0]];
    let backtest = Case::new(&rows, "ex").run();
    assert_eq!(trades(&backtest), [(1, 101.0, 2, 104.0, ExitReason::Signal)]);
    assert_eq!(backtest.equity, [1_000.0, 1_001.0, 1_003.0, 1_003.0]);
    let backtest = Case::new(&rows, "e").run();
    assert_eq!(trades(&backtest), [(1, 101.0, 3, 108.0, ExitReason::EndOfData)]);
    let trade = &backtest.trades[0];
    assert_eq!((trade.adverse_excursion, trade.favourable_excursion), (99.0 / 101.0 - 1.0, 109.0 / 101.0 - 1.0));
    assert!(trades(&Case::new(&rows, "...e").run()).is_empty(), "the last bar's order can never fill");
}

#[test]
fn broker_rules_act_at_the_same_close_where_asked() {
    let rows = [FLAT, [101.0, 103.0, 99.0, 102.0], [104.0, 106.0, 103.0, 105.0], FLAT];
    let mut case = Case::new(&rows, ".ex");
    case.policies.fill = Fill::SameClose;
    assert_eq!(trades(&case.run()), [(1, 102.0, 2, 105.0, ExitReason::Signal)]);
}

#[test]
fn broker_enter_and_exit_on_one_bar_is_no_entry_and_leaves() {
    let rows = [FLAT; 6];
    assert!(trades(&Case::new(&rows, "b").run()).is_empty());
    assert_eq!(trades(&Case::new(&rows, "e.b").run()), [(1, 100.0, 3, 100.0, ExitReason::Signal)]);
}

#[test]
fn broker_there_is_one_position_at_a_time() {
    let rows = [FLAT; 7];
    assert_eq!(trades(&Case::new(&rows, "eeee").run()), [(1, 100.0, 6, 100.0, ExitReason::EndOfData)]);
    // What an exit closes is not entered again by a rule of the same bar.
    let backtest = Case::new(&rows, "eeee").exit(call("time_stop", 2)).run();
    assert_eq!(trades(&backtest), [(1, 100.0, 3, 100.0, by("time_stop")), (4, 100.0, 6, 100.0, by("time_stop"))]);
}

#[test]
fn broker_books_that_were_tampered_with_do_not_balance() {
    let rows = [FLAT, FLAT, [120.0; 4], FLAT];
    let mut case = Case::new(&rows, "ex");
    case.policies.costs.commission = 0.01;
    let sound = case.run();
    let off = |column: &Lazy<f64>, bar: usize| {
        let mut values = column.to_vec();
        values[bar] += 0.001;
        values.into()
    };
    let tampered: [&dyn Fn(&mut Backtest); 7] = [
        &|b| b.cash = off(&b.cash, 1),
        &|b| b.equity = off(&b.equity, 3),
        &|b| b.final_equity += 0.001,
        &|b| b.trades[0].profit -= 0.001,
        &|b| b.commission += 0.001,
        &|b| b.trades[0].exit_bar = 1,
        &|b| b.trades.clear(),
    ];
    for tamper in tampered {
        let mut backtest = sound.clone();
        tamper(&mut backtest);
        assert!(backtest.check_books().is_err(), "{backtest:?}");
    }
}

#[test]
fn broker_the_other_sides_entry_reverses() {
    let rows = [FLAT, FLAT, [90.0, 90.0, 90.0, 90.0], [80.0; 4], [70.0; 4]];
    let mut case = Case::new(&rows, "e");
    case.short = ".e.x";
    let backtest = case.run();
    let expected = [(1, 100.0, 2, 90.0, ExitReason::Reversal), (2, 90.0, 4, 70.0, ExitReason::Signal)];
    assert_eq!(trades(&backtest), expected);
    assert_eq!(backtest.trades[1].side, Side::Short);
    assert_eq!(*backtest.equity.last().unwrap(), 1_010.0);
    case.short = "e";
    assert!(trades(&case.run()).is_empty(), "both sides at once contradict each other");
    case.short = "b";
    assert_eq!(case.run().trades[0].side, Side::Long, "a side that enters and exits does not enter");
}

#[test]
fn broker_a_stop_fills_at_its_price_and_a_gap_at_the_open() {
    let touched = [FLAT, FLAT, [98.0, 99.0, 93.0, 96.0], FLAT];
    let stopped = Case::new(&touched, "e").exit(call("stop_loss", percent(0.05))).run();
    assert_eq!(trades(&stopped), [(1, 100.0, 2, 95.0, by("stop_loss"))]);
    let gapped = [FLAT, FLAT, [90.0, 99.0, 88.0, 96.0], FLAT];
    let stopped = Case::new(&gapped, "e").exit(call("stop_loss", percent(0.05))).run();
    assert_eq!(trades(&stopped), [(1, 100.0, 2, 90.0, by("stop_loss"))]);
    let target = Case::new(&[FLAT, FLAT, [107.0, 108.0, 101.0, 102.0]], "e").exit(call("take_profit", percent(0.05)));
    assert_eq!(trades(&target.run()), [(1, 100.0, 2, 107.0, by("take_profit"))]);
}

#[test]
fn broker_protection_acts_from_the_entry_bar_on() {
    let rows = [FLAT, [100.0, 101.0, 90.0, 97.0], FLAT];
    let backtest = Case::new(&rows, "e").exit(call("stop_loss", percent(0.05))).run();
    assert_eq!(trades(&backtest), [(1, 100.0, 1, 95.0, by("stop_loss"))]);
    assert!(!backtest.trades[0].ambiguous, "it was entered at the open: the stop can only come after");
}

#[test]
fn broker_a_bar_that_touches_stop_and_target_is_ambiguous() {
    let exit_from = |open, intrabar| {
        let mut case = Case::new(&[FLAT, FLAT, [open, 106.0, 94.0, 100.0], FLAT], "e");
        case.policies.intrabar = intrabar;
        let case = case.exit(call("stop_loss", percent(0.05))).exit(call("take_profit", percent(0.05)));
        let backtest = case.run();
        assert!(backtest.trades[0].ambiguous);
        backtest.trades[0].exit_price
    };
    assert_eq!([99.0, 101.0].map(|open| exit_from(open, Intrabar::StopFirst)), [95.0, 95.0]);
    assert_eq!([99.0, 101.0].map(|open| exit_from(open, Intrabar::TargetFirst)), [105.0, 105.0]);
    assert_eq!([99.0, 100.0, 101.0].map(|open| exit_from(open, Intrabar::NearestExtreme)), [95.0, 95.0, 105.0]);
}

#[test]
fn broker_a_trailing_stop_moves_at_the_close_and_acts_from_the_next_bar() {
    let rows = [FLAT, FLAT, [100.0, 120.0, 99.0, 101.0], [110.0, 112.0, 107.0, 109.0], FLAT];
    let backtest = Case::new(&rows, "e").exit(call("trailing_stop", percent(0.1))).run();
    assert_eq!(trades(&backtest), [(1, 100.0, 3, 120.0 * 0.9, by("trailing_stop"))]);
}

#[test]
fn broker_a_distance_is_that_of_the_signal_bar() {
    let rows = [FLAT, FLAT, [98.0, 99.0, 93.0, 96.0], FLAT];
    let mut case = Case::new(&rows, "e");
    let distance = Argument::Level(Level::Distance(Series::constant(0.0)));
    case.exits.push((call("stop_loss", distance), vec![Column::from(vec![4.0, 1.0, 1.0, 1.0])]));
    assert_eq!(trades(&case.run()), [(1, 100.0, 2, 96.0, by("stop_loss"))]);
    case.exits[0].1 = vec![Column::from(vec![f64::NAN, 1.0, 1.0, 1.0])];
    let refused = case.run();
    assert!(refused.trades.is_empty());
    let why = "test/A: long entry not filled: the level of its stop_loss was not known on the bar of the signal";
    assert_eq!(refused.refusals(), [(why.to_string(), 1)]);
}

#[test]
fn broker_the_nearest_of_several_stops_and_targets_acts() {
    let falling = [FLAT, FLAT, [99.0, 99.5, 80.0, 85.0], FLAT];
    let rising = [FLAT, FLAT, [101.0, 130.0, 100.5, 120.0], FLAT];
    let exits = [("stop_loss", 0.1), ("trailing_stop", 0.05), ("take_profit", 0.2), ("take_profit", 0.1)];
    let leave = |rows: &[[f64; 4]], long, short| {
        let mut case = Case::new(rows, long);
        case.short = short;
        let backtest = exits.iter().fold(case, |case, (name, level)| case.exit(call(name, percent(*level)))).run();
        (backtest.trades[0].exit_price, backtest.trades[0].reason.clone())
    };
    assert_eq!(leave(&falling, "e", ""), (95.0, by("trailing_stop")));
    assert_eq!(leave(&rising, "e", ""), (100.0 * 1.1, by("take_profit")));
    assert_eq!(leave(&falling, "", "e"), (90.0, by("take_profit")));
    assert_eq!(leave(&rising, "", "e"), (105.0, by("trailing_stop")));
}

#[test]
fn broker_time_and_conditions_leave_at_the_next_open() {
    let rows = [FLAT; 8];
    let backtest = Case::new(&rows, "e").exit(call("time_stop", 3)).run();
    assert_eq!(trades(&backtest), [(1, 100.0, 4, 100.0, by("time_stop"))]);
    let mut case = Case::new(&rows, "e");
    let inputs = vec![Column::from(vec![1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])];
    case.exits.push((call("exit_when", Condition::constant(true)), inputs));
    assert_eq!(trades(&case.run()), [(1, 100.0, 3, 100.0, by("exit_when"))]);
}

#[test]
fn broker_sizes_are_settled_at_the_fill() {
    let rows = [FLAT, [50.0; 4], [40.0; 4], [40.0; 4]];
    let units = |size: Arc<Call>| {
        let mut case = Case::new(&rows, "e");
        case.size = size;
        case.exit(call("stop_loss", percent(0.2))).run().trades[0].units
    };
    assert_eq!(units(call("percent", Argument::Percent(0.5))), 10.0);
    assert_eq!(units(call("cash", 600.0)), 12.0);
    assert_eq!(units(call("units", 3.0)), 3.0);
    assert_eq!(units(call("risk", Argument::Percent(0.05))), 1_000.0 * 0.05 / (50.0 - 50.0 * 0.8));
    let mut case = Case::new(&rows, "e");
    case.size = call("risk", Argument::Percent(0.01));
    let why = "test/A: long entry not filled: risk needs a stop, and no exit sets one: add stop_loss, trailing_stop or stop_at";
    assert_eq!(case.run().refusals(), [(why.to_string(), 1)]);
}

#[test]
fn broker_all_equity_with_a_fee_never_overdraws() {
    let rows: Vec<[f64; 4]> = (0..400).map(|i| [100.0 + 30.0 * (i as f64 * 0.37).sin(); 4]).collect();
    let fee = 0.001;
    let mut case = Case::new(&rows, "");
    let rules: String = (0..400).map(|i| ['e', '.', 'x', '.', '.'][i % 5]).collect();
    case.long = rules.leak();
    case.size = call("percent", Argument::Percent(1.0));
    case.policies.costs = Costs { commission: fee, ..Costs::default() };
    let backtest = case.run();
    assert!(backtest.cash.iter().all(|cash| *cash >= 0.0));
    assert!(backtest.refusals().is_empty(), "{:?}", backtest.refusals());
    let mut equity = 1_000.0;
    for trade in &backtest.trades {
        let size = equity / (trade.entry_price * (1.0 + fee));
        assert!((trade.units / size - 1.0).abs() < 1e-12);
        equity = size * trade.exit_price * (1.0 - fee);
        assert!((trade.profit / (size * (trade.exit_price - trade.entry_price) - trade.commission) - 1.0).abs() < 1e-9);
    }
    assert_eq!(backtest.trades.len(), 80);
    assert!((backtest.equity.last().unwrap() / equity - 1.0).abs() < 1e-9);
}

#[test]
fn broker_too_large_an_order_is_filled_in_part_or_refused() {
    let mut case = Case::new(&[FLAT; 4], "e");
    case.size = call("units", 15.0);
    let backtest = case.run();
    assert_eq!(backtest.trades[0].units, 10.0);
    assert_eq!(backtest.refusals().len(), 1);
    case.policies.account.leverage = 1.5;
    assert_eq!(case.run().trades[0].units, 15.0);
    case.policies.account = Account { cash: 99.0, lot: 1.0, ..Account::default() };
    let backtest = case.run();
    assert!(backtest.trades.is_empty());
    assert!(
        backtest.refusals()[0].0.ends_with("cash and leverage, or its size, allow less than one lot"),
        "{:?}",
        backtest.refusals()
    );
}

#[test]
fn broker_ruin_closes_everything_at_the_next_open_and_stops() {
    let mut case = Case::new(&[FLAT, FLAT, [150.0, 260.0, 150.0, 250.0], [240.0; 4], FLAT, FLAT], "...ee");
    case.short = "e";
    case.size = call("percent", Argument::Percent(1.0));
    let backtest = case.run();
    assert_eq!(trades(&backtest), [(1, 100.0, 3, 240.0, ExitReason::MarginCall)]);
    assert_eq!(*backtest.equity.last().unwrap(), -400.0);
    assert!(backtest.refusals()[0].0.starts_with("the account was stopped at 1970-01-03"), "{:?}", backtest.refusals());
}

#[test]
fn broker_costs_are_paid_once_each() {
    let mut case = Case::new(&[FLAT, FLAT, [120.0; 4], FLAT], "ex");
    case.policies.costs =
        Costs { commission_fixed: 2.0, commission_minimum: 3.0, spread: 0.02, slippage: 0.1, ..Costs::default() };
    let backtest = case.run();
    let (bought, sold) = (100.0 * 1.01 * 1.1, 120.0 * 0.99 * 0.9);
    assert_eq!(backtest.commission, 6.0);
    assert!((backtest.slippage - (bought - 100.0 + 120.0 - sold)).abs() < 1e-9);
    assert!((backtest.trades[0].profit - (sold - bought - 6.0)).abs() < 1e-9);
}

#[test]
fn broker_instruments_share_one_account_and_one_timeline() {
    let a = bars(&[0, 1, 2, 5], &[FLAT, FLAT, FLAT, [110.0; 4]]);
    let b = bars(&[1, 2, 3], &[[10.0; 4], [10.0; 4], [20.0; 4]]);
    let (enter_a, enter_b) = ([true, false, false, false], [true, false, false]);
    let registry = registry();
    let size = call("percent", Argument::Percent(0.75));
    let account = Account { cash: 1_000.0, ..Account::default() };
    let setup =
        Setup { registry: &registry, exits: &[], size: &size, policies: Policies { account, ..Policies::default() } };
    let market = |name: &str, bars, enter| Market {
        feed: Feed::new(name.parse().unwrap(), bars),
        long: Some(SideSignals { enter, exit: None, order: EntryOrder::default() }),
        short: None,
        exit_inputs: Vec::new(),
        size_inputs: Vec::new(),
    };
    let backtest = simulate(&setup, &[market("test/A", &a, &enter_a), market("test/B", &b, &enter_b)]).unwrap();
    backtest.check_books().unwrap();
    let days: Vec<i64> = backtest.timestamps.iter().map(|time| time.0 / Timestamp::DAY).collect();
    assert_eq!(days, [0, 1, 2, 3, 5]);
    // A took three quarters of the cash; B asked for as much and got what was left.
    let of = |name: usize| backtest.trades.iter().find(|trade| trade.instrument == name).unwrap();
    assert_eq!((of(0).units, of(0).entry_bar, of(0).exit_bar), (7.5, 1, 4));
    // B's bars ended before A's: what is open stays open at its last close until the timeline ends.
    assert_eq!((of(1).units, of(1).entry_bar, of(1).exit_bar), (25.0, 2, 4));
    assert_eq!(backtest.refusals().len(), 1);
    assert_eq!(backtest.equity, [1_000.0, 1_000.0, 1_000.0, 1_250.0, 1_325.0]);
    assert_eq!(backtest.buy_and_hold, [1_000.0, 1_000.0, 1_000.0, 1_500.0, 1_550.0]);
}

#[test]
fn broker_prices_that_cannot_be_traded_at_are_named() {
    for bad in [[100.0, 99.0, 98.0, 98.5], [0.0, 1.0, 0.0, 1.0], [1.0, f64::NAN, 1.0, 1.0], [1.0, 2.0, 1.0, f64::NAN]] {
        let bars = bars(&[0, 1], &[FLAT, bad]);
        let feed = Feed::new("test/A".parse().unwrap(), &bars);
        let error = replay(Policies::default(), &[feed], &[]).unwrap_err();
        assert!(error.message().starts_with("test/A cannot be traded at 1970-01-02: open "), "{error}");
    }
}

/// A size that follows a series and the fill's own price, through a script.
#[test]
fn exposure_reads_the_bar_of_the_signal_and_the_fill() {
    let registry = standard_registry().unwrap();
    let text = "let day = bars(\"1d\"); strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: day.close > 0 }, \
                size: exposure(day.volume / 1e10 * position.entry_price / day.close) })";
    let options = script::Options { registry: &registry, settings: &[] };
    let strategy = compile(text, "exposure.rhai", &options).unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let evaluated = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
    let bars = evaluated.evaluation.instruments[0].bars.at(Timeframe::DAY).unwrap().clone();
    let outcome = evaluated.backtest(&registry).unwrap();
    let trade = &outcome.backtest.trades[0];
    let [volume, close, open] = [Field::Volume, Field::Close, Field::Open].map(|field| bars.field(field));
    let fraction = volume[0] / 1e10 * open[1] / close[0];
    let expected = fraction * 100_000.0 / open[1];
    assert!((trade.units / expected - 1.0).abs() < 1e-12, "{} {expected}", trade.units);
}
