//! The loss and the weights of samples that a script asks for, checked against what is to be forecast.

use crate::error::{Diagnostic, Result};
use crate::expr::{Arguments, Label};
use crate::models::configuration::SampleWeight;
use crate::models::training::loss::Loss;

/// From where on Huber's loss is linear where nothing is said, in standard deviations of the target.
const HUBER_DELTA: f64 = 1.0;
/// The quantile that is forecast where nothing is said: the median.
const QUANTILE: f64 = 0.5;

/// The loss: what was asked for, else mean squared error, or cross-entropy where the target has classes.
pub(super) fn loss(arguments: &Arguments, target: &Label) -> Result<Loss> {
    let (name, classes) = (target.kind.name(), target.kind.classes());
    let asked = arguments.get("loss").map(|_| arguments.text("loss")).transpose()?;
    let loss = match (asked, classes) {
        (Some("mse"), _) | (None, None) => Loss::Mse,
        (Some("cross_entropy") | None, Some(classes)) => Loss::CrossEntropy { classes },
        (Some(word @ "cross_entropy"), None) => {
            let message = format!("`loss` is \"{word}\", but `{name}` has no classes");
            return Err(Diagnostic::new(message)
                .hint("give a target with classes, such as future_direction(close, 5), or leave `loss` out")
                .at(arguments.origin("loss")));
        }
        (Some(word), Some(_)) => {
            let message = format!("`loss` is \"{word}\", but `{name}` gives classes, not returns");
            return Err(Diagnostic::new(message)
                .hint("leave `loss` out for cross-entropy, or give a target such as future_return(close, 5)")
                .at(arguments.origin("loss")));
        }
        (Some("huber"), None) => Loss::Huber { delta: number(arguments, "huber_delta", HUBER_DELTA)? },
        (Some("quantile"), None) => Loss::Quantile { quantile: number(arguments, "quantile", QUANTILE)? },
        (Some(_), None) => Loss::Sharpe,
    };
    for (parameter, of) in [("huber_delta", "huber"), ("quantile", "quantile")] {
        if arguments.get(parameter).is_some() && loss.name() != of {
            let message = format!("`{parameter}` is given, but the loss is \"{}\"", loss.name());
            return Err(Diagnostic::new(message)
                .hint(format!("take it out, or write loss: \"{of}\""))
                .at(arguments.origin(parameter)));
        }
    }
    Ok(loss)
}

/// The loss of what is solved for at once: the mean squared error, of classes too.
pub(super) fn squared(arguments: &Arguments, node: &str) -> Result<Loss> {
    match arguments.get("loss").map(|_| arguments.text("loss")).transpose()? {
        None | Some("mse") => Ok(Loss::Mse),
        Some(word) => {
            Err(Diagnostic::new(format!("`loss` is \"{word}\", but `{node}` is solved for the squared error"))
                .hint("leave `loss` out, or use a network such as `lstm` or `mlp`")
                .at(arguments.origin("loss")))
        }
    }
}

/// The loss of trees: any that each sample has one of.
pub(super) fn of_each_sample(arguments: &Arguments, target: &Label, node: &str) -> Result<Loss> {
    match loss(arguments, target)? {
        Loss::Sharpe => {
            let message =
                format!("`loss` is \"sharpe\", which no sample has by itself: `{node}` cannot be grown by it");
            Err(Diagnostic::new(message)
                .hint("use \"mse\", \"huber\", \"quantile\" or \"cross_entropy\", or a network such as `lstm` or `mlp`")
                .at(arguments.origin("loss")))
        }
        loss => Ok(loss),
    }
}

fn number(arguments: &Arguments, name: &str, default: f64) -> Result<f64> {
    if arguments.get(name).is_some() { arguments.number(name) } else { Ok(default) }
}

/// How samples count: as was asked for, else by uniqueness where labels end at different bars.
pub(super) fn sample_weight(arguments: &Arguments, target: &Label) -> Result<SampleWeight> {
    let asked = arguments.get("sample_weight").map(|_| arguments.text("sample_weight")).transpose()?;
    Ok(match asked {
        Some("equal") => SampleWeight::Equal,
        Some(_) => SampleWeight::Uniqueness,
        None if target.kind.ends_vary() => SampleWeight::Uniqueness,
        None => SampleWeight::Equal,
    })
}
