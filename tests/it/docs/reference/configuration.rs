//! The keys of the configuration, as the example file shows and explains them.

use std::{collections::BTreeSet, fmt::Write as _, mem};

use super::{code, page, table};

const EXAMPLE: &str = include_str!("../../../../cluster-link-exporter.example.yaml");

const INTRODUCTION: &str = "\
The keys of the configuration file, in the order of
[`cluster-link-exporter.example.yaml`](../../cluster-link-exporter.example.yaml), from which this page is written. An
unknown key is an error. `[]` stands for each item of a list. Where a key takes alternatives, such as `password_file` and
`password_env` for `password`, its text names them. How to use the file is in [Configuration](../configuration.md).

Durations are a number and a unit: `30s`, `2m`, `1h 30m`. Ids and secrets made of digits alone must stand in quotes.
";

/// A section of the file: a key at its outermost level, what is said of it, and its keys.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    name: String,
    text: String,
    rows: Vec<Row>,
}

/// A key that is met for the first time.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    path: String,
    /// What the file writes behind it: an example, or the default where the line is commented out.
    value: String,
    is_default: bool,
    text: String,
}

#[test]
fn the_page_has_every_key_of_the_example() {
    let sections = sections(EXAMPLE);
    let mut text = INTRODUCTION.to_owned();
    for section in sections {
        let Section {
            name,
            text: said,
            rows,
        } = section;
        let _ = write!(text, "\n## {name}\n\n");
        if !said.is_empty() {
            let _ = write!(text, "{said}\n\n");
        }
        text += &table(["key", "example", "meaning"], rows.into_iter().map(cells));
    }
    page("configuration.md", "Configuration keys", &text);
}

fn cells(row: Row) -> [String; 3] {
    let Row {
        path,
        value,
        is_default,
        text,
    } = row;
    let value = match (value.as_str(), is_default) {
        ("", _) => String::new(),
        (value, true) => format!("{} (default)", code(value)),
        (value, false) => code(value),
    };
    [code(&path), value, text]
}

/// Reads the file line by line: a comment belongs to the key below it.
fn sections(file: &str) -> Vec<Section> {
    let mut reader = Reader::default();
    for line in file.lines() {
        reader.read(line);
    }
    reader.sections
}

#[derive(Debug, Default)]
struct Reader {
    sections: Vec<Section>,
    seen: BTreeSet<String>,
    /// The keys around the one that is read, each with its indentation.
    above: Vec<(usize, String)>,
    /// The comment that waits for its key.
    comment: Vec<String>,
    /// The key whose comment those below it share that have none.
    explained: Option<String>,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let text = line.trim_start();
        if text.is_empty() {
            self.comment.clear();
            self.explained = None;
        } else if let Some(comment) = text.strip_prefix("# ") {
            self.comment.push(comment.to_owned());
        } else if text != "#" {
            let value = self.enter(line.len() - text.len(), text.trim_start_matches('#'));
            self.row(value, text.starts_with('#'));
        }
    }

    /// Goes to the key of a line, and returns what stands behind it.
    fn enter(&mut self, mut indent: usize, mut text: &str) -> String {
        if let Some(item) = text.strip_prefix("- ") {
            self.above.retain(|(outer, _)| *outer < indent);
            let (_, list) = self.above.last_mut().expect("an item is in a list");
            if !list.ends_with("[]") {
                list.push_str("[]");
            }
            (indent, text) = (indent + 2, item);
        }
        self.above.retain(|(outer, _)| *outer < indent);
        let (key, value) = text.split_once(':').expect("every line has a key");
        self.above.push((indent, general(key)));
        plain(value)
    }

    fn row(&mut self, value: String, is_default: bool) {
        let path: Vec<_> = self.above.iter().map(|(_, key)| key.as_str()).collect();
        let path = path.join(".");
        let said = mem::take(&mut self.comment).join(" ");
        if self.above.len() == 1 {
            self.sections.push(Section {
                name: path,
                text: said,
                rows: Vec::new(),
            });
            return;
        }
        if !self.seen.insert(path.clone()) {
            assert!(said.is_empty(), "`{path}` is explained twice: {said}");
            return;
        }
        let text = if said.is_empty() {
            let explained = self.explained.as_ref();
            let explained = explained
                .unwrap_or_else(|| panic!("write a comment above `{path}` into the example"));
            format!("see {}", code(explained))
        } else {
            self.explained = Some(path.clone());
            said
        };
        let section = self.sections.last_mut().expect("a section begins the file");
        section.rows.push(Row {
            path,
            value,
            is_default,
            text,
        });
    }
}

/// The name of an alert is one of many.
fn general(key: &str) -> String {
    if key.starts_with("ClusterLink") {
        "ALERT".to_owned()
    } else {
        key.to_owned()
    }
}

/// A value without YAML's anchors.
fn plain(value: &str) -> String {
    let words = value.split_whitespace();
    let words = words.filter(|word| !word.starts_with(['&', '*']));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_comment_belongs_to_the_key_below_it_and_to_those_that_follow_at_once() {
    let file = "\
# What the file is.

# For all.
global:
  # How often,
  # at the most.
  interval: 30s
  #timeout: 25s

list:
  # A name.
  - name: a
    more: &more
      # A part.
      part: 1

  - name: b
    # Once more.
    other: *more
";
    let rows = |section: &Section| {
        let rows = section.rows.iter();
        rows.map(|row| {
            let Row {
                path,
                value,
                is_default,
                text,
            } = row;
            format!("{path}|{value}|{is_default}|{text}")
        })
        .collect::<Vec<_>>()
    };
    let sections = sections(file);
    let [global, list] = sections.as_slice() else {
        panic!("{sections:?}");
    };
    assert_eq!(
        (global.name.as_str(), global.text.as_str()),
        ("global", "For all.")
    );
    assert_eq!(
        rows(global),
        [
            "global.interval|30s|false|How often, at the most.",
            "global.timeout|25s|true|see `global.interval`"
        ]
    );
    assert_eq!(
        rows(list),
        [
            "list[].name|a|false|A name.",
            "list[].more||false|see `list[].name`",
            "list[].more.part|1|false|A part.",
            "list[].other||false|Once more."
        ]
    );
}
