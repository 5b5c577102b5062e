//! The tree shows every step, once, before whoever refers to it.

use std::collections::BTreeSet;

use timeweave::plan::{Beside, Operation, Plan, StepId};

use super::{EVERYTHING, plan, scripts};

/// The steps that have a row of their own, and those that are referred to, in order.
fn rows(tree: &str) -> Vec<(String, bool)> {
    let row = |line: &str| {
        // After the branches and a role such as `level = `.
        let start = line.find('#')?;
        let (role, rest) = line.split_at(start);
        let is_row =
            role.trim_end().is_empty() || role.ends_with("─ ") || role.ends_with("= ") || role.ends_with(" of ");
        let id: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
        let model = role.starts_with("model ");
        (is_row || model).then(|| (id.clone(), rest[id.len()..].starts_with(" above: ")))
    };
    tree.lines().filter(|line| !line.contains(", then ") && !line.contains("where $")).filter_map(row).collect()
}

/// Steps that stand in the row of another: constants, and nodes, which their outputs stand for.
fn has_row(plan: &Plan, id: StepId) -> bool {
    let outputs =
        |id| plan.numbered().any(|(_, step)| matches!(step.operation, Operation::Output(..)) && step.inputs == [id]);
    match plan.step(id).operation {
        Operation::Number(_) | Operation::Truth(_) => false,
        Operation::Indicator(..) | Operation::Scan(_) => !outputs(id),
        _ => true,
    }
}

#[test]
fn every_step_is_shown_once_and_referred_to_only_after_that() {
    for script in scripts() {
        let plan = plan(&script);
        let tree = plan.tree(&[]);
        let is_column = |id: &StepId| matches!(plan.step(*id).operation, Operation::Column(_));
        let ids = plan.numbered().map(|(id, _)| id).filter(is_column);
        let columns: BTreeSet<String> = ids.map(|id| id.to_string()).collect();
        let mut shown = BTreeSet::new();
        for (id, above) in rows(&tree) {
            match above {
                true => assert!(shown.contains(&id), "{id} is not above\n{tree}"),
                // A column is a leaf: where it has a role, it is shown again.
                false => assert!(shown.insert(id.clone()) || columns.contains(&id), "{id} is shown twice\n{tree}"),
            }
        }
        let expected: BTreeSet<String> =
            plan.numbered().filter(|(id, _)| has_row(&plan, *id)).map(|(id, _)| id.to_string()).collect();
        assert_eq!(shown, expected, "{tree}");
    }
}

#[test]
fn scans_and_rules_are_written_as_they_were_declared() {
    let tree = plan(EVERYTHING).tree(&[]);
    for line in [
        "value = close, then select(close > prev, max(prev, #18), #19)",
        "count = 0, then select(close > $1, prev.count + 1, 0)",
        "level = close, then $1",
        "where $1 = prev.level + 0.1 * (close - prev.level)",
        "condition = position.bars_held > 5 and position.profit < 0 or close < position.highest - #17",
        "exit stop_loss(level = percent(5))",
    ] {
        assert!(tree.lines().any(|row| row.ends_with(line)), "{line}\n{tree}");
    }
}

#[test]
fn columns_of_whoever_has_data_stand_at_the_right() {
    let plan = plan(r#"let day = bars("1d"); strategy(#{ universe: "a/B", long: #{ enter: day.close > 7 } })"#);
    let cells = plan.numbered().map(|(id, _)| format!("cell {id}")).collect();
    let tree = plan.tree(&[Beside { title: "mine".into(), cells, calls: Vec::new(), numbers: false }]);
    let enter = plan.long.unwrap().enter;
    let row = tree.lines().find(|line| line.starts_with("long.enter")).unwrap();
    assert!(
        row.starts_with(&format!("long.enter = {enter} close > 7 ")) && row.ends_with(&format!("cell {enter}")),
        "{tree}"
    );
    assert!(tree.lines().next().unwrap().ends_with("mine"), "{tree}");
}
