//! `position`: the open position, known by that name everywhere in a script.

use rhai::{Engine, Module, Scope, Shared};

use crate::script::value::Position;

const NAME: &str = "position";

/// Makes `position` known.
pub fn register(engine: &mut Engine) {
    let mut module = Module::new();
    module.set_var(NAME, Position);
    engine.register_global_module(Shared::new(module));
}

/// What a script is compiled with, so that the name counts as declared, inside of functions too.
pub fn scope() -> Scope<'static> {
    let mut scope = Scope::new();
    scope.push_constant(NAME, Position);
    scope
}
