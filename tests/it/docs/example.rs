//! The example file, written from the table of the keys: what each shows, under what it is for.

use std::collections::BTreeSet;

use cluster_link_exporter::config::{Absent, KEYS, Key, Keys, Kind};

use super::root;
use crate::support::golden::golden;

const INTRODUCTION: &str = "\
# yaml-language-server: $schema=cluster-link-exporter.schema.json
#
# Configuration of cluster-link-exporter: copy it, keep what you need, check it with
# `cluster-link-exporter check-config FILE`. Every key that this version supports is here; an unknown key is an error.
# Keys that are commented out show their default.
#
# Durations are a number and a unit: `30s`, `2m`, `1h 30m`.
# Ids and secrets made of digits alone must stand in quotes.
";

/// How long a line of a comment may be.
const WIDTH: usize = 118;

#[test]
fn the_example_file_is_written_from_the_table_of_keys() {
    let mut writer = Writer::default();
    writer.mapping(KEYS, "", 0);
    let lines = writer.lines.join("\n");
    let file = root().join("cluster-link-exporter.example.yaml");
    golden(&file, &format!("{INTRODUCTION}{lines}\n"));
}

#[derive(Default)]
struct Writer {
    lines: Vec<String>,
    /// What was explained already.
    said: BTreeSet<&'static str>,
}

impl Writer {
    /// Writes the keys of the mapping at `place` that are shown there.
    fn mapping(&mut self, keys: Keys, place: &str, indent: usize) {
        match keys {
            Keys::Known(table) => {
                for key in table.iter().flat_map(|group| group.keys) {
                    self.key(key, place, indent);
                }
            }
            Keys::Named(names, table) => {
                for name in names() {
                    let inside = join(place, name);
                    if is_shown(Keys::Known(table), &inside) {
                        self.line(indent, name, "");
                        self.mapping(Keys::Known(table), &inside, indent + 2);
                    }
                }
            }
            Keys::Own(_) => {}
        }
    }

    fn key(&mut self, key: &Key, place: &str, indent: usize) {
        let inside = join(place, key.name);
        let value = shown_at(key, place);
        let keys = match key.kind {
            Kind::Section(keys) | Kind::Sections(keys) => Some(keys),
            _ => None,
        };
        let has_more = keys.is_some_and(|keys| is_shown(keys, &inside));
        if value.is_none() && !has_more {
            return;
        }
        if place.is_empty() {
            self.lines.push(String::new());
        }
        self.comment(key, indent);
        self.line(indent, key.name, value.unwrap_or_default());
        match (&key.kind, keys) {
            (Kind::Sections(_), Some(keys)) => self.items(keys, &inside, indent + 2),
            (_, Some(keys)) if has_more => self.mapping(keys, &inside, indent + 2),
            _ => {}
        }
    }

    /// Writes the items of a list, each with its mark before its first key.
    fn items(&mut self, keys: Keys, list: &str, indent: usize) {
        let items = (0..).map(|index| format!("{list}[{index}]"));
        for (index, item) in items.take_while(|item| is_shown(keys, item)).enumerate() {
            if index > 0 && !list.contains('.') {
                self.lines.push(String::new());
            }
            let first = self.lines.len();
            self.mapping(keys, &item, indent + 2);
            for line in &mut self.lines[first..] {
                if line.trim_start().starts_with("# ") {
                    line.drain(..2);
                } else {
                    line.replace_range(indent..indent + 2, "- ");
                    break;
                }
            }
        }
    }

    fn line(&mut self, indent: usize, name: &str, value: &str) {
        let (sign, value) = match value.strip_prefix('#') {
            Some(default) => ("#", default),
            None => ("", value),
        };
        let line = format!("{:indent$}{sign}{name}: {value}", "");
        self.lines.push(line.trim_end().to_owned());
    }

    /// What the key is for, where that was not said before, and what may stand instead of it.
    fn comment(&mut self, key: &Key, indent: usize) {
        let mut words: Vec<String> = Vec::new();
        if self.said.insert(key.doc) {
            words.extend(key.doc.split(' ').map(str::to_owned));
        }
        if let Absent::OneOf(names) = key.absent
            && self.said.insert(key.name)
        {
            let others = names.iter().filter(|name| **name != key.name);
            let others: Vec<_> = others.map(|name| format!("or `{name}`")).collect();
            let others = format!("O{}.", &others.join(", ")[1..]);
            words.extend(others.split(' ').map(str::to_owned));
        }
        let mut line = String::new();
        for word in words {
            if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
                self.lines.push(std::mem::take(&mut line));
            }
            if line.is_empty() {
                line = format!("{:indent$}#", "");
            }
            line += " ";
            line += &word;
        }
        if !line.is_empty() {
            self.lines.push(line);
        }
    }
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

fn shown_at(key: &Key, place: &str) -> Option<&'static str> {
    let mut shown = key.shown.iter();
    shown.find(|(at, _)| *at == place).map(|(_, value)| *value)
}

/// Whether the example shows anything in the mapping, or in the list of mappings, at `place`.
fn is_shown(keys: Keys, place: &str) -> bool {
    let table = match keys {
        Keys::Known(table) | Keys::Named(_, table) => table,
        Keys::Own(_) => return false,
    };
    let mut keys = table.iter().flat_map(|group| group.keys);
    keys.any(|key| {
        let here = |(at, _): &(&str, &str)| {
            let behind = at.strip_prefix(place);
            behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let below = match key.kind {
            Kind::Section(keys) | Kind::Sections(keys) => is_shown(keys, &join(place, key.name)),
            _ => false,
        };
        key.shown.iter().any(here) || below
    })
}
