//! `linear`: a straight line through the whole window, solved for at once.

use std::sync::Arc;

use burn_core::tensor::Tensor;

use crate::error::Result;
use crate::models::architectures::{flat, forecaster};
use crate::models::shared::{SHARED, with_shared};
use crate::networks::{Architecture, Dropout, Fitting, Networks, ParameterShape, StateDict, Window};
use crate::node::{Inputs, ModelNode, Parameter, Spec};

/// The node.
pub const NODE: ModelNode =
    forecaster(SPEC, |arguments| Ok(Arc::new(WholeWindow { penalty: arguments.number("penalty")? })));

const OWN: [Parameter; 1] =
    [Parameter::number("penalty", 0.01, 0.0, 1e6, "added to the mean squared error for each squared coefficient")];
const PARAMETERS: [Parameter; OWN.len() + SHARED.len()] = with_shared(&OWN);

const SPEC: Spec = Spec {
    name: "linear",
    family: "model",
    doc: "A ridge regression a group of features, on all steps of the window side by side: what a network has to beat.",
    formula: "forecast = b + Σ w x over every feature of every step of the scaled window; w minimises the mean squared \
              error over the training range plus `penalty` × Σ w². Solved at once: `epochs`, `batch` and what else \
              descent takes are for the network of a `dynamic_weight` alone.",
    inputs: Inputs::None,
    parameters: &PARAMETERS,
    outputs: &[],
    example: "linear(#{ inputs: #{ day: #{ momentum: roc(close, 10) } }, target: future_return(close, 5), lookback: 5 })",
    source: "Hoerl & Kennard (1970)",
};

/// Hands the whole window to the head, which is solved for.
#[derive(Debug)]
struct WholeWindow {
    penalty: f64,
}

impl Architecture for WholeWindow {
    fn units(&self, window: Window) -> usize {
        window.steps * window.features
    }

    fn parameters(&self, _: Window) -> Vec<ParameterShape> {
        Vec::new()
    }

    fn networks(&self, _: &StateDict, _: &[&str]) -> Result<Box<dyn Networks>> {
        Ok(Box::new(AsItIs))
    }

    fn fitting(&self) -> Fitting {
        Fitting::Ridge(self.penalty)
    }
}

#[derive(Debug)]
struct AsItIs;

impl Networks for AsItIs {
    fn forward(&self, windows: &[(usize, &Tensor<3>)], _: &mut Dropout) -> Result<Vec<Tensor<2>>> {
        Ok(windows.iter().map(|(_, window)| flat(window)).collect())
    }
}
