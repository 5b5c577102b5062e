//! From a script to a strategy.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use tracing::info_span;

use crate::error::{Diagnostic, Origin, Result};
use crate::node::Registry;
use crate::script::evaluate::evaluate;
use crate::script::host::Host;
use crate::script::setting::Setting;
use crate::script::{engine, position, text};
use crate::stack::with_room;
use crate::strategy::{Source, Strategy};

/// What a script may call, and what is set from outside.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The nodes that the script may call.
    pub registry: &'a Registry,
    /// Values for the script's parameters; the last of a name holds.
    pub settings: &'a [Setting],
}

/// Reads a script from a file, and gives the strategy that it declares.
///
/// Modules are imported from below the file's own folder.
///
/// # Errors
/// Where the file cannot be read; and as [`compile`].
pub fn load(path: &Path, options: &Options) -> Result<Strategy> {
    let file = path.display().to_string();
    let text = text::read(path).map_err(|error| {
        let diagnostic = Diagnostic::new(format!("the script cannot be read: {error}")).at(Origin::file(file.as_str()));
        match error.kind() {
            ErrorKind::InvalidData => diagnostic.hint("save it as UTF-8"),
            _ => diagnostic,
        }
    })?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    run(&text, &file, Some(folder), options)
}

/// Gives the strategy that a script's text declares. Such a script imports no modules.
///
/// The strategy is named after `file_name`, without the ending.
///
/// # Errors
/// At the place in the script that is wrong, or in `file_name` as a whole.
///
/// # Examples
///
/// ```
/// use timeweave::node::Registry;
/// use timeweave::script::{Options, compile};
///
/// let registry = Registry::new();
/// let options = Options { registry: &registry, settings: &[] };
/// let error = compile("let day = bars(\"1 day\");", "mine.rhai", &options).unwrap_err();
/// assert_eq!(error.origin().map(ToString::to_string).as_deref(), Some("mine.rhai:1:16"));
/// assert_eq!(error.message(), "`1 day` is no timeframe");
/// ```
pub fn compile(text: &str, file_name: &str, options: &Options) -> Result<Strategy> {
    run(text, file_name, None, options)
}

fn run(text: &str, file_name: &str, folder: Option<&Path>, options: &Options) -> Result<Strategy> {
    let _stage = info_span!("script").entered();
    with_room(|| read(text, file_name, folder, options))
}

fn read(text: &str, file_name: &str, folder: Option<&Path>, options: &Options) -> Result<Strategy> {
    let file: Arc<str> = file_name.into();
    let whole = || Origin::file(file.clone());
    text::check_length(text).map_err(|error| error.at(whole()))?;
    let name = Path::new(file_name).file_stem().map_or(file_name.into(), |stem| stem.to_string_lossy());
    let host =
        Arc::new(Host::new(options.registry, options.settings, name.into_owned(), folder.map(Path::to_path_buf)));
    let engine = engine::build(&host)?;
    let mut scope = position::scope();
    let strategy = match host.compile(&engine, &file, text, &mut scope) {
        Ok(ast) => evaluate(&host, &engine, &file, &ast, scope),
        Err(error) => {
            host.tell(error.at(whole()));
            None
        }
    };
    if let Some(error) = host.error() {
        return Err(error);
    }
    let Some(strategy) = strategy else { return Err(Diagnostic::new("the script declares no strategy").at(whole())) };
    let parameters = host.parameters().clone();
    if let Some(setting) = options.settings.iter().find(|set| parameters.iter().all(|known| known.name != set.name)) {
        let message = format!("the script has no parameter called `{}`", setting.name);
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let diagnostic = Diagnostic::new(message).at(whole());
        return Err(match names.is_empty() {
            true => diagnostic.hint(format!("it has none: declare it with param(\"{}\", …)", setting.name)),
            false => diagnostic.did_you_mean(&setting.name, names),
        });
    }
    let source = Some(Source { file, text: host.source().into() });
    Ok(Strategy { parameters, source, ..Arc::unwrap_or_clone(strategy) })
}
