//! A document as mappings of plain values, and beside them where each value stands.

use std::path::Path;

use figment::value::{Dict, Empty, Value};

use super::{
    key,
    origins::Origins,
    problem::{Location, Position, Problem},
    yaml::{self, Entry, Item, Limit, Node, SyntaxError, TAG},
};

/// What was found, and what to do about it.
type Wrong = (&'static str, &'static str);

const TWICE: Wrong = ("the key a second time", "keep one of them");

/// A document that was read. It may have problems already: keys that are given twice, tags.
pub(crate) struct Document {
    pub(crate) values: Dict,
    pub(crate) origins: Origins,
    pub(crate) problems: Vec<Problem>,
}

/// Reads the one document of a file; an empty file is an empty mapping. `file` is named in problems, `keys` completes
/// "write …" where the document is no mapping.
pub(crate) fn read(
    file: &Path,
    text: &str,
    limit: &Limit,
    keys: &str,
) -> Result<Document, Problem> {
    let whole = |position, found: String, instead: String| Problem {
        location: Location::File {
            path: file.to_path_buf(),
            position,
        },
        key: None,
        found,
        instead,
    };
    let Item {
        position,
        node,
        has_tag,
    } = yaml::parse(text, limit).map_err(|error| {
        let SyntaxError {
            position,
            found,
            instead,
        } = error;
        whole(position, found, instead.to_owned())
    })?;
    let mut document = Document {
        values: Dict::new(),
        origins: Origins::new(Some(file)),
        problems: Vec::new(),
    };
    match node {
        Node::Map(entries) => document.values = document.dict(entries, ""),
        Node::Null => {}
        _ => {
            let found = "a text or a list".to_owned();
            return Err(whole(None, found, format!("write {keys}")));
        }
    }
    if has_tag {
        document.problem(position, None, TAG);
    }
    if document.problems.is_empty()
        && let Some(position) = yaml::tag_of_a_merge(text, limit)
    {
        document.problem(position, None, TAG);
    }
    Ok(document)
}

impl Document {
    fn value(&mut self, node: Node, path: &str) -> Value {
        match node {
            Node::Null => Value::from(Empty::None),
            Node::Flag(flag) => flag.into(),
            Node::Number(Some(number)) => number.into(),
            Node::Number(None) => f64::NAN.into(),
            Node::Text(text) => text.into(),
            Node::List(items) => self.list(items, path),
            Node::Map(entries) => self.dict(entries, path).into(),
        }
    }

    fn list(&mut self, items: Vec<Item>, path: &str) -> Value {
        let values = items.into_iter().enumerate().map(|(index, item)| {
            let path = format!("{path}[{index}]");
            self.origins.in_file(path.clone(), item.position);
            if item.has_tag {
                self.problem(item.position, Some(path.clone()), TAG);
            }
            self.value(item.node, &path)
        });
        values.collect::<Vec<_>>().into()
    }

    fn dict(&mut self, entries: Vec<Entry>, parent: &str) -> Dict {
        let mut dict = Dict::new();
        for Entry {
            position,
            key,
            node,
            has_tag,
        } in entries
        {
            // What a tag stands before is a value, if an empty one.
            let has_value = has_tag || !matches!(node, Node::Null);
            let path = key::join(parent, key::shown(&key, has_value));
            if dict.contains_key(&key) {
                self.problem(position, Some(path), TWICE);
                continue;
            }
            if has_tag {
                self.problem(position, Some(path.clone()), TAG);
            }
            self.origins.in_file(key::join(parent, &key), position);
            let value = self.value(node, &path);
            dict.insert(key, value);
        }
        dict
    }

    fn problem(&mut self, position: Position, key: Option<String>, (found, instead): Wrong) {
        self.problems.push(Problem {
            location: self.origins.in_this_file(position),
            key,
            found: found.to_owned(),
            instead: instead.to_owned(),
        });
    }
}
