//! Modules: what `import` reads, and only from below the script's own folder.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Shared};

use crate::error::{Diagnostic, Result};
use crate::script::host::{Host, raise};
use crate::script::places::origin;
use crate::script::{errors, position, text};

/// How rhai finds the modules of one script.
pub struct Modules {
    host: Arc<Host>,
    /// Modules by their file; none for one that is still being read.
    read: Mutex<HashMap<PathBuf, Option<Shared<Module>>>>,
}

impl Modules {
    /// The modules of the script that `host` runs.
    pub fn new(host: Arc<Host>) -> Self {
        Self { host, read: Mutex::default() }
    }

    fn remember(&self, file: &Path, module: Option<Shared<Module>>) -> Option<Option<Shared<Module>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(file.into(), module)
    }

    fn module(&self, engine: &Engine, name: &str) -> Result<Shared<Module>> {
        let (shown, file) = self.find(name)?;
        match self.remember(&file, None) {
            Some(Some(module)) => {
                self.remember(&file, Some(module.clone()));
                return Ok(module);
            }
            Some(None) => {
                return Err(Diagnostic::new(format!(
                    "the module \"{name}\" imports itself, directly or through others"
                ))
                .hint("move what both need into a module of its own"));
            }
            None => {}
        }
        let text = text::read(&file).map_err(|error| unreadable(name, &error))?;
        let shown: Arc<str> = shown.display().to_string().into();
        let mut scope = position::scope();
        let ast = self.host.compile(engine, &shown, &text, &mut scope)?;
        let module = Module::eval_ast_as_new(scope, &ast, engine)
            .map_err(|error| errors::explain(&self.host, *error, &shown))?;
        let module: Shared<Module> = module.into();
        self.remember(&file, Some(module.clone()));
        Ok(module)
    }

    /// The file of a module: as it is shown, and as it is on the disk.
    fn find(&self, name: &str) -> Result<(PathBuf, PathBuf)> {
        let Some(folder) = &self.host.folder else {
            return Err(Diagnostic::new("this script cannot import modules: it was not read from a file"));
        };
        let outside = || {
            Diagnostic::new(format!("the module \"{name}\" is not below the script's own folder"))
                .hint("move it there, and name it by its path from there: import \"lib/features\" as features")
        };
        let relative = Path::new(name);
        let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || name.is_empty() || name.contains(['\\', '\0']) {
            return Err(outside());
        }
        let mut shown = folder.join(relative);
        if shown.extension().is_none() {
            shown.set_extension("rhai");
        }
        let missing = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Diagnostic::new(format!("there is no module \"{name}\""))
                .hint("a module is a file below the script's own folder, named without the ending .rhai"),
            _ => unreadable(name, &error),
        };
        let file = shown.canonicalize().map_err(missing)?;
        let folder = folder.canonicalize().map_err(missing)?;
        match file.starts_with(folder) {
            true => Ok((shown, file)),
            false => Err(outside()),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("the module \"{name}\" cannot be read: {error}"))
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let place = source.map(|file| origin(&file.into(), position));
        self.module(engine, path).map_err(|diagnostic| raise(diagnostic.at(place)))
    }
}
