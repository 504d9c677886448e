//! A link as the store keeps it: what the answers said of it, since when that stands, and what is held against it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    ClusterId, Endpoint, ErrorCode, Fact, Failure, LagHistory, Link, LinkConfigs, LinkName,
    LinkState, Mirrors, ObservedMirrors, PartitionCounts, ReportedError, Task, TaskName, TaskState,
    TopicName, Unknown, Verdict,
};

/// A link with its history. What it has of a [`Link`] is that of the last good description, or of the list's entry where it
/// was never described.
#[derive(Clone, Debug)]
pub struct ObservedLink {
    /// Which link of its cluster.
    pub link_name: LinkName,
    /// A link that is created again under the same name has another one; empty where no answer named it.
    pub cluster_link_id: String,
    /// The peer.
    pub remote_cluster_id: Option<ClusterId>,
    /// The state; `None` where an old server sends none.
    pub link_state: Option<LinkState>,
    /// The last `link_state` that was sent; an answer without one does not end it.
    pub last_state: Option<LinkState>,
    /// When that was first observed; meaningless without one.
    pub state_since: Timestamp,
    /// Observed changes of `link_state`.
    pub state_transitions: u64,
    /// The error that the link itself reports; `None` when healthy.
    pub link_error: Option<ReportedError>,
    /// Its tasks, sorted by name; `None` where the server sent no list. To read them, use [`ObservedLink::named_tasks`].
    /// A poll that says nothing new of them leaves them where they are.
    pub tasks: Option<Arc<[ObservedTask]>>,
    /// Tasks that were named before and are not now, the last that went first: their histories go on when they are named
    /// again. At most [`ObservedLink::MOST_UNNAMED`].
    pub unnamed_tasks: Vec<ObservedTask>,
    /// Since when answers name the same tasks. It begins anew with a restart.
    pub task_names_since: Timestamp,
    /// How many mirror partitions are in each category, where the server sent it.
    pub mirror_partitions: Option<PartitionCounts>,
    /// Its settings. To read them, use [`ObservedLink::known_configs`].
    pub configs: Fact<ObservedConfigs>,
    /// Its mirror topics. To read what is shown of them, use [`ObservedLink::shown_mirrors`].
    pub mirrors: Fact<ObservedMirrors>,
    /// What the next answer about its mirror topics will be compared with. It outlives answers that say nothing.
    pub lag_history: LagHistory,
    /// The mirror topics that need somebody, or of which nobody knows whether they do; sorted. One that is not listed any
    /// more is asked about by its name before it is taken for gone. They outlive answers that say nothing.
    pub troubled_topics: Arc<[TopicName]>,
    /// When it was last described.
    pub described_at: Option<Timestamp>,
    /// Why the last describe failed; `None` where it worked.
    pub failure: Option<Failure>,
    /// The description is older than [`super::Limits::stale_after`]: nothing of this link is shown.
    pub is_stale: bool,
    /// All of it was known before a restart, and nothing of it was read since.
    pub is_restored: bool,
    /// What is held against it; it may rest on what is known of other clusters too. `None` until it was judged. To read
    /// what is shown of it, use [`super::Cluster::judged_links`].
    pub verdict: Option<Arc<Verdict>>,
}

/// A task with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTask {
    /// Which task of its link.
    pub task_name: TaskName,
    /// Its state, as last described.
    pub state: TaskState,
    /// When that was first observed.
    pub state_since: Timestamp,
    /// Observed changes of its state.
    pub state_transitions: u64,
    /// The errors that it reports, as last described.
    pub errors: Vec<ReportedError>,
}

/// The settings of a link as they were last read. They are read far less often than the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedConfigs {
    /// Themselves.
    pub configs: Arc<LinkConfigs>,
    /// Since when reading them again fails.
    pub failing_since: Option<Timestamp>,
    /// It has failed for longer than [`super::Limits::stale_after`]: what they are now is not known.
    pub is_stale: bool,
}

