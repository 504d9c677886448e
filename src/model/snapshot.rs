//! All that is known of every cluster at one moment. Immutable: a poll makes a new one, readers keep the old.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Awaited, ClusterId, ClusterName, DiscoveryState, Endpoint, ErrorCode, Failure, Field, Intent,
    Item, Latency, LinkName, ObservedLink, Reason,
};

/// What is known of every configured cluster.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// One entry per configured cluster, in the order of the configuration. An entry that did not change is the same
    /// `Arc` as in the snapshot before.
    pub clusters: Vec<Arc<Cluster>>,
    /// Words of the API that are in none of our tables.
    pub vocabulary: Arc<Vocabulary>,
    /// How discoveries stand, one for each host, in the order of the configuration.
    pub discoveries: Arc<[DiscoveryState]>,
    /// The clusters that are not among these and may yet come: what fired of them before a restart does not end.
    pub awaited: Arc<Awaited>,
}

/// What is known of one cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Label `cluster_name`.
    pub name: ClusterName,
    /// Label `cluster_id`; `None` while it is neither configured nor discovered.
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
    /// The configuration asks for other links since that list: what the next one has more or less is no news.
    pub is_reselected: bool,
    /// The patterns of `expect` that match none of its links, in alphabetical order, each once. To read what is shown of
    /// them, use [`Cluster::shown_missing`].
    pub missing: Arc<[String]>,
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
            is_reselected: false,
            missing: Arc::default(),
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

    /// Whether the series of this link of the cluster are shown.
    pub fn shows(&self, link: &ObservedLink) -> bool {
        self.is_listed() && !link.is_stale
    }

    /// The link of this name, where its series are shown.
    pub fn shown_link(&self, link_name: &str) -> Option<&ObservedLink> {
        let link = self.link_named(link_name)?;
        self.shows(link).then_some(link)
    }

    /// The wanted link of that name in the last list that was read.
    pub fn link(&self, name: &LinkName) -> Option<&ObservedLink> {
        self.link_named(name.as_str())
    }

    fn link_named(&self, link_name: &str) -> Option<&ObservedLink> {
        let by_name = |link: &Arc<ObservedLink>| link.link_name.as_str().cmp(link_name);
        let place = self.links.binary_search_by(by_name).ok()?;
        Some(&self.links[place])
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
