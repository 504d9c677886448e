//! What an alert's description can say beyond its rule: since when, which errors, why a poll failed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Cluster, KeptLink, KeptTask, Polls, ReportedError};

/// How much of a message is kept, in characters.
const MAX_MESSAGE: usize = 300;
/// How much of a code is kept, in characters: as much as the longest that can be a label.
const MAX_CODE: usize = 64;
/// How many errors are kept.
const MAX_ERRORS: usize = 16;

/// What was known of an alert's subject when its condition last held. While we are blind it stands as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Since when the link or the task is in its state; for a cluster its last good poll.
    pub since: Option<Timestamp>,
    /// The errors that the link or the task reports, each pair of code and message once, and not more than 16.
    pub errors: Vec<ErrorDetail>,
    /// Why the cluster's last poll failed.
    pub failure: Option<String>,
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
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    Task(&'a KeptTask),
    Link(&'a KeptLink),
    Cluster(&'a Cluster),
    /// Nothing new is known, or there is nothing to know.
    Nothing,
}

impl Details {
    /// Takes what is known now; says whether it is anything new.
    pub(super) fn renew(&mut self, source: Source) -> bool {
        let (since, errors, failure) = match source {
            Source::Nothing => return false,
            Source::Task(kept) => (Some(kept.state_since), kept.task.errors.as_slice(), None),
            Source::Link(kept) => {
                let since = kept.link.link_state.is_some().then_some(kept.state_since);
                (since, kept.link.link_error.as_slice(), None)
            }
            Source::Cluster(cluster) => {
                let Polls {
                    last_success,
                    last_failure,
                    ..
                } = &cluster.polls;
                let failure = last_failure.as_ref().map(|failure| &failure.message);
                (*last_success, [].as_slice(), failure)
            }
        };
        // Nearly always nothing is new, and then nothing is copied.
        if self.since == since && self.has(errors) && self.failure.as_ref() == failure {
            return false;
        }
        let renewed = Self {
            since,
            errors: bounded(errors),
            failure: failure.map(|message| cut(message, MAX_MESSAGE)),
        };
        let new = *self != renewed;
        *self = renewed;
        new
    }

    fn has(&self, errors: &[ReportedError]) -> bool {
        let is_it = |(kept, error): (&ErrorDetail, &ReportedError)| {
            kept.code == error.error_code.as_str() && kept.message == error.error_message
        };
        self.errors.len() == errors.len() && self.errors.iter().zip(errors).all(is_it)
    }
}

fn bounded(errors: &[ReportedError]) -> Vec<ErrorDetail> {
    let mut kept = Vec::new();
    for error in errors {
        let error = ErrorDetail {
            code: cut(error.error_code.as_str(), MAX_CODE),
            message: cut(&error.error_message, MAX_MESSAGE),
        };
        if kept.len() < MAX_ERRORS && !kept.contains(&error) {
            kept.push(error);
        }
    }
    kept
}

/// The beginning of a foreign text, on one line.
fn cut(text: &str, length: usize) -> String {
    // Nearly always there is nothing to do.
    if text.len() <= length && !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let plain = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    let mut characters = text.chars().map(plain);
    let mut beginning: String = characters.by_ref().take(length).collect();
    if characters.next().is_some() {
        beginning.pop();
        beginning.push('…');
    }
    beginning
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
        let mut errors = vec![error("A", "one\ntwo"), error("A", "one\u{7}two")];
        errors.extend(
            (0..40).map(|number| error(&"É".repeat(100), &format!("{number} {}", "ü".repeat(400)))),
        );
        let kept = bounded(&errors);
        assert_eq!(kept.len(), MAX_ERRORS);
        assert_eq!(
            (kept[0].code.as_str(), kept[0].message.as_str()),
            ("A", "one two")
        );
        let lengths = (
            kept[1].code.chars().count(),
            kept[1].message.chars().count(),
        );
        assert_eq!(lengths, (MAX_CODE, MAX_MESSAGE));
        assert!(kept[1].message.ends_with("ü…"), "{}", kept[1].message);
    }
}
