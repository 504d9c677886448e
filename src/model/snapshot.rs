//! All that is known of every cluster at one moment. Immutable: a poll makes a new one, readers keep the old.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    ClusterId, ClusterName, Endpoint, ErrorCode, Fact, Failure, Field, Intent, Item, Judgement,
    LagHistory, Latency, Link, LinkConfigs, LinkName, LinkState, Mirrors, ObservedMirrors, Reason,
    Task, TaskState, TopicName, Unknown,
};

/// What is known of every configured cluster.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// One entry per configured cluster, in the order of the configuration. An entry that did not change is the same
    /// `Arc` as in the snapshot before.
    pub clusters: Vec<Arc<Cluster>>,
    /// Words of the API that are in none of our tables.
    pub vocabulary: Arc<Vocabulary>,
}

/// What is known of one cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Label `cluster_name`.
    pub name: ClusterName,
    /// Label `cluster_id`; `None` while it is neither configured nor learnt.
    pub id: Option<ClusterId>,
    /// Where its API is asked. Clusters that have one id at different endpoints are taken for different ones.
    pub endpoint: Arc<str>,
    /// The part of its settings that readers need.
    pub limits: Limits,
    /// What is wanted of its links.
    pub intent: Arc<Intent>,
    /// How its polls went, for ever.
    pub polls: Polls,
    /// The time of the last poll that read the list of links.
    pub listed_at: Option<Timestamp>,
    /// Links in that list, the unwanted ones included, remnants not.
    pub listed: usize,
    /// `UNMANAGED_SOURCE` remnants in that list.
    pub remnants: usize,
    /// Wanted links of that list, sorted by name, each name once.
    pub links: Vec<Arc<ObservedLink>>,
    /// The list is older than [`Limits::stale_after`]: nothing that rests on it is shown.
    pub is_stale: bool,
    /// What is held against its links. It may rest on what is known of other clusters too; to read it, use
    /// [`Cluster::judged_links`].
    pub judgement: Arc<Judgement>,
}

/// The part of a cluster's settings that readers of a snapshot need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time between two polls: as configured, or stretched while the API throttles.
    pub poll_interval: Duration,
    /// How long values outlive the last good poll.
    pub stale_after: Duration,
}

/// How the polls of a cluster went. Standing from before the first poll on.
#[derive(Clone, Debug, Default)]
pub struct Polls {
    /// Polls that ended.
    pub count: u64,
    /// When the last one ended.
    pub ended_at: Option<Timestamp>,
    /// Why the last one failed; `None` where it worked or there was none.
    pub last_failure: Option<Failure>,
    /// How long the last one took.
    pub last_duration: Duration,
    /// When the last one that got the list and every wanted link ended.
    pub last_success: Option<Timestamp>,
    /// Failed polls by their first cause, in the order of [`Reason::ALL`].
    pub failures: [u64; Reason::ALL.len()],
    /// Requests by endpoint and HTTP status (`None`: no answer). The endpoints in use stand here from the start.
    pub requests: BTreeMap<(Endpoint, Option<u16>), u64>,
    /// Latency by endpoint. The endpoints in use stand here from the start.
    pub latency: BTreeMap<Endpoint, Latency>,
    /// What was asked for besides links and tasks (`configs`, `mirrors`, `mirror`) and did not come when it was last
    /// asked, and why. It makes no poll a failed one.
    pub left_out: BTreeMap<Endpoint, Failure>,
    /// Occurrences of values nobody has heard of, in the order of [`Field::ALL`].
    pub unrecognized: [u64; Field::ALL.len()],
    /// When the bearer token in use expires, where it says so.
    pub credential_expiry: Option<Timestamp>,
}

/// A link with its history.
#[derive(Clone, Debug)]
pub struct ObservedLink {
    /// The last good description; of the list's entry only, where it was never described.
    pub link: Link,
    /// The last `link_state` that was sent; an answer without one does not end it.
    pub last_state: Option<LinkState>,
    /// When that was first observed; meaningless without one.
    pub state_since: Timestamp,
    /// Observed changes of `link_state`.
    pub state_transitions: u64,
    /// Its tasks, sorted by name; empty where the server named none.
    pub tasks: Vec<ObservedTask>,
    /// Tasks that were named before and are not now, the last that went first: their histories go on when they are named
    /// again. At most [`ObservedLink::MOST_UNNAMED`].
    pub unnamed_tasks: Vec<ObservedTask>,
    /// Since when answers name the same tasks. It begins anew with a restart.
    pub task_names_since: Timestamp,
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
    /// The description is older than [`Limits::stale_after`]: nothing of this link is shown.
    pub is_stale: bool,
    /// All of it was known before a restart, and nothing of it was read since.
    pub is_restored: bool,
}

