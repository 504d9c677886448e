//! The line that `systemctl status` shows.

use crate::{
    model::{DiscoveryState, Snapshot},
    status::Filter,
};

/// How many discoveries were not asked yet, and clusters not polled.
pub(super) fn waiting(snapshot: &Snapshot) -> usize {
    unasked(snapshot).count() + unpolled(snapshot)
}

fn unasked(snapshot: &Snapshot) -> impl Iterator<Item = &DiscoveryState> {
    let discoveries = snapshot.discoveries.iter();
    discoveries.filter(|discovery| !discovery.was_asked)
}

fn unpolled(snapshot: &Snapshot) -> usize {
    let clusters = snapshot.clusters.iter();
    clusters.filter(|cluster| cluster.polls.count == 0).count()
}

pub(super) fn status(snapshot: &Snapshot) -> String {
    let clusters = snapshot.clusters.len();
    if let Some(discovery) = unasked(snapshot).next() {
        let name = &discovery.name;
        return format!("waiting for the first list of clusters of {name}");
    }
    let waiting = unpolled(snapshot);
    if waiting > 0 {
        return format!(
            "waiting for the first poll of {waiting} of {}",
            counted(clusters, "cluster", "clusters")
        );
    }
    let failed = snapshot.clusters.iter();
    let failed = failed.filter(|cluster| !cluster.poll_succeeded()).count();
    let links = || {
        let clusters = snapshot.clusters.iter();
        clusters.flat_map(|cluster| cluster.shown_links())
    };
    // What the page and the API keep that are asked for it.
    let attention = Filter {
        attention: true,
        ..Filter::default()
    };
    let of_clusters = snapshot.clusters.iter();
    let attention: usize = of_clusters
        .map(|cluster| attention.links(cluster).count())
        .sum();
    let mut parts = vec![counted(clusters, "cluster", "clusters")];
    // What they have is not known, or was.
    parts.extend((failed > 0).then(|| format!("{failed} without a good last poll")));
    parts.push(counted(links().count(), "link", "links"));
    parts.push(counted(attention, "needs attention", "need attention"));
    parts.join(", ")
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use jiff::Timestamp;

    use super::*;
    use crate::model::{Cluster, Endpoint, Limits, Link, LinkState, ObservedLink};

    fn link(name: &str, state: LinkState) -> Arc<ObservedLink> {
        let link = Link {
            link_state: Some(state),
            ..Link::named(name)
        };
        Arc::new(ObservedLink::described(link, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn the_links_that_need_attention_are_those_of_the_page_and_the_api() {
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        let mut cluster = Cluster::unpolled("dr".into(), None, limits, &[Endpoint::Links]);
        cluster.polls.count = 1;
        cluster.polls.ended_at = Some(Timestamp::UNIX_EPOCH);
        cluster.listed_at = Some(Timestamp::UNIX_EPOCH);
        cluster.links = vec![
            link("orders", LinkState::Active),
            link("paused", LinkState::Paused),
            link("failed", LinkState::Failed),
        ];
        cluster.listed = cluster.links.len();
        let snapshot = Snapshot {
            clusters: vec![Arc::new(cluster)],
            ..Snapshot::default()
        };
        assert_eq!(status(&snapshot), "1 cluster, 3 links, 2 need attention");
    }
}
