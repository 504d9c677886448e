//! The keys of a file as a table: what each is, what holds without it, what it is for.

use std::ops::RangeInclusive;

/// One key of a mapping.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What holds where it is absent.
    pub absent: Absent,
    /// What it is for, in sentences.
    pub doc: &'static str,
    /// Where the example file shows it: the key path of the mapping around it, and what is written behind it. After a `#`
    /// it is shown commented out.
    pub shown: &'static [(&'static str, &'static str)],
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// A text that is not empty.
    Text,
    /// A text that is a secret and never shown.
    Secret,
    /// The path of a file.
    File,
    /// The path of a file that the exporter writes; an empty one is none.
    Database,
    /// The name of an environment variable.
    Variable,
    /// An absolute URL.
    Url,
    /// A number and a unit, from this duration to a year.
    Duration {
        /// The shortest that is taken.
        least: &'static str,
    },
    /// A whole number of this range.
    Count(RangeInclusive<usize>),
    /// `true` or `false`.
    Flag,
    /// One word of these.
    Word(fn() -> Vec<&'static str>),
    /// One word of these, or a list of them.
    Words(fn() -> Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// A list of regular expressions that must match a whole name.
    Patterns,
    /// A mapping.
    Section(Keys),
    /// A list of mappings.
    Sections(Keys),
}

/// The keys of a mapping.
#[derive(Clone, Copy, Debug)]
pub enum Keys {
    /// These.
    Known(Table),
    /// Names that are known elsewhere, each with a mapping of these keys.
    Named(fn() -> Vec<&'static str>, Table),
    /// The operator's own words, each with a value of this kind.
    Own(&'static Kind),
}

/// What holds where a key is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nothing: it must be there.
    Required,
    /// Nothing: one of these must be there, and no second one.
    OneOf(&'static [&'static str]),
    /// Nothing, and it need not be there.
    Optional,
    /// This value.
    Default(&'static str),
    /// What these words say.
    Otherwise(&'static str),
}

/// Keys that mappings have in common, or that one has for itself.
#[derive(Debug)]
pub struct Group {
    /// What the keys are together, where several mappings have them.
    pub title: &'static str,
    /// In the order in which they are shown.
    pub keys: &'static [Key],
}

/// All keys of a mapping.
pub type Table = &'static [Group];

impl Group {
    /// Keys that one mapping has for itself.
    pub const fn own(keys: &'static [Key]) -> Self {
        Self { title: "", keys }
    }
}

impl Keys {
    /// The key of this name; `None` where it is no known one, or the operator's own.
    pub(crate) fn find(self, name: &str) -> Option<&'static Key> {
        let Self::Known(table) = self else {
            return None;
        };
        let mut keys = table.iter().flat_map(|group| group.keys);
        keys.find(|key| key.name == name)
    }

    /// Whether a key of this name may stand in the mapping.
    pub(super) fn has(self, name: &str) -> bool {
        match self {
            Self::Known(_) => self.find(name).is_some(),
            Self::Named(names, _) => names().contains(&name),
            Self::Own(_) => true,
        }
    }

    /// The names of all known keys.
    pub(super) fn names(self) -> Vec<&'static str> {
        match self {
            Self::Known(table) => {
                let keys = table.iter().flat_map(|group| group.keys);
                keys.map(|key| key.name).collect()
            }
            Self::Named(names, _) => names(),
            Self::Own(_) => Vec::new(),
        }
    }

    /// What to write for a mapping of these keys where something else stands: the keys that must be there, or the first
    /// ones. Of a secret only the key itself is named, not where else it may come from.
    pub(crate) fn in_words(self) -> String {
        let names = self.names();
        let is_source = |name: &str| {
            let key = name
                .strip_suffix("_file")
                .or_else(|| name.strip_suffix("_env"));
            key.is_some_and(|key| names.contains(&key))
        };
        let is_required = |name: &&&str| {
            let key = self.find(name);
            key.is_some_and(|key| key.absent == Absent::Required)
        };
        let required = names.iter().filter(is_required);
        let others = names.iter().filter(|name| !is_required(name));
        let others = others.filter(|name| !is_source(name));
        let shown = required.chain(others).take(2);
        let shown: Vec<_> = shown.map(|name| format!("`{name}:`")).collect();
        if shown.is_empty() {
            "write keys with values of their own under it".to_owned()
        } else {
            format!("write keys under it, such as {}", shown.join(" and "))
        }
    }

    /// The keys of the mapping, or of the mappings, under the key of this name.
    pub(crate) fn under(self, name: &str) -> Self {
        match self {
            Self::Named(_, table) => Self::Known(table),
            Self::Known(_) => match self.find(name).map(|key| &key.kind) {
                Some(Kind::Section(keys) | Kind::Sections(keys)) => *keys,
                _ => Self::Own(&Kind::Text),
            },
            Self::Own(_) => self,
        }
    }
}
