//! `dynamic_weight`: weighs the forecasts of an `lstm` against each other, bar by bar.

use crate::error::{Diagnostic, Result};
use crate::expr::{Argument, Arguments, Series};
use crate::models::configuration::{Regime, WeightMethod, Weighting};
use crate::models::declared::ModelPlan;
use crate::node::{Inputs, Kind, ModelNode, ModelOutput, Parameter, Spec};
use crate::time::Timeframe;

/// The node.
pub const NODE: ModelNode = ModelNode { spec: SPEC, outputs, architecture: None };

const SPEC: Spec = Spec {
    name: "dynamic_weight",
    family: "model",
    doc: "Weighs the forecasts of an `lstm` against each other, bar by bar, by what the market looks like.",
    formula: "A weight for each group on each bar, positive, with the sum 1; `score` is the weighted forecast. \
              `softmax`: a network of one hidden layer (tanh) on the scaled values of `given`, and a softmax. \
              `attention`: a softmax of q · k / √hidden, with q linear in `given` and k linear in what each network \
              hands to its head. `inverse_error`: as one over the mean squared error of the last `window` forecasts \
              out of sample whose outcome is known; all alike until one is. `regime`: as one over the squared errors \
              on the validation range, by thirds of the first series of `given` in the training range. `equal`: all \
              alike. The first two are trained. Trained jointly, the loss is that \
              of the score plus `auxiliary` times the mean of the groups' own, so that each group's forecast stays one \
              in its own right; validation measures the same. Of classes the probabilities are weighed. Staged, each LSTM is trained on its own \
              first, and the weights after that.",
    inputs: Inputs::None,
    parameters: &[
        Parameter::required("forecast", Kind::Forecaster, "the model whose forecasts are weighed"),
        Parameter::optional("given", Kind::SeriesList, "what the weights may depend on"),
        Parameter::choice("method", WeightMethod::NAMES, "how the weights come about"),
        Parameter::integer("hidden", 16, 1, 4_096, "units of the hidden layer, or of the query of attention"),
        Parameter::length("window", 60, 1, "with \"inverse_error\": how many known outcomes it looks back on"),
        Parameter::choice("training", Regime::NAMES, "LSTMs and weights together, or one after the other"),
        Parameter::number("auxiliary", 0.5, 0.0, 1e3, "how much the groups' own losses count in joint training"),
    ],
    outputs: &[],
    example: "dynamic_weight(forecast, #{ given: [natr(day, 14), adx(day, 14)] })",
    source: "Jacobs, Jordan, Nowlan & Hinton (1991), Adaptive Mixtures of Local Experts; Vaswani et al. (2017); Bates & \
             Granger (1969)",
};

impl ModelPlan {
    /// The plan of a call of `dynamic_weight`, from that of the model that it was given.
    ///
    /// # Errors
    /// At the argument that does not fit the others.
    pub fn weighed(mut self, arguments: &Arguments) -> Result<Self> {
        self.given = given(arguments, self.timeframe)?;
        let method = method(arguments)?;
        let by_error = matches!(method, WeightMethod::InverseError | WeightMethod::Regime);
        if by_error && !self.configuration.loss.forecasts_the_mean() {
            let (word, loss) = (arguments.text("method")?, self.configuration.loss.name());
            let message = format!("`{word}` compares forecasts with the target, which \"{loss}\" does not forecast");
            return Err(Diagnostic::new(message)
                .hint("use another `method`, or a loss such as \"mse\" or \"huber\"")
                .at(arguments.origin("method")));
        }
        self.configuration.weighting = Some(Weighting {
            method,
            window: arguments.length("window")?,
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

fn method(arguments: &Arguments) -> Result<WeightMethod> {
    Ok(match arguments.text("method")? {
        "attention" => WeightMethod::Attention,
        "inverse_error" => WeightMethod::InverseError,
        "regime" => WeightMethod::Regime,
        "equal" => WeightMethod::Equal,
        _ => WeightMethod::Softmax,
    })
}

/// What the weights may depend on: series no finer than the target.
fn given(arguments: &Arguments, target: Timeframe) -> Result<Vec<Series>> {
    let mut found = Vec::new();
    if !method(arguments)?.reads_given() {
        return match arguments.origin("given") {
            Some(origin) => Err(Diagnostic::new("these weights depend on nothing that is given")
                .hint("take `given` out, or use method: \"softmax\"")
                .at(origin)),
            None => Ok(found),
        };
    }
    let list = if arguments.get("given").is_some() { arguments.list("given")? } else { &[] };
    for given in list {
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
        return Err(Diagnostic::new("`dynamic_weight` is given nothing: the weights would never change")
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
