//! `dynamic_weight`: weighs the forecasts of an `lstm` against each other, bar by bar.

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Arguments};
use crate::models::configuration::{Regime, Weighting};
use crate::models::lstm::ModelPlan;
use crate::node::{Inputs, Kind, ModelNode, ModelOutput, Parameter, Spec};

/// The node.
pub const NODE: ModelNode = ModelNode { spec: SPEC, outputs };

const SPEC: Spec = Spec {
    name: "dynamic_weight",
    family: "model",
    doc: "Weighs the forecasts of an `lstm` against each other, bar by bar, by what the market looks like.",
    formula: "A network of one hidden layer (tanh) on the scaled values of `given`, and a softmax, give a weight for each \
              group: positive, with the sum 1. `score` is the weighted forecast. Trained jointly, the loss is the mean \
              squared error of the score plus `auxiliary` times the mean of the groups' own, so that each group's \
              forecast stays one in its own right; validation measures the same. Staged, each LSTM is trained on its own \
              first, and the weights after that.",
    inputs: Inputs::None,
    parameters: &[
        Parameter::required("forecast", Kind::Model("lstm"), "the `lstm` whose forecasts are weighed"),
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
    /// The plan of a call of `dynamic_weight`, and of the `lstm` that it was given.
    ///
    /// # Errors
    /// At the argument that does not fit the others.
    pub fn dynamic_weight(arguments: &Arguments) -> Result<Self> {
        let mut plan = Self::lstm(&arguments.call("forecast")?.arguments)?;
        for given in arguments.list("given")? {
            let Argument::Series(series) = &given.value else { continue };
            if let Some(timeframe) = series.timeframe().filter(|timeframe| *timeframe < plan.timeframe) {
                let message =
                    format!("`given` has a series at {timeframe}, finer than the target at {}", plan.timeframe);
                return Err(Diagnostic::new(message)
                    .hint(format!("give it at {} or coarser", plan.timeframe))
                    .at(given.origin.clone()));
            }
            plan.given.push(series.clone());
        }
        if plan.given.is_empty() {
            return Err(Diagnostic::new("`given` of `dynamic_weight` is empty: the weights would never change")
                .hint("give what tells market states apart: [natr(day, 14), adx(day, 14)]")
                .at(arguments.origin("given")));
        }
        plan.configuration.weighting = Some(Weighting {
            given: plan.given.len(),
            hidden: arguments.length("hidden")?,
            regime: match arguments.text("training")? {
                "staged" => Regime::Staged,
                _ => Regime::Joint,
            },
            auxiliary: arguments.number("auxiliary")?,
        });
        Ok(plan)
    }
}

fn outputs(arguments: &Arguments) -> Result<Vec<ModelOutput>> {
    let plan = ModelPlan::dynamic_weight(arguments)?;
    let weights = plan.groups.iter().map(|group| format!("weights.{}", group.name));
    let names = ["score".to_owned()].into_iter().chain(weights);
    Ok(names.map(|name| (name, Some(plan.timeframe))).collect())
}
