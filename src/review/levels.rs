//! Stops and targets beside each other.

use crate::data::Field;
use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Level};
use crate::plan::{PlannedCall, PlannedInput};
use crate::review::subject::Subject;
use crate::run::InstrumentValues;

/// Looks whether the stop lies further away than the target on most bars on which a position may be opened.
pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let named = |name: &str| subject.plan.exits.iter().find(|exit| exit.call.node == name);
    let (Some(stop), Some(target)) = (named("stop_loss"), named("take_profit")) else { return Ok(Vec::new()) };
    if stop.steps().chain(target.steps()).any(|id| subject.is_forecast(id)) {
        return Ok(Vec::new());
    }
    let (mut risked, mut won, mut bars, mut wider) = (0.0, 0.0, 0_usize, 0_usize);
    for values in subject.instruments {
        let close = values.bars.at(subject.plan.base)?.field(Field::Close);
        let mut enters = vec![false; close.len()];
        for (_, rules) in subject.sides() {
            // Where a forecast decides, any bar may be one of entry.
            let truths = values.truths(rules.enter, subject.plan.base)?;
            let any = subject.is_forecast(rules.enter);
            enters.iter_mut().zip(truths.iter()).for_each(|(enter, truth)| *enter |= any || *truth);
        }
        let (stop, target) = (distances(subject, stop, values, close)?, distances(subject, target, values, close)?);
        for bar in (0..close.len()).filter(|bar| enters[*bar]) {
            if stop[bar] > 0.0 && target[bar] > 0.0 {
                bars += 1;
                wider += usize::from(stop[bar] > target[bar]);
                risked += stop[bar];
                won += target[bar];
            }
        }
    }
    if bars == 0 || wider * 2 <= bars {
        return Ok(Vec::new());
    }
    let share = risked / (risked + won) * 100.0;
    let message = format!(
        "the stop lies further away than the target on {wider} of {bars} bars of entry: {share:.0} % of trades must win to \
         come out even, before costs"
    );
    let hint = "where that is meant, as for a reversion that mostly works, watch the worst trades";
    Ok(vec![Diagnostic::warning(message).hint(hint).at(stop.call.origin.clone())])
}

/// How far from the close a level lies, as a fraction of it, a value a bar; NaN where that is not known.
fn distances(subject: &Subject<'_>, exit: &PlannedCall, values: &InstrumentValues, close: &[f64]) -> Result<Vec<f64>> {
    let level = exit.call.arguments.iter().find_map(|(_, argument)| match argument {
        Argument::Level(level) => Some(level),
        _ => None,
    });
    // What hangs on the open position is known only as one is held.
    let step = exit.inputs.first().and_then(|input| match input {
        PlannedInput::Step(id) => Some(*id),
        PlannedInput::Rule(_) => None,
    });
    let series = step.map(|id| values.numbers(id, subject.plan.base)).transpose()?;
    let of = |relative: fn(f64, f64) -> f64| match &series {
        Some(series) => series.iter().zip(close).map(|(value, close)| relative(*value, *close)).collect(),
        None => vec![f64::NAN; close.len()],
    };
    Ok(match level {
        Some(Level::Percent(fraction)) => vec![*fraction; close.len()],
        Some(Level::Distance(_)) => of(|distance, close| distance / close),
        Some(Level::Price(_)) => of(|price, close| (price / close - 1.0).abs()),
        None => vec![f64::NAN; close.len()],
    })
}
