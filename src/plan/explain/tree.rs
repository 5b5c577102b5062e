//! The tree: what is computed for each rule, exit, size, plot and model, a row a step.

use std::collections::{BTreeMap, HashSet};
use std::iter;

use crate::expr::BarsRef;
use crate::models::SampleWeight;
use crate::plan::explain::passes::Passes;
use crate::plan::explain::words::{computed_arguments, rule_clauses, scan_clauses};
use crate::plan::{Operation, Plan, PlannedCall, PlannedInput, PlannedModel, PositionRule, StepId};

/// The widest that the tree itself may be before its columns no longer line up.
const WIDEST: usize = 78;

/// One more column beside the tree: what is known of the steps by whoever has data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What stands above it.
    pub title: String,
    /// A text for each step of the plan, by [`StepId::index`].
    pub cells: Vec<String>,
    /// A text for each of the plan's exits, then one for its size.
    pub calls: Vec<String>,
    /// Whether they are numbers, whose last digits are to stand below each other.
    pub numbers: bool,
}

impl Plan {
    /// The plan as a tree for people: each rule, exit, size, plot and model, and below it what it is
    /// computed from; with the timeframe, the lookback, the pass that computes it, and the bytes a bar that
    /// are kept of it. What several read is shown once, and by its number after that.
    ///
    /// A pass goes over a column once. Operators that are fused into one pass carry its number.
    pub fn tree(&self, beside: &[Beside]) -> String {
        let mut tree = Tree { plan: self, beside, passes: Passes::new(self), seen: HashSet::new(), rows: Vec::new() };
        tree.heading();
        tree.roots();
        let (passes, rows) = (tree.passes, tree.rows);
        let numbers = [false, false, false, true].into_iter().chain(beside.iter().map(|column| column.numbers));
        format!("{}\n{}", layout(&rows, &numbers.collect::<Vec<_>>()), self.cost(&passes))
    }

    /// The cost of all in one line.
    fn cost(&self, passes: &Passes) -> String {
        let mut bytes: BTreeMap<BarsRef, usize> = BTreeMap::new();
        for (id, step) in self.numbered() {
            let kept = passes.bytes(self, id);
            if let Some(bars) = step.bars.as_ref().filter(|_| kept > 0) {
                *bytes.entry(bars.clone()).or_default() += kept;
            }
        }
        let kept: Vec<String> = bytes.iter().map(|(bars, bytes)| format!("{bytes} bytes a bar of {bars}")).collect();
        let fused = match passes.fused() {
            (0, _) => String::new(),
            (count, steps) => format!(", {steps} operators fused into {count} of them"),
        };
        let rules = self.exits.iter().chain([&self.size]).flat_map(|call| &call.inputs);
        let rules = match rules.filter(|input| matches!(input, PlannedInput::Rule(_))).count() {
            0 => String::new(),
            count => format!("; {} stepped bar by bar", counted(count, "rule")),
        };
        let kept = if kept.is_empty() { "nothing".into() } else { kept.join(", ") };
        format!("{}{fused}; keeps {kept}{rules}\n", counted(passes.count(), "pass"))
    }
}

fn counted(count: usize, what: &str) -> String {
    match (count, what.ends_with('s')) {
        (1, _) => format!("1 {what}"),
        (_, true) => format!("{count} {what}es"),
        (_, false) => format!("{count} {what}s"),
    }
}

/// A line: the tree's part, and the cells beside it.
#[derive(Default)]
struct Row {
    text: String,
    cells: Vec<String>,
}

/// What stands below a row.
enum Child<'a> {
    Step(String, StepId),
    Rule(String, &'a PositionRule),
    Note(String),
    Group(String, Vec<Child<'a>>),
}

struct Tree<'a> {
    plan: &'a Plan,
    beside: &'a [Beside],
    passes: Passes,
    seen: HashSet<StepId>,
    rows: Vec<Row>,
}

impl<'a> Tree<'a> {
    fn heading(&mut self) {
        let titles = ["timeframe", "lookback", "pass", "bytes"].map(str::to_owned);
        let beside = self.beside.iter().map(|column| column.title.clone());
        let text = format!("base timeframe {}", self.plan.base);
        self.rows.push(Row { text, cells: titles.into_iter().chain(beside).collect() });
    }

