//! Limits: how much of an order fills, and at what price: the volume of its bar, the caps of the account,
//! the tick.

use crate::backtest::broker::{Broker, Place};
use crate::backtest::costs::{market_price, on_tick, whole_lots};
use crate::backtest::lot::{Leaving, Moment};
use crate::backtest::order::{Action, Guard, GuardKind, Order, Trigger};
use crate::backtest::{ExitReason, Policies};
use crate::node::{Refusal, Side};
use crate::strategy::Matching;

/// What of the bars' volume is used.
pub(super) struct Volume {
    /// The share of a bar's volume that fills, where there is a limit.
    limit: Option<f64>,
    /// The bar of each instrument's last fill, and the units that filled in it.
    used: Vec<(usize, f64)>,
}

impl Volume {
    /// The systems of the presets fill any size: their rules know nothing of a rest.
    pub fn new(policies: &Policies, instruments: usize) -> Self {
        let limit = match policies.matching {
            Matching::Standard => policies.costs.volume_share(),
            Matching::BacktestingPy | Matching::Pine | Matching::VectorBt => None,
        };
        Self { limit, used: vec![(0, 0.0); instruments] }
    }

    /// The units that have filled in a bar of an instrument.
    fn used(&self, instrument: usize, bar: usize) -> f64 {
        let (last, units) = self.used[instrument];
        if last == bar { units } else { 0.0 }
    }

    /// Counts the units of a fill.
    pub fn fill(&mut self, instrument: usize, bar: usize, units: f64) {
        if self.limit.is_some() {
            self.used[instrument] = (bar, self.used(instrument, bar) + units);
        }
    }
}

/// The guards of a lot with their targets on the tick, so that they fill at their price or better.
#[inline]
pub(super) fn guards_on_tick(tick: f64, side: Side, guards: &mut [Guard]) {
    if tick > 0.0 {
        let targets = guards.iter_mut().filter(|guard| guard.kind == GuardKind::Target);
        targets.for_each(|target| target.price = on_tick(tick, target.price, side == Side::Long));
    }
}

/// The tightest cap on an entry.
pub(super) struct Cap {
    /// What it leaves free, as a value.
    value: f64,
    /// What is said where it leaves nothing.
    none: Refusal,
    /// What is said where it leaves less than was asked.
    pub less: Refusal,
}

