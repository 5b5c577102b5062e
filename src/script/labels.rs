//! Functions that look ahead: what a model may be trained to forecast.

use rhai::Dynamic;

use crate::error::{Diagnostic, Result};
use crate::expr::{Barriers, BarsRef, Label, LabelKind, Level, Series};
use crate::node::{Kind, Parameter, bind_record};
use crate::script::functions::{Call, Function};
use crate::script::value::{self, Proportion};

/// The functions that make a model's target.
pub static FUNCTIONS: [Function; 5] = [
    Function {
        name: "future_return",
        signature: "future_return(series, bars)",
        doc: "a model's target: how much the series gains over the bars ahead, as a fraction",
        counts: 2..=2,
        call: |call| label(call, LabelKind::Return(call.series(0)?)),
    },
    Function {
        name: "future_log_return",
        signature: "future_log_return(series, bars)",
        doc: "a model's target: the logarithm of how much the series grows over the bars ahead",
        counts: 2..=2,
        call: |call| label(call, LabelKind::LogReturn(call.series(0)?)),
    },
    Function {
        name: "future_scaled_return",
        signature: "future_scaled_return(series, bars, volatility)",
        doc: "a model's target: the return over the bars ahead, divided by the volatility times the root of how many \
              they are: in units of what was to be expected. The volatility is the standard deviation of the returns \
              of one bar, as known now: stddev(returns(close), 20)",
        counts: 3..=3,
        call: |call| label(call, LabelKind::ScaledReturn { of: call.series(0)?, volatility: varying(call, 2)? }),
    },
    Function {
        name: "future_direction",
        signature: "future_direction(series, bars, threshold)",
        doc: "a model's target in classes: 1 where the series gains over the bars ahead, else -1 (a return of exactly 0 \
              is no gain). With a threshold, such as percent(0.5) or a series that is known now: 1 above it, -1 below \
              its negative, 0 between",
        counts: 2..=3,
        call: |call| {
            let threshold = (call.count() > 2).then(|| threshold(call)).transpose()?;
            label(call, LabelKind::Direction { of: call.series(0)?, threshold })
        },
    },
    Function {
        name: "triple_barrier",
        signature: "triple_barrier(day, #{ upper: …, lower: …, bars: … })",
        doc: "a model's target in classes: 1 where the prices of the bars ahead meet the upper barrier first, -1 the \
              lower, 0 where so many bars pass before either. The barriers lie as far from the close as a proportion, \
              percent(2), or a distance in price units that is known now, atr(day, 14) * 2. A bar that opens beyond a \
              barrier has met it; one that touches both counts as the lower. The outcome is known at the bar that \
              meets the barrier (López de Prado 2018, ch. 3)",
        counts: 2..=2,
        call: triple_barrier,
    },
];

const FARTHEST: i64 = 100_000;
const BARRIERS: &[Parameter] = &[
    Parameter::required("upper", Kind::Distance(1e-5, 10.0), "how far above the close the upper barrier lies"),
    Parameter::required("lower", Kind::Distance(1e-5, 1.0), "how far below the close the lower barrier lies"),
    Parameter::required("bars", Kind::Integer(1, FARTHEST), "after how many bars time runs out"),
];

/// A label over so many bars, as the second argument says.
fn label(call: &Call, kind: LabelKind) -> Result<Dynamic> {
    let series = call.series(0)?;
    if series.timeframe().is_none() {
        return Err(match series.bars() {
            Some(_) => {
                Diagnostic::new(format!("`{}` looks ahead in an external series, which has no bars", kind.name()))
                    .hint("look at a series of bars: future_return(day.close, 5)")
                    .at(call.site.place(0))
            }
            None => call.wrong(0, "a series"),
        });
    }
    match call.argument(1).as_int() {
        Ok(horizon @ 1..=FARTHEST) => finish(call, kind, horizon),
        _ => Err(call.wrong(1, &format!("a whole number of bars from 1 to {FARTHEST}"))),
    }
}

fn finish(call: &Call, kind: LabelKind, horizon: i64) -> Result<Dynamic> {
    let label = Label { kind, horizon: horizon.unsigned_abs() as usize, origin: call.site.origin.clone() };
    label.check()?;
    Ok(Dynamic::from(label))
}

/// A series that may change from bar to bar.
fn varying(call: &Call, index: usize) -> Result<Series> {
    match call.series(index) {
        Ok(series) if series.bars().is_some() => Ok(series),
        _ => Err(call.wrong(index, "a series that is known now, such as stddev(returns(close), 20)")),
    }
}

/// How far from 0 a return counts: a fraction, or a series of them.
fn threshold(call: &Call) -> Result<Series> {
    let given = call.argument(2);
    let number = value::cast::<Proportion>(given).map(|proportion| proportion.0).or_else(|| value::number(given));
    match number {
        Some(fraction) if fraction > 0.0 && fraction < 1.0 => Ok(Series::constant(fraction)),
        Some(fraction) => {
            let message = format!("the threshold of `future_direction` is {fraction}: above 0 and below 1 is allowed");
            Err(Diagnostic::new(message).hint("write percent(0.5) for 0.5 %").at(call.site.place(2)))
        }
        None => call.series(2).map_err(|_| call.wrong(2, "a fraction such as percent(0.5), or a series of them")),
    }
}

fn triple_barrier(call: &Call) -> Result<Dynamic> {
    let Some(bars) = value::cast::<BarsRef>(call.argument(0)) else {
        return Err(call.wrong(0, "bars, such as bars(\"1d\")"));
    };
    let given = bind_record(&call.site.host.registry, "triple_barrier", BARRIERS, call.record(1)?)?;
    // A proportion is one of the close, from which the distance is measured.
    let distance = |name: &str| {
        Ok(match given.level(name)? {
            Level::Percent(fraction) => bars.close() * *fraction,
            Level::Distance(series) | Level::Price(series) => series.clone(),
        })
    };
    let barriers = Barriers::new(&bars, distance("upper")?, distance("lower")?);
    finish(call, LabelKind::TripleBarrier(barriers), given.integer("bars")?)
}
