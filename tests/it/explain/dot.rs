//! The graph is in Graphviz's language, and says what the plan says.

use std::collections::BTreeSet;

use super::{EVERYTHING, plan, scripts};

/// What a graph declares: nodes, and edges with whether they are dashed.
#[derive(Default)]
struct Graph {
    nodes: BTreeSet<String>,
    edges: Vec<(String, String, bool)>,
    frames: Vec<String>,
}

/// Words, quoted texts and punctuation.
fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                end.expect("a text ends") + 2
            }
            '-' if rest.starts_with("->") => 2,
            c if c.is_alphanumeric() || c == '_' || c == '.' => {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap()
            }
            c => c.len_utf8(),
        };
        if !first.is_whitespace() {
            found.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    found
}

/// Reads what Graphviz's grammar calls a statement list, up to its closing brace.
fn statements(tokens: &mut std::iter::Peekable<std::vec::IntoIter<String>>, graph: &mut Graph) {
    loop {
        let first = tokens.next().expect("a brace is closed");
        match first.as_str() {
            "}" => return,
            "{" => statements(tokens, graph),
            "subgraph" => {
                graph.frames.push(tokens.next().unwrap());
                assert_eq!(tokens.next().unwrap(), "{");
                statements(tokens, graph);
            }
            name => {
                assert!(name.chars().all(|c| c.is_alphanumeric() || c == '_'), "{name} is no name");
                let kind = tokens.next().unwrap();
                let to = match kind.as_str() {
                    "=" => {
                        tokens.next().unwrap();
                        assert_eq!(tokens.next().unwrap(), ";");
                        continue;
                    }
                    "->" => Some(tokens.next().unwrap()),
                    "[" => None,
                    other => panic!("{other} after {name}"),
                };
                let mut attributes = Vec::new();
                let mut next = if to.is_some() { tokens.next().unwrap() } else { kind };
                while next == "[" || next == "," {
                    let key = tokens.next().unwrap();
                    assert_eq!(tokens.next().unwrap(), "=", "{key}");
                    attributes.push((key, tokens.next().unwrap().replace('#', "")));
                    next = tokens.next().unwrap();
                }
                assert_eq!(if next == "]" { tokens.next().unwrap() } else { next }, ";", "{name} {attributes:?}");
                let dashed = attributes.contains(&("style".into(), "dashed".into()));
                match to {
                    Some(to) => graph.edges.push((name.into(), to, dashed)),
                    None if ["node", "edge", "graph"].contains(&name) => {}
                    None => assert!(graph.nodes.insert(name.into()), "{name} is declared twice"),
                }
            }
        }
    }
}

fn read(text: &str) -> Graph {
    let mut tokens = tokens(text).into_iter().peekable();
    for word in ["digraph", "plan", "{"] {
        assert_eq!(tokens.next().unwrap(), word);
    }
    let mut graph = Graph::default();
    statements(&mut tokens, &mut graph);
    assert_eq!(tokens.next(), None);
    graph
}

#[test]
fn every_graph_can_be_read_and_its_edges_join_what_is_there() {
    for script in scripts() {
        let plan = plan(&script);
        let graph = read(&plan.dot());
        for (from, to, _) in &graph.edges {
            assert!(graph.nodes.contains(from) && graph.nodes.contains(to), "{from} -> {to}");
        }
        let rules = [plan.long, plan.short].into_iter().flatten();
        let rules = rules.map(|rules| 1 + usize::from(rules.exit.is_some()) + usize::from(rules.order.is_some()));
        let roots = rules.sum::<usize>() + plan.exits.len() + 1 + plan.plot.len();
        assert_eq!(graph.nodes.iter().filter(|node| node.starts_with("root")).count(), roots);
        // Whatever is computed is read by something, and only roots are not read.
        for node in graph.nodes.iter().filter(|node| node.starts_with("step")) {
            assert!(graph.edges.iter().any(|(from, ..)| from == node), "{node} is read by nothing");
        }
        let frames = graph.frames.iter().filter(|frame| frame.starts_with("cluster_bars")).count();
        assert_eq!(frames, plan.bars().len());
    }
}

#[test]
fn what_crosses_bars_is_dashed_and_nothing_else() {
    let dot = plan(EVERYTHING).dot();
    let dashed = read(&dot).edges.iter().filter(|(_, _, dashed)| *dashed).count();
    assert_eq!(dashed, 2, "another instrument's rule, and a week's: {dot}");
    let simple = r#"let day = bars("1d"); strategy(#{ universe: "a/B", long: #{ enter: day.close > day.open } })"#;
    assert!(!read(&plan(simple).dot()).edges.iter().any(|(_, _, dashed)| *dashed));
}

#[test]
fn a_rule_over_the_position_stands_in_its_box() {
    let dot = plan(EVERYTHING).dot();
    let rule = "condition = position.bars_held > 5 and position.profit < 0 or close < position.highest - #";
    assert!(dot.contains(rule), "{dot}");
}
