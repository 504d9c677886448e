//! The keys of a section as every exporter reads them: what is left empty counts as absent.

use figment::value::Value;

use crate::document::{Section, join, kind};

/// A mapping of the file, from which keys are taken. What is left at the end is unknown.
pub(super) struct Keys<'a> {
    section: Section<'a>,
    taken: Vec<String>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(section: Section<'a>) -> Self {
        Self {
            section,
            taken: Vec::new(),
        }
    }

    /// Takes a mapping below this one; an absent or empty one has no keys.
    pub(super) fn section(&mut self, key: &str) -> Keys<'a> {
        let values = match self.take(key) {
            Some(Value::Dict(_, values)) => Some(values),
            None | Some(Value::Empty(..)) => None,
            Some(other) => {
                self.refuse(key, kind(other), "write a mapping");
                None
            }
        };
        Keys::of(self.section.under(key, values))
    }

    /// Takes a text; an empty one counts as absent, as it does for every exporter.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(_, text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Empty(..) => None,
            other => {
                self.refuse(key, kind(other), "write a text, in quotes");
                None
            }
        }
    }

    /// Takes `true` or `false`.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.take(key)? {
            Value::Bool(_, flag) => Some(*flag),
            Value::Empty(..) => None,
            other => {
                self.refuse(key, kind(other), "write `true` or `false`");
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
            Value::Empty(..) => true,
            Value::Array(_, items) => items.is_empty(),
            Value::Dict(_, keys) => keys.is_empty(),
            _ => false,
        };
        if self.take(key).is_some_and(|value| !empty(value)) {
            self.refuse(key, "a setting that this exporter does not have", instead);
        }
    }

    /// Whether no key is written with a value.
    pub(super) fn is_empty(&self) -> bool {
        let mut values = self.section.keys().map(|key| self.section.value(key));
        values.all(|value| {
            value.is_none_or(|value| {
                matches!(value, Value::Empty(..)) || value.as_str().is_some_and(str::is_empty)
            })
        })
    }

    /// The names that are left, for a section whose keys are the user's own.
    pub(super) fn names(&self) -> Vec<String> {
        let left = self.section.keys().filter(|key| !self.is_taken(key));
        left.map(str::to_owned).collect()
    }

    /// Notes a problem of a key.
    pub(super) fn refuse(
        &mut self,
        key: &str,
        found: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let parent = self.section.path();
        let (path, shown) = (join(parent, key), join(parent, shown(key)));
        let reading = self.section.reading;
        reading.report_as(&path, &shown, found.into(), instead.into());
    }

    /// Refuses the keys that were not taken.
    pub(super) fn finish(mut self, known: &str) {
        for key in self.names() {
            self.refuse(&key, "an unknown key", format!("write one of {known}"));
        }
    }

    fn take(&mut self, key: &str) -> Option<&'a Value> {
        self.taken.push(key.to_owned());
        self.section.value(key)
    }

    fn is_taken(&self, key: &str) -> bool {
        self.taken.iter().any(|taken| taken == key)
    }
}

/// A key as a message may repeat it: where key and value were swapped, the key is a hash.
fn shown(key: &str) -> &str {
    let plain = key.len() <= 64 && !key.starts_with('$') && !key.contains(char::is_control);
    if plain { key } else { "…" }
}
