//! The look-back: what PromQL's range selectors would still see of the past, as far as a rule can ask for it.
//!
//! A rule of Prometheus looks back at samples; the engine gets one snapshot at a time and keeps what it needs of those
//! before. What counts as shown is exactly what `metrics` shows. A row that did not change is not written: that something
//! is still shown is no change.

mod absence;
mod counter;
mod history;
pub(super) mod link;
pub(super) mod poll;
mod window;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(super) use absence::Absence;
use absence::Observation;
pub(super) use history::History;
pub use link::{LinkLookback, TaskLookback};
pub use poll::PollLookback;
pub(super) use window::{DAY, HOUR, NOW, QUARTER, window};

use super::{
    clock::EngineClock,
    identity::Identity,
    row::{Changes, Key, Value},
};
use crate::model::{Cluster, ClusterId, ClusterName, Snapshot};

/// The look-back of every configured cluster.
#[derive(Debug, Default)]
pub(super) struct Lookback {
    clusters: BTreeMap<ClusterName, ClusterLookback>,
}

/// The look-back of one cluster.
#[derive(Debug, Default)]
pub(super) struct ClusterLookback {
    pub(super) polls: PollLookback,
    /// Sorted by name.
    pub(super) links: Vec<LinkLookback>,
    /// What was observed last.
    taken: Option<Arc<Cluster>>,
}

impl Lookback {
    /// Whether the cluster is as it was when it was observed last.
    pub(super) fn is_taken(&self, cluster: &Arc<Cluster>) -> bool {
        let taken = self.cluster(cluster.name.as_str());
        taken.is_some_and(|lookback| lookback.is_taken(cluster))
    }

    /// Observes what is shown now. A cluster that is no longer configured is removed, unless it may yet be discovered.
    pub(super) fn observe(
        &mut self,
        snapshot: &Snapshot,
        clock: EngineClock,
        changes: &mut Changes,
    ) {
        let configured: BTreeSet<_> = snapshot
            .clusters
            .iter()
            .map(|cluster| &cluster.name)
            .collect();
        self.clusters.retain(|name, lookback| {
            let id = lookback.id().map_or("", ClusterId::as_str);
            let stays = configured.contains(name) || snapshot.awaited.has(id);
            if !stays {
                lookback.forget_links(name, changes);
                changes.remove(Key::polls(name));
            }
            stays
        });
        for cluster in &snapshot.clusters {
            let lookback = self.clusters.entry(cluster.name.clone()).or_default();
            let observation = Observation {
                clock,
                // While the API wants to be left alone the last poll stays a good one, and its list gets too old.
                is_answer: cluster.poll_succeeded() && cluster.is_listed(),
            };
            lookback.observe(cluster, observation, changes);
        }
    }

    pub(super) fn cluster(&self, name: &str) -> Option<&ClusterLookback> {
        self.clusters.get(name)
    }

    /// Whether an alert is about a cluster that is configured, under the id it has now, or about none.
    pub(super) fn knows(&self, identity: &Identity) -> bool {
        let name = identity.cluster_name();
        let id = |lookback: &ClusterLookback| {
            let id = lookback.id().map_or("", ClusterId::as_str);
            id == identity.cluster_id()
        };
        name.is_empty() || self.cluster(name).is_some_and(id)
    }

    /// Puts back a row that was saved.
    pub(super) fn restore_polls(&mut self, cluster: ClusterName, polls: PollLookback) {
        self.clusters.entry(cluster).or_default().polls = polls;
    }

    /// Puts back a row that was saved.
    pub(super) fn restore_link(&mut self, cluster: ClusterName, link: LinkLookback) {
        let links = &mut self.clusters.entry(cluster).or_default().links;
        let place = links.partition_point(|known| known.name() < link.name());
        links.insert(place, link);
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Key, Value)> {
        self.clusters.iter().flat_map(|(name, lookback)| {
            let polls = (Key::polls(name), Value::Polls(lookback.polls.clone()));
            let links = lookback.links.iter();
            let links = links.map(|link| (Key::link(name, link.name()), Value::Link(link.clone())));
            std::iter::once(polls).chain(links)
        })
    }
}

impl ClusterLookback {
    /// The cluster's id: known now, or before a restart since which no server has said it.
    pub(super) fn id(&self) -> Option<&ClusterId> {
        self.polls.id.as_ref()
    }

    fn is_taken(&self, cluster: &Arc<Cluster>) -> bool {
        let taken = self.taken.as_ref();
        taken.is_some_and(|taken| Arc::ptr_eq(taken, cluster))
    }

    /// The look-back of the link of this name.
    pub(super) fn link(&self, name: &str) -> Option<&LinkLookback> {
        let by_name = |link: &LinkLookback| link.name().as_str().cmp(name);
        let place = self.links.binary_search_by(by_name).ok()?;
        Some(&self.links[place])
    }

    fn observe(&mut self, cluster: &Arc<Cluster>, observation: Observation, changes: &mut Changes) {
        if self.is_taken(cluster) {
            return;
        }
        // Under another id all series are others, also under the first one that becomes known.
        if cluster.id.is_some() && cluster.id != self.polls.id {
            self.forget_links(&cluster.name, changes);
            *self = Self::default();
        }
        if self.polls.observe(cluster, observation.clock) {
            let row = Value::Polls(self.polls.clone());
            changes.write(Key::polls(&cluster.name), row);
        }
        self.observe_links(cluster, observation, changes);
        self.taken = Some(Arc::clone(cluster));
    }

    /// Both are sorted by name and are gone through together.
    fn observe_links(
        &mut self,
        cluster: &Cluster,
        observation: Observation,
        changes: &mut Changes,
    ) {
        let mut walk = Walk {
            cluster: &cluster.name,
            observation,
            links: Vec::with_capacity(self.links.len()),
            changes,
        };
        let mut before = std::mem::take(&mut self.links).into_iter().peekable();
        for observed in cluster.shown_links() {
            let name = &observed.link_name;
            while let Some(gone) = before.next_if(|lookback| lookback.name() < name) {
                walk.lose(gone);
            }
            match before.next_if(|lookback| lookback.name() == name) {
                Some(mut lookback) => {
                    let new = lookback.observe(observed, observation);
                    walk.keep(lookback, new);
                }
                None => walk.keep(LinkLookback::first(observed), true),
            }
        }
        before.for_each(|gone| walk.lose(gone));
        self.links = walk.links;
    }

    fn forget_links(&self, name: &ClusterName, changes: &mut Changes) {
        for link in &self.links {
            changes.remove(Key::link(name, link.name()));
        }
    }
}

/// The links of a cluster while they are gone through.
struct Walk<'a> {
    cluster: &'a ClusterName,
    observation: Observation,
    links: Vec<LinkLookback>,
    changes: &'a mut Changes,
}

impl Walk<'_> {
    fn keep(&mut self, lookback: LinkLookback, new: bool) {
        if new {
            let key = Key::link(self.cluster, lookback.name());
            self.changes.write(key, Value::Link(lookback.clone()));
        }
        self.links.push(lookback);
    }

    /// A link that is not shown stays for as long as a rule can ask for it.
    fn lose(&mut self, mut lookback: LinkLookback) {
        let new = lookback.lose(self.observation);
        if lookback.is_forgotten(self.observation.clock.now) {
            self.changes
                .remove(Key::link(self.cluster, lookback.name()));
        } else {
            self.keep(lookback, new);
        }
    }
}
