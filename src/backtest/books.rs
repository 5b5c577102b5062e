//! The books: what must add up in every backtest.

use crate::backtest::Backtest;
use crate::error::{Diagnostic, Result};

/// How far a sum may be from what it must be, relative to the greatest sum of money at hand.
const TOLERANCE: f64 = 1e-9;

impl Backtest {
    /// Checks that the books balance. On every bar, cash and the value of what is open come to the
    /// equity. On every bar on which nothing is open, the equity is the initial cash, the profits and what
    /// accrued so far, but for those of the delay. At the end, profits and commissions come to the account's.
    ///
    /// # Errors
    /// At the first sum that is off by more than one part in 10⁹: a mistake in the broker.
    pub fn check_books(&self) -> Result<()> {
        let magnitudes = self.equity.iter().chain(&self.exposure).chain(&self.cash).map(|value| value.abs());
        let scale = magnitudes.fold(self.initial_cash.abs(), f64::max);
        let check = |what: &dyn Fn() -> String, sum: f64, must_be: f64| {
            if (sum - must_be).abs() <= TOLERANCE * scale {
                return Ok(());
            }
            Err(Diagnostic::new(format!("the books do not balance: {} is {sum}, but must be {must_be}", what())))
        };
        let mut opened = vec![0_usize; self.equity.len()];
        self.trades.iter().for_each(|trade| opened[trade.entry_bar] += 1);
        let (mut trades, mut open) = (self.trades.iter().peekable(), 0);
        let (mut accruals, mut earned) = (self.accruals.iter().peekable(), self.initial_cash);
        for (bar, equity) in self.equity.iter().enumerate() {
            open += opened[bar];
            while let Some(trade) = trades.next_if(|trade| trade.exit_bar + self.delay <= bar) {
                earned += trade.profit;
                open -= 1;
            }
            while let Some(accrual) = accruals.next_if(|accrual| accrual.bar == bar) {
                earned += accrual.received();
            }
            check(&|| format!("cash and positions of bar {bar}"), self.cash[bar] + self.net_exposure[bar], *equity)?;
            if open == 0 {
                check(&|| format!("the equity of bar {bar}, where nothing is open,"), *equity, earned)?;
                check(&|| format!("the exposure of bar {bar}"), self.exposure[bar], 0.0)?;
            }
        }
        if accruals.peek().is_some() {
            return Err(Diagnostic::new("the books do not balance: what accrued is out of order"));
        }
        for trade in trades.by_ref().take_while(|trade| trade.exit_bar < self.equity.len()) {
            earned += trade.profit;
            open -= 1;
        }
        if open != 0 || !self.trades.is_sorted_by_key(|trade| trade.exit_bar) {
            return Err(Diagnostic::new("the books do not balance: trades are out of order or never ended"));
        }
        let commission = self.trades.iter().map(|trade| trade.commission).sum();
        check(&|| "the trades' commission".into(), commission, self.commission)?;
        let last = self.equity.last().copied().unwrap_or(earned);
        check(&|| "the equity of the last bar".into(), last, earned)?;
        check(&|| "the final equity".into(), self.final_equity, earned)
    }
}
