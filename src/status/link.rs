//! What is known of a link: its states and errors, its tasks and its mirror topics.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    failure::Failure,
    filter::is_fresh,
    time::{Time, seconds},
    verdict::{ExpectationStatus, FailoverStatus, FindingStatus, PairCheck, UnknownStatus},
};
use crate::{
    catalogue::{self, Scope},
    model::{
        self, Cluster, ConnectionMode, LinkMode, MirrorStatus, Mirrors, ObservedLink, ObservedTask,
        ReportedError,
    },
};

/// What is known of one link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkStatus<'a> {
    /// Its name.
    pub link_name: &'a str,
    /// Its id; null where no answer told it.
    pub cluster_link_id: Option<&'a str>,
    /// The cluster at its other end.
    pub remote_cluster_id: Option<&'a str>,
    /// `link.mode`; null where the link's settings are not known.
    pub link_mode: Option<&'static str>,
    /// `connection.mode`; null where the link's settings are not known.
    pub connection_mode: Option<&'static str>,
    /// The state; null where the server sends none, `UNKNOWN` where it sends one that nobody has heard of.
    pub link_state: Option<&'static str>,
    /// The state that nobody has heard of, as the server sent it; null where there is none.
    pub raw_state: Option<&'a str>,
    /// When the state was first observed; null where that is not known, as in `tasks` and `dr-check`.
    pub state_since: Option<Time>,
    /// What the link itself reports.
    pub errors: Vec<ErrorStatus<'a>>,
    /// When the server last described it; null where it never did, and the list of links is all that is known.
    pub described_at: Option<Time>,
    /// False while all this is older than the last request for it that failed.
    pub fresh: bool,
    /// Why it could not be described the last time; null where it could.
    pub failure: Option<Failure<'a>>,
    /// Its tasks, sorted by name; null where the server names none.
    pub tasks: Option<Vec<TaskStatus<'a>>>,
    /// Its mirror topics; null where nothing is known of them.
    pub mirrors: Option<MirrorsStatus>,
    /// What the configuration expects of it; null before it was judged.
    pub expectations: Option<Vec<ExpectationStatus<'a>>>,
    /// What was found in its settings; null before it was judged. What could not be looked for is in `judgements_unknown`.
    pub findings: Option<Vec<FindingStatus<'a>>>,
    /// What is to be judged of it and cannot be now; null before it was judged.
    pub judgements_unknown: Option<Vec<UnknownStatus<'a>>>,
    /// How it fits its other half; null where it is no half of a bidirectional link, or the other end is not polled.
    pub pair: Option<Vec<PairCheck<'a>>>,
    /// Whether one could fail over to it now.
    pub failover: FailoverStatus<'a>,
}

/// A task of a link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskStatus<'a> {
    /// Its name; empty where the server sent none.
    pub task_name: &'a str,
    /// Its state, `UNKNOWN` for one that nobody has heard of.
    pub state: &'static str,
    /// The state that nobody has heard of, as the server sent it; null where there is none.
    pub raw_state: Option<&'a str>,
    /// When the state was first observed; null where that is not known, as in `tasks` and `dr-check`.
    pub state_since: Option<Time>,
    /// What it reports; several at once are normal.
    pub errors: Vec<ErrorStatus<'a>>,
}

/// An error as a link or a task reports it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorStatus<'a> {
    /// The code; null where the server sent a message without one.
    pub error_code: Option<&'a str>,
    /// The message; null where the server sent a code without one.
    pub error_message: Option<&'a str>,
    /// What to do about it; null for a code that nobody knows.
    pub remedy: Option<String>,
}

/// What is known of a link's mirror topics.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MirrorsStatus {
    /// How many there are in each status; a status without any is left out.
    pub topics: BTreeMap<&'static str, usize>,
    /// How many messages are not mirrored yet; null where it is not known of all partitions.
    pub lag_messages: Option<u64>,
    /// The most of one partition.
    pub max_lag_messages: Option<u64>,
    /// The worst partition's estimate of how long ago its source stood where the mirror stands now.
    pub lag_seconds: Option<f64>,
    /// Whether `lag_seconds` is only a lower bound.
    pub lag_is_lower_bound: Option<bool>,
    /// How many lag and have fetched nothing for a quarter of an hour.
    pub stalled_topics: Option<usize>,
}

impl<'a> LinkStatus<'a> {
    /// What is known of the link of this cluster.
    pub fn of(cluster: &Cluster, link: &'a ObservedLink) -> Self {
        let configs = link.known_configs().ok();
        let state = link.link_state.as_ref();
        let tasks = link.named_tasks().iter().map(TaskStatus::of);
        let verdict = link.verdict.as_deref();
        Self {
            link_name: link.link_name.as_str(),
            cluster_link_id: not_empty(&link.cluster_link_id),
            remote_cluster_id: link
                .remote_cluster_id
                .as_ref()
                .map(model::ClusterId::as_str),
            link_mode: configs.and_then(|it| it.link_mode).map(LinkMode::label),
            connection_mode: configs
                .and_then(|it| it.connection_mode)
                .map(ConnectionMode::label),
            link_state: state.map(model::LinkState::label),
            raw_state: state.and_then(model::LinkState::unrecognized),
            state_since: state.map(|_| link.state_since.into()),
            errors: ErrorStatus::all(link.link_error.as_slice(), Scope::Link),
            described_at: link.described_at.map(Time::from),
            fresh: is_fresh(cluster, link),
            failure: link.failure.as_ref().map(Failure::of),
            tasks: (!link.tasks_unknown()).then(|| tasks.collect()),
            mirrors: link.shown_mirrors().ok().map(MirrorsStatus::of),
            expectations: verdict.map(ExpectationStatus::all),
            findings: verdict.map(FindingStatus::all),
            judgements_unknown: verdict.map(UnknownStatus::all),
            pair: verdict.and_then(PairCheck::all),
            failover: FailoverStatus::of(link),
        }
    }

    pub(super) fn forget_since(&mut self) {
        self.state_since = None;
        for task in self.tasks.iter_mut().flatten() {
            task.state_since = None;
        }
    }
}

impl<'a> TaskStatus<'a> {
    fn of(task: &'a ObservedTask) -> Self {
        Self {
            task_name: task.task_name.as_str(),
            state: task.state.label(),
            raw_state: task.state.unrecognized(),
            state_since: Some(task.state_since.into()),
            errors: ErrorStatus::all(&task.errors, Scope::Task),
        }
    }
}

impl<'a> ErrorStatus<'a> {
    pub(super) fn all(errors: &'a [ReportedError], scope: Scope) -> Vec<Self> {
        let errors = errors.iter().map(|error| Self {
            error_code: not_empty(error.error_code.as_str()),
            error_message: not_empty(&error.error_message),
            remedy: catalogue::hint(&error.error_code, scope).map(|hint| hint.to_string()),
        });
        errors.collect()
    }
}

impl MirrorsStatus {
    fn of(mirrors: &Mirrors) -> Self {
        let rows = MirrorStatus::TABLE.iter().zip(mirrors.statuses);
        let topics = rows.filter(|(_, count)| *count > 0);
        let lag = mirrors.known_lag().ok();
        Self {
            topics: topics.map(|(row, count)| (row.name, count)).collect(),
            lag_messages: lag.map(|lag| lag.messages),
            max_lag_messages: lag.map(|lag| lag.max_messages),
            lag_seconds: lag.map(|lag| seconds(lag.age)),
            lag_is_lower_bound: lag.map(|lag| lag.is_lower_bound),
            stalled_topics: mirrors.known_stalled().ok(),
        }
    }
}

pub(super) fn not_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
