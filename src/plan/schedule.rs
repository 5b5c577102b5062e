//! The schedule: in which pieces a plan is computed. Chains of element-wise operators become one
//! program each, which moves every column once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::{Operation, Plan, StepId};
use crate::program::{Builder, Handle, Program};

/// One piece of work; its result is the values of one step.
#[derive(Clone)]
pub enum Task {
    /// The step by itself.
    Step(StepId),
    /// The step and element-wise steps before it that nothing else reads.
    Fused(Fused),
}

/// Element-wise steps that are computed together.
#[derive(Clone)]
pub struct Fused {
    /// The last of them.
    pub step: StepId,
    /// What they compute, from the values of `inputs`, in their order.
    pub program: Arc<Program>,
    /// The steps that it reads.
    pub inputs: Vec<StepId>,
}

impl Task {
    /// The step whose values it gives.
    pub fn step(&self) -> StepId {
        match self {
            Task::Step(id) => *id,
            Task::Fused(fused) => fused.step,
        }
    }

    /// The steps whose values it reads.
    fn inputs<'a>(&'a self, plan: &'a Plan) -> &'a [StepId] {
        match self {
            Task::Step(id) => &plan.step(*id).inputs,
            Task::Fused(fused) => &fused.inputs,
        }
    }
}

impl Plan {
    /// Every step by itself.
    pub fn single_tasks(&self) -> Vec<Task> {
        self.numbered().map(|(id, _)| Task::Step(id)).collect()
    }

    /// As few pieces as give the values of all roots, and of whatever is not element-wise.
    pub fn fused_tasks(&self) -> Vec<Task> {
        let owners = self.owners();
        let whole = |(id, _): (StepId, _)| (owners[id.index()] == id).then(|| self.task(id, &owners));
        self.numbered().filter_map(whole).collect()
    }

    /// The tasks in the order in which they can be done, those of one wave beside one another: each reads only what
    /// earlier waves gave. A model and a comparison of instruments have a wave to themselves, after all that comes
    /// before them in the plan.
    pub fn waves(&self, tasks: Vec<Task>) -> Vec<Vec<Task>> {
        let mut waves: Vec<Vec<Task>> = Vec::new();
        // The wave after the one that gives a step's values, and the first that may still grow.
        let (mut known, mut first) = (vec![0; self.steps.len()], 0);
        for task in tasks {
            let id = task.step();
            let alone = matches!(self.step(id).operation, Operation::Model(_)) || self.step(id).operation.is_across();
            let wave = match alone {
                true => waves.len(),
                false => task.inputs(self).iter().map(|input| known[input.index()]).fold(first, usize::max),
            };
            if wave == waves.len() {
                waves.push(Vec::new());
            }
            waves[wave].push(task);
            known[id.index()] = wave + 1;
            if alone {
                first = wave + 1;
            }
        }
        waves
    }

    /// For each wave, the steps that nothing reads once it is done: neither a later one, nor rules, plots or models.
    pub fn last_read(&self, waves: &[Vec<Task>]) -> Vec<Vec<StepId>> {
        let mut last_wave = vec![None; self.steps.len()];
        for (number, wave) in waves.iter().enumerate() {
            let touched = wave.iter().flat_map(|task| task.inputs(self).iter().copied().chain([task.step()]));
            touched.for_each(|id| last_wave[id.index()] = Some(number));
        }
        self.roots().iter().for_each(|id| last_wave[id.index()] = None);
        let mut last_read = vec![Vec::new(); waves.len()];
        for ((id, _), wave) in self.numbered().zip(last_wave) {
            if let Some(wave) = wave {
                last_read[wave].push(id);
            }
        }
        last_read
    }

    /// For each step, the step that it is computed with: itself, or the element-wise step that all who
    /// read it are computed with.
    pub(super) fn owners(&self) -> Vec<StepId> {
        let readers = self.readers();
        let mut owners: Vec<StepId> = self.numbered().map(|(id, _)| id).collect();
        let mut is_root = vec![false; owners.len()];
        self.roots().iter().for_each(|id| is_root[id.index()] = true);
        for index in (0..owners.len()).rev() {
            let id = owners[index];
            let owner = |reader: &StepId| self.is_element(*reader).then(|| owners[reader.index()]);
            let mut of_readers = readers[index].iter().map(owner);
            let Some(Some(first)) = of_readers.next() else { continue };
            if self.is_element(id) && !is_root[index] && of_readers.all(|owner| owner == Some(first)) {
                owners[index] = first;
            }
        }
        owners
    }

    fn task(&self, id: StepId, owners: &[StepId]) -> Task {
        if !self.is_element(id) {
            return Task::Step(id);
        }
        let mut fusing =
            Fusing { plan: self, owners, builder: Builder::new(), inputs: Vec::new(), known: HashMap::new() };
        let result = fusing.handle(id, id);
        let Fusing { builder, inputs, .. } = fusing;
        Task::Fused(Fused { step: id, program: builder.finish(&[result]).into(), inputs })
    }
}

struct Fusing<'a> {
    plan: &'a Plan,
    owners: &'a [StepId],
    builder: Builder,
    inputs: Vec<StepId>,
    known: HashMap<StepId, Handle>,
}

impl Fusing<'_> {
    fn handle(&mut self, id: StepId, owner: StepId) -> Handle {
        if let Some(handle) = self.known.get(&id) {
            return *handle;
        }
        let step = self.plan.step(id);
        let handle = match &step.operation {
            Operation::Number(value) => self.builder.constant(*value),
            Operation::Truth(value) => self.builder.constant(f64::from(*value)),
            Operation::Element(operator) if self.owners[id.index()] == owner => {
                let operands: Vec<Handle> = step.inputs.iter().map(|input| self.handle(*input, owner)).collect();
                self.builder.apply(*operator, &operands)
            }
            _ => {
                self.inputs.push(id);
                self.builder.input()
            }
        };
        self.known.insert(id, handle);
        handle
    }
}
