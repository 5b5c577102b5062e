//! A plan in words and as a picture: a list for snapshots and hashes, a tree for people, a graph to draw.

mod dot;
mod list;
mod passes;
mod tree;
mod words;

pub use tree::Beside;
