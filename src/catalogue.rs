//! Every known error code with its meaning, its remedy and how sure we are: one data file, embedded.
//!
//! The API's sets of codes are open. A code that is missing here is no failure; it is counted and shown as it came.

use std::sync::LazyLock;

use serde::Deserialize;

/// One row: what a code means where it is reported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The code as the API spells it; the same code may have a row in several scopes.
    pub code: String,
    /// Who reports it.
    pub scope: Scope,
    /// How sure we are of `meaning` and `remedy`.
    pub evidence: Evidence,
    /// What is wrong, in a sentence or two.
    pub meaning: String,
    /// What to do next.
    pub remedy: String,
}

/// Who reports a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Confluent explains it.
    Documented,
    /// Seen in real answers, explained from what surrounded it.
    Observed,
    /// Only the name is published; meaning and remedy are our reading of it.
    NameOnly,
}

/// All rows, in the order of the data file. No two have the same code and scope.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("catalogue.yaml"))
        .expect("the embedded catalogue is read by a test of every build")
});

/// The rows of a code, at most one per scope.
pub fn lookup(code: &str) -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().filter(move |entry| entry.code == code)
}

/// Whether the code is known in any scope.
pub fn contains(code: &str) -> bool {
    lookup(code).next().is_some()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, env, fs};

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
        for Entry {
            code,
            meaning,
            remedy,
            ..
        } in ENTRIES.iter()
        {
            for text in [meaning, remedy] {
                assert!(
                    text.ends_with('.') && text.len() > 10 && !text.contains('\n'),
                    "write whole sentences on one line for {code}: {text}"
                );
            }
        }
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
            "add these rows to catalogue.yaml: {missing:#?}"
        );
    }
}
