//! Random rules with orders that wait, additions and parts, beside a slow simulation that goes through the bars one by
//! one and does what the documentation says.

use timeweave::backtest::{Backtest, Trade};
use timeweave::data::Field;
use timeweave::expr::OrderPrice;
use timeweave::strategy::GoodFor;

use super::cases::{Case, LENGTH, case};
use crate::broker::play::Letters;

/// A trade: units with the side's sign, entry bar, entry price, exit bar, exit price, why.
type Round = (f64, usize, f64, usize, f64, String);

fn rounds(backtest: &Backtest) -> Vec<Round> {
    let round = |t: &Trade| {
        (t.side.sign() * t.units, t.entry_bar, t.entry_price, t.exit_bar, t.exit_price, t.reason.name().to_string())
    };
    backtest.trades.iter().map(round).collect()
}

struct Lot {
    units: f64,
    entered: f64,
    price: f64,
    bar: usize,
}

/// What is held: of one side, with levels that hold for all of its lots.
struct Held {
    sign: f64,
    lots: Vec<Lot>,
    additions: usize,
    /// The bar of the signal that was last added on, until the exits know.
    added: Option<usize>,
    stop: Option<f64>,
    /// By part its target, until it has left; the last takes all.
    targets: Vec<Option<f64>>,
    when_left: bool,
}

#[derive(Clone, Copy, Debug)]
enum Wait {
    Market,
    Limit(f64),
    Stop(f64),
    StopLimit(f64, f64),
    Trailing(f64, f64),
}

#[derive(Clone, Copy, Debug)]
struct Order {
    sign: f64,
    wait: Wait,
    signal: usize,
    until: usize,
    adds: bool,
}

/// How often each thing happened.
#[derive(Debug, Default)]
struct Seen {
    filled: [usize; 5],
    lapsed: usize,
    cancelled: usize,
    forgotten: usize,
    added: usize,
    turned: usize,
    parts: usize,
}

struct Slow<'a> {
    case: &'a Case,
    held: Option<Held>,
    order: Option<Order>,
    /// What closes at the next open: with what share, and why.
    closing: Vec<(f64, &'static str)>,
    rounds: Vec<Round>,
    seen: Seen,
}

