//! A walk over a strategy's expressions, to find the calls whose outputs they read.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::Origin;
use crate::expr::{Argument, BarsRef, Call, Condition, ConditionKind, Level, Series, SeriesKind};

/// How deep expressions may nest: the walk and the planner are recursive.
pub(super) const DEEPEST: usize = 1_000;

/// A walk over expressions that collects the calls whose outputs they read.
#[derive(Default)]
pub(super) struct Walk {
    seen: HashSet<usize>,
    /// The calls, each after those that it builds upon.
    pub(super) calls: Vec<Arc<Call>>,
    /// Where an expression was met that nests deeper than [`DEEPEST`], if one was.
    pub(super) too_deep: Option<Option<Origin>>,
    /// The bars that come first of those that are read.
    pub(super) finest: Option<BarsRef>,
}

impl Walk {
    pub(super) fn call(&mut self, call: &Arc<Call>) {
        call.inputs.iter().for_each(|input| self.series(input));
        call.arguments.iter().for_each(|(_, argument)| self.argument(argument));
    }

    fn argument(&mut self, argument: &Argument) {
        match argument {
            Argument::Series(series) | Argument::Level(Level::Distance(series) | Level::Price(series)) => {
                self.series(series)
            }
            Argument::Order(order) => order.values().for_each(|price| self.series(price)),
            Argument::Condition(condition) => self.condition(condition),
            Argument::Label(label) => label.reads().into_iter().for_each(|(_, series)| self.series(series)),
            Argument::Call(call) => self.call(call),
            Argument::List(items) => items.iter().for_each(|item| self.argument(&item.value)),
            Argument::Record(entries) => entries.iter().for_each(|entry| self.argument(&entry.given.value)),
            Argument::Settings(settings) => settings.iter().for_each(|(_, argument)| self.argument(argument)),
            Argument::Integer(_) | Argument::Number(_) | Argument::Flag(_) | Argument::Text(_) => {}
            Argument::Percent(_) | Argument::Bars(_) | Argument::Level(Level::Percent(_)) | Argument::Wrong => {}
        }
    }

    pub(super) fn series(&mut self, series: &Series) {
        if series.depth() > DEEPEST {
            self.too_deep.get_or_insert(series.origin().cloned());
            return;
        }
        if !self.seen.insert(series.identity()) {
            return;
        }
        match series.kind() {
            SeriesKind::Constant(_) | SeriesKind::State(..) | SeriesKind::Position(_) => {}
            SeriesKind::Column(bars, _) => {
                if self.finest.as_ref().is_none_or(|finest| bars < finest) {
                    self.finest = Some(bars.clone());
                }
            }
            SeriesKind::Unary(_, a) | SeriesKind::Shift(a, _) | SeriesKind::Across(_, a) => self.series(a),
            SeriesKind::Binary(_, a, b) => [a, b].into_iter().for_each(|s| self.series(s)),
            SeriesKind::Select(condition, a, b) => {
                self.condition(condition);
                [a, b].into_iter().for_each(|s| self.series(s));
            }
            SeriesKind::Scan(scan, _) => {
                scan.states.iter().flat_map(|state| [&state.initial, &state.next]).for_each(|s| self.series(s));
            }
            SeriesKind::Output(call, _) => {
                self.call(call);
                self.calls.push(call.clone());
            }
        }
    }

    pub(super) fn condition(&mut self, condition: &Condition) {
        if condition.depth() > DEEPEST {
            self.too_deep.get_or_insert(condition.origin().cloned());
            return;
        }
        if !self.seen.insert(condition.identity()) {
            return;
        }
        match condition.kind() {
            ConditionKind::Constant(_) => {}
            ConditionKind::Compare(_, a, b) | ConditionKind::CrossesAbove(a, b) | ConditionKind::CrossesBelow(a, b) => {
                [a, b].into_iter().for_each(|s| self.series(s));
            }
            ConditionKind::And(a, b) | ConditionKind::Or(a, b) => [a, b].into_iter().for_each(|c| self.condition(c)),
            ConditionKind::Not(a) | ConditionKind::Shift(a, _) => self.condition(a),
            ConditionKind::Pick(_, a) => self.series(a),
        }
    }
}
