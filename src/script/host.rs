//! The host: what a script's native functions share while it runs, and where each was called.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{AST, Dynamic, Engine, EvalAltResult, NativeCallContext, ParseErrorType, Position, Scope};

use crate::error::{Diagnostic, Origin, Result};
use crate::expr::{Condition, Given, Series};
use crate::node::Registry;
use crate::script::parse_errors;
use crate::script::places::{Places, Shape, origin};
use crate::script::setting::Setting;
use crate::script::value::{self, Unknown};
use crate::strategy::ParameterValue;

/// How many expressions a script may make.
const MAXIMUM_EXPRESSIONS: usize = 100_000;
/// From how many bytes on a text is long: it is not read again and again for more errors.
const LONG: usize = 100_000;
/// How many errors are looked for.
pub const MOST_ERRORS: usize = 20;
/// How many values nodes and records may be given.
const MAXIMUM_GIVEN: usize = 200_000;
/// How many expressions may stand one inside the other.
const MAXIMUM_DEPTH: usize = 1_000;

/// What a script's native functions share while it runs.
pub struct Host {
    /// The nodes that the script may call.
    pub registry: Registry,
    /// What was set from outside.
    pub settings: Vec<Setting>,
    /// The strategy's name.
    pub name: String,
    /// The folder below which modules are imported from; none for a script without a file.
    pub folder: Option<PathBuf>,
    places: Mutex<Places>,
    parameters: Mutex<Vec<ParameterValue>>,
    sources: Mutex<String>,
    expressions: AtomicUsize,
    given: AtomicUsize,
    /// What has been found to be wrong.
    errors: Mutex<Vec<Diagnostic>>,
    /// Where the strategy was declared.
    declared: Mutex<Option<Origin>>,
}

impl Host {
    /// A host for one script.
    pub fn new(registry: &Registry, settings: &[Setting], name: String, folder: Option<PathBuf>) -> Self {
        Self {
            registry: registry.clone(),
            settings: settings.to_vec(),
            name,
            folder,
            places: Mutex::default(),
            parameters: Mutex::default(),
            sources: Mutex::default(),
            expressions: AtomicUsize::new(0),
            given: AtomicUsize::new(0),
            errors: Mutex::default(),
            declared: Mutex::default(),
        }
    }

    /// Compiles a file's text, and remembers it and where its parts stand. Variables that nothing
    /// declares are told, and are in `scope` from then on.
    ///
    /// # Errors
    /// Where the text is no script.
    pub fn compile(&self, engine: &Engine, file: &Arc<str>, text: &str, scope: &mut Scope) -> Result<AST> {
        let mut lines = Vec::new();
        let mut ast = loop {
            let error = match engine.compile_with_scope(scope, text) {
                Ok(ast) => break ast,
                Err(error) => error,
            };
            let line = error.position().line();
            let unknown = match &*error.0 {
                ParseErrorType::VariableUndefined(name) if lines.len() < MOST_ERRORS && text.len() < LONG => {
                    Some(name.clone())
                }
                // What follows an unknown word on its line is hard to read because of it.
                _ if lines.contains(&line) => return Err(Diagnostic::told()),
                _ => None,
            };
            let diagnostic = parse_errors::unreadable(self, file, text, error);
            let Some(name) = unknown else { return Err(diagnostic) };
            self.tell(diagnostic);
            scope.push_constant(name, Unknown);
            lines.push(line);
        };
        ast.set_source(file.to_string());
        self.places().read(file, &ast);
        lock(&self.sources).push_str(text);
        Ok(ast)
    }

