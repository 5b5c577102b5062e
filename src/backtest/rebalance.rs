//! Rebalancing: positions are brought back to target weights.

use crate::backtest::broker::{Broker, Settle};
use crate::backtest::engine::{DELISTED_AFTER, Trader, run};
use crate::backtest::feed::by_name;
use crate::backtest::order::{Order, Quote, Terms};
use crate::backtest::schedule::instants;
use crate::backtest::{Backtest, Feed, Policies};
use crate::error::{Diagnostic, Result};
use crate::node::Refusal;
use crate::strategy::{Account, Matching, Rebalance};

/// An instrument and how much of it is to be held.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// The instrument and its bars.
    pub feed: Feed<'a>,
    /// The share of equity, as known at each bar's close: negative is short; where it is not known, nothing.
    pub weights: &'a [f64],
}

impl Holding<'_> {
    /// The close instants of the bars that are simulated.
    pub(super) fn closes(&self) -> &[i64] {
        &self.feed.bars.close_instants()[self.feed.start..self.feed.end]
    }

    /// The weights on the bars that are simulated.
    pub(super) fn simulated(&self) -> &[f64] {
        &self.weights[self.feed.start..self.feed.end]
    }

    /// The weight on the last bar that has closed by an instant; none where that is so long ago that the
    /// instrument counts as delisted.
    fn share_at(&self, instant: i64) -> f64 {
        let closed = self.closes().partition_point(|close| *close <= instant);
        let last = closed.checked_sub(1).filter(|last| instant - self.closes()[*last] <= DELISTED_AFTER);
        last.map(|last| self.simulated()[last]).filter(|weight| weight.is_finite()).unwrap_or(0.0)
    }
}

/// Holds target weights: at the closes that `when` names, every instrument's position is ordered to be brought to
/// its weight, at its next open.
///
/// - The first look is at the first close at which any weight is known, and acts whatever the drift. The next
///   is so many bars of any one instrument later, or at the first close at which the period has ended on the
///   calendars of all instruments. An instrument counts with the weight on its last closed bar.
/// - With a drift, nothing is done where no instrument's value is further from its weight than that, as a
///   fraction of equity; one whose order still waits is not looked at.
/// - A weight is a share of the equity at the fill, before anything of it is traded: `weight × equity / price`
///   units, in whole lots, at the price without costs. First what becomes less is closed, the oldest lots first and
///   for one commission, with [`crate::backtest::ExitReason::Rebalance`]; then lots are opened with what becomes
///   more. What changes its side is closed and opened.
/// - Weights whose absolute values come to more than the leverage or `max_gross`, or whose sum is beyond
///   `max_net`, are all scaled down to it; each is at most `max_position`. Where the account cannot carry all that
///   becomes more (costs always take something of a full account), all of it becomes less in proportion. Where
///   that is because what pays for it opens later, it is brought up once that has.
/// - An order waits for the instrument's next open, or for volume, until the next look that acts replaces it. A
///   position in an instrument that has ended is closed as delisted, and its weight counts no more. After a margin
///   call weights are held again from the next look on.
///
/// ```
/// use timeweave::backtest::{Feed, Holding, Policies, rebalance};
/// use timeweave::data::Bars;
/// use timeweave::strategy::{Every, Rebalance};
/// use timeweave::time::{Calendar, Timeframe, Timestamp};
///
/// let price = [10.0, 10.0, 20.0, 20.0].to_vec();
/// let days = (0..4).map(|day| day * Timestamp::DAY).collect();
/// let fields = [price.clone(), price.clone(), price.clone(), price, vec![0.0; 4]];
/// let bars = Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields)?;
/// let holding = Holding { feed: Feed::new("crypto/BTC".parse()?, &bars), weights: &[0.5; 4] };
/// let when = Rebalance { every: Every::Bars(2), drift: None };
/// let backtest = rebalance(Policies::default(), when, &[holding])?;
/// // Bought with half of 100,000 at 10, worth 100,000 of 150,000 at 20: a quarter is sold.
/// assert_eq!((backtest.trades[0].units, backtest.trades[0].reason.name()), (1250.0, "rebalance"));
/// assert_eq!(backtest.trades[1].units, 3750.0);
/// # Ok::<(), timeweave::error::Diagnostic>(())
/// ```
///
/// # Errors
/// Where weights do not fit the bars, a bar's prices cannot be traded at, or the rules are those of a preset: the
/// systems that they follow have no target weights.
pub fn rebalance(policies: Policies, when: Rebalance, holdings: &[Holding<'_>]) -> Result<Backtest> {
    if policies.matching != Matching::Standard {
        return Err(Diagnostic::new("target weights are held under the standard rules only"));
    }
    for Holding { feed, weights } in holdings {
        let (instrument, bars) = (&feed.instrument, feed.bars.len());
        if weights.len() != bars {
            let message = format!("the weights of {instrument} are {} values for {bars} bars", weights.len());
            return Err(Diagnostic::new(message));
        }
        feed.check_range()?;
    }
    let order = by_name(holdings.iter().map(|holding| &holding.feed.instrument));
    let holdings: Vec<&Holding<'_>> = order.iter().map(|place| &holdings[*place]).collect();
    let feeds: Vec<&Feed<'_>> = holdings.iter().map(|holding| &holding.feed).collect();
    let looks = instants(when.every, &holdings);
    let mut rebalancer = Rebalancer { holdings, drift: when.drift, looks, last: None, acted: false };
    run(policies, &feeds, Vec::new(), &mut rebalancer).map(|backtest| backtest.reordered(&order))
}

struct Rebalancer<'a> {
    holdings: Vec<&'a Holding<'a>>,
    drift: Option<f64>,
    /// The instants at which weights are looked at, in order.
    looks: Vec<i64>,
    /// The last at which they were.
    last: Option<i64>,
    /// Whether anything was ordered yet.
    acted: bool,
}

