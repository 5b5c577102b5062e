//! The graph: a plan for Graphviz to draw.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use crate::expr::BarsRef;
use crate::plan::explain::passes::Passes;
use crate::plan::explain::words::{computed_arguments, rule_clauses, scan_clauses};
use crate::plan::{Operation, Plan, PlannedCall, PlannedInput, StepId};

impl Plan {
    /// The plan as a graph in Graphviz's language, from left to right: what is read, what is computed of it,
    /// and the rules, exits, size and plots (boxes) that it is computed for. Steps stand in a frame for
    /// their bars, and in one more for the pass that fuses them; an edge is dashed where a value crosses
    /// from one frame to another and so is seen from its close instant on.
    pub fn dot(&self) -> String {
        let mut graph = Graph {
            plan: self,
            passes: Passes::new(self),
            text: String::new(),
            boxes: 0,
            outputs: HashMap::new(),
            edges: BTreeSet::new(),
        };
        graph.write();
        graph.text
    }
}

const HEAD: &str = r##"digraph plan {
  rankdir=LR;
  ranksep=0.6;
  nodesep=0.2;
  fontname="Helvetica";
  node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled", fillcolor=white, color="#5b6b7b"];
  edge [fontname="Helvetica", fontsize=9, color="#5b6b7b", fontcolor="#5b6b7b", arrowsize=0.7];
"##;

const ROOT: &str = r##"shape=box, style="filled,bold", fillcolor="#d8e8f8", color="#1f5f99""##;
const MODEL: &str = r##"shape=box3d, style="filled", fillcolor="#fbe7c6", color="#b06a00""##;
const COLUMN: &str = r##"shape=plaintext, style="filled", fillcolor="#e6e6e6""##;

struct Graph<'a> {
    plan: &'a Plan,
    passes: Passes,
    text: String,
    /// How many boxes are drawn.
    boxes: usize,
    /// By node with one output, the number that the tree shows for both: its output's.
    outputs: HashMap<StepId, StepId>,
    /// Each edge once, in order: where from, where to, with what attributes.
    edges: BTreeSet<(String, String, String)>,
}

/// What a step is drawn as, seen by who reads it.
struct Source {
    node: StepId,
    /// Which of its outputs, where it has several.
    output: String,
    /// Whether it goes by other bars than its reader.
    crosses: bool,
}

