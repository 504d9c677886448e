//! Reads the sections of a YAML document key by key, and notes what does not fit without repeating it.

use serde_json::{Map, Value};
use serde_saphyr::Error;

use super::problem::Problem;

/// A mapping of the file, from which keys are taken. What is left at the end is unknown.
pub(super) struct Section<'a> {
    path: String,
    keys: Map<String, Value>,
    problems: &'a mut Vec<Problem>,
}

/// Parses the one document of a file; an empty file is an empty mapping.
pub(super) fn document(text: &str) -> Result<Map<String, Value>, Problem> {
    let options = serde_saphyr::options! {
        // `user: no` is a text, as YAML 1.2 has it.
        strict_booleans: true,
        // A snippet of the file in a message is a leak.
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: 32, flow_nesting_limit: 32, max_nodes: 100_000 },
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(Value::Object(keys)) => Ok(keys),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(other) => Err(Problem::whole(
            kind(&other),
            "write a mapping with `tls_server_config`, `http_server_config` or `basic_auth_users`",
        )),
        Err(error) => Err(syntax(&error)),
    }
}

fn syntax(error: &Error) -> Problem {
    let at = error.location().map_or_else(String::new, |at| {
        format!(" at line {}, column {}", at.line(), at.column())
    });
    match error.without_snippet() {
        Error::DuplicateMappingKey { .. } => Problem::whole(
            format!("a key for the second time{at}"),
            "write each key once",
        ),
        _ => Problem::whole(
            format!("YAML that cannot be read{at}"),
            "correct the line; a text with `:`, `#`, `@` or quotes in it must stand in quotes",
        ),
    }
}

impl<'a> Section<'a> {
    /// The document itself.
    pub(super) fn root(keys: Map<String, Value>, problems: &'a mut Vec<Problem>) -> Self {
        Self {
            path: String::new(),
            keys,
            problems,
        }
    }

    /// Takes a mapping below this one; an absent or empty one has no keys.
    pub(super) fn section(&mut self, key: &str) -> Section<'_> {
        let keys = match self.keys.remove(key) {
            Some(Value::Object(keys)) => keys,
            None | Some(Value::Null) => Map::new(),
            Some(other) => {
                self.refuse(key, kind(&other), "write a mapping");
                Map::new()
            }
        };
        Section {
            path: self.path_of(key),
            keys,
            problems: self.problems,
        }
    }

    /// Takes a text; an empty one counts as absent, as it does for every exporter.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.keys.remove(key)? {
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Null => None,
            other => {
                self.refuse(key, kind(&other), "write a text, in quotes");
                None
            }
        }
    }

    /// Takes `true` or `false`.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.keys.remove(key)? {
            Value::Bool(flag) => Some(flag),
            Value::Null => None,
            other => {
                self.refuse(key, kind(&other), "write `true` or `false`");
                None
            }
        }
    }

    /// Takes one of a few words and what it stands for.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let instead = format!("write one of {}", words.join(", "));
            self.refuse(key, "another word", instead);
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Takes a key that other exporters know and this one does not; left empty it asks for nothing.
    pub(super) fn unsupported(&mut self, key: &str, instead: &str) {
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(keys) => keys.is_empty(),
            _ => false,
        };
        if self.keys.remove(key).is_some_and(|value| !empty(&value)) {
            self.refuse(key, "a setting that this exporter does not have", instead);
        }
    }

    /// Whether no key is left that was written with a value.
    pub(super) fn is_empty(&self) -> bool {
        self.keys
            .values()
            .all(|value| matches!(value, Value::Null) || value.as_str() == Some(""))
    }

    /// The names that are left, for a section whose keys are the user's own.
    pub(super) fn names(&self) -> Vec<String> {
        self.keys.keys().cloned().collect()
    }

    /// Notes a problem of a key.
    pub(super) fn refuse(
        &mut self,
        key: &str,
        found: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let path = self.path_of(key);
        self.problems.push(Problem::new(&path, found, instead));
    }

    /// Refuses the keys that were not taken.
    pub(super) fn finish(mut self, known: &str) {
        for key in self.names() {
            self.refuse(&key, "an unknown key", format!("write one of {known}"));
        }
    }

    fn path_of(&self, key: &str) -> String {
        let key = shown(key);
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// A key as a message may repeat it: where key and value were swapped, the key is a hash.
fn shown(key: &str) -> &str {
    let plain = key.len() <= 64 && !key.starts_with('$') && !key.contains(char::is_control);
    if plain { key } else { "…" }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
