//! What PromQL's range selectors would still see: the past of what the metrics show, as far as a rule can ask for it.
//!
//! A rule of Prometheus looks back at samples; the engine sees one snapshot at a time and remembers. What counts as shown
//! is exactly what `metrics` shows. A row that did not change is not written: that something is still shown is no change.

mod counter;
mod history;
mod link;
mod lost;
mod moment;
mod poll;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

pub(super) use history::{History, State};
pub use link::{LinkMemory, TaskMemory};
use lost::Look;
pub(super) use lost::Lost;
pub use moment::Moment;
pub(super) use moment::Tick;
pub use poll::PollMemory;

use super::{
    identity::Identity,
    row::{Changes, Key, Value},
};
use crate::model::{Cluster, ClusterId, ClusterName, Snapshot};

/// How long the last known state stands while nobody knows, and the longest window of a counter.
pub(super) const HOUR: Duration = window(60);
/// The window of a share of all that is counted, for rules that wait a quarter of an hour.
pub(super) const QUARTER: Duration = within_wait(15);
/// The window of what is going on now, for rules that wait five minutes.
pub(super) const NOW: Duration = within_wait(5);
/// For how long it is known that a task worked.
pub(super) const DAY: Duration = window(24 * 60);

/// A look-back of so many minutes. Prometheus 2 counts a sample at the very edge of a window and Prometheus 3 does not; with
/// samples and evaluations at whole minutes no edge of these windows has one, so that both say the same.
pub(super) const fn window(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes + 30)
}

/// The look-back of a counter for a rule that waits so many minutes: what happened once is out of it before the wait is
/// over, however often somebody looks.
const fn within_wait(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes - 30)
}

/// What is remembered of every configured cluster.
#[derive(Debug, Default)]
pub(super) struct Memory {
    clusters: BTreeMap<ClusterName, ClusterMemory>,
}

/// What is remembered of one cluster.
#[derive(Debug, Default)]
pub(super) struct ClusterMemory {
    pub(super) polls: PollMemory,
    /// Sorted by name.
    pub(super) links: Vec<LinkMemory>,
    /// What was taken in last.
    taken: Option<Arc<Cluster>>,
}

impl Memory {
    /// Takes in what is shown now. A cluster that is no longer configured is forgotten.
    pub(super) fn observe(&mut self, snapshot: &Snapshot, tick: Tick, changes: &mut Changes) {
        let configured: BTreeSet<_> = snapshot
            .clusters
            .iter()
            .map(|cluster| &cluster.name)
            .collect();
        self.clusters.retain(|name, memory| {
            let stays = configured.contains(name);
            if !stays {
                memory.forget_links(name, changes);
                changes.remove(Key::polls(name));
            }
            stays
        });
        for cluster in &snapshot.clusters {
            let memory = self.clusters.entry(cluster.name.clone()).or_default();
            let look = Look {
                tick,
                // While the API wants to be left alone the last poll stays a good one, and its list gets too old.
                is_answer: cluster.poll_succeeded() && cluster.is_listed(),
            };
            memory.observe(cluster, look, changes);
        }
    }

    pub(super) fn cluster(&self, name: &str) -> Option<&ClusterMemory> {
        self.clusters.get(name)
    }

    /// Whether an alert is about a cluster that is configured, under the id it has now, or about none.
    pub(super) fn knows(&self, identity: &Identity) -> bool {
        let name = identity.cluster_name();
        let id = |memory: &ClusterMemory| {
            let id = memory.id().map_or("", ClusterId::as_str);
            id == identity.cluster_id()
        };
        name.is_empty() || self.cluster(name).is_some_and(id)
    }

    /// Puts back a row that was saved.
    pub(super) fn restore_polls(&mut self, cluster: ClusterName, polls: PollMemory) {
        self.clusters.entry(cluster).or_default().polls = polls;
    }

    /// Puts back a row that was saved.
    pub(super) fn restore_link(&mut self, cluster: ClusterName, link: LinkMemory) {
        let links = &mut self.clusters.entry(cluster).or_default().links;
        let place = links.partition_point(|known| known.name() < link.name());
        links.insert(place, link);
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Key, Value)> {
        self.clusters.iter().flat_map(|(name, memory)| {
            let polls = (Key::polls(name), Value::Polls(memory.polls.clone()));
            let links = memory.links.iter();
            let links = links.map(|link| (Key::link(name, link.name()), Value::Link(link.clone())));
            std::iter::once(polls).chain(links)
        })
    }
}

impl ClusterMemory {
    /// The cluster's id: known now, or before a restart after which it was not learnt again yet.
    pub(super) fn id(&self) -> Option<&ClusterId> {
        self.polls.id.as_ref()
    }

    /// What is remembered of the link of this name.
    pub(super) fn link(&self, name: &str) -> Option<&LinkMemory> {
        let by_name = |link: &LinkMemory| link.name().as_str().cmp(name);
        let place = self.links.binary_search_by(by_name).ok()?;
        Some(&self.links[place])
    }

    fn observe(&mut self, cluster: &Arc<Cluster>, look: Look, changes: &mut Changes) {
        let is_taken = |taken: &Arc<Cluster>| Arc::ptr_eq(taken, cluster);
        if self.taken.as_ref().is_some_and(is_taken) {
            return;
        }
        // Under another id all series are others, also under the first one that is learnt.
        if cluster.id.is_some() && cluster.id != self.polls.id {
            self.forget_links(&cluster.name, changes);
            *self = Self::default();
        }
        if self.polls.observe(cluster, look.tick) {
            let row = Value::Polls(self.polls.clone());
            changes.write(Key::polls(&cluster.name), row);
        }
        self.observe_links(cluster, look, changes);
        self.taken = Some(Arc::clone(cluster));
    }

    /// Both are sorted by name and are walked together.
    fn observe_links(&mut self, cluster: &Cluster, look: Look, changes: &mut Changes) {
        let mut walk = Walk {
            cluster: &cluster.name,
            look,
            links: Vec::with_capacity(self.links.len()),
            changes,
        };
        let mut before = std::mem::take(&mut self.links).into_iter().peekable();
        for kept in cluster.shown_links() {
            let name = &kept.link.link_name;
            while let Some(gone) = before.next_if(|memory| memory.name() < name) {
                walk.lose(gone);
            }
            match before.next_if(|memory| memory.name() == name) {
                Some(mut memory) => {
                    let new = memory.observe(kept, look);
                    walk.keep(memory, new);
                }
                None => walk.keep(LinkMemory::first(kept), true),
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

/// The links of a cluster while they are walked through.
struct Walk<'a> {
    cluster: &'a ClusterName,
    look: Look,
    links: Vec<LinkMemory>,
    changes: &'a mut Changes,
}

impl Walk<'_> {
    fn keep(&mut self, memory: LinkMemory, new: bool) {
        if new {
            let key = Key::link(self.cluster, memory.name());
            self.changes.write(key, Value::Link(memory.clone()));
        }
        self.links.push(memory);
    }

    /// A link that is not shown is remembered for as long as a rule can ask for it.
    fn lose(&mut self, mut memory: LinkMemory) {
        let new = memory.lose(self.look);
        if memory.is_forgotten(self.look.tick.now) {
            self.changes.remove(Key::link(self.cluster, memory.name()));
        } else {
            self.keep(memory, new);
        }
    }
}
