//! The fleet that is measured: one cluster of 10,000 links of 4 tasks, as a poll leaves it.

use std::{sync::Arc, time::Duration};

use cluster_link_exporter::model::{
    Cluster, Endpoint, Limits, Link, LinkState, ObservedLink, Task, TaskState,
};
use jiff::Timestamp;

/// When it was polled.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);
const LINKS: usize = 10_000;

/// The cluster; `change` makes of each link, by its number, what is wanted.
pub(crate) fn cluster(change: impl Fn(usize, &mut ObservedLink)) -> Cluster {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let endpoints = [Endpoint::Links, Endpoint::Link];
    let id = Some("lkc-abc123".into());
    let mut cluster = Cluster::unpolled("production".into(), id, limits, &endpoints);
    cluster.polls.count = 1;
    cluster.polls.last_success = Some(NOW);
    cluster.listed_at = Some(NOW);
    let links = links().enumerate().map(|(number, link)| {
        let mut link = ObservedLink::described(link, NOW);
        change(number, &mut link);
        Arc::new(link)
    });
    cluster.links = links.collect();
    cluster
}

/// Its links, as they are described.
pub(crate) fn links() -> impl Iterator<Item = Link> {
    (0..LINKS).map(link)
}

/// A link that is well.
fn link(number: usize) -> Link {
    let tasks = Task::KNOWN.map(|name| Task {
        task_name: name.into(),
        state: TaskState::Active,
        errors: Vec::new(),
    });
    Link {
        link_name: format!("link-{number:05}").into(),
        cluster_link_id: format!("id-{number}"),
        remote_cluster_id: Some("lkc-far456".into()),
        link_state: Some(LinkState::Active),
        link_error: None,
        tasks: Some(tasks.to_vec()),
        mirror_partitions: None,
    }
}