    /// Where the parts of the script stand.
    pub fn places(&self) -> MutexGuard<'_, Places> {
        lock(&self.places)
    }

    /// The parameters that the script has declared so far.
    pub fn parameters(&self) -> MutexGuard<'_, Vec<ParameterValue>> {
        lock(&self.parameters)
    }

    /// The texts of all files read so far.
    pub fn source(&self) -> String {
        lock(&self.sources).clone()
    }

    /// Remembers what is wrong, unless something else is wrong at the same place; whether there may be more.
    pub fn tell(&self, diagnostic: Diagnostic) -> bool {
        let mut errors = lock(&self.errors);
        for diagnostic in diagnostic.apart() {
            let known = errors.iter().any(|known| known.origin() == diagnostic.origin());
            if !diagnostic.is_told() && !known {
                errors.push(diagnostic);
            }
        }
        errors.len() < MOST_ERRORS
    }

    /// What has been found to be wrong, if anything, in the order of the text.
    pub fn error(&self) -> Option<Diagnostic> {
        let mut errors = lock(&self.errors).clone();
        errors.sort_by(|a, b| a.origin().cmp(&b.origin()));
        errors.into_iter().reduce(Diagnostic::and)
    }

    /// Remembers where the strategy is declared; gives where it was before.
    pub fn declare(&self, origin: Option<Origin>) -> Option<Origin> {
        let mut declared = lock(&self.declared);
        match &*declared {
            Some(first) => Some(first.clone()),
            None => {
                *declared = origin;
                None
            }
        }
    }

    /// Where the strategy was declared.
    pub fn declared(&self) -> Option<Origin> {
        lock(&self.declared).clone()
    }

    /// Whether the script has made all that it may make.
    pub fn exhausted(&self) -> bool {
        self.expressions.load(Ordering::Relaxed) > MAXIMUM_EXPRESSIONS
            || self.given.load(Ordering::Relaxed) > MAXIMUM_GIVEN
    }

    /// Counts one more value that a node or a record is given.
    pub fn count_given(&self) -> Result<()> {
        if self.given.fetch_add(1, Ordering::Relaxed) >= MAXIMUM_GIVEN {
            return Err(Diagnostic::new(format!("the script hands over more than {MAXIMUM_GIVEN} values"))
                .hint("is there a loop that makes more than it should?"));
        }
        Ok(())
    }

    /// Counts one more expression, `depth` deep.
    fn count(&self, depth: usize) -> Result<()> {
        if self.expressions.fetch_add(1, Ordering::Relaxed) >= MAXIMUM_EXPRESSIONS {
            return Err(Diagnostic::new(format!("the script makes more than {MAXIMUM_EXPRESSIONS} expressions"))
                .hint("is there a loop that makes more than it should?"));
        }
        if depth > MAXIMUM_DEPTH {
            self.expressions.store(MAXIMUM_EXPRESSIONS + 1, Ordering::Relaxed);
            return Err(Diagnostic::new(format!("an expression is more than {MAXIMUM_DEPTH} levels deep"))
                .hint("is there a loop that builds on its own result?"));
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call of a native function: what it shares, and where it stands.
pub struct Site<'a> {
    /// What all calls share.
    pub host: &'a Host,
    /// Where the function's name or the operator stands.
    pub origin: Option<Origin>,
}

impl<'a> Site<'a> {
    /// The site of a call.
    pub fn new(host: &'a Host, context: &NativeCallContext) -> Self {
        let position = context.call_position();
        let file = context.call_source().filter(|_| !position.is_none());
        Self { host, origin: file.map(|file| origin(&file.into(), position)) }
    }

    /// How an argument was written.
    pub fn shape(&self, index: usize) -> Option<Shape> {
        self.origin.as_ref().and_then(|origin| self.host.places().argument(origin, index).cloned())
    }

    /// An argument with the place where it stands, else the place of the call.
    pub fn given(&self, arguments: &[Dynamic], index: usize) -> Result<Given> {
        let argument = arguments.get(index).unwrap_or(&Dynamic::UNIT);
        value::convert(self.host, argument, self.shape(index).as_ref(), self.origin.as_ref())
    }

    /// Where an argument stands.
    pub fn place(&self, index: usize) -> Option<Origin> {
        self.shape(index).map(|shape| shape.origin).or_else(|| self.origin.clone())
    }

    /// The same for a dot or a bracket: its place is that of the name or the index behind it.
    pub fn at_member(mut self) -> Self {
        let member = self.origin.as_ref().and_then(|origin| self.host.places().member(origin).cloned());
        self.origin = member.or(self.origin);
        self
    }

    /// A new series, as a value of the script.
    pub fn series(&self, series: Series) -> Result<Dynamic> {
        self.host.count(series.depth())?;
        Ok(Dynamic::from(series.at(self.origin.clone())))
    }

    /// A new condition, as a value of the script.
    pub fn condition(&self, condition: Condition) -> Result<Dynamic> {
        self.host.count(condition.depth())?;
        Ok(Dynamic::from(condition.at(self.origin.clone())))
    }

    /// Hands a result to rhai. What is wrong is remembered, and the script goes on without the value;
    /// inside a function it travels inside rhai's error instead, which gathers the calls that led there.
    pub fn finish(&self, result: Result<Dynamic>) -> Result<Dynamic, Box<EvalAltResult>> {
        let diagnostic = match result {
            Ok(value) => return Ok(value),
            Err(diagnostic) if diagnostic.is_told() => return Ok(Dynamic::from(Unknown)),
            Err(diagnostic) => diagnostic.at(self.origin.clone()),
        };
        let inside = self.origin.as_ref().is_none_or(|origin| self.host.places().is_inside_function(origin));
        if inside || self.host.exhausted() {
            return Err(raise(diagnostic));
        }
        match self.host.tell(diagnostic) {
            true => Ok(Dynamic::from(Unknown)),
            false => Err(raise(Diagnostic::told())),
        }
    }
}

/// A diagnostic as an error of rhai's.
pub fn raise(diagnostic: Diagnostic) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(diagnostic), Position::NONE))
}