impl From<LinkConfigs> for ObservedConfigs {
    fn from(configs: LinkConfigs) -> Self {
        Self {
            configs: Arc::new(configs),
            failing_since: None,
            is_stale: false,
        }
    }
}

impl ObservedLink {
    /// How long what is not said any more stands as it was said last.
    pub const STANDS: SignedDuration = SignedDuration::from_hours(1);

    /// A server that invents names cannot fill the memory.
    pub const MOST_UNNAMED: usize = 32;

    /// A link that is described for the first time. Its details were not asked for.
    pub fn described(link: Link, at: Timestamp) -> Self {
        let Link {
            link_name,
            cluster_link_id,
            remote_cluster_id,
            link_state,
            link_error,
            tasks,
            mirror_partitions,
        } = link;
        let first = |task| ObservedTask::new(task, at, 0);
        Self {
            link_name,
            cluster_link_id,
            remote_cluster_id,
            last_state: link_state.clone(),
            link_state,
            state_since: at,
            state_transitions: 0,
            link_error,
            tasks: tasks.map(|tasks| tasks.into_iter().map(first).collect()),
            unnamed_tasks: Vec::new(),
            task_names_since: at,
            mirror_partitions,
            configs: Err(Unknown::NotAsked),
            mirrors: Err(Unknown::NotAsked),
            lag_history: LagHistory::default(),
            troubled_topics: Arc::default(),
            described_at: Some(at),
            failure: None,
            is_stale: false,
            is_restored: false,
            verdict: None,
        }
    }

    /// What is known of it before it is asked about again: which link it is.
    pub fn bare(&self) -> Link {
        Link {
            cluster_link_id: self.cluster_link_id.clone(),
            ..Link::named(self.link_name.clone())
        }
    }

    /// Whether what was seen now is the same link: one that was deleted and created again under its name has another id, and
    /// a new history. An answer without the id does not say that it is another one.
    pub fn is_same_as(&self, seen: &Link) -> bool {
        let ids = [&self.cluster_link_id, &seen.cluster_link_id];
        ids.iter().any(|id| id.is_empty()) || ids[0] == ids[1]
    }

    /// The tasks that the server named; empty where it named none.
    pub fn named_tasks(&self) -> &[ObservedTask] {
        self.tasks.as_deref().unwrap_or_default()
    }

    /// The tasks that are named, then those that were.
    pub fn known_tasks(&self) -> impl Iterator<Item = &ObservedTask> {
        self.named_tasks().iter().chain(&self.unnamed_tasks)
    }

    /// Every error code that the link and its tasks report.
    pub fn error_codes(&self) -> impl Iterator<Item = &ErrorCode> {
        let tasks = self.named_tasks().iter().flat_map(|task| &task.errors);
        let errors = self.link_error.iter().chain(tasks);
        errors.map(|error| &error.error_code)
    }

    /// The mirror topics, unless nothing is known of them, or nothing that is recent enough. They may be of another age
    /// than the link itself.
    pub fn shown_mirrors(&self) -> Fact<&Mirrors> {
        match &self.mirrors {
            Ok(observed) if observed.is_stale => Err(Unknown::Failed),
            Ok(observed) => Ok(&observed.summary),
            Err(why) => Err(*why),
        }
    }

    /// The settings, unless nothing is known of them, or nothing that is recent enough.
    pub fn known_configs(&self) -> Fact<&LinkConfigs> {
        match &self.configs {
            Ok(observed) if observed.is_stale => Err(Unknown::Failed),
            Ok(observed) => Ok(&observed.configs),
            Err(why) => Err(*why),
        }
    }

    /// The state, where it was decided.
    pub fn known_state(&self) -> Fact<&LinkState> {
        let state = self.link_state.as_ref().ok_or(Unknown::NotSent)?;
        state.decided()
    }

    /// The task of this name, where the server named it.
    pub fn named_task(&self, name: &str) -> Option<&ObservedTask> {
        let mut tasks = self.named_tasks().iter();
        tasks.find(|task| task.task_name.as_str() == name)
    }

