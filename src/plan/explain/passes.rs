//! What a plan costs: its passes over columns, and the bytes that they keep.

use crate::plan::{Operation, Plan, StepId};

/// The passes of a plan: how often columns are gone over, and for which steps.
pub(super) struct Passes {
    /// By step, the number of its pass, from 1.
    number: Vec<Option<usize>>,
    /// By step, the step that it is computed with.
    owners: Vec<StepId>,
    /// By pass, how many steps it computes.
    sizes: Vec<usize>,
}

impl Passes {
    pub(super) fn new(plan: &Plan) -> Self {
        let owners = plan.owners();
        let mut passes = Self { number: vec![None; owners.len()], owners, sizes: Vec::new() };
        for (id, step) in plan.numbered() {
            let free = match step.operation {
                // Held by the bars, by the plan, or by the node that they are outputs of.
                Operation::Column(_) | Operation::Number(_) | Operation::Truth(_) | Operation::Output(..) => true,
                Operation::Model(_) => true,
                _ => false,
            };
            if !free && passes.owners[id.index()] == id {
                passes.sizes.push(0);
                passes.number[id.index()] = Some(passes.sizes.len());
            }
        }
        for index in 0..passes.owners.len() {
            passes.number[index] = passes.number[passes.owners[index].index()];
            if let Some(number) = passes.number[index] {
                passes.sizes[number - 1] += 1;
            }
        }
        passes
    }

    /// The pass of a step: its number, whether the step is what the pass gives, and how many steps are
    /// computed in it.
    pub(super) fn of(&self, id: StepId) -> Option<(usize, bool, usize)> {
        let number = self.number[id.index()]?;
        Some((number, self.owners[id.index()] == id, self.sizes[number - 1]))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.sizes.len()
    }

    /// How many of them compute several steps, and how many steps those are.
    pub(super) fn fused(&self) -> (usize, usize) {
        let fused = self.sizes.iter().filter(|size| **size > 1);
        (fused.clone().count(), fused.sum())
    }

    /// How many bytes a bar are kept of what a step computes.
    pub(super) fn bytes(&self, plan: &Plan, id: StepId) -> usize {
        let columns = match &plan.step(id).operation {
            Operation::Column(_) | Operation::Number(_) | Operation::Truth(_) | Operation::Output(..) => 0,
            Operation::Indicator(node, _) => node.spec.outputs.len(),
            Operation::Scan(recursion) => recursion.states.len(),
            Operation::Model(model) => {
                let model = &plan.models[*model];
                let blend = model.configuration.weighting.as_ref().map_or(0, |_| 1 + model.groups.len());
                model.groups.len() + blend
            }
            _ if self.owners[id.index()] != id => 0,
            Operation::Align => return if plan.gives_truth(id) { 1 } else { 8 },
            operation if operation.is_condition() => return 1,
            _ => 1,
        };
        8 * columns
    }
}

impl Plan {
    /// Whether a step's values are truth values, seen from other bars too.
    pub(crate) fn gives_truth(&self, id: StepId) -> bool {
        let step = self.step(id);
        match (&step.operation, step.inputs.first()) {
            (Operation::Align, Some(source)) => self.gives_truth(*source),
            (operation, _) => operation.is_condition(),
        }
    }
}
