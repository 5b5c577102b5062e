//! `runner nodes`: what a script can call, listed, searched, or one of it in full.

use std::fmt::Write;

use clap::Args;
use timeweave::error::{Diagnostic, Result, nearest};
use timeweave::node::{Family, ReferenceEntry};
use timeweave::report::{paragraph, wrap};
use timeweave::script::reference_families;
use timeweave::standard_registry;

use crate::arguments;
use crate::output::text;

/// How wide the listing is, in characters.
const WIDTH: usize = 80;

/// What to show of the reference.
#[derive(Debug, Args)]
pub struct NodesArguments {
    /// A name, to read all there is to know of it; or words, to find what speaks of all of them
    #[arg(value_name = "NAME OR WORD")]
    words: Vec<String>,
}

/// Prints everything that a script can call, what speaks of some words, or an entry in full.
pub fn run(arguments: &NodesArguments) -> Result<()> {
    show(&arguments.words, &[])
}

/// The same for who asked for help, and may have meant a command.
pub fn help(words: &[String]) -> Result<()> {
    show(words, &arguments::commands())
}

/// `commands` are what may have been meant besides.
fn show(words: &[String], commands: &[String]) -> Result<()> {
    let families = reference_families(&standard_registry()?);
    if let [name] = words {
        let named: Vec<(&Family, &ReferenceEntry)> =
            all(&families).filter(|(_, entry)| entry.name.eq_ignore_ascii_case(name)).collect();
        if !named.is_empty() {
            return text(in_full(&families, &named));
        }
    }
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let found = |family: &Family, entry: &ReferenceEntry| lower.iter().all(|word| speaks_of(family, entry, word));
    match listing(&families, found) {
        listing if listing.is_empty() => Err(nothing_found(&families, words, commands)),
        listing => text(listing),
    }
}

fn all(families: &[Family]) -> impl Iterator<Item = (&Family, &ReferenceEntry)> {
    families.iter().flat_map(|family| family.entries.iter().map(move |entry| (family, entry)))
}

/// Whether a word in lower case stands in the family's name, or in the entry's name, line or formula.
fn speaks_of(family: &Family, entry: &ReferenceEntry, word: &str) -> bool {
    [family.name, entry.name, entry.doc, entry.formula].iter().any(|text| text.to_lowercase().contains(word))
}

fn nothing_found(families: &[Family], words: &[String], commands: &[String]) -> Diagnostic {
    match words {
        [word] => {
            let what = if commands.is_empty() { "no node" } else { "no command, no node" };
            let message = format!("there is {what} and no function called `{word}`, and none speaks of it");
            let names = all(families).map(|(_, entry)| entry.name).chain(commands.iter().map(String::as_str));
            match nearest(word, names) {
                Some(near) => Diagnostic::new(message).hint(format!("did you mean `{near}`?")),
                None => Diagnostic::new(message).hint("`runner nodes` lists them all"),
            }
        }
        words => Diagnostic::new(format!("no node and no function speaks of all of: {}", words.join(", ")))
            .hint("try one of the words alone"),
    }
}

/// A line for each entry, by family.
fn listing(families: &[Family], found: impl Fn(&Family, &ReferenceEntry) -> bool) -> String {
    let mut page = String::new();
    for family in families {
        let entries: Vec<&ReferenceEntry> = family.entries.iter().filter(|entry| found(family, entry)).collect();
        let Some(widest) = entries.iter().map(|entry| entry.name.len()).max() else { continue };
        if !page.is_empty() {
            page.push('\n');
        }
        paragraph(&mut page, "", &format!("{}: {}", family.name, family.doc), WIDTH);
        for ReferenceEntry { name, doc, .. } in entries {
            let _ = writeln!(page, "  {name:<widest$}  {}", cut(doc, WIDTH - widest - 4));
        }
    }
    page
}

/// The first line of a text, as far as it fits.
fn cut(text: &str, width: usize) -> String {
    match wrap(text, width - 1).as_slice() {
        [] => String::new(),
        [line] => line.clone(),
        [line, ..] => format!("{}…", line.trim_end_matches([',', '.', ':', ';'])),
    }
}

/// The entries of a name, and what else is called so in part.
fn in_full(families: &[Family], named: &[(&Family, &ReferenceEntry)]) -> String {
    let mut page = String::new();
    for (family, entry) in named {
        if !page.is_empty() {
            page.push('\n');
        }
        write_entry(&mut page, family, entry);
    }
    let name = named.first().map_or("", |(_, entry)| entry.name);
    let alike: Vec<&str> = all(families)
        .map(|(_, entry)| entry.name)
        .filter(|other| *other != name && other.split('_').any(|part| part == name))
        .collect();
    if !alike.is_empty() {
        page.push('\n');
        fact(&mut page, "See also", &alike.join(", "));
    }
    page
}

fn write_entry(page: &mut String, family: &Family, entry: &ReferenceEntry) {
    paragraph(page, "", &entry.signature, WIDTH);
    page.push('\n');
    paragraph(page, "  ", entry.doc, WIDTH);
    if !entry.formula.is_empty() {
        page.push('\n');
        paragraph(page, "    ", entry.formula, WIDTH);
    }
    if !entry.parameters.is_empty() {
        page.push_str("\n  Parameters\n");
    }
    for parameter in &entry.parameters {
        let default = match parameter.default.as_str() {
            "required" => "required".into(),
            "none" => "may be left out".into(),
            default => format!("default {default}"),
        };
        paragraph(page, "    ", &format!("`{}`: {}; {default}", parameter.name, parameter.takes), WIDTH);
        paragraph(page, "        ", parameter.doc, WIDTH);
    }
    page.push('\n');
    fact(page, "Family", family.name);
    entry.facts.iter().for_each(|(name, value)| fact(page, name, value));
}

fn fact(page: &mut String, name: &str, value: &str) {
    paragraph(page, &format!("  {name:<13}"), value, WIDTH);
}
