//! Nodes: every one of the registry as a function of the script, bound by its Spec alone.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{Dynamic, Engine, is_valid_function_name};

use crate::error::{Diagnostic, Result, all};
use crate::expr::{Series, SeriesKind};
use crate::script::functions;
use crate::script::host::{Host, Site};
use crate::script::value::Handle;

/// How many arguments rhai can take without regard to their types.
const MOST_ARGUMENTS: usize = 16;

/// Registers each node for every number of arguments up to a few more than it takes, so that its
/// Spec and not rhai says what is wrong with them.
///
/// The sizer `percent` has no function of its own: `percent(8)` is a proportion, which a sizer may
/// be given as.
///
/// # Errors
/// Where a node has the name of a function of the language, or one that no script can write.
pub fn register(engine: &mut Engine, host: &Arc<Host>) -> Result<()> {
    for spec in host.registry.specs() {
        if functions::find(spec.name).is_some() {
            if host.registry.sizer(spec.name).is_some() && spec.name == "percent" {
                continue;
            }
            return Err(Diagnostic::new(format!("a node is called `{}`, as a function of scripts is", spec.name))
                .hint("give the node another name"));
        }
        if !is_valid_function_name(spec.name) {
            return Err(Diagnostic::new(format!("a node is called `{}`, which no script can call", spec.name))
                .hint("a name is made of letters, digits and `_`, and is no reserved word of Rhai's"));
        }
        let most = (spec.inputs.len() + spec.parameters.len() + 2).min(MOST_ARGUMENTS);
        for count in 0..=most {
            let (host, name) = (host.clone(), spec.name);
            engine.register_raw_fn(name, vec![TypeId::of::<Dynamic>(); count], move |context, arguments| {
                let site = Site::new(&host, &context);
                let arguments: Vec<Dynamic> = arguments.iter().map(|argument| argument.flatten_clone()).collect();
                site.finish(call(&site, name, &arguments))
            });
        }
    }
    Ok(())
}

fn call(site: &Site, name: &str, arguments: &[Dynamic]) -> Result<Dynamic> {
    let given = all((0..arguments.len()).map(|index| site.given(arguments, index)))?;
    let call = Arc::new(site.host.registry.call(name, given, site.origin.clone())?);
    let single = site.host.registry.indicator(name).is_some() && call.outputs.len() == 1;
    match single {
        true => site.series(Series::new(SeriesKind::Output(call, 0))),
        false => Ok(Dynamic::from(Handle(call))),
    }
}
