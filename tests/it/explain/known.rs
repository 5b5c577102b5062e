//! From which bar on a value is known: by hand, and against what the plan says beforehand.

use timeweave::data::{Bars, Catalog};
use timeweave::expr::BarsRef;
use timeweave::pipeline::load;
use timeweave::plan::{Operation, Plan};
use timeweave::run::{InstrumentBars, Known, known};
use timeweave::standard_registry;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{plan, scripts, strategy};

/// Days from Monday 2024-01-01 on, whose close is the day's number.
fn days(count: i64) -> Bars {
    let monday = 19_723;
    let opens = (0..count).map(|day| (monday + day) * Timestamp::DAY).collect();
    let close: Vec<f64> = (1..=count).map(|day| day as f64).collect();
    let columns = [close.clone(), close.clone(), close.clone(), close.clone(), close];
    Bars::new(Timeframe::DAY, &Calendar::Continuous, opens, columns).unwrap()
}

/// Weeks from the same Monday on.
fn weeks(count: i64) -> Bars {
    let monday = 19_723;
    let opens = (0..count).map(|week| (monday + 7 * week) * Timestamp::DAY).collect();
    let close: Vec<f64> = (1..=count).map(|week| week as f64).collect();
    let columns = [close.clone(), close.clone(), close.clone(), close.clone(), close];
    Bars::new(Timeframe::WEEK, &Calendar::Continuous, opens, columns).unwrap()
}

/// From when on a rule is known on 30 days and 4 weeks.
fn of_rule(rule: &str) -> Known {
    let plan = plan(&format!(
        r#"let day = bars("1d"); let week = bars("1wk"); let close = day.close;
        strategy(#{{ universe: "made/UP", long: #{{ enter: {rule} and close > 0 }} }})"#
    ));
    let mut bars = InstrumentBars::new("made/UP".parse().unwrap(), [days(30)]);
    bars.bars.insert(Timeframe::WEEK.into(), weeks(4).into());
    known(&plan, &[bars]).unwrap()[0][plan.long.unwrap().enter.index()]
}

#[test]
fn a_condition_is_known_from_where_all_that_it_compares_is() {
    // False before as well, but then it means nothing.
    assert_eq!(of_rule("close > 100"), Known::From(0));
    assert_eq!(of_rule("sma(close, 5) > 100"), Known::From(4));
    assert_eq!(of_rule("not(sma(close, 5) > 100)"), Known::From(4));
    assert_eq!(of_rule("(sma(close, 5) > 100)[3]"), Known::From(7));
    assert_eq!(of_rule("sma(close, 5)[3] > close"), Known::From(7));
    assert_eq!(of_rule("crosses_above(close, sma(close, 5))"), Known::From(5));
    assert_eq!(of_rule("(sma(close, 5) > 100 or sma(close, 9) > 100)"), Known::From(8));
    assert_eq!(of_rule("select(sma(close, 5) > 100, 1, 2) > 0"), Known::From(4));
    // The branch that is not taken need not be known.
    assert_eq!(of_rule("select(close > 0, 1, sma(close, 9)) > 0"), Known::From(0));
    assert_eq!(of_rule("scan(0, |prev| prev + sma(close, 5)) > 0"), Known::From(4));
    assert_eq!(of_rule("sma(close, 31) > 0"), Known::Never);
    // The first week is complete at the end of Sunday, the seventh day; the second a week later.
    assert_eq!(of_rule("week.close > 0"), Known::From(6));
    assert_eq!(of_rule("week.close > week.close[1]"), Known::From(13));
    assert_eq!(of_rule("sma(week.close, 5) > 0"), Known::Never);
}

#[test]
fn on_whole_data_the_first_value_comes_after_the_lookback_of_the_plan() {
    let registry = standard_registry().unwrap();
    let catalog = Catalog::open("datasets").unwrap();
    let mut checked = 0;
    for script in scripts() {
        let strategy = strategy(&script);
        let plan = Plan::new(&strategy, &registry).unwrap();
        let market = load(&plan, &strategy, &catalog).unwrap();
        let all = known(&plan, &market.instruments).unwrap().swap_remove(0);
        let market = &market.instruments[0];
        for (id, step) in plan.numbered() {
            let own = |warmup: Vec<(&BarsRef, usize)>| match (warmup.as_slice(), &step.bars) {
                ([(bars, count)], Some(own)) if *bars == own => Some(*count),
                _ => None,
            };
            let known = all[id.index()];
            if let (Some(lookback), Known::From(bar)) = (own(step.warmup.iter().collect()), known) {
                assert_eq!(bar, lookback, "{id} {}", plan.describe(step));
                checked += 1;
            }
            if let (Operation::Align, Known::From(bar), Some(at)) = (&step.operation, known, &step.bars) {
                let source = plan.step(step.inputs[0]);
                let Known::From(first) = all[step.inputs[0].index()] else {
                    panic!("{id} is known and its source is not")
                };
                let coarse = market.of(source.bars.as_ref().unwrap()).unwrap().close_instants()[first];
                let closes = market.of(at).unwrap().close_instants();
                assert!(closes[bar] >= coarse && (bar == 0 || closes[bar - 1] < coarse), "{id}");
                checked += 1;
            }
        }
    }
    assert!(checked > 60, "{checked}");
}
