//! Values that are one word or a list of them.

use figment::value::Value;

use super::{Parsed, Section, kind};
use crate::document::key;

/// A word and the key it stands at, which may be an item (`state[1]`).
pub(crate) struct Word {
    pub(crate) key: String,
    pub(crate) text: String,
}

/// The words of one key; each is wrong or right by itself.
pub(crate) type WordList = Vec<Parsed<Word>>;

impl<'a> Section<'a> {
    /// A text of a closed set of words: no other value becomes one by quotes. `wanted` completes "write …".
    pub(crate) fn word(&self, key: &'static str, wanted: &str) -> Parsed<Option<String>> {
        let value = self.take(key);
        value
            .map(|value| self.word_of(key, value, wanted))
            .transpose()
    }

    /// Whether `false` stands at the key.
    pub(crate) fn is_false(&self, key: &'static str) -> bool {
        matches!(self.take(key), Some(Value::Bool(_, false)))
    }

    fn word_of(&self, key: &str, value: &Value, wanted: &str) -> Parsed<String> {
        match value {
            Value::String(_, text) if !text.is_empty() => Ok(text.clone()),
            other => Err(self.report(key, kind(other), format!("write {wanted}"))),
        }
    }

    /// A text, or a list of texts that is not empty. `wanted` completes "write …".
    pub(crate) fn words(&self, key: &'static str, wanted: &str) -> Parsed<Option<WordList>> {
        let value = self.take(key);
        value
            .map(|value| self.words_of(key, value, wanted))
            .transpose()
    }

    /// Every key with its words, where the keys are the operator's own.
    pub(crate) fn all_words(
        &self,
        wanted: &str,
    ) -> impl Iterator<Item = (&'a str, Parsed<WordList>)> {
        self.values.iter().map(move |(key, value)| {
            let shown = key::shown(key, !matches!(value, Value::Empty(..)));
            (key.as_str(), self.words_of(shown, value, wanted))
        })
    }

    fn words_of(&self, key: &str, value: &Value, wanted: &str) -> Parsed<WordList> {
        let word = |key: String, value: &Value| {
            let text = self.word_of(&key, value, wanted)?;
            Ok(Word { key, text })
        };
        let Value::Array(_, values) = value else {
            return Ok(vec![word(key.to_owned(), value)]);
        };
        if values.is_empty() {
            return Err(self.report(key, "an empty list", format!("write {wanted}")));
        }
        let items = values.iter().enumerate();
        Ok(items
            .map(|(index, value)| word(format!("{key}[{index}]"), value))
            .collect())
    }
}