impl Graph<'_> {
    fn write(&mut self) {
        let plan = self.plan;
        let drawn = || plan.numbered().filter(|(_, step)| is_drawn(&step.operation));
        self.text.push_str(HEAD);
        for (id, step) in plan.numbered() {
            match (&step.operation, step.inputs.first()) {
                (Operation::Output(..), Some(node)) if self.has_one_output(*node) => self.outputs.insert(*node, id),
                _ => None,
            };
        }
        let mut frames: BTreeMap<Option<BarsRef>, Vec<StepId>> = BTreeMap::new();
        for (id, step) in drawn() {
            frames.entry(step.bars.clone()).or_default().push(id);
        }
        for (number, (bars, steps)) in frames.iter().enumerate() {
            let label = bars.as_ref().map_or_else(|| "any".into(), BarsRef::to_string);
            self.open(&format!("bars{number}"), &label, r##"style="rounded", color="#9aa7b4", fontsize=14"##);
            self.frame(steps);
            self.text.push_str("  }\n");
        }
        for (id, step) in drawn() {
            // A model names what it is given.
            if !matches!(step.operation, Operation::Model(_)) {
                step.inputs.iter().for_each(|input| self.edge(*input, node(id), ""));
            }
        }
        self.models();
        self.text.push_str("  {\n    rank=sink;\n");
        self.roots();
        self.text.push_str("  }\n");
        for (from, to, attributes) in &self.edges {
            let _ = writeln!(self.text, "  {from} -> {to}{attributes};");
        }
        self.text.push_str("}\n");
    }

    fn has_one_output(&self, node: StepId) -> bool {
        match &self.plan.step(node).operation {
            Operation::Indicator(node, _) => node.spec.outputs.len() == 1,
            Operation::Scan(recursion) => recursion.states.len() == 1,
            _ => false,
        }
    }

    /// The steps that go by the same bars; those that are fused into one pass in a frame of their own.
    fn frame(&mut self, steps: &[StepId]) {
        let mut fused: BTreeMap<usize, Vec<StepId>> = BTreeMap::new();
        for id in steps {
            match self.passes.of(*id) {
                Some((pass, _, 2..)) => fused.entry(pass).or_default().push(*id),
                _ => self.step(*id),
            }
        }
        for (pass, steps) in fused {
            let style = r##"style="rounded,dotted", color="#2e7d32", fontcolor="#2e7d32", fontsize=9"##;
            self.open(&format!("pass{pass}"), &format!("pass {pass}"), style);
            steps.iter().for_each(|id| self.step(*id));
            self.text.push_str("  }\n");
        }
    }

    fn open(&mut self, name: &str, label: &str, attributes: &str) {
        let _ = writeln!(self.text, "  subgraph cluster_{name} {{\n    graph [label={}, {attributes}];", quoted(label));
    }

    fn step(&mut self, id: StepId) {
        let step = self.plan.step(id);
        let number = self.outputs.get(&id).copied().unwrap_or(id);
        let (lines, style) = match &step.operation {
            Operation::Column(name) => (vec![name.to_string()], format!(", {COLUMN}")),
            Operation::Model(model) => {
                let weighed = self.plan.models[*model].configuration.weighting.is_some();
                let name = format!("{id} {}", self.plan.in_words(id));
                (if weighed { vec![name, "its networks weighed".into()] } else { vec![name] }, format!(", {MODEL}"))
            }
            Operation::Scan(recursion) => {
                let names: Vec<String> = step.inputs.iter().map(|id| self.plan.name_in_program(*id)).collect();
                let mut lines = vec![format!("{number} scan")];
                lines.extend(scan_clauses(recursion, &names));
                (lines, String::new())
            }
            _ => (vec![format!("{number} {}", self.plan.in_words(id))], String::new()),
        };
        let _ = writeln!(self.text, "    {} [label={}{style}];", node(id), quoted(&lines.join("\n")));
    }

    fn models(&mut self) {
        for model in &self.plan.models {
            for group in &model.groups {
                let crosses = group.timeframe != model.timeframe;
                for (name, id) in &group.features {
                    let source = self.source(*id).map(|source| Source { crosses: source.crosses || crosses, ..source });
                    self.draw(source, node(model.step), &format!("{}.{name}", group.name));
                }
            }
            model.given.iter().for_each(|id| self.edge(*id, node(model.step), "given"));
            let target = format!("{} {} ahead", model.target.kind.name(), model.target.horizon);
            for (id, (what, _)) in model.target_reads.iter().zip(model.target.reads()) {
                let what = if model.target_reads.len() == 1 { target.clone() } else { format!("{target}: {what}") };
                self.edge(*id, node(model.step), &what);
            }
        }
    }

    fn roots(&mut self) {
        let plan = self.plan;
        for (side, rules) in [("long", &plan.long), ("short", &plan.short)] {
            let Some(rules) = rules else { continue };
            let enter = self.root(&format!("{side}.enter"));
            self.edge(rules.enter, enter, "");
            if let Some(exit) = rules.exit {
                let root = self.root(&format!("{side}.exit"));
                self.edge(exit, root, "");
            }
            if let Some(order) = &rules.order {
                let settings: String = rules.settings().iter().map(|setting| format!("\n{setting}")).collect();
                let root = self.root(&format!("{side}.at {}{settings}", order.name()));
                rules.prices().into_iter().for_each(|(what, id)| self.edge(id, root.clone(), what));
            }
        }
        match &plan.weights {
            Some(weights) => {
                for (name, id) in weights.named() {
                    let root = self.root(&format!("{name}\nrebalance {}", weights.rebalance));
                    self.edge(id, root, "");
                }
            }
            None => {
                plan.exits.iter().for_each(|exit| self.call("exit", exit));
                self.call("size", &plan.size);
            }
        }
        if let Some(id) = plan.slippage {
            let root = self.root("slippage");
            self.edge(id, root, "");
        }
        for (name, id) in &plan.plot {
            let root = self.root(&format!("plot {name}"));
            self.edge(*id, root, "");
        }
    }

    /// An exit or a sizer; a rule over the position stands in its label.
    fn call(&mut self, what: &str, call: &PlannedCall) {
        let mut lines = vec![format!("{what} {}", self.plan.call_in_short(call))];
        for (name, input) in computed_arguments(call) {
            if let PlannedInput::Rule(rule) = input {
                let clauses = rule_clauses(rule, |id| self.plan.name_in_program(id));
                lines.push(format!("{name} = {}", clauses.join("\n")));
            }
        }
        let root = self.root(&lines.join("\n"));
        for (name, input) in computed_arguments(call) {
            input.steps().into_iter().for_each(|id| self.edge(id, root.clone(), name));
        }
    }

    fn root(&mut self, label: &str) -> String {
        self.boxes += 1;
        let name = format!("root{}", self.boxes);
        let _ = writeln!(self.text, "    {name} [label={}, {ROOT}];", quoted(label));
        name
    }

    fn edge(&mut self, from: StepId, to: String, label: &str) {
        self.draw(self.source(from), to, label);
    }

    fn draw(&mut self, from: Option<Source>, to: String, label: &str) {
        let Some(source) = from else { return };
        let labels: Vec<&str> = [source.output.as_str(), label].into_iter().filter(|label| !label.is_empty()).collect();
        let mut attributes = Vec::new();
        if !labels.is_empty() {
            attributes.push(format!("label={}", quoted(&labels.join(" → "))));
        }
        if source.crosses {
            attributes.push("style=dashed".into());
        }
        let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        self.edges.insert((node(source.node), to, attributes));
    }

    /// What a step is drawn as; nothing where it is a constant.
    fn source(&self, id: StepId) -> Option<Source> {
        let step = self.plan.step(id);
        match (&step.operation, step.inputs.first()) {
            (Operation::Number(_) | Operation::Truth(_), _) => None,
            (Operation::Align, Some(input)) => Some(Source { crosses: true, ..self.source(*input)? }),
            (Operation::Output(_, name), Some(node)) => {
                let output = if self.has_one_output(*node) { String::new() } else { name.clone() };
                Some(Source { node: *node, output, crosses: false })
            }
            _ => Some(Source { node: id, output: String::new(), crosses: false }),
        }
    }
}

/// Constants stand in the label of who reads them, outputs and alignments are edges.
fn is_drawn(operation: &Operation) -> bool {
    !matches!(operation, Operation::Number(_) | Operation::Truth(_) | Operation::Output(..) | Operation::Align)
}

fn node(id: StepId) -> String {
    format!("step{}", id.index() + 1)
}

/// A text in quotes; its lines stand below each other, each from the left where there are several.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    match escaped.contains('\n') {
        true => format!("\"{}\\l\"", escaped.replace('\n', "\\l")),
        false => format!("\"{escaped}\""),
    }
}
