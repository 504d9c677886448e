//! The table of keys: it says what the reader reads, and the reader refuses the rest by it.

use std::fs;

use cluster_link_exporter::config::{Absent, Config, KEYS, Key, Keys, Kind, Problem, Source};

use super::{EXAMPLE, environment, load_example, shown};

/// What stands for the operator's own words.
const OWN: &str = "audience";

/// Every value of the table by its key path, and every mapping.
#[derive(Default)]
struct Paths {
    values: Vec<(String, &'static Kind)>,
    mappings: Vec<(String, Vec<&'static str>)>,
    keys: Vec<&'static Key>,
}

impl Paths {
    fn all() -> Self {
        let mut paths = Self::default();
        paths.mapping(KEYS, "");
        paths
    }

    fn mapping(&mut self, keys: Keys, path: &str) {
        let join = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        match keys {
            Keys::Known(table) => {
                let keys = table.iter().flat_map(|group| group.keys);
                let names = keys.clone().map(|key| key.name).collect();
                self.mappings.push((path.to_owned(), names));
                for key in keys {
                    self.keys.push(key);
                    self.value(&key.kind, join(key.name));
                }
            }
            Keys::Named(names, table) => {
                let names = names();
                let first = join(names[0]);
                self.mappings.push((path.to_owned(), names));
                self.mapping(Keys::Known(table), &first);
            }
            Keys::Own(kind) => self.value(kind, join(OWN)),
        }
    }

    fn value(&mut self, kind: &'static Kind, path: String) {
        match kind {
            Kind::Section(keys) => self.mapping(*keys, &path),
            Kind::Sections(keys) => self.mapping(*keys, &format!("{path}[0]")),
            _ => {}
        }
        self.values.push((path, kind));
    }
}

/// The problems of a file that has this value at a path, and nothing but what is around it.
fn problems(path: &str, value: &str) -> Vec<Problem> {
    let names = path.split('.').filter(|name| !name.is_empty());
    let yaml = names.rev().fold(value.to_owned(), |inside, name| {
        match name.strip_suffix("[0]") {
            Some(list) => format!("{{ {list}: [{inside}] }}"),
            None => format!("{{ {name}: {inside} }}"),
        }
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), yaml).unwrap();
    match Config::load(&Source::File(file.path().into()), &environment([])) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().cloned().collect(),
    }
}

/// What a file says of the value at a path.
fn said(path: &str, value: &str) -> String {
    let problems = problems(path, value);
    let mut problems = problems.iter();
    let problem = problems.find(|problem| problem.key.as_deref() == Some(path));
    problem.map_or_else(
        || format!("nothing of {value}"),
        |problem| format!("{}; {}", problem.found, problem.instead),
    )
}

#[test]
fn every_key_is_read_as_the_table_says() {
    for (path, kind) in Paths::all().values {
        let (value, refusal) = match kind {
            Kind::Text
            | Kind::Secret
            | Kind::File
            | Kind::Database
            | Kind::Variable
            | Kind::Url
            | Kind::Word(_) => ("[]", "a list; write "),
            Kind::Duration { .. } => ("5", "a number without a unit; write a number and a unit"),
            Kind::Count(_) => ("x", "a text; write a whole number from "),
            Kind::Flag => ("x", "a text; write `true` or `false`"),
            Kind::Words(_) => ("{}", "a mapping; write "),
            Kind::Texts | Kind::Patterns => ("x", "a text; write a list; each item is "),
            Kind::Section(_) => ("5", "a number; write keys "),
            Kind::Sections(_) => ("5", "a number; write a list: each item begins with `- `"),
        };
        let said = said(&path, value);
        assert!(said.starts_with(refusal), "`{path}`: {said}");
    }
}

#[test]
fn every_word_of_the_table_is_known_and_no_other() {
    for (path, kind) in Paths::all().values {
        let (Kind::Word(words) | Kind::Words(words)) = kind else {
            continue;
        };
        let refused = said(&path, "nonsense");
        for word in words() {
            assert_eq!(said(&path, word), format!("nothing of {word}"), "`{path}`");
            assert!(
                refused.contains(&format!("`{word}`")),
                "`{path}`: {refused}"
            );
        }
    }
}

#[test]
fn every_mapping_refuses_what_is_not_in_the_table() {
    for (path, names) in Paths::all().mappings {
        let problems = problems(&path, "{ qqqqqqqqqqqq: 1 }");
        let key = format!("{path}.qqqqqqqqqqqq");
        let key = key.trim_start_matches('.');
        let found = problems
            .iter()
            .find(|problem| problem.key.as_deref() == Some(key));
        let found = found.unwrap_or_else(|| panic!("`{key}` is taken: {problems:?}"));
        let instead = if names.len() > 25 {
            format!(
                "write one of {} keys, such as `{}`, which the pages of docs/reference list, or remove it",
                names.len(),
                names[..3].join("`, `")
            )
        } else {
            format!("write one of `{}`, or remove it", names.join("`, `"))
        };
        assert_eq!(
            (&*found.found, &found.instead),
            ("an unknown key", &instead)
        );
    }
}

#[test]
fn every_key_says_what_it_is_for_and_is_in_the_example() {
    for Key { name, doc, .. } in Paths::all().keys {
        assert!(doc.ends_with('.'), "write a sentence about `{name}`: {doc}");
        let is_there = [format!("{name}:"), format!("`{name}`")];
        let is_there = is_there.iter().any(|shown| EXAMPLE.contains(shown));
        assert!(is_there, "show `{name}` in the example");
    }
}

#[test]
fn a_default_may_be_left_out() {
    let defaults: Vec<String> = Paths::all()
        .keys
        .iter()
        .filter_map(|key| match key.absent {
            Absent::Default(value) => Some(format!("{}: {value}", key.name)),
            _ => None,
        })
        .collect();
    let is_default = |line: &&str| defaults.iter().any(|default| default == line.trim_start());
    let left: Vec<_> = EXAMPLE.lines().filter(|line| !is_default(line)).collect();
    assert_eq!(EXAMPLE.lines().count() - left.len(), 15);
    let left = load_example(&left.join("\n")).unwrap_or_else(|problems| panic!("{problems}"));
    let whole = load_example(EXAMPLE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(shown(&left), shown(&whole));
}