impl Broker<'_> {
    /// How many units more a bar's volume lets fill.
    #[inline]
    pub fn available(&self, instrument: usize, bar: usize) -> f64 {
        let Some(limit) = self.volume.limit else { return f64::INFINITY };
        let left = limit * self.feeds[instrument].volume[bar] - self.volume.used(instrument, bar);
        // A volume that is not known lets nothing fill.
        whole_lots(left.max(0.0), self.policies.account.lot)
    }

    /// Whether an entry may fill in a bar: there is volume for it, and nothing waits to be closed first.
    #[inline]
    pub fn may_enter(&self, instrument: usize, bar: usize) -> bool {
        self.volume.limit.is_none() || (!self.is_leaving(instrument) && self.available(instrument, bar) > 0.0)
    }

    /// Whether lots of an instrument wait to be closed at the next open.
    #[inline]
    pub fn is_leaving(&self, instrument: usize) -> bool {
        self.volume.limit.is_some() && self.lots(instrument).iter().any(|lot| lot.leaving.is_some())
    }

    /// Goes on closing what the volume of the bars before did not allow to be closed.
    pub fn go_on_leaving(&mut self, instrument: usize, bar: usize) {
        if !self.is_leaving(instrument) {
            return;
        }
        self.see(instrument, bar);
        let reference = self.feeds[instrument].open[bar];
        let mut index = 0;
        while let Some(lot) = self.ledger.lots[instrument].get_mut(index) {
            let gone = lot.leaving.take().is_some_and(|Leaving { units, reason }| {
                self.leave(
                    index,
                    units,
                    true,
                    Place { instrument, bar, part: 0, moment: Moment::Open, reference },
                    reason,
                )
            });
            index += usize::from(!gone);
        }
    }

    /// Notes that some units of a lot are to be closed at the next opens. Nothing protects a lot any
    /// more all of which is.
    pub fn leave_later(&mut self, instrument: usize, index: usize, units: f64, reason: ExitReason) {
        let lot = &mut self.ledger.lots[instrument][index];
        let units = lot.leaving.as_ref().map_or(units, |leaving| leaving.units.max(units)).min(lot.units);
        if units >= lot.units {
            lot.guards.clear();
        }
        lot.leaving = Some(Leaving { units, reason });
    }

    /// Keeps the rest of an order that has filled in part. A market order, or a stop, goes on at the
    /// next open; a limit at its price.
    pub fn keep_rest(&mut self, instrument: usize, order: Order) {
        let action = match order.action {
            Action::Enter(side, Trigger::Limit(limit) | Trigger::StopLimit { limit, .. }) => {
                Action::Enter(side, Trigger::Limit(limit))
            }
            Action::Enter(side, _) => Action::Enter(side, Trigger::Market),
            close => close,
        };
        self.submit(instrument, Order { action, ..order });
    }

    /// The price of a fill: with its costs where it is at market, on the tick. `units` are those of the
    /// fill; zero where they are not known yet. None where the slippage was never known.
    pub fn fill_price(&self, place: Place, buying: bool, at_market: bool, units: f64) -> Option<f64> {
        let Place { instrument, bar, moment, reference, .. } = place;
        let (costs, tick) = (&self.policies.costs, self.policies.account.tick);
        if !at_market {
            return Some(on_tick(tick, reference, buying));
        }
        let feed = &self.feeds[instrument];
        let distance = match feed.slippage {
            None => 0.0,
            Some(slippage) => {
                let known = &slippage[..bar + usize::from(moment == Moment::Close)];
                let last = known.iter().rposition(|distance| distance.is_finite())?;
                known[last].max(0.0) / feed.splits_between(last, bar)
            }
        };
        let impact = match costs.impact > 0.0 && units > 0.0 {
            true => costs.impact_of((self.volume.used(instrument, bar) + units) / feed.volume[bar]),
            false => 0.0,
        };
        Some(on_tick(tick, market_price(costs, buying, reference, distance, impact), buying))
    }

    /// A trigger with its limit on the tick, so that it fills at its price or better.
    pub fn trigger_on_tick(&self, side: Side, trigger: Trigger) -> Trigger {
        let tick = self.policies.account.tick;
        let rounded = |limit| on_tick(tick, limit, side == Side::Short);
        match trigger {
            Trigger::Limit(limit) => Trigger::Limit(rounded(limit)),
            Trigger::StopLimit { stop, limit } => Trigger::StopLimit { stop, limit: rounded(limit) },
            other => other,
        }
    }

    /// Whether another instrument may be held.
    pub fn has_room(&self, instrument: usize) -> bool {
        let most = self.policies.account.max_positions;
        most.is_none_or(|most| self.ledger.held.len() < most) || !self.lots(instrument).is_empty()
    }

    /// The tightest of the account's caps on an entry, where it has any.
    fn cap(&self, instrument: usize, side: Side) -> Option<Cap> {
        let account = &self.policies.account;
        if let (None, None, None) = (account.max_position, account.max_gross, account.max_net) {
            return None;
        }
        let (gross, net) = self.exposure();
        let equity = self.ledger.cash + net;
        let price = self.price(instrument);
        let held: f64 = self.lots(instrument).iter().map(|lot| lot.value(price)).sum();
        let cap = |share: Option<f64>, taken: f64, none, less| {
            share.map(|share| Cap { value: share * equity - taken, none, less })
        };
        let caps = [
            cap(
                account.max_position,
                side.sign() * held,
                "max_position allows none of it",
                "max_position allows no more",
            ),
            cap(account.max_gross, gross, "max_gross allows none of it", "max_gross allows no more"),
            cap(account.max_net, side.sign() * net, "max_net allows none of it", "max_net allows no more"),
        ];
        caps.into_iter().flatten().min_by(|a, b| a.value.total_cmp(&b.value))
    }

    /// The units of an entry that the account's caps allow, with what is to be said where they are
    /// fewer.
    pub fn capped(&self, instrument: usize, side: Side, price: f64, units: f64) -> Result<(f64, Option<Cap>), Refusal> {
        let Some(cap) = self.cap(instrument, side).filter(|cap| units * price > cap.value) else {
            return Ok((units, None));
        };
        let allowed = whole_lots((cap.value / price).max(0.0), self.policies.account.lot);
        if allowed > 0.0 { Ok((allowed, Some(cap))) } else { Err(cap.none) }
    }
}
