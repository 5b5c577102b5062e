//! A slow and obvious simulator, written from the rules alone, beside ours on random bars, weights and costs.

use proptest::prelude::*;
use timeweave::backtest::Policies;
use timeweave::data::Bars;
use timeweave::node::Side;
use timeweave::strategy::{Account, Costs, Every, Rebalance};
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{daily, hold};

/// What an instrument shows on a day: its open, its close, and the weight that is known at its close.
type Day = Option<(f64, f64, f64)>;

#[derive(Clone, Debug)]
struct Case {
    /// By instrument, by day; on the last day all have a bar.
    days: Vec<Vec<Day>>,
    when: Rebalance,
    commission: f64,
    fixed: f64,
    slippage: f64,
    spread: f64,
    lot: f64,
    leverage: f64,
}

fn any_case() -> impl Strategy<Value = Case> {
    let weight = prop_oneof![1 => Just(f64::NAN), 2 => Just(0.0), 5 => -0.8_f64..0.8];
    let row = (prop::bool::weighted(0.85), -0.06_f64..0.06, -0.06_f64..0.06, weight);
    let instrument = (10.0_f64..200.0, 0_usize..12, prop::collection::vec(row, 45));
    let every = prop_oneof![
        (1_usize..12).prop_map(Every::Bars),
        Just(Every::Period(Timeframe::WEEK)),
        Just(Every::Period(Timeframe::MONTH)),
    ];
    let when =
        (every, prop::option::weighted(0.4, 0.01_f64..0.4)).prop_map(|(every, drift)| Rebalance { every, drift });
    let pick = |values: [f64; 3]| prop::sample::select(values.to_vec());
    let costs = (pick([0.0, 0.001, 0.02]), pick([0.0, 0.0, 3.0]), pick([0.0, 0.0, 0.01]), pick([0.0, 0.0, 0.01]));
    let account = (pick([0.0, 0.0, 1.0]), pick([0.6, 1.0, 1.5]));
    (prop::collection::vec(instrument, 1..5), when, costs, account).prop_map(|(instruments, when, costs, account)| {
        let days = instruments.into_iter().map(|(first, begins, rows)| {
            let (last, mut price) = (rows.len() - 1, first);
            let day = |(day, (trades, gap, change, weight)): (usize, (bool, f64, f64, f64))| {
                let open = price * (1.0 + gap);
                let close = open * (1.0 + change);
                price = close;
                (day == last || (trades && day >= begins)).then_some((open, close, weight))
            };
            rows.into_iter().enumerate().map(day).collect()
        });
        let (commission, fixed, slippage, spread) = costs;
        let (lot, leverage) = account;
        Case { days: days.collect(), when, commission, fixed, slippage, spread, lot, leverage }
    })
}

/// A round trip: instrument, signed units, the day and price of its entry, the day and price of its exit, profit.
type Trip = (usize, f64, usize, f64, usize, f64, f64);

#[derive(Clone, Debug)]
struct Lot {
    units: f64,
    day: usize,
    price: f64,
    commission: f64,
}

struct Slow<'a> {
    case: &'a Case,
    cash: f64,
    lots: Vec<Vec<Lot>>,
    /// The last price of each instrument.
    price: Vec<f64>,
    /// The weight of each instrument's last closed bar.
    weight: Vec<f64>,
    waiting: Vec<Option<f64>>,
    trips: Vec<Trip>,
}

