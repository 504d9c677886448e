//! Withdraws what is too old to be shown. A series that says ACTIVE when we do not know would be a lie.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Cluster, ObservedLink, Snapshot};

/// The snapshot without what is too old at `now`; `None` where nothing changes.
pub fn expire(snapshot: &Snapshot, now: Timestamp) -> Option<Snapshot> {
    let mut next = snapshot.clone();
    let mut changed = false;
    for cluster in &mut next.clusters {
        if let Some(expired) = expired(cluster, now) {
            *cluster = Arc::new(expired);
            changed = true;
        }
    }
    changed.then_some(next)
}

/// When [`expire`] has work to do next. A cluster that did not change since it was asked before is not looked through
/// again.
#[derive(Debug, Default)]
pub struct Expiries(Vec<(Arc<Cluster>, Option<Timestamp>)>);

impl Expiries {
    /// When it is so far; `None` while nothing is shown.
    pub fn next(&mut self, snapshot: &Snapshot) -> Option<Timestamp> {
        let known = |place: usize, cluster: &Arc<Cluster>| {
            let (known, expiry) = self.0.get(place)?;
            Arc::ptr_eq(known, cluster).then_some(*expiry)
        };
        let clusters = snapshot.clusters.iter().enumerate();
        let next = clusters.map(|(place, cluster)| {
            let expiry = known(place, cluster).unwrap_or_else(|| expiries(cluster).min());
            (Arc::clone(cluster), expiry)
        });
        self.0 = next.collect();
        self.0.iter().filter_map(|(_, expiry)| *expiry).min()
    }
}

/// The cluster without what is too old at `now`; `None` where nothing changes.
pub(super) fn expired(cluster: &Cluster, now: Timestamp) -> Option<Cluster> {
    if expiries(cluster).all(|expiry| now < expiry) {
        return None;
    }
    let mut next = cluster.clone();
    next.is_stale |= list_expiry(cluster).is_some_and(|expiry| expiry <= now);
    for link in &mut next.links {
        if link_expiry(cluster, link).is_some_and(|expiry| expiry <= now) {
            Arc::make_mut(link).is_stale = true;
        }
        if mirrors_expiry(cluster, link).is_some_and(|expiry| expiry <= now)
            && let Ok(mirrors) = &mut Arc::make_mut(link).mirrors
        {
            mirrors.is_stale = true;
        }
        if configs_expiry(cluster, link).is_some_and(|expiry| expiry <= now)
            && let Ok(configs) = &mut Arc::make_mut(link).configs
        {
            configs.is_stale = true;
        }
    }
    Some(next)
}

fn expiries(cluster: &Cluster) -> impl Iterator<Item = Timestamp> {
    let links = cluster.links.iter().flat_map(|link| {
        [
            link_expiry(cluster, link),
            mirrors_expiry(cluster, link),
            configs_expiry(cluster, link),
        ]
        .into_iter()
        .flatten()
    });
    list_expiry(cluster).into_iter().chain(links)
}

fn list_expiry(cluster: &Cluster) -> Option<Timestamp> {
    let listed_at = cluster.listed_at.filter(|_| !cluster.is_stale)?;
    Some(listed_at + cluster.limits.stale_after)
}

/// A link that was never described shows the list's entry and leaves with the list.
fn link_expiry(cluster: &Cluster, link: &ObservedLink) -> Option<Timestamp> {
    let described_at = link.described_at.filter(|_| !link.is_stale)?;
    Some(described_at + cluster.limits.stale_after)
}

/// Mirror topics are asked for apart from the links and age apart.
fn mirrors_expiry(cluster: &Cluster, link: &ObservedLink) -> Option<Timestamp> {
    let observed_at = link.shown_mirrors().ok()?.observed_at;
    Some(observed_at + cluster.limits.stale_after)
}

/// Settings are read so rarely that their own age says nothing: what counts is for how long they could not be read.
fn configs_expiry(cluster: &Cluster, link: &ObservedLink) -> Option<Timestamp> {
    let observed = link
        .configs
        .as_ref()
        .ok()
        .filter(|observed| !observed.is_stale)?;
    Some(observed.failing_since? + cluster.limits.stale_after)
}
