//! Why a text is not YAML, or more of it than is taken. Nothing of the text is repeated: a broken line may hold a secret.

use serde_saphyr::{Error, Location, budget::BudgetBreach};

use crate::document::problem::Position;

/// How large a document may be.
pub(crate) struct Limit {
    /// The most values that it may have.
    pub(crate) values: usize,
    /// The same in words; completes "a document with more than …".
    pub(crate) in_words: &'static str,
    /// What to do about one that is larger.
    pub(crate) instead: &'static str,
}

/// Why a text is not YAML.
pub(crate) struct SyntaxError {
    pub(crate) position: Option<Position>,
    pub(crate) found: String,
    pub(crate) instead: &'static str,
}

/// A tag asks for another meaning than the value has, or it is the beginning of a text that was to be a value. What was
/// found, and what to do about it.
pub(crate) const TAG: (&str, &str) = (
    "a YAML tag",
    "remove it, or put a text that begins with `!` in quotes",
);

/// What the parser's error means.
pub(super) fn describe(error: &Error, limit: &Limit) -> SyntaxError {
    let mut cause = error.without_snippet();
    // What goes wrong while an alias is followed comes wrapped.
    while let Error::AliasError { error, .. } = cause {
        cause = error.without_snippet();
    }
    let (found, instead) = match cause {
        Error::MultipleDocuments { .. } => (
            "a second YAML document".to_owned(),
            "keep one document in the file",
        ),
        Error::Budget { breach, .. } => too_much(breach, limit),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_many_aliases(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => (
            "an alias of something that holds it".to_owned(),
            "write the value out",
        ),
        Error::UnknownAnchor { .. } => (
            "an alias without its anchor".to_owned(),
            "write a text that begins with `*` in quotes",
        ),
        Error::UnsupportedTag { .. }
        | Error::InvalidBinaryBase64 { .. }
        | Error::BinaryNotUtf8 { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. } => (TAG.0.to_owned(), TAG.1),
        Error::ExternalMessage { msg, .. } if msg.contains("tabs ") || msg.ends_with(" a tab") => {
            ("a tab where YAML wants spaces".to_owned(), "write spaces")
        }
        Error::ExternalMessage { msg, .. } => (
            format!("invalid YAML ({})", spoken(msg)),
            "correct the line or the one before; the keys of a mapping begin in one column, and a text with `:`, `#`, `@` or \
             quotes in it stands in quotes",
        ),
        _ => (
            "YAML that cannot be read".to_owned(),
            "write plain mappings, lists and texts, without tags",
        ),
    };
    SyntaxError {
        position: error.location().and_then(position),
        found,
        instead,
    }
}

/// What is more than the parser takes.
fn too_much(breach: &BudgetBreach, limit: &Limit) -> (String, &'static str) {
    let (found, instead) = match breach {
        BudgetBreach::Depth { .. } => ("a document nested too deeply", "write fewer levels"),
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => {
            let found = format!("a document with more than {}", limit.in_words);
            return (found, limit.instead);
        }
        BudgetBreach::ScalarBytes { .. } => {
            ("texts of more than 64 MiB in all", "write shorter ones")
        }
        BudgetBreach::Documents { .. } => {
            ("a second YAML document", "keep one document in the file")
        }
        BudgetBreach::Anchors { .. } => ("more than 50,000 anchors", "write the values out"),
        BudgetBreach::Aliases { .. } => ("more than 50,000 aliases", "write the values out"),
        BudgetBreach::MergeKeys { .. } => ("more than 10,000 merges (`<<`)", "write the keys out"),
        _ => return too_many_aliases(),
    };
    (found.to_owned(), instead)
}

fn too_many_aliases() -> (String, &'static str) {
    (
        "aliases that come to too much".to_owned(),
        "write the values out",
    )
}

/// The parser's own sentence. All are fixed texts but one, which shows a character: it may be a password's first.
fn spoken(message: &str) -> &str {
    if message.starts_with("unexpected character") {
        "unexpected character"
    } else {
        message
    }
}

pub(super) fn position(location: Location) -> Option<Position> {
    (location != Location::UNKNOWN).then(|| Position {
        line: location.line(),
        column: location.column(),
    })
}