/// The settings of a link as they were last read. They are read far less often than the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedConfigs {
    /// Themselves.
    pub configs: Arc<LinkConfigs>,
    /// Since when reading them again fails.
    pub failing_since: Option<Timestamp>,
    /// It has failed for longer than [`Limits::stale_after`]: what they are now is not known.
    pub is_stale: bool,
}

/// A task with its history.
#[derive(Clone, Debug)]
pub struct ObservedTask {
    /// The task as last described.
    pub task: Task,
    /// When its current state was first observed.
    pub state_since: Timestamp,
    /// Observed changes of its state.
    pub state_transitions: u64,
}

/// Words of the API that are in none of our tables.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// Error codes outside the catalogue that got a label value of their own, at most [`Vocabulary::MAX_CODES`].
    pub codes: BTreeSet<ErrorCode>,
    /// What was already told once, at most [`Vocabulary::MAX_LOGGED`].
    pub logged: BTreeSet<(Field, String)>,
    /// What was already told once to have come without a name.
    pub nameless: BTreeSet<(ClusterName, Item)>,
}

impl Vocabulary {
    /// How many codes outside the catalogue become label values; a server that invents codes cannot flood Prometheus.
    pub const MAX_CODES: usize = 64;
    /// How many unheard-of values are logged in the life of a process.
    pub const MAX_LOGGED: usize = 1024;
}

impl Snapshot {
    /// The configured cluster of this name.
    pub fn cluster(&self, name: &str) -> Option<&Arc<Cluster>> {
        let mut clusters = self.clusters.iter();
        clusters.find(|cluster| cluster.name.as_str() == name)
    }
}

impl Cluster {
    /// A cluster that was never polled. `endpoints` are those its polls will use: their series stand from now on.
    pub fn unpolled(
        name: ClusterName,
        id: Option<ClusterId>,
        limits: Limits,
        endpoints: &[Endpoint],
    ) -> Self {
        let polls = Polls {
            requests: endpoints
                .iter()
                .map(|endpoint| ((*endpoint, Some(200)), 0))
                .collect(),
            latency: endpoints
                .iter()
                .map(|endpoint| (*endpoint, Latency::default()))
                .collect(),
            ..Polls::default()
        };
        Self {
            name,
            id,
            endpoint: Arc::default(),
            limits,
            intent: Arc::default(),
            polls,
            listed_at: None,
            listed: 0,
            remnants: 0,
            links: Vec::new(),
            is_stale: false,
            judgement: Arc::default(),
        }
    }

    /// Whether the last list is good enough to be shown.
    pub fn is_listed(&self) -> bool {
        self.listed_at.is_some() && !self.is_stale
    }

    /// The links whose series are shown.
    pub fn shown_links(&self) -> impl Iterator<Item = &ObservedLink> {
        let links = if self.is_listed() {
            self.links.as_slice()
        } else {
            &[]
        };
        links.iter().map(Arc::as_ref).filter(|link| !link.is_stale)
    }

    /// The wanted link of that name in the last list that was read.
    pub fn link(&self, name: &LinkName) -> Option<&ObservedLink> {
        let place = self.place(name.as_str())?;
        Some(&self.links[place])
    }

    pub(super) fn place(&self, link_name: &str) -> Option<usize> {
        let by_name = |link: &Arc<ObservedLink>| link.link.link_name.as_str().cmp(link_name);
        self.links.binary_search_by(by_name).ok()
    }

    /// Whether the last poll read the list of links.
    pub fn is_fresh(&self) -> bool {
        self.is_listed() && self.listed_at == self.polls.ended_at
    }

