//! The history of states.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    filter::Filter,
    link::{ErrorStatus, not_empty},
    time::Time,
};
use crate::{
    catalogue::{self, Scope},
    journal::{Entry, Transitions as History},
    model::{LinkState, Snapshot, TaskState},
};

/// What changed its state, as far as it is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Transitions<'a> {
    /// The changes, the newest first.
    pub transitions: Vec<TransitionStatus<'a>>,
    /// Whether older ones were left out because of `limit`.
    pub truncated: bool,
}

/// One change of the state of a link or a task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TransitionStatus<'a> {
    /// When it was seen.
    pub at: Time,
    /// The name that its cluster has, or had, in the configuration.
    pub cluster_name: &'a str,
    /// The id of the cluster; null where it was not known.
    pub cluster_id: Option<&'a str>,
    /// Which link.
    pub link_name: &'a str,
    /// Which task; null for the link itself.
    pub task_name: Option<&'a str>,
    /// The state before, `UNKNOWN` for one that nobody has heard of; null for a link or task that is new.
    pub from: Option<&'static str>,
    /// The state after, in the same words; null for a link that is gone.
    pub to: Option<&'static str>,
    /// The state before as the server sent it, where nobody has heard of it; else null.
    pub raw_from: Option<&'a str>,
    /// The state after as the server sent it, where nobody has heard of it; else null.
    pub raw_to: Option<&'a str>,
    /// What was reported with it: the first four errors, and of each message the first 300 bytes.
    pub errors: Vec<ErrorStatus<'a>>,
}

/// Which changes are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// None before it.
    pub since: Option<Timestamp>,
    /// None after it.
    pub until: Option<Timestamp>,
    /// Only those of this cluster and this link.
    pub of: Filter,
    /// Only those of this task.
    pub task: Option<String>,
}

impl Wanted {
    /// The same with its names as they are kept in the history.
    #[must_use]
    pub fn as_kept(&self) -> Self {
        let kept = |name: &Option<String>| name.as_deref().map(History::kept_name);
        Self {
            of: Filter {
                cluster: kept(&self.of.cluster),
                link: kept(&self.of.link),
                ..self.of
            },
            task: kept(&self.task),
            ..*self
        }
    }

    /// Whether the change is asked for, by names [as they are kept](Wanted::as_kept).
    pub fn includes(&self, entry: &Entry) -> bool {
        let is = |wanted: &Option<String>, name: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == name
        };
        self.since.is_none_or(|since| since <= entry.at)
            && self.until.is_none_or(|until| is_told_by(entry.at, until))
            && is(&self.of.cluster, Some(&entry.cluster_name))
            && is(&self.of.link, Some(&entry.link_name))
            && is(&self.task, entry.task_name.as_deref())
    }

    /// What to say where neither the snapshot nor the history knows the cluster or the link.
    pub fn complaint(&self, snapshot: &Snapshot, history: &History) -> Option<String> {
        let complaint = self.of.complaint(snapshot)?;
        let kept = Self {
            of: self.of.clone(),
            ..Self::default()
        };
        let kept = kept.as_kept();
        let (known, _) = history.newest(|entry| kept.includes(entry), 1);
        known.is_empty().then_some(complaint)
    }
}

/// Whether a moment as it is told, to the millisecond, is no later than this.
fn is_told_by(at: Timestamp, until: Timestamp) -> bool {
    at.as_millisecond() <= until.as_millisecond()
}

impl<'a> TransitionStatus<'a> {
    /// The change as it is told.
    pub fn of(entry: &'a Entry) -> Self {
        let is_task = entry.task_name.is_some();
        let word = |raw: &str| -> &'static str {
            if is_task {
                TaskState::parse(raw).label()
            } else {
                LinkState::parse(raw).label()
            }
        };
        // The one misspelling that is known has a word of its own, and nobody has heard of what has none.
        let is_unheard_of = |raw: &&str| {
            if is_task {
                TaskState::parse(raw).unrecognized().is_some()
            } else {
                LinkState::parse(raw).unrecognized().is_some()
            }
        };
        let scope = if is_task { Scope::Task } else { Scope::Link };
        let errors = entry.errors.iter().map(|error| ErrorStatus {
            error_code: not_empty(&error.error_code),
            error_message: not_empty(&error.error_message),
            remedy: catalogue::hint(&error.error_code.as_ref().into(), scope)
                .map(|hint| hint.to_string()),
        });
        Self {
            at: entry.at.into(),
            cluster_name: &entry.cluster_name,
            cluster_id: entry.cluster_id.as_deref(),
            link_name: &entry.link_name,
            task_name: entry.task_name.as_deref(),
            from: entry.from.as_deref().map(word),
            to: entry.to.as_deref().map(word),
            raw_from: entry.from.as_deref().filter(is_unheard_of),
            raw_to: entry.to.as_deref().filter(is_unheard_of),
            errors: errors.collect(),
        }
    }
}
