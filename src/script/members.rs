//! Members: what stands behind a dot or in brackets: `day.close`, `blend.weights`, `close[1]`.

use std::sync::Arc;

use rhai::{Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use crate::data::Field;
use crate::error::{Diagnostic, Result, nearest};
use crate::expr::{BarsRef, Condition, Label, Level, OrderPrice, PositionFigure, Series, SeriesKind};
use crate::script::external;
use crate::script::host::{Host, Site};
use crate::script::operators::refuse;
use crate::script::value::{self, Declared, Handle, Position, Proportion, Unknown, own_types};

/// Registers the members of every type of ours.
pub fn register(engine: &mut Engine, host: &Arc<Host>) {
    macro_rules! register {
        ($($type:ty => $name:literal),* $(,)?) => {
            $({
                let host = host.clone();
                let get = move |context: NativeCallContext, value: &mut $type, index: Dynamic| {
                    let site = Site::new(&host, &context).at_member();
                    site.finish(member(&site, &Dynamic::from(value.clone()), &index))
                };
                engine.register_indexer_get(get);
            })*
        };
    }
    own_types!(register);
}

fn member(site: &Site, value: &Dynamic, index: &Dynamic) -> Result<Dynamic> {
    if value.is::<Unknown>() || index.is::<Unknown>() {
        return Err(Diagnostic::told());
    }
    if let Some(name) = value::cast::<ImmutableString>(index) {
        return property(site, value, &name);
    }
    match (value::cast::<Series>(value), value::cast::<Condition>(value)) {
        (Some(series), _) => site.series(series.shift(bars_ago(index)?)),
        (_, Some(condition)) => site.condition(condition.shift(bars_ago(index)?)),
        _ if value.is::<BarsRef>() => Err(refuse("[…]", &[value]).hint("name one of the bars' columns: .close[1]")),
        _ => Err(refuse("[…]", &[value])),
    }
}

/// How many bars ago an index reads.
pub fn bars_ago(index: &Dynamic) -> Result<usize> {
    const MOST: i64 = 100_000;
    match index.as_int() {
        Ok(bars @ 0..=MOST) => usize::try_from(bars).map_err(|error| Diagnostic::new(error.to_string())),
        Ok(bars) if bars < 0 => Err(Diagnostic::new(format!("{bars} bars ago is the future, which no rule can know"))
            .hint("a model's target may look ahead: future_return(close, 5)")),
        Ok(bars) => Err(Diagnostic::new(format!("{bars} bars ago is too far: 0 to {MOST} are allowed"))),
        Err(_) if index.is::<Unknown>() => Err(Diagnostic::told()),
        Err(_) => {
            Err(Diagnostic::new(format!("how many bars ago is {}, but takes a whole number", value::describe(index)))
                .hint("close[1] is the value one bar ago"))
        }
    }
}

fn property(site: &Site, value: &Dynamic, name: &str) -> Result<Dynamic> {
    if let Some(bars) = value::cast::<BarsRef>(value) {
        return column(site, &bars, name);
    }
    if value.is::<Position>() {
        let figure = PositionFigure::ALL.into_iter().find(|figure| figure.name() == name);
        return match figure {
            Some(figure) => site.series(figure.into()),
            None => Err(Diagnostic::new(format!("the open position has no figure called `{name}`"))
                .did_you_mean(name, PositionFigure::ALL.map(PositionFigure::name))),
        };
    }
    if let Some(Handle(call)) = value::cast::<Handle>(value) {
        let output = |index: usize| site.series(Series::new(SeriesKind::Output(call.clone(), index)));
        if let Some(index) = call.outputs.iter().position(|output| output == name) {
            return output(index);
        }
        let mut group = Map::new();
        for (index, path) in call.outputs.iter().enumerate() {
            if let Some((_, inner)) = path.split_once('.').filter(|(outer, _)| *outer == name) {
                group.insert(inner.into(), output(index)?);
            }
        }
        if !group.is_empty() {
            return Ok(group.into());
        }
        let mut names: Vec<&str> = call.outputs.iter().map(|path| path.split('.').next().unwrap_or(path)).collect();
        names.dedup();
        let diagnostic = Diagnostic::new(format!("`{}` gives nothing called `{name}`", call.node));
        // Two libraries name a line alike up to what stands before it: `signal` is `macdsignal`.
        let meant = nearest(name, names.iter().copied())
            .or_else(|| names.iter().copied().find(|known| known.ends_with(name) && !name.is_empty()));
        let diagnostic = match meant {
            Some(meant) => diagnostic.hint(format!("did you mean `{meant}`?")),
            None => diagnostic,
        };
        return Err(diagnostic.also(format!("it gives {}", names.join(", "))));
    }
    if let Some(column) = value::cast::<Series>(value).and_then(|series| external::column(&series, name)) {
        return site.series(column);
    }
    let diagnostic = Diagnostic::new(format!("{} has no property called `{name}`", value::describe(value)));
    Err(if value.is::<Series>() && name == "value" {
        diagnostic.hint("it is the value itself")
    } else if value.is::<Series>() && Field::ALL.iter().any(|field| field.name() == name) {
        diagnostic.hint(format!("columns belong to bars: bars(\"1d\").{name}"))
    } else if value.is::<Series>() && site.host.registry.spec(name).is_some() {
        diagnostic.hint(format!("`{name}` is a function: .{name}(…)"))
    } else {
        diagnostic
    })
}

/// A column of bars. A name that is none of the five may be a column of the file, which the script
/// cannot know, unless it is so near to one of the five that it must be a slip.
fn column(site: &Site, bars: &BarsRef, name: &str) -> Result<Dynamic> {
    let fields = Field::ALL.map(Field::name);
    let slip = nearest(name, fields).filter(|field| *field != name && !name.contains('_'));
    if let Some(field) = slip {
        let message = format!("bars have no column called `{name}`");
        return Err(Diagnostic::new(message).hint(format!("did you mean `{field}`?")));
    }
    site.series(bars.column(name))
}
