//! Reads a mapping key by key and collects every problem on the way, where a derived deserializer stops at the first
//! and prints the value.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::value::{Dict, Value};

pub(super) use self::word_list::{Word, WordList};
use super::{environment::Environment, key, origins::Origins, problem::Problem};

mod word_list;

/// The longest duration that makes sense.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

static EMPTY: Dict = Dict::new();

/// There is no value because a problem with it was reported.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlreadyReported;

/// A value, or the knowledge that its problem was reported.
pub(super) type Parsed<T> = Result<T, AlreadyReported>;

/// What the reading of one configuration carries along.
pub(super) struct Reading<'a> {
    /// Where variables are looked up.
    pub(super) environment: &'a Environment,
    /// What relative paths are relative to.
    pub(super) folder: PathBuf,
    origins: Origins,
    problems: RefCell<Vec<Problem>>,
    named: RefCell<BTreeSet<String>>,
    warnings: RefCell<Vec<String>>,
}

/// What the reading found.
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    /// The variables that a `…_env` key names.
    pub(super) named: BTreeSet<String>,
    /// What is no problem but should be known.
    pub(super) warnings: Vec<String>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet, with the problems that are known before.
    pub(super) fn new(
        environment: &'a Environment,
        folder: &Path,
        origins: Origins,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            environment,
            folder: folder.to_path_buf(),
            origins,
            problems: RefCell::new(problems),
            named: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Remembers a variable that a `…_env` key names.
    pub(super) fn name_variable(&self, name: &str) {
        self.named.borrow_mut().insert(name.to_owned());
    }

    /// What was found.
    pub(super) fn finish(self) -> Findings {
        Findings {
            problems: self.problems.into_inner(),
            named: self.named.into_inner(),
            warnings: self.warnings.into_inner(),
        }
    }

    fn push(&self, problem: Problem) -> AlreadyReported {
        self.problems.borrow_mut().push(problem);
        AlreadyReported
    }
}

/// A mapping under its key path. Keys that were never asked for are unknown: [`Section::finish`] reports them.
pub(super) struct Section<'a> {
    pub(super) reading: &'a Reading<'a>,
    path: String,
    values: &'a Dict,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(reading: &'a Reading<'a>, values: &'a Dict) -> Self {
        Self::new(reading, String::new(), values)
    }

    fn new(reading: &'a Reading<'a>, path: String, values: &'a Dict) -> Self {
        Self {
            reading,
            path,
            values,
            known: Vec::new(),
        }
    }

    /// The key path of this mapping.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Every key that is there.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str)
    }

    /// A text that is not empty. `wanted` completes "write …".
    pub(super) fn text(&mut self, key: &'static str, wanted: &str) -> Parsed<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => self.text_of(key, value, wanted).map(Some),
        }
    }

    /// A text that may be empty.
    pub(super) fn text_or_empty(
        &mut self,
        key: &'static str,
        wanted: &str,
    ) -> Parsed<Option<String>> {
        match self.values.get(key) {
            Some(Value::String(_, text)) if text.is_empty() => {
                self.take(key);
                Ok(Some(String::new()))
            }
            _ => self.text(key, wanted),
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&mut self, key: &'static str, wanted: &str) -> Parsed<String> {
        let text = self.text(key, wanted)?;
        text.ok_or_else(|| self.report(key, "nothing", format!("write {wanted}")))
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &'static str, wanted: &str) -> Parsed<Option<Vec<String>>> {
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

    /// A duration such as `30s`.
    pub(super) fn duration(&mut self, key: &'static str) -> Parsed<Option<Duration>> {
        self.duration_within(key, "1ms")
    }

    /// A duration such as `30s`, or `0s`.
    pub(super) fn duration_or_zero(&mut self, key: &'static str) -> Parsed<Option<Duration>> {
        self.duration_within(key, "0s")
    }

    /// A duration from `least` to the longest that makes sense: none overflows when multiplied.
    fn duration_within(&mut self, key: &'static str, least: &str) -> Parsed<Option<Duration>> {
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

    /// A whole number within `range`.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<usize>,
    ) -> Parsed<Option<usize>> {
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
        let (first, last) = range.into_inner();
        let instead = format!("write a whole number from {first} to {last}");
        Err(self.report(key, &found, instead))
    }

    /// `true` or `false`; `false` where it is absent.
    pub(super) fn flag(&mut self, key: &'static str) -> Parsed<bool> {
        self.flag_or(key, false)
    }

    /// `true` or `false`, or the default where it is absent.
    pub(super) fn flag_or(&mut self, key: &'static str, default: bool) -> Parsed<bool> {
        match self.take(key) {
            None => Ok(default),
            Some(Value::Bool(_, flag)) => Ok(*flag),
            Some(other) => Err(self.report(key, kind(other), "write `true` or `false`")),
        }
    }

    /// A mapping under this one. One without keys is empty.
    pub(super) fn section(&mut self, key: &'static str) -> Parsed<Option<Section<'a>>> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => self.section_of(key, value).map(Some),
        }
    }

    /// A list of mappings; nothing where it is absent.
    pub(super) fn sections(&mut self, key: &'static str) -> Parsed<Vec<Parsed<Section<'a>>>> {
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
    pub(super) fn report(
        &self,
        key: &str,
        found: &str,
        instead: impl Into<String>,
    ) -> AlreadyReported {
        let path = match key {
            "" => self.path.clone(),
            key => key::join(&self.path, key),
        };
        let origins = &self.reading.origins;
        let problem = origins.problem(&path, found.to_owned(), instead.into());
        self.reading.push(problem)
    }

    /// Warns about `key`, which is allowed. `what` follows the key path.
    pub(super) fn warn(&self, key: &str, what: &str) {
        let path = key::join(&self.path, key);
        let warning = format!("`{path}` {what}");
        self.reading.warnings.borrow_mut().push(warning);
    }

    /// Every key with its text, where the keys are the operator's own.
    pub(super) fn all_texts(&self, wanted: &str) -> Parsed<Vec<(String, String)>> {
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

    /// Reports every key that nobody asked for. `unsupported` are keys of the contract that are not built yet: ignored in
    /// silence they would be a lie.
    pub(super) fn finish(self, unsupported: &[&str]) {
        for key in self.values.keys() {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            if unsupported.contains(&key.as_str()) {
                self.report(key, &key::unsupported(), "remove it");
                continue;
            }
            self.report_own(key, "an unknown key", key::correction(key, &self.known));
        }
    }

    /// Reports a problem with a key that is the operator's own word: it is shown only where it reads like a key.
    pub(super) fn report_own(&self, key: &str, found: &str, instead: String) -> AlreadyReported {
        let path = key::join(&self.path, key);
        let problem = self
            .reading
            .origins
            .problem(&path, found.to_owned(), instead);
        let value = self.values.get(key);
        let has_value = value.is_some_and(|value| !matches!(value, Value::Empty(..)));
        self.reading.push(Problem {
            key: Some(key::join(&self.path, key::shown(key, has_value))),
            ..problem
        })
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.values.get(key)
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
            Value::Dict(_, values) => values,
            Value::Empty(..) => &EMPTY,
            other => return Err(self.report(key, kind(other), "write keys of its own under it")),
        };
        Ok(Section::new(
            self.reading,
            key::join(&self.path, key),
            values,
        ))
    }
}

/// What a value is, without what it says.
pub(super) fn kind(value: &Value) -> &'static str {
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
