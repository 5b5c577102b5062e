//! `dynamic_weight`: weighs the forecasts of an `lstm` against each other, bar by bar.

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Arguments, Series};
use crate::models::configuration::{Regime, Weighting};
use crate::models::declared::ModelPlan;
use crate::node::{Inputs, Kind, ModelNode, ModelOutput, Parameter, Spec};
use crate::time::Timeframe;

/// The node.
pub const NODE: ModelNode = ModelNode { spec: SPEC, outputs, architecture: None };

const SPEC: Spec = Spec {
    name: "dynamic_weight",
    family: "model",
    doc: "Weighs the forecasts of an `lstm` against each other, bar by bar, by what the market looks like.",
    formula: "A network of one hidden layer (tanh) on the scaled values of `given`, and a softmax, give a weight for each \
              group: positive, with the sum 1. `score` is the weighted forecast. Trained jointly, the loss is that \
              of the score plus `auxiliary` times the mean of the groups' own, so that each group's forecast stays one \
              in its own right; validation measures the same. Of classes the probabilities are weighed. Staged, each LSTM is trained on its own \
              first, and the weights after that.",
    inputs: Inputs::None,
    parameters: &[
        Parameter::required("forecast", Kind::Forecaster, "the model whose forecasts are weighed"),
        Parameter::required("given", Kind::SeriesList, "what the weights may depend on"),
        Parameter::integer("hidden", 16, 1, 4_096, "units of the hidden layer"),
        Parameter::choice("training", Regime::NAMES, "LSTMs and weights together, or one after the other"),
        Parameter::number("auxiliary", 0.5, 0.0, 1e3, "how much the groups' own losses count in joint training"),
    ],
    outputs: &[],
    example: "dynamic_weight(forecast, #{ given: [natr(day, 14), adx(day, 14)] })",
    source: "Jacobs, Jordan, Nowlan & Hinton (1991), Adaptive Mixtures of Local Experts",
};

impl ModelPlan {
    /// The plan of a call of `dynamic_weight`, from that of the model that it was given.
    ///
    /// # Errors
    /// At the argument that does not fit the others.
    pub fn weighed(mut self, arguments: &Arguments) -> Result<Self> {
        self.given = given(arguments, self.timeframe)?;
        self.configuration.weighting = Some(Weighting {
            given: self.given.len(),
            hidden: arguments.length("hidden")?,
            regime: match arguments.text("training")? {
                "staged" => Regime::Staged,
                _ => Regime::Joint,
            },
            auxiliary: arguments.number("auxiliary")?,
        });
        Ok(self)
    }
}

/// What the weights may depend on: series no finer than the target.
fn given(arguments: &Arguments, target: Timeframe) -> Result<Vec<Series>> {
    let mut found = Vec::new();
    for given in arguments.list("given")? {
        let Argument::Series(series) = &given.value else { continue };
        if let Some(timeframe) = series.timeframe().filter(|timeframe| *timeframe < target) {
            let message = format!("`given` has a series at {timeframe}, finer than the target at {target}");
            return Err(Diagnostic::new(message)
                .hint(format!("give it at {target} or coarser"))
                .at(given.origin.clone()));
        }
        found.push(series.clone());
    }
    if found.is_empty() {
        return Err(Diagnostic::new("`given` of `dynamic_weight` is empty: the weights would never change")
            .hint("give what tells market states apart: [natr(day, 14), adx(day, 14)]")
            .at(arguments.origin("given")));
    }
    Ok(found)
}

fn outputs(arguments: &Arguments) -> Result<Vec<ModelOutput>> {
    let forecast = arguments.call("forecast")?;
    let timeframe = forecast.output_timeframes.first().copied().flatten();
    if let Some(timeframe) = timeframe {
        given(arguments, timeframe)?;
    }
    let weights = forecast.outputs.iter().map(|group| format!("weights.{group}"));
    let names = ["score".to_owned()].into_iter().chain(weights);
    Ok(names.map(|name| (name, timeframe)).collect())
}