impl Slow<'_> {
    fn side(&self, sign: f64) -> &Letters {
        if sign > 0.0 { &self.case.long } else { &self.case.short }
    }

    /// Whether a side's rules say enter and leave.
    fn says(&self, sign: f64, bar: usize) -> (bool, bool) {
        let letter = self.side(sign).rules.as_bytes()[bar];
        (letter == b'e', letter == b'x' || letter == b'b')
    }

    fn price(&self, field: Field, bar: usize) -> f64 {
        self.case.bars.field(field)[bar]
    }

    /// The lowest price of a bar as a long position sees it: for a short one, the negative of the highest.
    fn worst(&self, sign: f64, bar: usize) -> f64 {
        if sign > 0.0 { self.price(Field::Low, bar) } else { -self.price(Field::High, bar) }
    }

    fn best(&self, sign: f64, bar: usize) -> f64 {
        -self.worst(-sign, bar)
    }

    /// A fill at market: worse by the slippage.
    fn slipped(&self, buying: bool, price: f64) -> f64 {
        price * if buying { 1.0 + self.case.slippage } else { 1.0 - self.case.slippage }
    }

    /// Closes a share of what every lot was entered with.
    fn close(&mut self, share: f64, bar: usize, price: f64, why: &str) {
        let Some(held) = &mut self.held else { return };
        for lot in &mut held.lots {
            let mut units = if share < 1.0 { share * lot.entered } else { lot.units };
            if share < 1.0 && self.case.lot > 0.0 {
                units = (units / self.case.lot + 1e-12).floor() * self.case.lot;
            }
            if lot.units - units < 1e-9 * lot.entered {
                units = lot.units;
            }
            if units > 0.0 {
                lot.units -= units;
                self.rounds.push((held.sign * units, lot.bar, lot.price, bar, price, why.into()));
            }
        }
        held.lots.retain(|lot| lot.units > 0.0);
        if held.lots.is_empty() {
            self.held = None;
            if self.order.is_some_and(|order| order.adds) {
                self.seen.forgotten += 1;
                self.order = None;
            }
        }
    }

    fn close_at_market(&mut self, share: f64, bar: usize, price: f64, why: &str) {
        let Some(held) = &self.held else { return };
        let price = self.slipped(held.sign < 0.0, price);
        self.close(share, bar, price, why);
    }

    /// The targets that a price reaches leave, the nearest first; each at its price, or at a better one.
    fn targets(&mut self, bar: usize, reached: f64, at_least: Option<f64>) {
        while let Some(held) = &self.held {
            let sign = held.sign;
            let all = held.targets.iter().enumerate().filter_map(|(place, target)| Some((place, (*target)?)));
            let near = all.filter(|(_, target)| sign * target <= reached);
            let Some((place, target)) = near.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1))) else { return };
            let price = at_least.map_or(target, |least| sign * (sign * target).max(sign * least));
            match self.case.parts.get(place) {
                Some((share, _)) => {
                    self.held.as_mut().unwrap().targets[place] = None;
                    self.seen.parts += 1;
                    self.close(*share, bar, price, "scale_out");
                }
                None => self.close(1.0, bar, price, "take_profit"),
            }
        }
    }

    /// The stop's price and those of the targets, by an entry price and the bar of a signal.
    fn levels(&self, sign: f64, entry: f64, signal: usize) -> (Option<f64>, Vec<Option<f64>>) {
        let stop = self.case.stop.as_ref().map(|distances| entry - sign * distances[signal]);
        let fractions = self.case.parts.iter().map(|(_, fraction)| *fraction).chain(self.case.target);
        (stop, fractions.map(|fraction| Some(entry * (1.0 + sign * fraction))).collect())
    }

    fn enter(&mut self, order: Order, bar: usize, reference: f64, at_market: bool) {
        let sign = order.sign;
        let price = if at_market { self.slipped(sign > 0.0, reference) } else { reference };
        self.order = None;
        let kind = match order.wait {
            Wait::Market => 0,
            Wait::Limit(_) => 1,
            Wait::Stop(_) => 2,
            Wait::StopLimit(..) => 3,
            Wait::Trailing(..) => 4,
        };
        self.seen.filled[kind] += 1;
        if self.held.as_ref().is_some_and(|held| held.sign != sign) {
            self.seen.turned += 1;
            self.close(1.0, bar, price, "reversal");
        }
        let units = if self.case.lot > 0.0 { self.case.units.floor() } else { self.case.units };
        let lot = Lot { units, entered: units, price, bar };
        if let Some(held) = &mut self.held {
            held.lots.push(lot);
            (held.additions, held.added) = (held.additions + 1, Some(order.signal));
            self.seen.added += 1;
            return;
        }
        let (stop, targets) = self.levels(sign, price, order.signal);
        if stop.is_none_or(|stop| !stop.is_nan()) {
            let lots = vec![lot];
            self.held = Some(Held { sign, lots, additions: 0, added: None, stop, targets, when_left: false });
        }
    }

    fn opens(&mut self, bar: usize) {
        let open = self.price(Field::Open, bar);
        for (share, why) in std::mem::take(&mut self.closing) {
            self.close_at_market(share, bar, open, why);
        }
        if let Some(held) = &self.held {
            let sign = held.sign;
            match held.stop.is_some_and(|stop| sign * open <= sign * stop) {
                true => self.close_at_market(1.0, bar, open, "stop_loss"),
                false => self.targets(bar, sign * open, Some(open)),
            }
        }
        let Some(order) = self.order else { return };
        let sign = order.sign;
        match order.wait {
            Wait::Market => self.enter(order, bar, open, true),
            Wait::Limit(limit) if sign * open <= sign * limit => self.enter(order, bar, open, false),
            Wait::Stop(stop) | Wait::Trailing(_, stop) if sign * open >= sign * stop => {
                self.enter(order, bar, open, true)
            }
            Wait::StopLimit(stop, limit) if sign * open >= sign * stop => match sign * open <= sign * limit {
                true => self.enter(order, bar, open, false),
                false => self.order = Some(Order { wait: Wait::Limit(limit), ..order }),
            },
            _ => {}
        }
    }

    fn runs(&mut self, bar: usize) {
        if let Some(held) = &self.held {
            let (sign, stop) = (held.sign, held.stop);
            match stop.filter(|stop| self.worst(sign, bar) <= sign * stop) {
                Some(stop) => self.close_at_market(1.0, bar, stop, "stop_loss"),
                None => self.targets(bar, self.best(sign, bar), None),
            }
        }
        let Some(order) = self.order else { return };
        let (sign, worst, best) = (order.sign, self.worst(order.sign, bar), self.best(order.sign, bar));
        let was_held = self.held.as_ref().is_some_and(|held| held.sign == sign);
        let (entry, on_the_way_up) = match order.wait {
            Wait::Limit(limit) if worst <= sign * limit => {
                self.enter(order, bar, limit, false);
                (limit, false)
            }
            Wait::Stop(stop) | Wait::Trailing(_, stop) if best >= sign * stop => {
                self.enter(order, bar, stop, true);
                (stop, true)
            }
            Wait::StopLimit(stop, limit) if best >= sign * stop => match sign * stop <= sign * limit {
                true => {
                    self.enter(order, bar, stop, false);
                    (stop, true)
                }
                false => {
                    self.order = Some(Order { wait: Wait::Limit(limit), ..order });
                    return;
                }
            },
            _ => return,
        };
        // Of what was entered inside the bar: a stop counts as reached, a target only on the way up.
        let Some(held) = self.held.as_ref().filter(|_| !was_held) else { return };
        match held.stop.filter(|stop| worst <= sign * stop) {
            Some(stop) => self.close_at_market(1.0, bar, sign * (sign * stop).min(sign * entry), "stop_loss"),
            None if on_the_way_up => self.targets(bar, best, Some(entry)),
            None => {}
        }
    }

    fn closes(&mut self, bar: usize) {
        if let Some(order) = &mut self.order {
            let (low, high) = (self.case.bars.field(Field::Low)[bar], self.case.bars.field(Field::High)[bar]);
            if let Wait::Trailing(distance, stop) = &mut order.wait {
                *stop = if order.sign > 0.0 { stop.min(low + *distance) } else { stop.max(high - *distance) };
            }
            if order.until <= bar {
                self.seen.lapsed += 1;
                self.order = None;
            }
        }
        let ((long, leave_long), (short, leave_short)) = (self.says(1.0, bar), self.says(-1.0, bar));
        let leaves = |sign: f64| if sign > 0.0 { leave_long } else { leave_short };
        if self.order.is_some_and(|order| leaves(order.sign)) {
            self.seen.cancelled += 1;
            self.order = None;
        }
        let enter = if long != short { Some(if long { 1.0 } else { -1.0 }) } else { None };
        let Some(held) = &self.held else {
            enter.into_iter().for_each(|sign| self.make(sign, bar, false));
            return;
        };
        let (sign, additions) = (held.sign, held.additions);
        let bars_held = bar + 1 - held.lots[0].bar;
        if let Some(signal) = held.added {
            let units: f64 = held.lots.iter().map(|lot| lot.units).sum();
            let mean = held.lots.iter().map(|lot| lot.units * lot.price).sum::<f64>() / units;
            let (stop, targets) = self.levels(sign, mean, signal);
            let held = self.held.as_mut().unwrap();
            held.added = None;
            held.stop = stop.filter(|stop| !stop.is_nan()).or(held.stop);
            for (target, new) in held.targets.iter_mut().zip(targets) {
                *target = target.and(new);
            }
        }
        let turns = enter.filter(|to| *to != sign);
        let whole = if leaves(sign) {
            Some("signal")
        } else if self.case.time.is_some_and(|time| bars_held >= time) {
            Some("time_stop")
        } else {
            turns.filter(|to| self.side(*to).at.is_none()).map(|_| "reversal")
        };
        if let Some(why) = whole {
            self.closing.push((1.0, why));
        } else if let Some((share, holds)) = &self.case.part_when {
            let held = self.held.as_mut().unwrap();
            if holds[bar] && !held.when_left {
                held.when_left = true;
                self.closing.push((*share, "scale_out_when"));
            }
        }
        match (turns, enter) {
            (Some(to), _) => self.make(to, bar, false),
            (None, Some(_)) if whole.is_none() && additions < self.side(sign).add => self.make(sign, bar, true),
            _ => {}
        }
    }

    /// Makes the order of a signal, in place of one that waits, unless its price is not known.
    fn make(&mut self, sign: f64, bar: usize, adds: bool) {
        let letters = self.side(sign);
        let close = self.price(Field::Close, bar);
        let wait = match &letters.at {
            None => Wait::Market,
            Some(OrderPrice::Limit(price)) => Wait::Limit(price[bar]),
            Some(OrderPrice::Stop(price)) => Wait::Stop(price[bar]),
            Some(OrderPrice::StopLimit { stop, limit }) => Wait::StopLimit(stop[bar], limit[bar]),
            Some(OrderPrice::Trailing(distance)) => Wait::Trailing(distance[bar], close + sign * distance[bar]),
        };
        let known = match wait {
            Wait::Market => true,
            Wait::Limit(price) | Wait::Stop(price) => !price.is_nan(),
            Wait::StopLimit(stop, limit) => !stop.is_nan() && !limit.is_nan(),
            Wait::Trailing(distance, _) => distance >= 0.0,
        };
        let until = match letters.good_for {
            GoodFor::Ever => usize::MAX,
            // Daily bars.
            GoodFor::Day => bar + 1,
            GoodFor::Bars(bars) => bar + bars,
        };
        if known {
            self.order = Some(Order { sign, wait, signal: bar, until, adds });
        }
    }

    fn run(&mut self) {
        for bar in 0..LENGTH {
            self.opens(bar);
            self.runs(bar);
            if bar + 1 < LENGTH {
                self.closes(bar);
            }
        }
        let last = LENGTH - 1;
        self.close_at_market(1.0, last, self.price(Field::Close, last), "end_of_data");
    }
}

