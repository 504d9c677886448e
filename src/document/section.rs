//! Reads a mapping key by key and collects every problem on the way, where a derived deserializer stops at the first
//! and prints the value.

use std::{path::PathBuf, time::Duration};

use figment::value::{Dict, Value};

pub(crate) use self::word_list::{Word, WordList};
use super::{
    key,
    reading::{AlreadyReported, Parsed, Reading},
    table::{Key, Keys, Kind},
};

mod word_list;

/// What stands where a key that is needed is not written.
pub(crate) const NO_KEY: &str = "no such key";

/// The longest duration that makes sense.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

static EMPTY: Dict = Dict::new();

/// A mapping under its key path, and the table of its keys: no other is read, and [`Section::finish`] reports any other.
pub(crate) struct Section<'a> {
    pub(crate) reading: &'a Reading<'a>,
    path: String,
    values: &'a Dict,
    keys: Keys,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(crate) fn root(reading: &'a Reading<'a>, values: &'a Dict, keys: Keys) -> Self {
        Self {
            reading,
            path: String::new(),
            values,
            keys,
        }
    }

    /// A mapping of these values that stands at this path, read by a table of its own.
    pub(crate) fn at(reading: &'a Reading<'a>, path: &str, values: &'a Dict, keys: Keys) -> Self {
        Self {
            reading,
            path: path.to_owned(),
            values,
            keys,
        }
    }

    /// The values of this mapping.
    pub(crate) fn values(&self) -> &'a Dict {
        self.values
    }

    /// The key path of this mapping.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether the key is there, with whatever value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The value of a key, whatever it is.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Value> {
        self.values.get(key)
    }

    /// The mapping under `key`, which has these values.
    pub(crate) fn under(&self, key: &str, values: Option<&'a Dict>) -> Self {
        Self {
            reading: self.reading,
            path: key::join(&self.path, key),
            values: values.unwrap_or(&EMPTY),
            keys: self.keys.under(key.split('[').next().unwrap_or(key)),
        }
    }

    /// Every key that is there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str)
    }

    /// A text that is not empty. `wanted` completes "write …".
    pub(crate) fn text(&self, key: &'static str, wanted: &str) -> Parsed<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => self.text_of(key, value, wanted).map(Some),
        }
    }

    /// A text that may be empty.
    pub(crate) fn text_or_empty(&self, key: &'static str, wanted: &str) -> Parsed<Option<String>> {
        match self.values.get(key) {
            Some(Value::String(_, text)) if text.is_empty() => Ok(Some(String::new())),
            _ => self.text(key, wanted),
        }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, key: &'static str, wanted: &str) -> Parsed<String> {
        let text = self.text(key, wanted)?;
        text.ok_or_else(|| self.report(key, NO_KEY, format!("write {wanted}")))
    }

    /// The file that `path` names, which is the text of `key`.
    pub(crate) fn file(&self, key: &str, path: &str) -> Parsed<PathBuf> {
        self.reading.file(path).ok_or_else(|| {
            let found = "`${CREDENTIALS_DIRECTORY}`, while no such variable is set";
            let instead = "let systemd set it with `LoadCredential=`, or set it to the folder that holds the file";
            self.report(key, found, instead)
        })
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &'static str, wanted: &str) -> Parsed<Option<Vec<String>>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Array(_, values)) => {
                let texts: Vec<_> = values
                    .iter()
                    .enumerate()
                    .map(|(index, value)| self.text_of(&format!("{key}[{index}]"), value, wanted))
                    .collect();
                texts.into_iter().collect::<Parsed<_>>().map(Some)
            }
            Some(other) => {
                let instead = format!("write a list; each item is {wanted}");
                Err(self.report(key, kind(other), instead))
            }
        }
    }

    /// A duration such as `30s`, from what the table says to the longest that makes sense: none overflows when
    /// multiplied.
    pub(crate) fn duration(&self, key: &'static str) -> Parsed<Option<Duration>> {
        let Some(Kind::Duration { least }) = self.kind(key) else {
            panic!("the table says that `{key}` is no duration");
        };
        let first = humantime::parse_duration(least).expect("a literal duration is valid");
        let instead = "write a number and a unit, such as `30s` or `2m`";
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(_, text)) => match humantime::parse_duration(text) {
                Ok(duration) if (first..=LONGEST).contains(&duration) => Ok(Some(duration)),
                Ok(duration) => {
                    let found = format!("`{}`", humantime::format_duration(duration));
                    Err(self.report(
                        key,
                        &found,
                        format!("write a duration from `{least}` to `365d`"),
                    ))
                }
                Err(_) => Err(self.report(key, "a text that is no duration", instead)),
            },
            Some(Value::Num(..)) => Err(self.report(key, "a number without a unit", instead)),
            Some(other) => Err(self.report(key, kind(other), instead)),
        }
    }

    /// A whole number within the range of the table.
    pub(crate) fn count(&self, key: &'static str) -> Parsed<Option<usize>> {
        let Some(Kind::Count(range)) = self.kind(key) else {
            panic!("the table says that `{key}` is no number");
        };
        let Some(value) = self.take(key) else {
            return Ok(None);
        };
        let number = value
            .to_u128()
            .and_then(|number| usize::try_from(number).ok());
        let found = match number {
            Some(number) if range.contains(&number) => return Ok(Some(number)),
            Some(number) => format!("`{number}`"),
            None => kind(value).to_owned(),
        };
        let (first, last) = (range.start(), range.end());
        let instead = format!("write a whole number from {first} to {last}");
        Err(self.report(key, &found, instead))
    }

    /// `true` or `false`; `false` where it is absent.
    pub(crate) fn flag(&self, key: &'static str) -> Parsed<bool> {
        self.flag_or(key, false)
    }

    /// `true` or `false`, or the default where it is absent.
    pub(crate) fn flag_or(&self, key: &'static str, default: bool) -> Parsed<bool> {
        match self.take(key) {
            None => Ok(default),
            Some(Value::Bool(_, flag)) => Ok(*flag),
            Some(other) => Err(self.report(key, kind(other), "write `true` or `false`")),
        }
    }

    /// A mapping under this one. One without keys is empty.
    pub(crate) fn section(&self, key: &'static str) -> Parsed<Option<Section<'a>>> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => self.section_of(key, value).map(Some),
        }
    }

    /// A list of mappings; nothing where it is absent.
    pub(crate) fn sections(&self, key: &'static str) -> Parsed<Vec<Parsed<Section<'a>>>> {
        match self.take(key) {
            None | Some(Value::Empty(..)) => Ok(Vec::new()),
            Some(Value::Array(_, values)) => Ok(values
                .iter()
                .enumerate()
                .map(|(index, value)| self.section_of(&format!("{key}[{index}]"), value))
                .collect()),
            Some(other) => {
                let instead = "write a list: each item begins with `- `";
                Err(self.report(key, kind(other), instead))
            }
        }
    }

    /// Reports a problem with `key`, which may be an item (`include[0]`); `""` is the mapping itself.
    pub(crate) fn report(
        &self,
        key: &str,
        found: &str,
        instead: impl Into<String>,
    ) -> AlreadyReported {
        let path = match key {
            "" => self.path.clone(),
            key => key::join(&self.path, key),
        };
        self.reading.report(&path, found, instead)
    }

    /// Warns about `key`, which is allowed. `what` follows the key path.
    pub(crate) fn warn(&self, key: &str, what: &str) {
        self.reading.warn(&key::join(&self.path, key), what);
    }

    /// Every key with its text, where the keys are the operator's own.
    pub(crate) fn all_texts(&self, wanted: &str) -> Parsed<Vec<(String, String)>> {
        let mut texts = Vec::new();
        let mut read = Ok(());
        for (key, value) in self.values {
            let shown = key::shown(key, !matches!(value, Value::Empty(..)));
            match self.text_of(shown, value, wanted) {
                Ok(text) => texts.push((key.clone(), text)),
                Err(reported) => read = Err(reported),
            }
        }
        read.map(|()| texts)
    }

    /// Reports every key, here and below, that is not in the table.
    pub(crate) fn finish(&self) {
        for (key, value) in self.values {
            if !self.keys.has(key) {
                let known = self.keys.names();
                self.report_own(key, "an unknown key", key::correction(key, &known));
                continue;
            }
            // What is in a value of another kind has no table; that it is another kind is reported where it is read.
            match (value, self.kind(key)) {
                (Value::Dict(_, values), None | Some(Kind::Section(_))) => {
                    self.under(key, Some(values)).finish();
                }
                (Value::Array(_, items), Some(Kind::Sections(_))) => {
                    for (index, item) in items.iter().enumerate() {
                        if let Value::Dict(_, values) = item {
                            self.under(&format!("{key}[{index}]"), Some(values))
                                .finish();
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Reports a problem with a key that is the operator's own word: it is shown only where it reads like a key.
    pub(crate) fn report_own(&self, key: &str, found: &str, instead: String) -> AlreadyReported {
        let value = self.values.get(key);
        let has_value = value.is_some_and(|value| !matches!(value, Value::Empty(..)));
        let path = key::join(&self.path, key);
        let shown = key::join(&self.path, key::shown(key, has_value));
        self.reading
            .report_as(&path, &shown, found.to_owned(), instead)
    }

    /// The value of a key of the table.
    fn take(&self, key: &'static str) -> Option<&'a Value> {
        debug_assert!(
            self.keys.has(key),
            "`{key}` is not in the table of `{}`",
            self.path
        );
        self.values.get(key)
    }

    /// What the table says of a key.
    fn kind(&self, key: &str) -> Option<&'static Kind> {
        self.keys.find(key).map(|Key { kind, .. }| kind)
    }

    fn text_of(&self, key: &str, value: &Value, wanted: &str) -> Parsed<String> {
        match value {
            Value::String(_, text) if !text.is_empty() => Ok(text.clone()),
            Value::Num(..) | Value::Bool(..) => {
                Err(self.report(key, kind(value), "put the value in quotes"))
            }
            other => Err(self.report(key, kind(other), format!("write {wanted}"))),
        }
    }

    fn section_of(&self, key: &str, value: &'a Value) -> Parsed<Section<'a>> {
        let values = match value {
            Value::Dict(_, values) => Some(values),
            Value::Empty(..) => None,
            other => {
                let instead = self.under(key, None).keys.in_words();
                return Err(self.report(key, kind(other), instead));
            }
        };
        Ok(self.under(key, values))
    }
}

/// What a value is, without what it says.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_, text) if text.is_empty() => "an empty text",
        Value::String(..) | Value::Char(..) => "a text",
        Value::Bool(..) => "a boolean",
        Value::Num(..) => "a number",
        Value::Empty(..) => "no value",
        Value::Dict(..) => "a mapping",
        Value::Array(..) => "a list",
    }
}