impl Slow<'_> {
    fn units(&self, instrument: usize) -> f64 {
        self.lots[instrument].iter().map(|lot| lot.units).sum()
    }

    fn value(&self, instrument: usize) -> f64 {
        self.units(instrument) * self.price[instrument]
    }

    fn equity(&self) -> f64 {
        self.cash + (0..self.lots.len()).map(|instrument| self.value(instrument)).sum::<f64>()
    }

    fn budget(&self) -> f64 {
        let gross: f64 = (0..self.lots.len()).map(|instrument| self.value(instrument).abs()).sum();
        let free = self.case.leverage * self.equity() - gross;
        if self.case.leverage <= 1.0 { free.min(self.cash) } else { free }
    }

    fn paid(&self, price: f64, buying: bool) -> f64 {
        let sign = if buying { 1.0 } else { -1.0 };
        price * (1.0 + sign * self.case.spread / 2.0) * (1.0 + sign * self.case.slippage)
    }

    fn commission(&self, units: f64, price: f64) -> f64 {
        self.case.fixed + self.case.commission * units * price
    }

    fn whole(&self, units: f64) -> f64 {
        if self.case.lot > 0.0 { (units / self.case.lot + 1e-12).floor() * self.case.lot } else { units }
    }

    /// Closes so many units, the oldest first, for one commission.
    fn close(&mut self, instrument: usize, units: f64, day: usize) {
        let long = self.units(instrument) > 0.0;
        let price = self.paid(self.price[instrument], !long);
        let each = self.commission(units, price) / units;
        let mut left = units;
        while left > 1e-9 * units {
            let lot = &mut self.lots[instrument][0];
            let part = left.min(lot.units.abs());
            let sign = lot.units.signum();
            let entry = lot.commission * part / lot.units.abs();
            let profit = sign * part * (price - lot.price) - entry - each * part;
            self.trips.push((instrument, sign * part, lot.day, lot.price, day, price, profit));
            self.cash += sign * part * price - each * part;
            lot.commission -= entry;
            lot.units -= sign * part;
            if lot.units.abs() <= 1e-9 * part {
                self.lots[instrument].remove(0);
            }
            left -= part;
        }
    }

    fn open_day(&mut self, day: usize) {
        let opening: Vec<usize> = (0..self.lots.len()).filter(|i| self.case.days[*i][day].is_some()).collect();
        for &instrument in &opening {
            self.price[instrument] = self.case.days[instrument][day].unwrap().0;
        }
        let equity = self.equity();
        let mut more = Vec::new();
        for &instrument in &opening {
            let Some(share) = self.waiting[instrument].take() else { continue };
            let target = share.signum() * self.whole(share.abs() * equity / self.price[instrument]);
            let held = self.units(instrument);
            let stays = if held * target > 0.0 { target.abs().min(held.abs()) } else { 0.0 };
            if held.abs() - stays > 1e-9 * held.abs() {
                self.close(instrument, held.abs() - stays, day);
            }
            let held = self.units(instrument).abs();
            if target.abs() - held > 1e-9 * target.abs() {
                more.push((instrument, share, target.abs() - held));
            }
        }
        // All of it or, by halves, the greatest part that can be carried: its value, and as many times as much as
        // leverage says of what costs take.
        let carried = |part: f64| {
            let one = |&(instrument, share, units): &(usize, f64, f64)| {
                let (units, mark) = (units * part, self.price[instrument]);
                let price = self.paid(mark, share > 0.0);
                let lost = units * (price - mark).abs() + self.commission(units, price);
                units * mark + self.case.leverage.max(1.0) * lost
            };
            more.iter().map(one).sum::<f64>() <= self.budget() * (1.0 + 1e-12)
        };
        let (mut part, mut step) = (if carried(1.0) { 1.0 } else { 0.0 }, 0.5);
        while part < 1.0 && step > 1e-17 {
            part = if carried(part + step) { part + step } else { part };
            step /= 2.0;
        }
        let others_wait = self.waiting.iter().any(Option::is_some);
        for (instrument, share, units) in more {
            let price = self.paid(self.price[instrument], share > 0.0);
            let affordable = ((self.budget() - self.case.fixed) / (price * (1.0 + self.case.commission))).max(0.0);
            let units = self.whole((units * part).min(affordable));
            if units > 0.0 && part > 1e-9 {
                let commission = self.commission(units, price);
                self.cash -= share.signum() * units * price + commission;
                self.lots[instrument].push(Lot { units: share.signum() * units, day, price, commission });
            }
            if part < 0.99 && others_wait {
                self.waiting[instrument] = Some(share);
            }
        }
    }

    fn look(&mut self, first: bool) {
        let known = |weight: &f64| if weight.is_finite() { *weight } else { 0.0 };
        let mut shares: Vec<f64> = self.weight.iter().map(known).collect();
        let gross: f64 = shares.iter().map(|share| share.abs()).sum();
        if gross > self.case.leverage * (1.0 + 1e-9) {
            shares.iter_mut().for_each(|share| *share *= self.case.leverage / gross);
        }
        let equity = self.equity();
        let off = |drift: f64| {
            let is_off = |i: usize| (self.value(i) - shares[i] * equity).abs() > drift * equity;
            (0..shares.len()).any(|i| self.waiting[i].is_none() && is_off(i))
        };
        if first || self.case.when.drift.is_none_or(off) {
            for (instrument, share) in shares.into_iter().enumerate() {
                let wanted = share != 0.0 || !self.lots[instrument].is_empty();
                self.waiting[instrument] = wanted.then_some(share);
            }
        }
    }
}

