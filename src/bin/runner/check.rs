//! `runner check`: everything that is wrong with a script, and what is suspicious.

use std::fs;

use timeweave::data::Catalog;
use timeweave::error::{Diagnostic, Origin, Result};
use timeweave::pipeline::{load, settle};
use timeweave::plan::Plan;
use timeweave::review::{review, unused_names, unused_parameters};
use timeweave::script::Setting;
use timeweave::standard_registry;

use crate::arguments::CheckArguments;
use crate::output::{draw, line, text};

/// Checks a script on its data, without training a model, and prints what is suspicious.
pub fn run(arguments: &CheckArguments) -> Result<()> {
    let registry = standard_registry()?;
    let CheckArguments { script: of, datasets, strict } = arguments;
    let catalog = Catalog::open(datasets)?;
    let strategy = settle(of.read(&registry)?, &registry, &catalog)?;
    let plan = Plan::new(&strategy, &registry)?;
    let market = load(&plan, &strategy, &catalog)?;
    let mut warnings = review(&strategy, &registry, market)?;
    let mut again = |name: &str, value: f64| of.variant(&[Setting { name: name.into(), value }], &registry);
    warnings.extend(unused_parameters(&strategy, &registry, &mut again)?);
    // The script was read a moment ago: that it cannot be read now is nobody's mistake.
    let source = fs::read_to_string(&of.path).unwrap_or_default();
    warnings.extend(unused_names(&of.path.display().to_string(), source.strip_prefix('\u{feff}').unwrap_or(&source)));
    warnings.sort_by_key(|warning| warning.origin().map(|origin| (origin.line, origin.column)));
    for warning in &warnings {
        text(draw(warning))?;
        line("")?;
    }
    let path = of.path.display();
    let told = match warnings.len() {
        0 => format!("{path}: nothing is wrong, and nothing looks suspicious"),
        1 => format!("{path}: nothing is wrong, but 1 thing looks suspicious"),
        count => format!("{path}: nothing is wrong, but {count} things look suspicious"),
    };
    line(told)?;
    if *strict && !warnings.is_empty() {
        return Err(Diagnostic::new("there are warnings, and --strict allows none")
            .at(Origin::file(of.path.display().to_string())));
    }
    Ok(())
}
