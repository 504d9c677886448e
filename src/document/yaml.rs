//! Reads YAML into a small tree that knows where each key stands.
//!
//! It judges nothing but syntax.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    Error, Options, Spanned, Tagged,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

pub(crate) use self::syntax::{Limit, SyntaxError, TAG};
use self::syntax::{describe, position};
use super::problem::Position;

mod syntax;
#[cfg(test)]
mod tests;

/// A value of the file.
#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Flag(bool),
    /// Only whole numbers are ever wanted; any other number is `None`.
    Number(Option<u64>),
    Text(String),
    List(Vec<Item>),
    /// In the file's order, repeated keys included.
    Map(Vec<Entry>),
}

/// An item of a list, or the document itself.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) position: Position,
    pub(crate) node: Node,
    pub(crate) has_tag: bool,
}

/// A key of a mapping and its value. The position is the key's.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) position: Position,
    pub(crate) key: String,
    pub(crate) node: Node,
    pub(crate) has_tag: bool,
}

/// The tags of YAML's core schema, each of which says no more than the value does.
const CORE_TAGS: [&str; 7] = ["null", "bool", "int", "float", "str", "seq", "map"];

/// Reads one document; an empty text is `Node::Null`.
pub(crate) fn parse(text: &str, limit: &Limit) -> Result<Item, SyntaxError> {
    serde_saphyr::from_str_with_options(text, options(limit))
        .map(item)
        .map_err(|error| describe(&error, limit))
}

/// Where a tag stands before a mapping that `<<` merges into another one: the tree has neither. `text` was parsed before.
pub(crate) fn tag_of_a_merge(text: &str, limit: &Limit) -> Option<Position> {
    if !(text.contains("<<") && text.contains('!')) {
        return None;
    }
    let mut options = options(limit);
    options.reject_unsupported_tags = true;
    let error = serde_saphyr::from_str_with_options::<IgnoredAny>(text, options).err()?;
    match error.without_snippet() {
        Error::UnsupportedTag { .. } => error.location().and_then(position),
        _ => None,
    }
}

fn options(limit: &Limit) -> Options {
    serde_saphyr::options! {
        // `user: no` is a text, as YAML 1.2 has it.
        strict_booleans: true,
        // Repeated keys are reported with the other problems, not instead of them.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        // A long comment is no reason to refuse a file, a snippet of the file in a message is a leak.
        emit_comments: false,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: 32,
            flow_nesting_limit: 32,
            max_documents: 2,
            max_total_scalar_bytes: 64 * 1024 * 1024,
            max_anchors: 50_000,
            max_aliases: 50_000,
            max_merge_keys: 10_000,
            max_nodes: limit.values,
            max_events: 3 * limit.values,
            // Many clusters may well share one anchor. What aliases come to is counted below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: limit.values / 2,
        },
    }
}

/// Whether a tag says more than the value that it stands before.
fn is_foreign(tag: Option<&String>) -> bool {
    tag.is_some_and(|tag| {
        let core = tag.strip_prefix("tag:yaml.org,2002:");
        !core.is_some_and(|name| CORE_TAGS.contains(&name))
    })
}

/// The place where a value is used: for what an alias brings in, the alias.
fn position_of<T>(spanned: &Spanned<T>) -> Position {
    position(spanned.referenced)
        .or_else(|| position(spanned.defined))
        .unwrap_or(Position { line: 1, column: 1 })
}

fn item(spanned: Spanned<Tagged<Node>>) -> Item {
    let position = position_of(&spanned);
    let Tagged(node, tag) = spanned.value;
    Item {
        position,
        node,
        has_tag: is_foreign(tag.as_ref()),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(Some(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.try_into().ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Number(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(spanned) = list.next_element()? {
            items.push(item(spanned));
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Tagged<String>>, Tagged<Node>>()? {
            let position = position_of(&key);
            let (Tagged(key, key_tag), Tagged(node, tag)) = (key.value, value);
            entries.push(Entry {
                position,
                key,
                node,
                has_tag: is_foreign(key_tag.as_ref()) || is_foreign(tag.as_ref()),
            });
        }
        Ok(Node::Map(entries))
    }
}
