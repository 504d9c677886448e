//! The keys of the configuration, from their table.

use std::fmt::Write as _;

use cluster_link_exporter::config::{Absent, Group, KEYS, Key, Keys, Kind, Table};

use super::{code, page, table};

const INTRODUCTION: &str = "\
Every key of the configuration file. An unknown key is an error. `[]` stands for each item of a list, `ALERT` for the
name of an alert, `NAME` for a word of your own. How to use the file is in [Configuration](../configuration.md), and
[`cluster-link-exporter.example.yaml`](../../cluster-link-exporter.example.yaml) shows it as a whole.

Durations are a number and a unit: `30s`, `2m`, `1h 30m`. Patterns are regular expressions that must match a whole name.
Ids and secrets made of digits alone must stand in quotes.
";

const HEAD: [&str; 5] = ["key", "value", "without it", "example", "meaning"];

type Row = [String; 5];

#[test]
fn the_page_has_every_key_of_the_table() {
    let mut reader = Reader::default();
    let mut text = INTRODUCTION.to_owned();
    let Keys::Known([root]) = KEYS else {
        panic!("the file has keys of its own only");
    };
    for key in root.keys {
        let _ = write!(text, "\n## {}\n\n{}\n\n", key.name, key.doc);
        reader.inside(key, key.name);
        text += &table(HEAD, std::mem::take(&mut reader.rows));
    }
    // A group may have others in it, which are found on the way.
    let mut next = 0;
    while let Some(group) = reader.groups.get(next).copied() {
        next += 1;
        let owners = reader.owners(group.title);
        let _ = write!(text, "\n## {}\n\nKeys of {owners}.\n\n", group.title);
        reader.keys(group.keys, "");
        text += &table(HEAD, std::mem::take(&mut reader.rows));
    }
    page("configuration.md", "Configuration keys", &text);
}

#[derive(Default)]
struct Reader {
    rows: Vec<Row>,
    /// What several mappings have in common, each with a place of its own on the page.
    groups: Vec<&'static Group>,
    /// By their titles, the mappings that have them.
    owners: Vec<(&'static str, String)>,
}

impl Reader {
    fn table(&mut self, table: Table, path: &str) {
        for group in table {
            if group.title.is_empty() {
                self.keys(group.keys, path);
                continue;
            }
            if !self.groups.iter().any(|known| known.title == group.title) {
                self.groups.push(group);
            }
            self.owners.push((group.title, path.to_owned()));
            let anchor = group.title.to_lowercase().replace(' ', "-");
            let all = format!("the keys of [{}](#{anchor})", group.title);
            let empty = String::new;
            self.rows
                .push([code(&join(path, "…")), empty(), empty(), empty(), all]);
        }
    }

    fn keys(&mut self, keys: &'static [Key], path: &str) {
        for key in keys {
            let path = join(path, key.name);
            self.rows.push([
                code(&path),
                value(&key.kind),
                without(key.absent),
                example(key),
                key.doc.to_owned(),
            ]);
            self.inside(key, &path);
        }
    }

    fn inside(&mut self, key: &'static Key, path: &str) {
        let (keys, path) = match key.kind {
            Kind::Section(keys) => (keys, path.to_owned()),
            Kind::Sections(keys) => (keys, format!("{path}[]")),
            _ => return,
        };
        match keys {
            Keys::Known(table) => self.table(table, &path),
            Keys::Named(_, table) => self.table(table, &format!("{path}.ALERT")),
            Keys::Own(kind) => {
                let empty = String::new;
                let path = code(&format!("{path}.NAME"));
                self.rows
                    .push([path, value(kind), empty(), empty(), empty()]);
            }
        }
    }

    fn owners(&self, title: &str) -> String {
        let owners = self.owners.iter().filter(|(owned, _)| *owned == title);
        let owners: Vec<_> = owners.map(|(_, path)| code(path)).collect();
        owners.join(", ")
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn value(kind: &Kind) -> String {
    let listed = |words: Vec<&str>| words.into_iter().map(code).collect::<Vec<_>>().join(", ");
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Secret => "text, never shown".to_owned(),
        Kind::File | Kind::Database => "path of a file".to_owned(),
        Kind::Variable => "name of a variable".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::Duration { least } => format!("duration from {}", code(least)),
        Kind::Count(range) => format!("number from {} to {}", range.start(), range.end()),
        Kind::Flag => listed(vec!["true", "false"]),
        Kind::Word(words) => listed(words()),
        Kind::Words(words) => format!("{}, or a list of them", listed(words())),
        Kind::Texts => "list of texts".to_owned(),
        Kind::Patterns => "list of patterns".to_owned(),
        Kind::Section(_) => "mapping".to_owned(),
        Kind::Sections(_) => "list of mappings".to_owned(),
    }
}

fn without(absent: Absent) -> String {
    match absent {
        Absent::Required => "required".to_owned(),
        Absent::OneOf(names) => {
            let names: Vec<_> = names.iter().copied().map(code).collect();
            format!("one of {}", names.join(", "))
        }
        Absent::Optional => String::new(),
        Absent::Default(value) => code(value),
        Absent::Otherwise(words) => words.to_owned(),
    }
}

/// What the example file shows first, without YAML's anchors.
fn example(key: &Key) -> String {
    let mut values = key.shown.iter().map(|(_, value)| *value);
    let value = values.find(|value| !value.starts_with(['&', '*']));
    value.map_or_else(String::new, |value| code(value.trim_start_matches('#')))
}
