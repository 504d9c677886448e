//! What an alert's description can say beyond its rule: since when, which errors, why a poll failed.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    model::{Cluster, ErrorCode, Mirrors, ObservedLink, ObservedTask, ReportedError},
    text::{excerpt, is_unprintable},
};

/// How much of a message is kept, in characters.
const MAX_MESSAGE: usize = 300;
/// How much of a code is kept, in characters: as much as the longest that can be a label.
const MAX_CODE: usize = 64;
/// How many errors are kept.
const MAX_ERRORS: usize = 16;

/// What was known of an alert's subject when its condition last held. While nothing is known it stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Since when the link or the task is in its state; for a cluster its last good poll.
    pub since: Option<Timestamp>,
    /// The errors that the link or the task reports, each pair of code and message once, and not more than 16.
    pub errors: Vec<ErrorDetail>,
    /// Why the cluster's last poll failed.
    pub failure: Option<String>,
    /// What was seen of an expectation, a finding or a pair, in a few words of ours.
    pub found: Option<String>,
}

/// A reported error, bounded and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// As the API spells it, at most 64 characters of it; empty where it sent none.
    pub code: String,
    /// At most 300 characters of what the API says.
    pub message: String,
}

/// Where details are read from.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    Task(&'a ObservedTask),
    Link(&'a ObservedLink),
    Cluster(&'a Cluster),
    /// What was seen, in a few words of ours, and errors that belong to it.
    Found(Cow<'a, str>, Vec<ErrorDetail>),
    /// Nothing new is known, or there is nothing to know.
    Nothing,
}

impl Details {
    /// Takes what is known now; says whether it is anything new.
    pub(super) fn renew(&mut self, source: &Source) -> bool {
        // Nearly always nothing is new, and then nothing is copied.
        if self.is_what_is_in(source) {
            return false;
        }
        let renewed = Self::read(source);
        let new = *self != renewed;
        *self = renewed;
        new
    }

    fn is_what_is_in(&self, source: &Source) -> bool {
        let errors = match source {
            Source::Nothing => return true,
            Source::Found(found, errors) => {
                return self.found.as_deref() == Some(found) && self.errors == *errors;
            }
            Source::Task(task) => task.errors.as_slice(),
            Source::Link(link) => link.link_error.as_slice(),
            Source::Cluster(_) => &[],
        };
        let is_same = |(observed, error): (&ErrorDetail, &ReportedError)| {
            observed.code == error.error_code.as_str() && observed.message == error.error_message
        };
        self.since == source.since()
            && self.failure.as_deref() == source.failure()
            && self.errors.len() == errors.len()
            && self.errors.iter().zip(errors).all(is_same)
    }

    fn read(source: &Source) -> Self {
        let (errors, found) = match source {
            Source::Task(task) => (bounded(&task.errors), None),
            Source::Link(link) => (bounded(link.link_error.as_slice()), None),
            Source::Found(found, errors) => (errors.clone(), Some(cut(found, MAX_MESSAGE))),
            Source::Cluster(_) | Source::Nothing => (Vec::new(), None),
        };
        Self {
            since: source.since(),
            errors,
            failure: source.failure().map(|message| cut(message, MAX_MESSAGE)),
            found,
        }
    }
}

impl<'a> Source<'a> {
    /// What was seen, in a few words of ours.
    pub(super) fn found(found: &'a str) -> Self {
        Self::Found(found.into(), Vec::new())
    }

    /// What was seen of a link's mirror topics, and their errors.
    pub(super) fn topics(found: &str, mirrors: &Mirrors) -> Self {
        let codes = mirrors.errors.keys().take(MAX_ERRORS);
        Self::Found(found.to_owned().into(), codes.map(bare).collect())
    }

    /// What was seen of mirror topics that are pending, and why they hang.
    pub(super) fn pending(found: &str, mirrors: &Mirrors) -> Self {
        let errors: Vec<_> = mirrors
            .hanging
            .iter()
            .flat_map(|topic| topic.errors.iter().cloned())
            .collect();
        Self::Found(found.to_owned().into(), bounded(&errors))
    }

    fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Task(task) => Some(task.state_since),
            Self::Link(link) => link.link_state.as_ref().map(|_| link.state_since),
            Self::Cluster(cluster) => cluster.polls.last_success,
            Self::Found(..) | Self::Nothing => None,
        }
    }

    fn failure(&self) -> Option<&str> {
        match self {
            Self::Cluster(cluster) => {
                let failure = cluster.polls.last_failure.as_ref()?;
                Some(&failure.message)
            }
            _ => None,
        }
    }
}

/// A code that comes without a message.
fn bare(code: &ErrorCode) -> ErrorDetail {
    ErrorDetail {
        code: cut(code.as_str(), MAX_CODE),
        message: String::new(),
    }
}

fn bounded(errors: &[ReportedError]) -> Vec<ErrorDetail> {
    let mut observed = Vec::new();
    for error in errors {
        let error = ErrorDetail {
            code: cut(error.error_code.as_str(), MAX_CODE),
            message: cut(&error.error_message, MAX_MESSAGE),
        };
        if observed.len() < MAX_ERRORS && !observed.contains(&error) {
            observed.push(error);
        }
    }
    observed
}

/// The beginning of a foreign text, on one line.
fn cut(text: &str, length: usize) -> String {
    excerpt(text, length).replace(is_unprintable, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_few_short_and_without_control_characters() {
        let error = |code: &str, message: &str| ReportedError {
            error_code: code.into(),
            error_message: message.to_owned(),
        };
        let mut errors = vec![error("A", "one\ntwo"), error("A", "one\u{202e}two")];
        errors.extend(
            (0..40).map(|number| error(&"É".repeat(100), &format!("{number} {}", "ü".repeat(400)))),
        );
        let observed = bounded(&errors);
        assert_eq!(observed.len(), MAX_ERRORS);
        assert_eq!(
            (observed[0].code.as_str(), observed[0].message.as_str()),
            ("A", "one two")
        );
        let lengths = (
            observed[1].code.chars().count(),
            observed[1].message.chars().count(),
        );
        assert_eq!(lengths, (MAX_CODE, MAX_MESSAGE));
        assert!(
            observed[1].message.ends_with("ü…"),
            "{}",
            observed[1].message
        );
    }
}