    /// Whether all that was asked of this endpoint besides links and tasks came and was understood; `None` where nothing
    /// was asked.
    pub fn details_succeeded(&self, endpoint: Endpoint) -> Option<bool> {
        // What was known before a restart was not asked for by this process.
        let links = self.links.iter().filter(|link| link.was_polled());
        let of_link = |link: &Arc<ObservedLink>| match endpoint {
            Endpoint::Configs => link.configs_succeeded(),
            Endpoint::Mirrors => link.mirrors_succeeded(),
            _ => None,
        };
        links.filter_map(of_link).reduce(|all, one| all && one)
    }

    /// Whether the last poll got the list and every wanted link.
    pub fn poll_succeeded(&self) -> bool {
        self.polls.count > 0 && self.polls.last_failure.is_none()
    }
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

    /// A link that was described like this at first sight. Its details were not asked for.
    pub fn described(link: Link, at: Timestamp) -> Self {
        let tasks = link.tasks.iter().flatten().map(|task| ObservedTask {
            task: task.clone(),
            state_since: at,
            state_transitions: 0,
        });
        Self {
            tasks: tasks.collect(),
            last_state: link.link_state.clone(),
            link,
            state_since: at,
            state_transitions: 0,
            unnamed_tasks: Vec::new(),
            task_names_since: at,
            configs: Err(Unknown::NotAsked),
            mirrors: Err(Unknown::NotAsked),
            lag_history: LagHistory::default(),
            troubled_topics: Arc::default(),
            described_at: Some(at),
            failure: None,
            is_stale: false,
            is_restored: false,
        }
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
        let state = self.link.link_state.as_ref().ok_or(Unknown::NotSent)?;
        state.decided()
    }

    /// The state of the task of this name, where it was decided.
    pub fn known_task(&self, name: &str) -> Fact<&TaskState> {
        let mut tasks = self.tasks.iter().map(|observed| &observed.task);
        let task = tasks.find(|task| task.task_name.as_str() == name);
        task.ok_or(Unknown::NotSent)?.state.decided()
    }

    /// Whether the server names tasks of this link and has not named this one for [`ObservedLink::STANDS`]: then the link is
    /// taken to have no such task. A single answer without it says nothing.
    pub fn has_no_task(&self, name: &str) -> bool {
        let is_named = |observed: &ObservedTask| observed.task.task_name.as_str() == name;
        let watched = self
            .described_at
            .map(|at| at.duration_since(self.task_names_since));
        !self.tasks_unknown()
            && !self.tasks.iter().any(is_named)
            && watched.is_some_and(|watched| watched >= Self::STANDS)
    }

    /// Whether a task may still report an error that `is_it` knows, of which the last answer does not speak: it names no
    /// tasks, or one without saying which, or leaves out the one that reported it.
    pub fn may_still_report(&self, is_it: impl Fn(&ErrorCode) -> bool) -> bool {
        let is_nameless = |observed: &ObservedTask| observed.task.task_name.as_str().is_empty();
        let is_left_out = |ObservedTask { task, .. }: &ObservedTask| {
            let mut codes = task.errors.iter().map(|error| &error.error_code);
            codes.any(&is_it) && !self.has_no_task(task.task_name.as_str())
        };
        self.tasks_unknown()
            || self.tasks.iter().any(is_nameless)
            || self.unnamed_tasks.iter().any(is_left_out)
    }

    /// Whether the link was described when it was last listed.
    pub fn is_fresh(&self) -> bool {
        self.described_at.is_some() && self.failure.is_none()
    }

    /// Whether the server named no task: its tasks are unknown, not healthy.
    pub fn tasks_unknown(&self) -> bool {
        self.link.tasks.as_ref().is_none_or(Vec::is_empty)
    }

    /// Whether this process has seen it in a list.
    fn was_polled(&self) -> bool {
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

    fn configs_succeeded(&self) -> Option<bool> {
        match &self.configs {
            Ok(observed) => {
                Some(observed.failing_since.is_none() && observed.configs.is_understood())
            }
            Err(Unknown::NotAsked) => None,
            Err(_) => Some(false),
        }
    }

    fn mirrors_succeeded(&self) -> Option<bool> {
        match &self.mirrors {
            Ok(observed) => Some(!observed.is_failing && observed.summary.is_understood),
            Err(Unknown::NotAsked) => None,
            Err(_) => Some(false),
        }
    }
}
