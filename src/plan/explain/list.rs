//! A plan in words: every step once, in order.

use std::fmt::Write;

use crate::expr::{BarsRef, Binary, Label};
use crate::plan::explain::words::{call_in_words, rule_clauses, scan_clauses};
use crate::plan::{Operation, Plan, PlannedInput, PlannedModel, Step, StepId};
use crate::program::Operator;

impl Plan {
    /// The plan as a table, a step a line: what it does, its timeframe, and how many bars must
    /// have closed before its first value; then what reads which step.
    pub fn explain(&self) -> String {
        let mut text = format!("base timeframe {}\n\n", self.base);
        let bars = |step: &Step| step.bars.as_ref().map(BarsRef::to_string).unwrap_or_default();
        let width = self.steps.iter().map(|step| bars(step).len()).max().unwrap_or(0).max(4);
        for (id, step) in self.numbered() {
            let (id, bars, what) = (id.to_string(), bars(step), self.describe(step));
            let line = format!("{id:>4}  {bars:<width$} {what:<52} {}", step.warmup);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
        for (side, rules) in [("long", &self.long), ("short", &self.short)] {
            let Some(rules) = rules else { continue };
            let _ = writeln!(text, "{side}.enter = {}", rules.enter);
            if let Some(exit) = rules.exit {
                let _ = writeln!(text, "{side}.exit = {exit}");
            }
            for (what, id) in rules.prices() {
                let _ = writeln!(text, "{side}.{what} = {id}");
            }
            for setting in rules.settings() {
                let _ = writeln!(text, "{side}.{setting}");
            }
        }
        for exit in &self.exits {
            let _ = writeln!(text, "exit {}", call_in_words(exit, write_input));
        }
        match &self.weights {
            Some(weights) => {
                weights.named().for_each(|(name, id)| {
                    let _ = writeln!(text, "{name} = {id}");
                });
                let _ = writeln!(text, "rebalance {}", weights.rebalance);
            }
            None => {
                let _ = writeln!(text, "size {}", call_in_words(&self.size, write_input));
            }
        }
        if let Some(id) = self.slippage {
            let _ = writeln!(text, "slippage {id}");
        }
        for (name, id) in &self.plot {
            let _ = writeln!(text, "plot {name} = {id}");
        }
        text
    }

    /// What a model depends on, as text: every step that it reads, numbered among themselves, so
    /// that the text changes only when the model's inputs do.
    pub fn explain_model(&self, model: &PlannedModel) -> String {
        let needed = self.needed(&self.step(model.step).inputs);
        let mut text = String::new();
        let mut names = vec![String::new(); self.steps.len()];
        for (number, (index, step)) in self.steps.iter().enumerate().filter(|(index, _)| needed[*index]).enumerate() {
            names[index] = format!("#{}", number + 1);
            let inputs: Vec<String> = step.inputs.iter().map(|id| names[id.index()].clone()).collect();
            let bars = step.bars.as_ref().map(BarsRef::to_string).unwrap_or_default();
            let _ = writeln!(text, "{} {bars} {}", names[index], write_operation(self, step, &inputs));
        }
        for group in &model.groups {
            for (name, id) in &group.features {
                let _ = writeln!(text, "{}.{name} at {} = {}", group.name, group.timeframe, names[id.index()]);
            }
        }
        for id in &model.given {
            let _ = writeln!(text, "given = {}", names[id.index()]);
        }
        let reads: Vec<String> = model.target_reads.iter().map(|id| names[id.index()].clone()).collect();
        let _ = writeln!(text, "target at {} = {}", model.timeframe, label(&model.target, &reads));
        text
    }

    /// What a step does, as [`Plan::explain`] writes it: `sma(#1, timeperiod = 20)`.
    pub fn describe(&self, step: &Step) -> String {
        let inputs: Vec<String> = step.inputs.iter().map(StepId::to_string).collect();
        write_operation(self, step, &inputs)
    }
}

fn write_operation(plan: &Plan, step: &Step, inputs: &[String]) -> String {
    let call = |name: &str| format!("{name}({})", inputs.join(", "));
    let infix = |name: &str| format!("({})", inputs.join(&format!(" {name} ")));
    match &step.operation {
        Operation::Number(value) => format!("{value}"),
        Operation::Truth(value) => format!("{value}"),
        Operation::Column(name) => name.to_string(),
        Operation::Align => call("align"),
        Operation::Element(operator) => match operator {
            Operator::Unary(_) | Operator::Select | Operator::Not => call(operator.name()),
            Operator::Binary(Binary::Minimum | Binary::Maximum) => call(operator.name()),
            _ => infix(operator.name()),
        },
        Operation::Shift(bars) | Operation::ShiftCondition(bars) => format!("{}[{bars}]", inputs.join(", ")),
        Operation::CrossesAbove => call("crosses_above"),
        Operation::CrossesBelow => call("crosses_below"),
        Operation::Across(across) => call(across.name()),
        Operation::Pick(pick) => format!("{}({}, {})", pick.name(), pick.count(), inputs.join(", ")),
        Operation::Scan(recursion) => format!("scan({})", scan_clauses(recursion, inputs).join("; ")),
        Operation::Indicator(node, arguments) => {
            let arguments = arguments.iter().map(|(name, value)| format!("{name} = {}", value.literal()));
            let all: Vec<String> = inputs.iter().cloned().chain(arguments).collect();
            format!("{}({})", node.spec.name, all.join(", "))
        }
        Operation::Model(index) => {
            let model = &plan.models[*index];
            let reads: Vec<String> = model.target_reads.iter().map(StepId::to_string).collect();
            let target = label(&model.target, &reads);
            let given =
                if model.given.is_empty() { String::new() } else { format!(" weighed by {}", list(&model.given)) };
            let groups: Vec<String> =
                model.groups.iter().map(|g| format!("{} ({} x {})", g.name, g.features.len(), g.timeframe)).collect();
            format!("{} {} -> {target}{given}", model.networks.node, groups.join(", "))
        }
        Operation::Output(_, name) => format!("{}.{name}", inputs.join(", ")),
    }
}

/// A step's number, or a rule over the position.
fn write_input(input: &PlannedInput) -> String {
    match input {
        PlannedInput::Step(id) => id.to_string(),
        PlannedInput::Rule(rule) => rule_clauses(rule, |id| id.to_string()).join("; "),
    }
}

/// A label as a call: what it looks ahead in, how far, and what is known by then.
fn label(label: &Label, reads: &[String]) -> String {
    let (name, horizon) = (label.kind.name(), label.horizon);
    match reads {
        [of] => format!("{name}({of}, {horizon})"),
        [of, known] => format!("{name}({of}, {horizon}, {known})"),
        _ => {
            let named = label.reads().into_iter().zip(reads).map(|((what, _), id)| format!("{what} = {id}"));
            format!("{name}({}, bars = {horizon})", named.collect::<Vec<_>>().join(", "))
        }
    }
}

fn list(ids: &[StepId]) -> String {
    ids.iter().map(StepId::to_string).collect::<Vec<_>>().join(", ")
}
