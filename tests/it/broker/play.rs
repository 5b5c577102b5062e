//! One instrument with rules as letters, orders, exits and a size, for tests that work trades out by hand.

use std::sync::Arc;

use timeweave::backtest::{
    Backtest, EntryOrder, ExitReason, Feed, Market, Policies, RuleInput, Setup, SideSignals, Trade, simulate,
};
use timeweave::data::{Bars, Column};
use timeweave::expr::{Argument, Call, Given, Level, OrderPrice};
use timeweave::node::Side;
use timeweave::strategy::{Account, GoodFor};

use super::rules::{bars, registry};

pub const FLAT: [f64; 4] = [100.0; 4];

/// A side's rules, a letter a bar: `e` enter, `x` exit, `b` both.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    pub rules: &'static str,
    pub at: Option<OrderPrice<Vec<f64>>>,
    pub good_for: GoodFor,
    pub add: usize,
}

/// One instrument and all that is done with it.
#[derive(Clone)]
pub struct Play {
    pub rows: Vec<[f64; 4]>,
    pub long: Letters,
    pub short: Letters,
    pub exits: Vec<(Arc<Call>, Vec<Column>)>,
    pub size: Arc<Call>,
    pub policies: Policies,
}

/// A node's call with several arguments.
pub fn node(name: &str, arguments: impl IntoIterator<Item = Argument>) -> Arc<Call> {
    Arc::new(registry().call(name, arguments.into_iter().map(Given::from), None).unwrap())
}

pub fn percent(fraction: f64) -> Argument {
    Argument::Level(Level::Percent(fraction))
}

pub fn by(exit: &str) -> ExitReason {
    ExitReason::Exit(exit.into())
}

/// Every trade: its side's sign times its units, its entry's bar and price, its exit's, and why.
pub type Row = (f64, usize, f64, usize, f64, ExitReason);

pub fn rows(backtest: &Backtest) -> Vec<Row> {
    let row = |t: &Trade| {
        let units = if t.side == Side::Long { t.units } else { -t.units };
        (units, t.entry_bar, t.entry_price, t.exit_bar, t.exit_price, t.reason.clone())
    };
    backtest.trades.iter().map(row).collect()
}

impl Play {
    pub fn new(rows: &[[f64; 4]], rules: &'static str) -> Self {
        Self {
            rows: rows.to_vec(),
            long: Letters { rules, ..Letters::default() },
            short: Letters::default(),
            exits: Vec::new(),
            size: node("units", [1.0.into()]),
            policies: Policies { account: Account { cash: 10_000.0, ..Account::default() }, ..Policies::default() },
        }
    }

    /// The price of the long side's order, a value a bar, the last for all that follow.
    pub fn at(mut self, order: OrderPrice<Vec<f64>>) -> Self {
        self.long.at = Some(order);
        self
    }

    pub fn exit(mut self, name: &str, arguments: impl IntoIterator<Item = Argument>) -> Self {
        self.exits.push((node(name, arguments), Vec::new()));
        self
    }

    pub fn run(&self) -> Backtest {
        let days: Vec<i64> = (0..self.rows.len() as i64).collect();
        self.run_on(&bars(&days, &self.rows))
    }

    pub fn run_on(&self, bars: &Bars) -> Backtest {
        let length = bars.len();
        let flags = |rules: &str, wanted: char| -> Vec<bool> {
            let letters = rules.chars().chain(std::iter::repeat('.'));
            letters.take(length).map(|letter| letter == wanted || letter == 'b').collect()
        };
        let sides = [&self.long, &self.short];
        let columns = sides.map(|side| {
            let padded =
                |prices: &Vec<f64>| -> Vec<f64> { (0..length).map(|bar| prices[bar.min(prices.len() - 1)]).collect() };
            (flags(side.rules, 'e'), flags(side.rules, 'x'), side.at.as_ref().map(|at| at.map(padded)))
        });
        let signals = |index: usize| {
            let (enter, exit, at) = &columns[index];
            let price = at.as_ref().map(|at: &OrderPrice<Vec<f64>>| at.map(Vec::as_slice));
            let order = EntryOrder { price, good_for: sides[index].good_for, add: sides[index].add };
            Some(SideSignals { enter, exit: Some(exit), order })
        };
        let exits: Vec<Arc<Call>> = self.exits.iter().map(|(call, _)| call.clone()).collect();
        let inputs = |columns: Vec<Column>| columns.into_iter().map(RuleInput::from).collect();
        let market = Market {
            feed: Feed::new("test/A".parse().unwrap(), bars),
            long: signals(0),
            short: signals(1),
            exit_inputs: self.exits.iter().map(|(_, columns)| inputs(columns.clone())).collect(),
            size_inputs: Vec::new(),
        };
        let registry = registry();
        let setup = Setup { registry: &registry, exits: &exits, size: &self.size, policies: self.policies };
        let backtest = simulate(&setup, &[market]).unwrap();
        backtest.check_books().unwrap();
        backtest
    }
}