impl Settle for Rebalancer<'_> {
    fn terms(&mut self, _: &Order, _: &Quote<'_>) -> Result<Terms, Refusal> {
        Ok(Terms::default())
    }
}

impl Trader for Rebalancer<'_> {
    fn next_bar(&mut self, _: &Broker<'_>, instrument: usize, from: usize) -> Option<usize> {
        let feed = &self.holdings[instrument].feed;
        let closes = feed.bars.close_instants();
        let (mut bar, mut look) = (from, 0);
        // The next look, the next bar that closes then or later, the next look from there on, until they meet.
        while let Some(close) = closes[..feed.end].get(bar) {
            look += self.looks[look..].partition_point(|look| look < close);
            let instant = self.looks.get(look)?;
            bar += closes[bar..feed.end].partition_point(|close| close < instant);
            if closes[..feed.end].get(bar) == Some(instant) {
                return Some(bar);
            }
        }
        None
    }

    fn bar_closed(&mut self, broker: &mut Broker<'_>, _: usize, _: usize) {
        // Once for all instruments.
        if self.last == Some(broker.now) || self.looks.binary_search(&broker.now).is_err() {
            return;
        }
        self.last = Some(broker.now);
        let mut shares: Vec<f64> = self.holdings.iter().map(|holding| holding.share_at(broker.now)).collect();
        if let Some(what) = scale_down(&mut shares, &broker.policies.account) {
            broker.refuse(None, format!("weights scaled down: {what}"));
        }
        if self.acted && self.drift.is_some_and(|drift| !is_off(broker, &shares, drift)) {
            return;
        }
        self.acted = true;
        for (instrument, share) in shares.into_iter().enumerate() {
            broker.cancel(instrument);
            if share != 0.0 || !broker.lots(instrument).is_empty() {
                broker.submit(instrument, Order::target(share));
                broker.elsewhere.push(instrument);
            }
        }
    }
}

/// Whether any instrument's value is further from its share of equity than the drift.
fn is_off(broker: &Broker<'_>, shares: &[f64], drift: f64) -> bool {
    let equity = broker.equity();
    shares.iter().enumerate().any(|(instrument, share)| {
        let price = broker.price(instrument);
        let value: f64 = broker.lots(instrument).iter().map(|lot| lot.value(price)).sum();
        let waits = broker.has_orders(instrument) || broker.is_leaving(instrument);
        !waits && (value - share * equity).abs() > drift * equity
    })
}

/// Scales shares of equity down to what the account allows; gives what it is that does not allow more.
fn scale_down(shares: &mut [f64], account: &Account) -> Option<&'static str> {
    /// By so little a sum may be off that is meant to be exact: thirds do not come to one.
    const ROUNDING: f64 = 1.0 + 1e-9;
    let mut why = None;
    if let Some(most) = account.max_position {
        for share in shares.iter_mut().filter(|share| share.abs() > most * ROUNDING) {
            *share = share.clamp(-most, most);
            why = Some("max_position allows no more of one instrument");
        }
    }
    let gross: f64 = shares.iter().map(|share| share.abs()).sum();
    let net = shares.iter().sum::<f64>().abs();
    let limits = [
        (gross, Some(account.leverage), "leverage allows no more of all together"),
        (gross, account.max_gross, "max_gross allows no more of all together"),
        (net, account.max_net, "max_net allows no more of all together"),
    ];
    let exceeded = limits.into_iter().filter_map(|(sum, most, what)| {
        let most = most.filter(|most| sum > most * ROUNDING)?;
        Some((most / sum, what))
    });
    if let Some((part, what)) = exceeded.min_by(|a, b| a.0.total_cmp(&b.0)) {
        shares.iter_mut().for_each(|share| *share *= part);
        why = Some(what);
    }
    why
}
