//! What a plan is computed for, and that nothing else is.

use crate::plan::{Operation, Plan, PlannedInput, PlannedRules, RuleRead, StepId};

impl Plan {
    /// Every step that something outside of the steps reads: rules, exits, the size, plots and models.
    pub fn roots(&self) -> Vec<StepId> {
        let rules = [&self.long, &self.short].into_iter().flatten();
        let rules = rules.flat_map(PlannedRules::steps);
        let calls = self.exits.iter().chain([&self.size]).flat_map(|call| call.steps());
        let weights = self.weights.iter().flat_map(|weights| &weights.shares).map(|(_, id)| *id);
        let plots = self.plot.iter().map(|(_, id)| *id).chain(self.slippage).chain(weights);
        let models = self.models.iter().flat_map(|model| {
            let features = model.groups.iter().flat_map(|group| group.features.iter().map(|(_, id)| *id));
            features.chain(model.given.iter().chain(&model.target_reads).copied()).chain([model.step])
        });
        rules.chain(calls).chain(plots).chain(models).collect()
    }

    /// Those of the roots that are read at the base timeframe: all but the models'.
    pub(super) fn roots_mut(&mut self) -> Vec<&mut StepId> {
        let rules = [&mut self.long, &mut self.short].into_iter().flatten();
        let rules = rules.flat_map(PlannedRules::steps_mut);
        let inputs = self.exits.iter_mut().chain([&mut self.size]).flat_map(|call| &mut call.inputs);
        let calls = inputs.flat_map(|input| match input {
            PlannedInput::Step(id) => vec![id],
            PlannedInput::Rule(rule) => rule
                .reads
                .iter_mut()
                .filter_map(|read| match read {
                    RuleRead::Step(id) => Some(id),
                    RuleRead::Position(_) => None,
                })
                .collect(),
        });
        let weights = self.weights.iter_mut().flat_map(|weights| &mut weights.shares).map(|(_, id)| id);
        rules
            .chain(calls)
            .chain(&mut self.slippage)
            .chain(weights)
            .chain(self.plot.iter_mut().map(|(_, id)| id))
            .collect()
    }

    /// Drops the steps that nothing is computed from, such as the operands of a folded constant, and
    /// numbers the others anew.
    pub(super) fn drop_dead_steps(&mut self) {
        let needed = self.needed(&self.roots());
        let mut next = 0;
        let numbers: Vec<StepId> = needed
            .iter()
            .map(|needed| {
                next += usize::from(*needed);
                StepId::new(next.saturating_sub(1))
            })
            .collect();
        let mut keep = needed.iter();
        self.steps.retain(|_| keep.next().copied().unwrap_or(false));
        let renumber = |id: &mut StepId| *id = numbers[id.index()];
        self.roots_mut().into_iter().for_each(renumber);
        self.steps.iter_mut().flat_map(|step| &mut step.inputs).for_each(renumber);
        for model in &mut self.models {
            let features = model.groups.iter_mut().flat_map(|group| group.features.iter_mut().map(|(_, id)| id));
            let reads = model.given.iter_mut().chain(&mut model.target_reads);
            features.chain(reads).chain([&mut model.step]).for_each(renumber);
        }
    }

    /// For each step, whether one of `ids` is it or is computed from it.
    pub(super) fn needed(&self, ids: &[StepId]) -> Vec<bool> {
        let mut needed = vec![false; self.steps.len()];
        ids.iter().for_each(|id| needed[id.index()] = true);
        for index in (0..self.steps.len()).rev() {
            if needed[index] {
                self.steps[index].inputs.iter().for_each(|id| needed[id.index()] = true);
            }
        }
        needed
    }

    /// For each step, the steps that read it.
    pub(super) fn readers(&self) -> Vec<Vec<StepId>> {
        let mut readers = vec![Vec::new(); self.steps.len()];
        for (reader, step) in self.numbered() {
            step.inputs.iter().for_each(|id| readers[id.index()].push(reader));
        }
        readers
    }

    /// Whether a step is an operator on the values of each bar.
    pub(super) fn is_element(&self, id: StepId) -> bool {
        matches!(self.step(id).operation, Operation::Element(_))
    }
}
