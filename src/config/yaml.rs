//! Reads YAML into a small tree that knows where each key stands.
//!
//! It judges nothing but syntax, and its errors never repeat the file's text: a broken line may hold a secret.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    Error, Location, Options, Spanned,
    budget::BudgetBreach,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

use super::problem::Position;

/// A value of the file.
pub(super) enum Node {
    Null,
    Flag(bool),
    /// Only whole numbers are ever wanted; any other number is `None`.
    Number(Option<u64>),
    Text(String),
    List(Vec<Item>),
    /// In the file's order, repeated keys included.
    Map(Vec<Entry>),
}

/// An item of a list.
pub(super) struct Item {
    pub(super) position: Position,
    pub(super) node: Node,
}

/// A key of a mapping and its value. The position is the key's.
pub(super) struct Entry {
    pub(super) position: Position,
    pub(super) key: String,
    pub(super) node: Node,
}

/// Why a text is not YAML.
pub(super) struct SyntaxError {
    pub(super) position: Option<Position>,
    pub(super) found: String,
    pub(super) instead: &'static str,
}

/// Reads one document; an empty text is `Node::Null`.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| describe(&error))
}

fn options() -> Options {
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
            // Sixty thousand clusters of sixteen lines; a tree of that size takes some hundred MiB for a moment.
            max_nodes: 1_000_000,
            max_events: 3_000_000,
            // Many clusters may well share one anchor. What aliases come to is counted below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 500_000,
        },
    }
}

fn describe(error: &Error) -> SyntaxError {
    let mut cause = error.without_snippet();
    // What goes wrong while an alias is followed comes wrapped.
    while let Error::AliasError { error, .. } = cause {
        cause = error.without_snippet();
    }
    let (found, instead) = match cause {
        Error::MultipleDocuments { .. } => (
            "a second YAML document".to_owned(),
            "keep one document in the file",
        ),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => (
                "a document nested too deeply".to_owned(),
                "write fewer levels",
            ),
            BudgetBreach::Nodes { .. }
            | BudgetBreach::Events { .. }
            | BudgetBreach::ScalarBytes { .. } => (
                "a document with more than a million values".to_owned(),
                "share the clusters out among several exporters",
            ),
            _ => too_many_aliases(),
        },
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_many_aliases(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => (
            "an alias of something that holds it".to_owned(),
            "write the value out",
        ),
        Error::UnknownAnchor { .. } => (
            "an alias without its anchor".to_owned(),
            "write a text that begins with `*` in quotes",
        ),
        Error::ExternalMessage { msg, .. } => (
            format!("invalid YAML ({})", spoken(msg)),
            "correct the line; a text with `:`, `#`, `@` or quotes in it must stand in quotes",
        ),
        _ => (
            "YAML that cannot be read".to_owned(),
            "write plain mappings, lists and texts, without tags",
        ),
    };
    SyntaxError {
        position: error.location().and_then(position),
        found,
        instead,
    }
}

fn too_many_aliases() -> (String, &'static str) {
    (
        "aliases that come to too much".to_owned(),
        "write the values out",
    )
}

/// The parser's own sentence. All are fixed texts but one, which shows a character: it may be a password's first.
fn spoken(message: &str) -> &str {
    if message.starts_with("unexpected character") {
        "unexpected character"
    } else {
        message
    }
}

fn position(location: Location) -> Option<Position> {
    (location != Location::UNKNOWN).then(|| Position {
        line: location.line(),
        column: location.column(),
    })
}

/// The place where a value is used: for what an alias brings in, the alias.
fn position_of<T>(spanned: &Spanned<T>) -> Position {
    position(spanned.referenced)
        .or_else(|| position(spanned.defined))
        .unwrap_or(Position { line: 1, column: 1 })
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
        while let Some(item) = list.next_element::<Spanned<Node>>()? {
            items.push(Item {
                position: position_of(&item),
                node: item.value,
            });
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push(Entry {
                position: position_of(&key),
                key: key.value,
                node,
            });
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        let at = |position: &Position| format!("{}:{}", position.line, position.column);
        match node {
            Node::Null => "null".to_owned(),
            Node::Flag(flag) => flag.to_string(),
            Node::Number(number) => format!("{number:?}"),
            Node::Text(text) => format!("{text:?}"),
            Node::List(items) => {
                let items = items
                    .iter()
                    .map(|item| format!("{} {}", at(&item.position), shown(&item.node)));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Node::Map(entries) => {
                let entries = entries.iter().map(|entry| {
                    format!(
                        "{} {}={}",
                        at(&entry.position),
                        entry.key,
                        shown(&entry.node)
                    )
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn parsed(text: &str) -> String {
        match parse(text) {
            Ok(node) => shown(&node),
            Err(error) => {
                let at = error.position.map(|p| format!("{}:{} ", p.line, p.column));
                format!("{}{}", at.unwrap_or_default(), error.found)
            }
        }
    }

    #[test]
    fn every_key_and_item_knows_where_it_stands() {
        assert_eq!(
            parsed("a: 1\nb:\n  - x\n  - { c: no, c: true }\n"),
            r#"{1:1 a=Some(1), 2:1 b=[3:5 "x", 4:5 {4:7 c="no", 4:14 c=true}]}"#
        );
    }

    #[test]
    fn numbers_that_no_setting_wants_are_still_numbers() {
        assert_eq!(
            parsed("[-1, 1.5, .nan, 123456789012345678901234567890]"),
            "[1:2 None, 1:6 None, 1:11 None, 1:17 None]"
        );
    }

    #[test]
    fn an_empty_text_is_nothing() {
        assert_eq!([parsed(""), parsed("# only a comment\n")], ["null", "null"]);
    }

    #[test]
    fn an_alias_and_a_merge_are_followed() {
        assert_eq!(
            parsed("a: &a\n  x: 1\nb: *a\nc:\n  <<: *a\n  y: 2\n"),
            "{1:1 a={2:3 x=Some(1)}, 3:1 b={3:4 x=Some(1)}, 4:1 c={6:3 y=Some(2), 5:7 x=Some(1)}}"
        );
    }

    #[test]
    fn bad_syntax_is_placed_and_never_repeated() {
        assert_eq!(
            [
                parsed("a: b: canary"),
                parsed("a: @canary"),
                parsed("a: 'canary"),
                parsed("---\na: 1\n---\ncanary: 2\n"),
                parsed("a: *canary"),
                parsed(&"[".repeat(100)),
            ],
            [
                "1:5 invalid YAML (mapping values are not allowed in this context)",
                "1:4 invalid YAML (unexpected character)",
                "1:4 invalid YAML (unclosed quote)",
                "4:1 a second YAML document",
                "1:4 an alias without its anchor",
                "1:33 invalid YAML (recursion limit exceeded)",
            ]
        );
    }
}
