//! Random rules with orders that wait, additions and parts.

use timeweave::data::{Bars, Column, Field};
use timeweave::expr::{Argument, Condition, Level, OrderPrice, Series};
use timeweave::strategy::GoodFor;

use crate::broker::play::{Letters, Play, node};
use crate::random::daily;

pub const LENGTH: usize = 80;

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[(self.roll() * from.len() as f64) as usize].clone()
    }
}

/// All that one case is made of.
pub struct Case {
    pub bars: Bars,
    pub long: Letters,
    pub short: Letters,
    /// Distances of the stop by bar of the signal, where there is one.
    pub stop: Option<Vec<f64>>,
    /// The target's fraction.
    pub target: Option<f64>,
    /// Parts with the fractions of their targets.
    pub parts: Vec<(f64, f64)>,
    /// A part with the bars on which its condition holds.
    pub part_when: Option<(f64, Vec<bool>)>,
    pub time: Option<usize>,
    pub units: f64,
    pub lot: f64,
    pub slippage: f64,
}

fn letters(dice: &mut Dice, close: &[f64], side: f64) -> Letters {
    let letter = |roll: f64| match roll {
        r if r < 0.22 => 'e',
        r if r < 0.29 => 'x',
        r if r < 0.31 => 'b',
        _ => '.',
    };
    let rules: String = (0..LENGTH).map(|_| letter(dice.roll())).collect();
    let mut away = |towards: f64| -> Vec<f64> {
        let price = |(close, roll): (&f64, f64)| {
            if roll < 0.05 { f64::NAN } else { close * (1.0 + towards * (roll - 0.15) * 0.04) }
        };
        close.iter().map(|close| price((close, dice.roll()))).collect()
    };
    let (below, above, further) = (away(-side), away(side), away(side));
    let near: Vec<f64> = (0..LENGTH).map(|_| dice.roll() * 3.0 - 0.1).collect();
    let kinds = [
        None,
        Some(OrderPrice::Limit(below)),
        Some(OrderPrice::Stop(above.clone())),
        Some(OrderPrice::StopLimit { stop: above, limit: further }),
        Some(OrderPrice::Trailing(near)),
    ];
    let at = dice.pick(&kinds);
    let good_for = dice.pick(&[GoodFor::Ever, GoodFor::Ever, GoodFor::Day, GoodFor::Bars(1), GoodFor::Bars(4)]);
    let good_for = if at.is_some() { good_for } else { GoodFor::Ever };
    Letters { rules: rules.leak(), at, good_for, add: dice.pick(&[0, 0, 1, 3]) }
}

pub fn case(seed: u64) -> Case {
    let bars = daily(seed, LENGTH);
    let close = bars.field(Field::Close).clone();
    let mut dice = Dice(seed);
    let dice = &mut dice;
    dice.roll();
    let (long, short) = (letters(dice, &close, 1.0), letters(dice, &close, -1.0));
    let distance = |dice: &mut Dice| if dice.roll() < 0.03 { f64::NAN } else { 1.0 + 4.0 * dice.roll() };
    let stop = (dice.roll() < 0.6).then(|| (0..LENGTH).map(|_| distance(dice)).collect());
    let target = (dice.roll() < 0.4).then(|| 0.01 + 0.05 * dice.roll());
    let parts = (0..(dice.roll() * 3.0) as usize)
        .map(|_| (dice.pick(&[0.5, 0.3, 1.0 / 3.0, 0.05]), 0.005 + 0.03 * dice.roll()));
    let parts = parts.collect();
    let part_when = (dice.roll() < 0.4).then(|| (0.4, (0..LENGTH).map(|_| dice.roll() < 0.2).collect()));
    let time = (dice.roll() < 0.4).then(|| 2 + (dice.roll() * 12.0) as usize);
    let (units, lot) = (dice.pick(&[7.0, 10.0, 12.5]), dice.pick(&[0.0, 1.0]));
    let slippage = dice.pick(&[0.0, 0.001]);
    Case { bars, long, short, stop, target, parts, part_when, time, units, lot, slippage }
}

impl Case {
    pub fn play(&self) -> Play {
        let mut play = Play::new(&[], "");
        (play.long, play.short) = (self.long.clone(), self.short.clone());
        play.size = node("units", [self.units.into()]);
        (play.policies.account.cash, play.policies.account.lot) = (1e9, self.lot);
        play.policies.costs.slippage = self.slippage;
        if let Some(stop) = &self.stop {
            let distance = Argument::Level(Level::Distance(Series::constant(1.0)));
            play.exits.push((node("stop_loss", [distance]), vec![Column::from(stop.clone())]));
        }
        let percent = |fraction: f64| Argument::Level(Level::Percent(fraction));
        if let Some(target) = self.target {
            play = play.exit("take_profit", [percent(target)]);
        }
        for (share, target) in &self.parts {
            play = play.exit("scale_out", [Argument::Percent(*share), percent(*target)]);
        }
        if let Some((share, holds)) = &self.part_when {
            let column: Vec<f64> = holds.iter().map(|holds| f64::from(*holds)).collect();
            let call = node("scale_out_when", [Argument::Percent(*share), Condition::constant(true).into()]);
            play.exits.push((call, vec![Column::from(column)]));
        }
        if let Some(bars) = self.time {
            play = play.exit("time_stop", [(bars as i64).into()]);
        }
        play
    }
}
