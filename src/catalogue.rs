//! Every known error code with its meaning, its remedy and how sure we are: one data file a scope, embedded.
//!
//! The API's sets of codes are open. A code that is missing here is no failure; it is counted and shown as it came.

mod hint;

use std::{collections::BTreeSet, sync::LazyLock};

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::text::nearest as nearest_of;

pub use hint::{Hint, hint, with_hints};

/// One row: what a code means where it is reported. Its texts are sentences of our own.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The code as the API spells it; the same code may have a row in several scopes.
    pub code: String,
    /// Who reports it.
    pub scope: Scope,
    /// How sure we are of everything below.
    pub evidence: Evidence,
    /// What is wrong, in a sentence or two, for the person who is paged.
    pub meaning: String,
    /// What leads to it, the likeliest first.
    pub causes: Vec<String>,
    /// What to do next.
    pub remedy: String,
    /// What to run first, looking before changing: commands to paste, and GETs of the REST API where Confluent's command
    /// line is not at hand. `<…>` is for the reader to fill in, `{base_path}` is the configuration's.
    pub commands: Vec<String>,
    /// Whether waiting helps.
    pub heals: Heals,
}

/// Who reports a code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// A link, in `link_error`.
    Link,
    /// A link's task, in `errors`.
    Task,
    /// A mirror topic, in `mirror_topic_error`.
    Mirror,
    /// A promote, reverse or restore that does not finish, in `mirror_state_transition_errors`.
    Transition,
}

/// Where our knowledge of a code comes from. People must be told when it is only its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Confluent explains it.
    Documented,
    /// Seen in real answers, explained from what surrounded it.
    Observed,
    /// Only the name is published; everything else is our reading of it.
    NameOnly,
}

/// Whether an error goes away while nobody does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heals {
    /// The next runs usually succeed; only an error that lasts needs a person.
    Yes,
    /// It stays until somebody changes something.
    No,
    /// It depends on the cause.
    Maybe,
}

impl Scope {
    /// The scope in one word, as the data files spell it.
    pub fn label(self) -> &'static str {
        self.into()
    }

    /// Who reports it and in which field, to follow "reported by".
    pub fn reporter(self) -> &'static str {
        match self {
            Self::Link => "a link (`link_error`)",
            Self::Task => "a task of a link (`errors`)",
            Self::Mirror => "a mirror topic (`mirror_topic_error`)",
            Self::Transition => {
                "a promote, reverse or restore that waits (`mirror_state_transition_errors`)"
            }
        }
    }
}

impl Evidence {
    /// What every text that rests on a name alone is marked with.
    pub const OUR_READING: &str = "(our reading)";

    /// Where the row comes from, in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Documented => "documented by Confluent",
            Self::Observed => "seen in real answers, explained from what surrounded it",
            Self::NameOnly => "our reading of the name; Confluent publishes only the name",
        }
    }
}

impl Heals {
    /// The answer to "does it heal by itself?".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Yes => "yes; act only if it lasts",
            Self::No => "no; it stays until somebody acts",
            Self::Maybe => "maybe; it depends on the cause",
        }
    }
}

/// All rows: those of links, tasks, mirror topics and transitions. No two have the same code and scope.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = [
        include_str!("catalogue/link.yaml"),
        include_str!("catalogue/task.yaml"),
        include_str!("catalogue/mirror.yaml"),
        include_str!("catalogue/transition.yaml"),
    ];
    let rows = |text| -> Vec<Entry> {
        serde_saphyr::from_str(text)
            .expect("the embedded catalogue is read by a test of every build")
    };
    files.into_iter().flat_map(rows).collect()
});

/// The rows of a code, at most one per scope.
pub fn lookup(code: &str) -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().filter(move |entry| entry.code == code)
}

/// What the code means where it was reported. A transition can carry every code of a task, with that meaning unless it
/// has a row of its own.
pub fn find(code: &str, scope: Scope) -> Option<&'static Entry> {
    let of = |scope| lookup(code).find(|entry| entry.scope == scope);
    match scope {
        Scope::Transition => of(scope).or_else(|| of(Scope::Task)),
        _ => of(scope),
    }
}

/// Whether the code is known in any scope.
pub fn contains(code: &str) -> bool {
    lookup(code).next().is_some()
}

/// Every code once, in the order of the alphabet.
pub fn codes() -> BTreeSet<&'static str> {
    ENTRIES.iter().map(|entry| entry.code.as_str()).collect()
}