/// The day's period: equal for two instants exactly if they lie in the same one.
fn period(timeframe: Timeframe, day: usize) -> usize {
    match timeframe {
        // 1970-01-05 was a Monday.
        Timeframe::WEEK => (day + 3) / 7,
        // Of January and February 1970.
        _ => usize::from(day >= 31) + usize::from(day >= 59),
    }
}

fn simulate(case: &Case) -> Option<(Vec<Trip>, Vec<f64>)> {
    let count = case.days.len();
    let mut slow = Slow {
        case,
        cash: 10_000.0,
        lots: vec![Vec::new(); count],
        price: vec![0.0; count],
        weight: vec![f64::NAN; count],
        waiting: vec![None; count],
        trips: Vec::new(),
    };
    let last = case.days[0].len() - 1;
    let mut equity = Vec::new();
    // The day of the last look, and how many bars each instrument has had since.
    let mut looked: Option<usize> = None;
    let mut bars = vec![0; count];
    for day in 0..=last {
        if case.days.iter().all(|days| days[day].is_none()) {
            continue;
        }
        slow.open_day(day);
        for (instrument, bars) in bars.iter_mut().enumerate() {
            if let Some((_, close, weight)) = case.days[instrument][day] {
                (slow.price[instrument], slow.weight[instrument]) = (close, weight);
                *bars += 1;
            }
        }
        // Shrewd play is not the subject: an account that is ruined is stopped.
        if slow.equity() <= 0.0 {
            return None;
        }
        // A day closes when the next begins.
        let is_due = match (looked, case.when.every) {
            (None, _) => slow.weight.iter().any(|weight| weight.is_finite()),
            (Some(_), Every::Bars(number)) => bars.iter().any(|bars| *bars >= number),
            (Some(before), Every::Period(timeframe)) => period(timeframe, day + 1) != period(timeframe, before + 1),
        };
        if is_due && day < last {
            slow.look(looked.is_none());
            looked = Some(day);
            bars.fill(0);
        }
        equity.push(slow.equity());
    }
    for instrument in 0..count {
        // Each lot is closed by itself.
        while let Some(lot) = slow.lots[instrument].first().cloned() {
            slow.close(instrument, lot.units.abs(), last);
        }
    }
    *equity.last_mut()? = slow.cash;
    Some((slow.trips, equity))
}

fn bars_of(days: &[Day]) -> (Bars, Vec<f64>) {
    let rows: Vec<(i64, f64, f64, f64)> =
        (0..).zip(days).filter_map(|(day, row)| row.map(|(open, close, weight)| (day, open, close, weight))).collect();
    let prices: Vec<(i64, f64, f64)> = rows.iter().map(|(day, open, close, _)| (*day, *open, *close)).collect();
    (daily(Calendar::Continuous, &prices), rows.iter().map(|row| row.3).collect())
}