    fn roots(&mut self) {
        let plan = self.plan;
        for (side, rules) in [("long", &plan.long), ("short", &plan.short)] {
            let Some(rules) = rules else { continue };
            self.section();
            self.root(Child::Step(format!("{side}.enter = "), rules.enter));
            if let Some(exit) = rules.exit {
                self.section();
                self.root(Child::Step(format!("{side}.exit = "), exit));
            }
            for (what, id) in rules.prices() {
                self.section();
                self.root(Child::Step(format!("{side}.{what} = "), id));
            }
            for setting in rules.settings() {
                self.root(Child::Note(format!("{side}.{setting}")));
            }
        }
        self.section();
        match &plan.weights {
            Some(weights) => {
                weights.named().for_each(|(name, id)| self.root(Child::Step(format!("{name} = "), id)));
                self.root(Child::Note(format!("rebalance {}", weights.rebalance)));
            }
            None => {
                plan.exits.iter().enumerate().for_each(|(index, exit)| self.call("exit", exit, index));
                self.call("size", &plan.size, plan.exits.len());
            }
        }
        if let Some(id) = plan.slippage {
            self.section();
            self.root(Child::Step("slippage = ".into(), id));
        }
        if !plan.plot.is_empty() {
            self.section();
        }
        plan.plot.iter().for_each(|(name, id)| self.root(Child::Step(format!("plot {name} = "), *id)));
        for model in &plan.models {
            self.section();
            self.model(model);
        }
    }

    /// A line left empty.
    fn section(&mut self) {
        self.rows.push(Row::default());
    }

    fn root(&mut self, child: Child<'a>) {
        self.child("", "", child);
    }

    /// An exit or a sizer, the `index`th of all.
    fn call(&mut self, what: &str, call: &'a PlannedCall, index: usize) {
        let mut cells = Vec::new();
        if call.inputs.iter().any(|input| matches!(input, PlannedInput::Rule(_))) {
            cells.extend([self.plan.base.to_string(), String::new(), "stepped".into(), String::new()]);
            cells.extend(self.beside.iter().map(|column| column.calls.get(index).cloned().unwrap_or_default()));
        }
        let text = format!("{what} {}", self.plan.call_in_short(call));
        self.rows.push(Row { text, cells });
        let children = computed_arguments(call).map(|(name, input)| match input {
            PlannedInput::Step(id) => Child::Step(format!("{name} = "), *id),
            PlannedInput::Rule(rule) => Child::Rule(format!("{name} = "), rule),
        });
        self.branch("", children.collect());
    }

    fn model(&mut self, model: &'a PlannedModel) {
        let weighed = if model.configuration.weighting.is_some() { ", its networks weighed" } else { "" };
        let text = format!("model {} {}{weighed}", model.step, model.networks.node);
        self.row(text, model.step, None);
        let mut children = Vec::new();
        for (group, network) in model.groups.iter().zip(&model.configuration.groups) {
            let features = group.features.iter().map(|(name, id)| Child::Step(format!("{name} = "), *id));
            let title = format!("{}: {} bars of {} a sample", group.name, network.lookback, group.timeframe);
            children.push(Child::Group(title, features.collect()));
        }
        if !model.given.is_empty() {
            let given = model.given.iter().map(|id| Child::Step(String::new(), *id)).collect();
            children.push(Child::Group("weights given".into(), given));
        }
        let target = format!("target {} {} ahead", model.target.kind.name(), model.target.horizon);
        children.push(match model.target_reads.as_slice() {
            [of] => Child::Step(format!("{target} of "), *of),
            reads => {
                let named = model.target.reads().into_iter().zip(reads);
                Child::Group(target, named.map(|((what, _), id)| Child::Step(format!("{what} = "), *id)).collect())
            }
        });
        let weighed = match model.configuration.sample_weight {
            SampleWeight::Equal => "",
            SampleWeight::Uniqueness => ", samples weighed by uniqueness",
        };
        children.push(Child::Note(format!("loss {}{weighed}", model.configuration.loss)));
        let learns = model.configuration.training.update.map_or_else(String::new, |update| format!(", {update}"));
        children.push(Child::Note(format!("{}{learns}", model.configuration.division)));
        self.branch("", children);
    }

    /// The rows of some children, below a row whose own children begin with `below`.
    fn branch(&mut self, below: &str, children: Vec<Child<'a>>) {
        let last = children.len().saturating_sub(1);
        for (index, child) in children.into_iter().enumerate() {
            let (lead, bar) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.child(&format!("{below}{lead}"), &format!("{below}{bar}"), child);
        }
    }

    /// A child that begins with `lead`; what is below it begins with `below`.
    fn child(&mut self, lead: &str, below: &str, child: Child<'a>) {
        match child {
            Child::Note(text) => self.rows.push(Row { text: format!("{lead}{text}"), cells: Vec::new() }),
            Child::Group(title, children) => {
                self.rows.push(Row { text: format!("{lead}{title}"), cells: Vec::new() });
                self.branch(below, children);
            }
            Child::Rule(role, rule) => {
                let mut clauses = rule_clauses(rule, |id| self.plan.name_in_program(id)).into_iter();
                let text = format!("{lead}{role}{}", clauses.next().unwrap_or_default());
                self.rows.push(Row { text, cells: Vec::new() });
                let inputs: Vec<StepId> = rule.reads.iter().filter_map(|read| read.step()).collect();
                let inputs = self.inputs(&inputs).map(|id| Child::Step(String::new(), id));
                self.branch(below, clauses.map(Child::Note).chain(inputs).collect());
            }
            Child::Step(role, id) => self.step(lead, below, &role, id),
        }
    }

