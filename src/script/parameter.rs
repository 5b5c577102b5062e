//! `param`: a number of the script that can be set from outside.

use rhai::{Dynamic, FLOAT, INT, ImmutableString};

use crate::error::{Diagnostic, Result};
use crate::expr::Argument;
use crate::node::{Kind, Parameter, bind_record};
use crate::script::host::Site;
use crate::script::value::{self, Unknown};
use crate::strategy::ParameterValue;

/// How many parameters a script may declare.
const MOST_PARAMETERS: usize = 200;

const OPTIONS: &[Parameter] = &[
    Parameter::optional("min", Kind::Number(f64::MIN, f64::MAX), "the least value that is allowed"),
    Parameter::optional("max", Kind::Number(f64::MIN, f64::MAX), "the greatest value that is allowed"),
];

/// Declares a parameter, and gives its value: what was set from outside, else its default. Where
/// the default is a whole number, so is the value.
pub fn parameter(site: &Site, arguments: &[Dynamic]) -> Result<Dynamic> {
    let Some(name) = value::cast::<ImmutableString>(&arguments[0]) else {
        return Err(wrong(site, "name", &arguments[0], "a text", 0));
    };
    let Some(default) = value::number(&arguments[1]).filter(|default| default.is_finite()) else {
        return Err(wrong(site, "default", &arguments[1], "a number", 1));
    };
    let whole = arguments[1].is_int();
    let range = range(site, arguments)?;
    let shown = |number: f64| if whole { format!("{number}") } else { format!("{number:?}") };
    let check = |what: &str, number: f64| {
        if number < range.0 || number > range.1 {
            let range = match range {
                (f64::NEG_INFINITY, max) => format!("{} and less", shown(max)),
                (min, f64::INFINITY) => format!("{} and more", shown(min)),
                (min, max) => format!("{} to {}", shown(min), shown(max)),
            };
            return Err(Diagnostic::new(format!("{what} `{name}` is {}: {range} are allowed", shown(number))));
        }
        Ok(())
    };
    check("the default of the parameter", default).map_err(|error| error.at(site.place(1)))?;
    let mut declared = site.host.parameters();
    if declared.iter().any(|parameter| parameter.name == name.as_str()) {
        return Err(Diagnostic::new(format!("there is a parameter called `{name}` already"))
            .hint("declare it once, and use the variable that holds it")
            .at(site.place(0)));
    }
    if declared.len() >= MOST_PARAMETERS || name.len() > value::LONGEST_NAME {
        let message = format!(
            "a script has up to {MOST_PARAMETERS} parameters, with names of up to {} bytes",
            value::LONGEST_NAME
        );
        return Err(Diagnostic::new(message).at(site.place(0)));
    }
    let set = site.host.settings.iter().rev().find(|setting| setting.name == name.as_str());
    let number = set.map_or(default, |setting| setting.value);
    if set.is_some() {
        check("the parameter", number)
            .map_err(|error| error.hint(format!("it was set from outside: {name}={number}")))?;
        if whole && number.fract() != 0.0 {
            return Err(Diagnostic::new(format!("the parameter `{name}` is set to {number:?}, but is a whole number"))
                .hint(format!("its default is {default}: write that as {default:?} to allow fractions")));
        }
    }
    let origin = site.origin.clone();
    declared.push(ParameterValue { name: name.to_string(), value: number, default, range, whole, origin });
    Ok(if whole { (number as INT).into() } else { (number as FLOAT).into() })
}

fn wrong(site: &Site, what: &str, given: &Dynamic, wanted: &str, index: usize) -> Diagnostic {
    if given.is::<Unknown>() {
        return Diagnostic::told();
    }
    Diagnostic::new(format!("the {what} of a parameter is {}, but takes {wanted}", value::describe(given)))
        .hint("it is param(name, default, #{ min: …, max: … })")
        .at(site.place(index))
}

fn range(site: &Site, arguments: &[Dynamic]) -> Result<(f64, f64)> {
    let Some(given) = arguments.get(2) else { return Ok((f64::NEG_INFINITY, f64::INFINITY)) };
    let Argument::Record(entries) = site.given(arguments, 2)?.value else {
        return Err(wrong(site, "range", given, "a record", 2));
    };
    let options = bind_record(&site.host.registry, "param", OPTIONS, entries)?;
    let bound = |name: &str, open: f64| match options.get(name) {
        Some(_) => options.number(name),
        None => Ok(open),
    };
    let (min, max) = (bound("min", f64::NEG_INFINITY)?, bound("max", f64::INFINITY)?);
    if min > max {
        return Err(Diagnostic::new(format!("`min` is {min}, above `max`, {max}")).at(options.origin("min")));
    }
    Ok((min, max))
}
