//! The registry: every node by its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Diagnostic, Origin, Result, nearest};
use crate::expr::{Call, Given, Series, SeriesKind};
use crate::node::{ExitNode, IndicatorNode, ModelNode, SizerNode, Spec, bind_call};

/// Every node by its name, the built-in ones and those of an embedder.
///
/// `timeweave::standard_registry()` has the built-in ones.
#[derive(Clone, Default)]
pub struct Registry {
    nodes: BTreeMap<&'static str, Entry>,
}

#[derive(Clone, Copy)]
enum Entry {
    Indicator(IndicatorNode),
    Model(ModelNode),
    Exit(ExitNode),
    Sizer(SizerNode),
}

impl Entry {
    fn spec(&self) -> &Spec {
        match self {
            Entry::Indicator(node) => &node.spec,
            Entry::Model(node) => &node.spec,
            Entry::Exit(node) => &node.spec,
            Entry::Sizer(node) => &node.spec,
        }
    }
}

macro_rules! families {
    ($($add:ident $find:ident $all:ident $variant:ident $node:ident $what:literal;)*) => {$(
        #[doc = concat!("Adds ", $what, ".\n\n# Errors\nWhere the name is taken.")]
        pub fn $add(&mut self, node: $node) -> Result<()> {
            self.insert(node.spec.name, Entry::$variant(node))
        }

        #[doc = concat!("Finds ", $what, " by name.")]
        pub fn $find(&self, name: &str) -> Option<&$node> {
            match self.nodes.get(name) {
                Some(Entry::$variant(node)) => Some(node),
                _ => None,
            }
        }

        #[doc = concat!("Every one that is ", $what, ", by name.")]
        pub fn $all(&self) -> impl Iterator<Item = &$node> {
            self.nodes.values().filter_map(|entry| match entry {
                Entry::$variant(node) => Some(node),
                _ => None,
            })
        }
    )*};
}

impl Registry {
    /// A registry without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    families! {
        add_indicator indicator indicators Indicator IndicatorNode "an indicator";
        add_model model models Model ModelNode "a model";
        add_exit exit exits Exit ExitNode "an exit";
        add_sizer sizer sizers Sizer SizerNode "a sizer";
    }

    /// Whether a node is a model that forecasts: one with an architecture.
    pub fn forecasts(&self, name: &str) -> bool {
        self.model(name).is_some_and(|model| model.architecture.is_some())
    }

    fn insert(&mut self, name: &'static str, entry: Entry) -> Result<()> {
        if self.nodes.contains_key(name) {
            return Err(Diagnostic::new(format!("there is a node called `{name}` already"))
                .hint("give yours another name: scripts know a node by its name alone"));
        }
        self.nodes.insert(name, entry);
        Ok(())
    }

    /// The Spec of a node of any family.
    pub fn spec(&self, name: &str) -> Option<&Spec> {
        self.nodes.get(name).map(Entry::spec)
    }

    /// Every Spec, by name.
    pub fn specs(&self) -> impl Iterator<Item = &Spec> {
        self.nodes.values().map(Entry::spec)
    }

    /// The node that a person most likely meant by a name that there is not: one whose name is near to
    /// it, else one whose line begins with its words: `bollinger` and `bollinger_bands` are `bbands`.
    pub fn meant(&self, name: &str) -> Option<&Spec> {
        if let Some(near) = nearest(name, self.nodes.keys().copied()) {
            return self.spec(near);
        }
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split('_').collect();
        // How many words of the title are not said, where all that are said stand in it.
        let unsaid = |spec: &Spec| {
            let title = spec.doc.split([':', ',', '.', ';']).next()?.to_lowercase();
            let title: Vec<&str> = title.split_whitespace().collect();
            let unsaid = title.len().checked_sub(words.len())?;
            words.iter().all(|word| title.contains(word)).then_some(unsaid)
        };
        let near = |(unsaid, _): &(usize, &Spec)| *unsaid <= words.len();
        let specs = self.specs().filter_map(|spec| Some((unsaid(spec)?, spec))).filter(near);
        specs.min_by_key(|(unsaid, _)| *unsaid).map(|(_, spec)| spec)
    }

    /// Calls a node: checks what it was given against its Spec.
    ///
    /// # Errors
    /// Where there is no such node, or what was given does not fit its Spec.
    pub fn call(&self, name: &str, given: impl IntoIterator<Item = Given>, origin: Option<Origin>) -> Result<Call> {
        let Some(spec) = self.spec(name) else {
            let diagnostic = Diagnostic::new(format!("there is no node called `{name}`")).at(origin);
            return Err(match self.meant(name) {
                Some(meant) => diagnostic.hint(format!("did you mean `{}`? it is {}", meant.name, meant.signature())),
                None => diagnostic.did_you_mean(name, self.nodes.keys().copied()),
            });
        };
        let mut call = bind_call(self, spec, given.into_iter().collect(), origin.clone()).map_err(|e| e.at(origin))?;
        match self.model(name) {
            Some(model) => {
                let outputs = (model.outputs)(&call.arguments).map_err(|e| e.at(call.origin.clone()))?;
                (call.outputs, call.output_timeframes) = outputs.into_iter().unzip();
            }
            None => call.outputs = spec.outputs.iter().map(|name| (*name).into()).collect(),
        }
        Ok(call)
    }

    /// Calls a node and gives its only output, or its first: `series("sma", [close.into(), 20.into()])`.
    ///
    /// # Errors
    /// As [`Registry::call`]; and where the node has no outputs.
    pub fn series(&self, name: &str, given: impl IntoIterator<Item = Given>) -> Result<Series> {
        let call = Arc::new(self.call(name, given, None)?);
        if call.outputs.is_empty() {
            return Err(Diagnostic::new(format!("`{name}` gives no series")));
        }
        Ok(Series::new(SeriesKind::Output(call, 0)))
    }
}
