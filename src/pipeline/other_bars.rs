//! The same strategy with the same models on other bars.

use crate::data::Column;
use crate::error::{Diagnostic, Result};
use crate::models::InstrumentData;
use crate::pipeline::fit::{model_data, named};
use crate::pipeline::{Evaluated, Fitted};
use crate::plan::PlannedModel;
use crate::run::{InstrumentBars, InstrumentValues, Keep, evaluate};

impl Evaluated {
    /// Computes every step again on other bars of the same instruments, in the same order, with the
    /// models as they are: nothing is trained. Each model's ranges, and how good it was, stay those of
    /// the bars that it was trained on. The record of inputs is left empty.
    ///
    /// # Errors
    /// Where an instrument has no bars at a timeframe, even an empty list of them, or a column is
    /// missing.
    pub fn on_bars(&self, instruments: Vec<InstrumentBars>) -> Result<Self> {
        let mut models: Vec<Fitted> = Vec::with_capacity(self.models.len());
        let forecast = |model: &PlannedModel, values: &[InstrumentValues]| -> Result<Vec<Vec<Column>>> {
            let missing = || Diagnostic::new("a model of the plan was not fitted");
            let mut fitted = self.models.get(models.len()).cloned().ok_or_else(missing)?;
            let data: Vec<InstrumentData> =
                values.iter().map(|values| model_data(model, values)).collect::<Result<_>>()?;
            let names: Vec<String> = model.groups.iter().map(|group| group.name.clone()).collect();
            let predictions = fitted.trained.predict(&data, self.strategy.in_sample)?;
            fitted.outputs = predictions.into_iter().map(|prediction| named(&names, prediction)).collect();
            let columns = |outputs: &Vec<(String, Column)>| outputs.iter().map(|(_, column)| column.clone()).collect();
            let columns = fitted.outputs.iter().map(columns).collect();
            models.push(fitted);
            Ok(columns)
        };
        let evaluation = evaluate(&self.plan, instruments, Keep::Every, forecast)?;
        let (strategy, plan) = (self.strategy.clone(), self.plan.clone());
        Ok(Self { strategy, plan, evaluation, models, inputs: Vec::new().into() })
    }
}