fn policies(case: &Case) -> Policies {
    let Case { commission, fixed, slippage, spread, lot, leverage, .. } = *case;
    let costs = Costs { commission, commission_fixed: fixed, slippage, spread, ..Costs::default() };
    let account = Account { cash: 10_000.0, lot, leverage, ..Account::default() };
    Policies { costs, account, ..Policies::default() }
}

fn near(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale.max(a.abs()).max(b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn trades_and_equity_are_those_of_the_slow_simulator(case in any_case()) {
        let Some((mut trips, equity)) = simulate(&case) else { return Ok(()) };
        let markets: Vec<(Bars, Vec<f64>)> = case.days.iter().map(|days| bars_of(days)).collect();
        let held: Vec<(&Bars, &[f64])> = markets.iter().map(|(bars, weights)| (bars, weights.as_slice())).collect();
        let backtest = hold(policies(&case), case.when, &held);
        prop_assert_eq!(backtest.equity.len(), equity.len());
        for (bar, (ours, slow)) in backtest.equity.iter().zip(&equity).enumerate() {
            prop_assert!(near(*ours, *slow, 1e4), "equity of bar {}: {} {}", bar, ours, slow);
        }
        let day = |bar: usize| (backtest.timestamps[bar].0 / Timestamp::DAY) as usize;
        let trip = |trade: &timeweave::backtest::Trade| {
            let units = if trade.side == Side::Long { trade.units } else { -trade.units };
            let (entry, exit) = (day(trade.entry_bar), day(trade.exit_bar));
            (trade.instrument, units, entry, trade.entry_price, exit, trade.exit_price, trade.profit)
        };
        let mut ours: Vec<Trip> = backtest.trades.iter().map(trip).collect();
        let key = |trip: &Trip| (trip.4, trip.0, trip.2, trip.1 > 0.0);
        ours.sort_by_key(key);
        trips.sort_by_key(key);
        prop_assert_eq!(ours.len(), trips.len(), "{:?} {:?}", ours, trips);
        for (a, b) in ours.iter().zip(&trips) {
            prop_assert_eq!(key(a), key(b));
            // What is traded is the difference of what is wanted and what is held: it rounds as these do.
            let whole = 1e4 / a.3;
            let figures = [(a.1, b.1, whole), (a.3, b.3, 0.0), (a.5, b.5, 0.0), (a.6, b.6, 1e4)];
            prop_assert!(figures.iter().all(|(a, b, scale)| near(*a, *b, *scale)), "{:?} {:?}", a, b);
        }
    }

    /// What the order of the universe changes: nothing. What later bars change before they come: nothing.
    #[test]
    fn neither_the_order_of_instruments_nor_the_future_changes_a_bit(case in any_case(), cut in 5_usize..40) {
        let markets: Vec<(Bars, Vec<f64>)> = case.days.iter().map(|days| bars_of(days)).collect();
        let held: Vec<(&Bars, &[f64])> = markets.iter().map(|(bars, weights)| (bars, weights.as_slice())).collect();
        let backtest = hold(policies(&case), case.when, &held);
        let turned = super::hold_in_order(policies(&case), case.when, &held, true);
        prop_assert_eq!(&backtest.equity, &turned.equity);
        prop_assert_eq!(backtest.trades.len(), turned.trades.len());

        let shorter: Vec<(Bars, Vec<f64>)> = case.days.iter().map(|days| bars_of(&days[..cut])).collect();
        if shorter.iter().any(|(bars, _)| bars.is_empty()) {
            return Ok(());
        }
        let held: Vec<(&Bars, &[f64])> = shorter.iter().map(|(bars, weights)| (bars, weights.as_slice())).collect();
        let before = hold(policies(&case), case.when, &held);
        // The last bar closes everything.
        let bars = before.timestamps.len() - 1;
        prop_assert_eq!(&before.equity[..bars], &backtest.equity[..bars]);
    }
}
