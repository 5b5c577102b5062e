//! Mutants: the example strategies with words lost, doubled and exchanged are told off, never a panic.

use std::fs;
use std::path::Path;

use proptest::prelude::{any, prop, proptest};
use proptest::sample::Index;
use proptest::test_runner::Config;
use timeweave::error::render;

use super::nodes::strategy;

/// A script cut into names, numbers, spaces and symbols.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if kind(c) != 2 && word.chars().all(|other| kind(other) == kind(c)) => word.push(c),
            _ => words.push(c.into()),
        }
    }
    words
}

pub fn example(name: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies").join(name);
    let text = fs::read_to_string(file).unwrap();
    // Without the comments, in which a change changes nothing.
    words(&text.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n"))
}

/// The examples that are broken.
pub const EXAMPLES: [&str; 4] =
    ["sma_cross.rhai", "rsi_reversion.rhai", "weekly_trend_daily_entry.rhai", "mtf_lstm.rhai"];

/// Loses, doubles, exchanges and overwrites words.
pub fn mutate(mut words: Vec<String>, changes: &[(u8, Index, Index)]) -> Vec<String> {
    for (change, from, to) in changes {
        let (from, to) = (from.index(words.len()), to.index(words.len()));
        match change {
            0 => drop(words.remove(from)),
            1 => words.insert(to, words[from].clone()),
            2 => words.swap(from, to),
            _ => words[to] = words[from].clone(),
        }
    }
    words
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_broken_script_is_told_off_at_a_place(
        changes in prop::collection::vec((0..4_u8, any::<Index>(), any::<Index>()), 1..4),
        which in 0..EXAMPLES.len(),
    ) {
        let text = mutate(example(EXAMPLES[which]), &changes).concat();
        if let Err(error) = strategy(&text) {
            for error in error.each() {
                let origin = error.origin().unwrap_or_else(|| panic!("{error} has no place:\n{text}"));
                assert_eq!(&*origin.file, "test.rhai", "{error}");
                assert!(!error.message().is_empty() && !error.message().contains("::"), "{error}");
            }
            assert!(render(&error, |_| Some(text.clone())).contains("test.rhai"), "{error}");
        }
    }
}
