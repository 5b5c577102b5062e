//! The presets against the systems whose rules they are, and against scenarios worked by hand.

mod backtesting_py;
mod pine;
mod script;
mod vectorbt;

use timeweave::backtest::{Entry, Feed, Policies, Request, RequestAction, Trigger, replay};
use timeweave::node::Side;
use timeweave::strategy::{Costs, Matching};

use super::rules::bars_with_volume;

/// A script cannot ask a preset for a limit by volume; a dataset's table and a program can.
#[test]
fn broker_presets_fill_any_size_whatever_the_volume() {
    let rows = [[100.0; 4], [100.0; 4], [100.0, 106.0, 94.0, 100.0], [100.0; 4]];
    let days: Vec<i64> = (0..4).collect();
    for volume in [0.0, 10.0] {
        let bars = bars_with_volume(&days, &rows, &[volume; 4]);
        for matching in [Matching::BacktestingPy, Matching::Pine, Matching::VectorBt] {
            let costs = Costs { volume_limit: Some(0.05), ..Costs::default() };
            let policies = Policies { costs, matching, ..Policies::default() };
            let entry = |trigger| Entry { trigger, target: Some(105.0), ..Entry::market(Side::Long, 4.0) };
            for trigger in [Trigger::Market, Trigger::Limit(98.0)] {
                let request = Request { instrument: 0, bar: 0, action: RequestAction::Enter(entry(trigger)) };
                let feed = Feed::new("test/A".parse().unwrap(), &bars);
                let backtest = replay(policies, &[feed], &[request]).unwrap();
                let units: Vec<f64> = backtest.trades.iter().map(|trade| trade.units).collect();
                assert_eq!(units, [4.0], "{matching:?}, {trigger:?}");
            }
        }
    }
}
