//! Evaluation: a script's statements in order, and on behind one that fails, so that a person is told of
//! all that is wrong and not of the first thing alone.

use std::sync::Arc;

use rhai::{AST, Caches, Dynamic, Engine, EvalAltResult, Expr, Position, Scope, Stmt};

use crate::error::{Diagnostic, Origin};
use crate::script::errors::explain;
use crate::script::host::Host;
use crate::script::places::{origin, start};
use crate::script::value::{self, Declared, Unknown};
use crate::strategy::Strategy;

/// The strategy that a script ends with. What is wrong with the script is told to `host`.
pub fn evaluate(host: &Host, engine: &Engine, file: &Arc<str>, ast: &AST, mut scope: Scope) -> Option<Arc<Strategy>> {
    let mut global = engine.new_global_runtime_state();
    global.source = ast.source().map(Into::into);
    global.lib.push(ast.shared_lib().clone());
    let mut caches = Caches::new();
    let mut rest = ast.statements();
    let value = loop {
        #[expect(deprecated, reason = "nothing else evaluates statements on what others have left")]
        let result = engine.eval_statements_raw(&mut global, &mut caches, &mut scope, rest);
        let error = match result {
            Ok(value) => break value,
            Err(error) => *error,
        };
        let (position, limit) = (error.position(), is_limit(&error));
        if !host.tell(explain(host, error, file)) || limit || host.exhausted() {
            return None;
        }
        let failed = rest.iter().rposition(|statement| begin(statement) <= position)?;
        if !forget(&mut scope, &rest[failed]) {
            return None;
        }
        // What was declared by then need not stand where the syntax tree takes it to stand.
        global.always_search_scope = true;
        rest = &rest[failed + 1..];
        if rest.is_empty() {
            return None;
        }
    };
    match value::cast::<Declared>(&value) {
        Some(Declared(strategy)) => Some(strategy),
        // A script that is wrong so far may not be whole: that it ends too soon is not told beside.
        None if value.is::<Unknown>() || host.error().is_some() => None,
        None => {
            let last = ast.statements().last();
            let place = last.map_or_else(|| Origin::file(file.clone()), |last| origin(file, begin(last)));
            let diagnostic = match last {
                Some(_) => Diagnostic::new(format!(
                    "the script ends with {}, but must end with a strategy",
                    value::describe(&value)
                )),
                None => Diagnostic::new("the script is empty, but must end with a strategy"),
            };
            let text = host.source();
            let diagnostic = match text.rfind("/*") > text.rfind("*/") {
                true => diagnostic.hint("a comment has no end: `*/` is missing"),
                false => diagnostic,
            };
            let diagnostic = diagnostic.at(place);
            host.tell(match host.declared() {
                Some(declared) => {
                    diagnostic.hint(format!("the strategy stands at {declared}: move it to the end of the script"))
                }
                None => {
                    diagnostic.hint("its last expression is strategy(#{ universe: …, long: #{ enter: …, exit: … } })")
                }
            });
            None
        }
    }
}

/// Whether the script has used up what it may use.
fn is_limit(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            is_limit(inner)
        }
        EvalAltResult::ErrorTooManyOperations(_)
        | EvalAltResult::ErrorTooManyVariables(_)
        | EvalAltResult::ErrorTooManyModules(_)
        | EvalAltResult::ErrorStackOverflow(_)
        | EvalAltResult::ErrorDataTooLarge(..)
        | EvalAltResult::ErrorTerminated(..) => true,
        _ => false,
    }
}

/// Where a statement begins.
fn begin(statement: &Stmt) -> Position {
    match statement {
        Stmt::Expr(expression) => start(expression),
        Stmt::Assignment(assignment) => start(&assignment.1.lhs),
        other => other.position(),
    }
}

/// Makes unknown what a statement that failed would have changed; whether that can be told.
fn forget(scope: &mut Scope, failed: &Stmt) -> bool {
    match failed {
        Stmt::Var(definition, ..) => {
            scope.push(definition.0.name.to_string(), Unknown);
            true
        }
        Stmt::Assignment(assignment) => match &assignment.1.lhs {
            Expr::Variable(name, ..) => {
                if let Some(value) = scope.get_mut(&name.1) {
                    *value = Dynamic::from(Unknown);
                }
                true
            }
            _ => false,
        },
        Stmt::Expr(_) | Stmt::FnCall(..) => true,
        _ => false,
    }
}