/// The codes that may have been meant, as [`nearest_of`] has them.
pub fn nearest(unknown: &str) -> Vec<&'static str> {
    nearest_of(unknown, codes())
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;
    use crate::model::ErrorCode;

    #[test]
    fn no_code_has_two_rows_in_one_scope() {
        let mut seen = BTreeSet::new();
        for Entry { code, scope, .. } in ENTRIES.iter() {
            assert!(
                seen.insert((code, scope)),
                "delete one of the two rows of {code} in scope {scope:?}"
            );
        }
    }

    #[test]
    fn every_row_is_written_to_be_read_by_a_person() {
        for entry in ENTRIES.iter() {
            let code = &entry.code;
            assert!(!entry.causes.is_empty(), "write what leads to {code}");
            for text in entry.causes.iter().chain([&entry.meaning, &entry.remedy]) {
                assert!(
                    text.ends_with('.') && text.len() > 10 && !text.contains('\n'),
                    "write whole sentences on one line for {code}: {text}"
                );
                assert_eq!(text, text.trim(), "no spaces around the texts of {code}");
            }
        }
    }

    #[test]
    fn every_command_is_a_tool_of_confluent_or_kafka_or_a_get() {
        let placeholder = regex::Regex::new(r"<[^>]*>").unwrap();
        let known = [
            "<link>",
            "<cluster>",
            "<remote-cluster>",
            "<topic>",
            "<group>",
            "<brokers>",
            "<remote-brokers>",
            "<host>",
            "<port>",
            "<file>",
        ];
        for Entry { code, commands, .. } in ENTRIES.iter() {
            assert!(!commands.is_empty(), "write what to run first for {code}");
            for command in commands {
                assert!(
                    ["confluent ", "GET {base_path}/", "kafka-"]
                        .iter()
                        .any(|start| command.starts_with(start)),
                    "{code}: {command}"
                );
                assert_eq!(
                    command,
                    command.trim(),
                    "no spaces around a command of {code}"
                );
                for found in placeholder.find_iter(command) {
                    assert!(known.contains(&found.as_str()), "{code}: {command}");
                }
            }
        }
    }

    #[test]
    fn looking_comes_before_changing() {
        for Entry { code, commands, .. } in ENTRIES.iter() {
            assert!(!commands[0].contains(" update "), "{code}: {commands:?}");
        }
    }

    #[test]
    fn a_transition_explains_a_code_as_its_own_or_else_as_a_task_does() {
        let scope = |code| find(code, Scope::Transition).map(|entry| entry.scope);
        assert_eq!(scope("AUTHENTICATION_ERROR"), Some(Scope::Transition));
        assert_eq!(scope("TOPIC_EXISTS_ERROR"), Some(Scope::Task));
        assert_eq!(scope("ILLEGAL_STATE"), None);
        assert!(find("TOPIC_EXISTS_ERROR", Scope::Link).is_none());
    }

    #[test]
    fn a_wrong_code_has_at_most_three_near_ones() {
        let cases: [(&str, &[&str]); 5] = [
            ("topic_exist_error", &["TOPIC_EXISTS_ERROR"]),
            ("ACL", &["ACL_LIMIT_EXCEEDED"]),
            (
                "EPOCH",
                &[
                    "NON_MONOTONIC_SOURCE_EPOCH",
                    "NON_MONOTONIC_LOG_APPEND_EPOCH",
                ],
            ),
            ("", &[]),
            ("MADE_UP", &[]),
        ];
        for (unknown, expected) in cases {
            assert_eq!(nearest(unknown), expected, "{unknown}");
        }
        assert_eq!(nearest(&"A".repeat(65)), [""; 0]);
    }

    #[test]
    fn every_code_may_be_a_label_value() {
        for Entry { code, .. } in ENTRIES.iter() {
            assert!(ErrorCode::from(code.as_str()).is_well_formed(), "{code}");
        }
    }

    #[test]
    fn a_code_is_found_in_each_of_its_scopes_and_a_strange_one_nowhere() {
        let scopes: Vec<Scope> = lookup("AUTHENTICATION_ERROR").map(|e| e.scope).collect();
        assert_eq!(scopes, [Scope::Link, Scope::Task, Scope::Transition]);
        assert!(contains("REMOTE_LINK_NOT_FOUND_ERROR"));
        assert!(!contains("MADE_UP_ERROR"));
    }

    /// A list of codes from elsewhere, of which only these three fields are compared.
    #[derive(Deserialize)]
    struct Reference {
        codes: Vec<ReferenceRow>,
    }

    #[derive(Deserialize)]
    struct ReferenceRow {
        code: String,
        scope: Scope,
        evidence: Evidence,
    }

    #[test]
    fn the_catalogue_knows_every_code_of_the_conformance_list() {
        let Ok(path) = env::var("CONFORMANCE_ERROR_CODES") else {
            eprintln!("SKIPPED: set CONFORMANCE_ERROR_CODES to a YAML list of error codes");
            return;
        };
        let text = fs::read_to_string(&path).expect("CONFORMANCE_ERROR_CODES names a file");
        let reference: Reference = serde_saphyr::from_str(&text).expect("the list has `codes`");
        let missing: Vec<String> = reference
            .codes
            .iter()
            .filter(|row| {
                !lookup(&row.code).any(|e| (e.scope, e.evidence) == (row.scope, row.evidence))
            })
            .map(|row| format!("{} ({:?}, {:?})", row.code, row.scope, row.evidence))
            .collect();
        assert!(
            missing.is_empty(),
            "add these rows to src/catalogue: {missing:#?}"
        );
    }
}