    /// The state of the task of this name, where it was decided.
    pub fn known_task(&self, name: &str) -> Fact<&TaskState> {
        let task = self.named_task(name).ok_or(Unknown::NotSent)?;
        task.state.decided()
    }

    /// Whether the server names tasks of this link and has not named this one for [`ObservedLink::STANDS`]: then the link is
    /// taken to have no such task. A single answer without it says nothing.
    pub fn has_no_task(&self, name: &str) -> bool {
        let watched = self
            .described_at
            .map(|at| at.duration_since(self.task_names_since));
        !self.tasks_unknown()
            && self.named_task(name).is_none()
            && watched.is_some_and(|watched| watched >= Self::STANDS)
    }

    /// Whether a task may still report an error that `is_it` knows, of which the last answer does not speak: it names no
    /// tasks, or one without saying which, or leaves out the one that reported it.
    pub fn may_still_report(&self, is_it: impl Fn(&ErrorCode) -> bool) -> bool {
        let is_nameless = |task: &ObservedTask| task.task_name.as_str().is_empty();
        let is_left_out = |task: &ObservedTask| {
            let mut codes = task.errors.iter().map(|error| &error.error_code);
            // One that came without its name is no other where all have names now.
            codes.any(&is_it) && !is_nameless(task) && !self.has_no_task(task.task_name.as_str())
        };
        self.tasks_unknown()
            || self.named_tasks().iter().any(is_nameless)
            || self.unnamed_tasks.iter().any(is_left_out)
    }

    /// Whether the link was described when it was last listed.
    pub fn is_fresh(&self) -> bool {
        self.described_at.is_some() && self.failure.is_none()
    }

    /// Whether the link or a task of it is in a state that needs attention, or reports an error: what one answer of the
    /// server shows. [`crate::status::needs_attention`] asks for what is held against the link besides.
    pub fn is_unhealthy(&self) -> bool {
        let state = self.link_state.as_ref();
        let mut tasks = self.named_tasks().iter();
        state.is_some_and(|state| state.health().needs_attention())
            || self.link_error.is_some()
            || tasks.any(|task| task.state.health().needs_attention() || !task.errors.is_empty())
    }

    /// Whether the server named no task: its tasks are unknown, not healthy.
    pub fn tasks_unknown(&self) -> bool {
        self.named_tasks().is_empty()
    }

    /// Whether this process has seen it in a list.
    pub(super) fn was_polled(&self) -> bool {
        !self.is_restored
    }

    /// Whether the last answer that came of this endpoint was understood whole; `None` where none came to this process.
    pub fn is_understood(&self, endpoint: Endpoint) -> Option<bool> {
        if !self.was_polled() {
            return None;
        }
        match endpoint {
            Endpoint::Configs => Some(self.configs.as_ref().ok()?.configs.is_understood()),
            Endpoint::Mirrors => Some(self.mirrors.as_ref().ok()?.summary.is_understood),
            _ => None,
        }
    }

    pub(super) fn configs_succeeded(&self) -> Option<bool> {
        match &self.configs {
            Ok(observed) => {
                Some(observed.failing_since.is_none() && observed.configs.is_understood())
            }
            Err(Unknown::NotAsked) => None,
            Err(_) => Some(false),
        }
    }

    pub(super) fn mirrors_succeeded(&self) -> Option<bool> {
        match &self.mirrors {
            Ok(observed) => Some(!observed.is_failing && observed.summary.is_understood),
            Err(Unknown::NotAsked) => None,
            Err(_) => Some(false),
        }
    }
}

impl ObservedTask {
    /// A task as it was described now. Its state stands since then, after so many changes.
    pub fn new(task: Task, state_since: Timestamp, state_transitions: u64) -> Self {
        let Task {
            task_name,
            state,
            errors,
        } = task;
        Self {
            task_name,
            state,
            state_since,
            state_transitions,
            errors,
        }
    }
}