/// In an order that does not hang on which lot is dealt with first.
fn sorted(mut rounds: Vec<Round>) -> Vec<Round> {
    rounds.sort_by(|a, b| {
        (a.3, a.1).cmp(&(b.3, b.1)).then(a.4.total_cmp(&b.4)).then(a.2.total_cmp(&b.2)).then(a.0.total_cmp(&b.0))
    });
    rounds
}

#[test]
fn random_orders_additions_and_parts_agree_with_a_slow_simulation() {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    let mut seen = Seen::default();
    for seed in 0..4_000 {
        let case = case(seed);
        let (held, order, closing, rounds) = (None, None, Vec::new(), Vec::new());
        let mut slow = Slow { case: &case, held, order, closing, rounds, seen };
        slow.run();
        seen = slow.seen;
        let backtest = case.play().run_on(&case.bars);
        let (ours, theirs) = (sorted(self::rounds(&backtest)), sorted(slow.rounds));
        let same = |(a, b): (&Round, &Round)| {
            near(a.0, b.0) && (a.1, a.3, &a.5) == (b.1, b.3, &b.5) && near(a.2, b.2) && near(a.4, b.4)
        };
        if let Some(index) =
            (0..ours.len().max(theirs.len())).find(|index| !ours.get(*index).zip(theirs.get(*index)).is_some_and(same))
        {
            let Case { long, short, stop, target, parts, part_when, time, units, lot, slippage, .. } = &case;
            panic!(
                "seed {seed}, trade {index}: {:?}, slowly {:?}\n{long:?}\n{short:?}\n{stop:?} {target:?} {parts:?} \
                 {part_when:?} {time:?} {units} {lot} {slippage}",
                ours.get(index),
                theirs.get(index)
            );
        }
    }
    // Nothing was left out.
    let counts = [seen.lapsed, seen.cancelled, seen.forgotten, seen.added, seen.turned, seen.parts];
    assert!(counts.iter().chain(&seen.filled).all(|count| *count > 500), "{seen:?}");
}
