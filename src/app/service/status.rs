//! The line that `systemctl status` shows.

use crate::model::Snapshot;

/// How many clusters were not polled yet.
pub(super) fn waiting(snapshot: &Snapshot) -> usize {
    let clusters = snapshot.clusters.iter();
    clusters.filter(|cluster| cluster.polls.count == 0).count()
}

pub(super) fn status(snapshot: &Snapshot) -> String {
    let clusters = snapshot.clusters.len();
    let waiting = waiting(snapshot);
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
    let attention = links().filter(|link| link.needs_attention()).count();
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
