//! Target weights that hold nothing, or more than the account carries.

use std::sync::Arc;

use crate::data::{Bars, Column};
use crate::error::{Diagnostic, Result};
use crate::review::subject::Subject;
use crate::run::InstrumentValues;

/// By so little a sum may be off that is meant to be exact.
const ROUNDING: f64 = 1.0 + 1e-9;

pub(super) fn look(subject: &Subject<'_>) -> Result<Vec<Diagnostic>> {
    let Some(weights) = &subject.plan.weights else { return Ok(Vec::new()) };
    let Some((_, first)) = weights.shares.first().filter(|_| !weights.named().any(|(_, id)| subject.is_forecast(id)))
    else {
        return Ok(Vec::new());
    };
    let (base, origin) = (subject.plan.base, subject.origin(*first));
    let column = |values: &'_ InstrumentValues| {
        let share = weights.share_of(Subject::name(values))?;
        Some(values.bars.at(base).and_then(|bars| Ok((bars.clone(), values.numbers(share, base)?))))
    };
    let columns = subject.instruments.iter().filter_map(column).collect::<Result<Vec<_>>>()?;
    let holds = |(_, shares): &(Arc<Bars>, Column)| shares.iter().any(|share| share.is_finite() && *share != 0.0);
    let mut found = Vec::new();
    if !columns.iter().any(holds) {
        found.push(
            Diagnostic::warning("`weights` is 0 or not known on every bar: nothing is ever held")
                .hint("a weight is a share of equity: 0.5 holds half of it, -0.5 is short by half")
                .at(origin.clone()),
        );
    }
    let leverage = subject.strategy.account.leverage;
    let sums = sums(&columns);
    let above = sums.iter().filter(|sum| **sum > leverage * ROUNDING).count();
    if above > 0 {
        let most = sums.iter().copied().fold(0.0, f64::max);
        let message = format!(
            "the weights of all instruments come to more than {} % of equity on {above} of {} bars, and to {:.0} % at most: \
             they are scaled down to what `leverage` allows",
            leverage * 100.0,
            sums.len(),
            most * 100.0
        );
        let hint = "divide them by how many are held, such as sum_across(abs(w)), or set account: #{ leverage: … }";
        found.push(Diagnostic::warning(message).hint(hint).at(origin));
    }
    Ok(found)
}

/// The sum of the absolute weights at each close of any instrument, each with its last closed bar.
fn sums(columns: &[(Arc<Bars>, Column)]) -> Vec<f64> {
    let mut closes: Vec<i64> = columns.iter().flat_map(|(bars, _)| bars.close_instants().iter().copied()).collect();
    closes.sort_unstable();
    closes.dedup();
    let mut sums = vec![0.0; closes.len()];
    for (bars, shares) in columns {
        let own = bars.close_instants();
        let mut closed = 0;
        for (sum, instant) in sums.iter_mut().zip(&closes) {
            closed += own[closed..].partition_point(|close| close <= instant);
            let last = closed.checked_sub(1).and_then(|last| shares.get(last)).filter(|share| share.is_finite());
            *sum += last.map_or(0.0, |share| share.abs());
        }
    }
    sums
}