    fn step(&mut self, lead: &str, below: &str, role: &str, id: StepId) {
        let step = self.plan.step(id);
        let constant = matches!(step.operation, Operation::Number(_) | Operation::Truth(_));
        if constant {
            let text = format!("{lead}{role}{}", self.plan.in_short(id));
            return self.rows.push(Row { text, cells: Vec::new() });
        }
        let leaf = matches!(step.operation, Operation::Column(_));
        if !self.seen.insert(id) && !leaf {
            let text = format!("{lead}{role}{id} above: {}", self.plan.in_short(id));
            return self.rows.push(Row { text, cells: Vec::new() });
        }
        let text = format!("{lead}{role}{id} {}", self.plan.in_words(id));
        // An output has the row of its node; of several outputs, the first has.
        let node = match step.operation {
            Operation::Output(..) => step.inputs.first().copied(),
            _ => None,
        };
        let modelled = node.is_some_and(|node| matches!(self.plan.step(node).operation, Operation::Model(_)));
        let first = node.is_none_or(|node| !modelled && self.seen.insert(node));
        self.row(text, id, node.filter(|_| first && !modelled));
        if !first {
            return;
        }
        let source = self.plan.step(node.unwrap_or(id));
        let clauses = match &source.operation {
            Operation::Scan(recursion) => {
                let names: Vec<String> = source.inputs.iter().map(|id| self.plan.name_in_program(*id)).collect();
                scan_clauses(recursion, &names)
            }
            _ => Vec::new(),
        };
        let inputs = self.inputs(&source.inputs).map(|id| Child::Step(String::new(), id));
        self.branch(below, clauses.into_iter().map(Child::Note).chain(inputs).collect());
    }

    /// Those of a step's inputs that have rows of their own: constants stand in the step's own row, and so do
    /// columns that were shown before.
    fn inputs(&self, inputs: &[StepId]) -> impl Iterator<Item = StepId> + use<> {
        let mut kept: Vec<StepId> = Vec::new();
        for id in inputs {
            let shown = match self.plan.step(*id).operation {
                Operation::Number(_) | Operation::Truth(_) => true,
                Operation::Column(_) => self.seen.contains(id),
                _ => false,
            };
            if !shown && !kept.contains(id) {
                kept.push(*id);
            }
        }
        kept.into_iter()
    }

    /// A row with the cells of a step, and the cost of the node that it is an output of.
    fn row(&mut self, text: String, id: StepId, node: Option<StepId>) {
        let step = self.plan.step(id);
        let computed = node.unwrap_or(id);
        let pass = match (&step.operation, self.passes.of(computed)) {
            (Operation::Model(_), _) => "trained".into(),
            (_, Some((number, true, 1))) => number.to_string(),
            (_, Some((number, true, steps))) => format!("{number}, fuses {steps}"),
            (_, Some((number, false, _))) => format!("in {number}"),
            (_, None) => String::new(),
        };
        let bytes = match self.passes.bytes(self.plan, computed) {
            0 => String::new(),
            bytes => bytes.to_string(),
        };
        let bars = step.bars.as_ref().map(BarsRef::to_string).unwrap_or_default();
        let cell = |column: &Beside| {
            let of = |id: StepId| column.cells.get(id.index()).filter(|cell| !cell.is_empty()).cloned();
            of(id).or_else(|| node.and_then(of)).unwrap_or_default()
        };
        let cells = [bars, step.warmup.to_string(), pass, bytes].into_iter().chain(self.beside.iter().map(cell));
        self.rows.push(Row { text, cells: cells.collect() });
    }
}

/// The rows with their cells below each other.
fn layout(rows: &[Row], numbers: &[bool]) -> String {
    let width = |text: &String| text.chars().count();
    let tree = rows.iter().filter(|row| !row.cells.is_empty()).map(|row| width(&row.text)).max().unwrap_or(0);
    let tree = tree.min(WIDEST);
    let widest = |column| rows.iter().filter_map(|row| row.cells.get(column)).map(width).max().unwrap_or(0);
    let widths: Vec<usize> = (0..numbers.len()).map(widest).collect();
    let line = |row: &Row| {
        let cells = row.cells.iter().zip(widths.iter().zip(numbers)).map(|(cell, (&width, right))| match right {
            true => format!("  {cell:>width$}"),
            false => format!("  {cell:<width$}"),
        });
        let line: String = iter::once(format!("{:<tree$}", row.text)).chain(cells).collect();
        line.trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
