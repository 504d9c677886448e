//! What is remembered of links over a restart, as rows of a [`super::StateFile`]: states, since when they stand and how
//! often they changed. Values are not: they are shown again when the first poll has brought them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state_file::{Changes, Rows, Table};
use crate::model::{
    Cluster, ClusterId, KeptLink, KeptTask, Link, LinkState, Snapshot, Task, TaskState,
};

/// A link in a row. A state is written as the API spelled it.
#[derive(Debug, Deserialize, Serialize)]
struct LinkRow {
    cluster_name: String,
    cluster_id: Option<String>,
    link_name: String,
    cluster_link_id: String,
    state: Option<String>,
    since: Timestamp,
    transitions: u64,
    tasks: Option<Vec<TaskRow>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct TaskRow {
    name: String,
    state: String,
    since: Timestamp,
    transitions: u64,
}

/// The rows that differ between two snapshots, `before` being what is on disk. Clusters and links that did not change
/// cost a comparison of pointers.
pub fn changes(before: &Snapshot, after: &Snapshot) -> Changes {
    let mut changes = Changes::new();
    for cluster in &before.clusters {
        let now = after.clusters.iter().find(|now| now.name == cluster.name);
        if now.is_none() {
            let keys = cluster.links.iter().map(|link| key(cluster, link));
            changes.extend(keys.map(|key| (key, None)));
        }
    }
    for cluster in &after.clusters {
        let known = before
            .clusters
            .iter()
            .find(|known| known.name == cluster.name);
        if known.is_none_or(|known| !Arc::ptr_eq(known, cluster)) {
            of_cluster(known.map(Arc::as_ref), cluster, &mut changes);
        }
    }
    changes
}

fn of_cluster(before: Option<&Cluster>, after: &Cluster, changes: &mut Changes) {
    let of = |cluster: &Cluster| -> BTreeMap<_, _> {
        let links = cluster.links.iter();
        links
            .map(|link| (link.link.link_name.clone(), link.clone()))
            .collect()
    };
    let mut known = before.map(of).unwrap_or_default();
    let same_id = before.is_some_and(|before| before.id == after.id);
    for link in &after.links {
        let known = known.remove(&link.link.link_name);
        let unchanged = known.is_some_and(|known| same_id && is_same(&known, link));
        if !unchanged {
            let row = serde_json::to_vec(&row(after, link)).expect("its keys are texts");
            changes.insert(key(after, link), Some(row));
        }
    }
    for gone in known.values() {
        changes.insert(key(after, gone), None);
    }
}

/// Whether both have the same row.
fn is_same(before: &Arc<KeptLink>, after: &Arc<KeptLink>) -> bool {
    let of_task = |kept: &KeptTask| (kept.state_since, kept.state_transitions);
    let of_link = |kept: &KeptLink| (kept.state_since, kept.state_transitions);
    Arc::ptr_eq(before, after)
        || before.link.cluster_link_id == after.link.cluster_link_id
            && before.link.link_state == after.link.link_state
            && of_link(before) == of_link(after)
            && before.link.tasks.is_some() == after.link.tasks.is_some()
            && before.tasks.len() == after.tasks.len()
            && before
                .tasks
                .iter()
                .zip(&after.tasks)
                .all(|(before, after)| {
                    before.task.task_name == after.task.task_name
                        && before.task.state == after.task.state
                        && of_task(before) == of_task(after)
                })
}

fn key(cluster: &Cluster, link: &KeptLink) -> (Table, String) {
    // A list in JSON: names may hold anything.
    let names = [cluster.name.as_str(), link.link.link_name.as_str()];
    let key = serde_json::to_string(&names).expect("two texts are JSON");
    (Table::Links, key)
}

fn row(cluster: &Cluster, link: &KeptLink) -> LinkRow {
    let tasks = link.tasks.iter().map(|kept| TaskRow {
        name: kept.task.task_name.as_str().to_owned(),
        state: kept.task.state.raw().to_owned(),
        since: kept.state_since,
        transitions: kept.state_transitions,
    });
    LinkRow {
        cluster_name: cluster.name.as_str().to_owned(),
        cluster_id: cluster.id.as_ref().map(|id| id.as_str().to_owned()),
        link_name: link.link.link_name.as_str().to_owned(),
        cluster_link_id: link.link.cluster_link_id.clone(),
        state: link
            .link
            .link_state
            .as_ref()
            .map(|state| state.raw().to_owned()),
        since: link.state_since,
        transitions: link.state_transitions,
        tasks: link.link.tasks.is_some().then(|| tasks.collect()),
    }
}

/// Gives clusters that were never polled the links they had, none of them shown: the next good poll goes on counting
/// where the last one stopped. Returns the removal of the rows that nobody wants any more: of a cluster that is not
/// configured or has another id now, and those that cannot be read.
pub fn restore(clusters: &mut [Arc<Cluster>], rows: &Rows) -> Changes {
    let mut removed = Changes::new();
    for (key, row) in rows.iter().filter(|((table, _), _)| *table == Table::Links) {
        let row = serde_json::from_slice::<LinkRow>(row).ok();
        let wanted = row.and_then(|row| Some((find(clusters, &row)?, row)));
        match wanted {
            Some((cluster, row)) => cluster.links.push(Arc::new(link(row))),
            None => {
                removed.insert(key.clone(), None);
            }
        }
    }
    for cluster in clusters {
        Arc::make_mut(cluster)
            .links
            .sort_by(|a, b| a.link.link_name.cmp(&b.link.link_name));
    }
    removed
}

/// The cluster that the row is of.
fn find<'a>(clusters: &'a mut [Arc<Cluster>], row: &LinkRow) -> Option<&'a mut Cluster> {
    let is_same_id = |id: &ClusterId| row.cluster_id.as_deref() == Some(id.as_str());
    let found = clusters.iter_mut().find(|cluster| {
        cluster.name.as_str() == row.cluster_name && cluster.id.as_ref().is_none_or(is_same_id)
    });
    found.map(Arc::make_mut)
}

fn link(row: LinkRow) -> KeptLink {
    let tasks: Option<Vec<KeptTask>> = row.tasks.map(|tasks| {
        let kept = tasks.into_iter().map(|task| KeptTask {
            task: Task {
                task_name: task.name.into(),
                state: TaskState::parse(&task.state),
                errors: Vec::new(),
            },
            state_since: task.since,
            state_transitions: task.transitions,
        });
        kept.collect()
    });
    KeptLink {
        link: Link {
            link_name: row.link_name.into(),
            cluster_link_id: row.cluster_link_id,
            remote_cluster_id: None,
            link_state: row.state.as_deref().map(LinkState::parse),
            link_error: None,
            tasks: tasks
                .as_ref()
                .map(|tasks| tasks.iter().map(|kept| kept.task.clone()).collect()),
            mirror_partitions: None,
        },
        state_since: row.since,
        state_transitions: row.transitions,
        tasks: tasks.unwrap_or_default(),
        configs: None,
        mirrors: None,
        // It was described once; until it is again, nothing of it is shown.
        described_at: Some(row.since),
        failure: None,
        withdrawn: true,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        model::{Event, Limits, LinkReport, Listing, Report},
        store::Store,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn unpolled(id: Option<&str>) -> Cluster {
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        Cluster::unpolled("dr".into(), id.map(Into::into), limits, &[])
    }

    /// Reports the links, each with a task in this state.
    fn poll(store: &Store, second: i64, links: &[(&str, &str)]) -> Vec<Event> {
        let described = links.iter().map(|(name, task)| Link {
            link_name: (*name).into(),
            cluster_link_id: format!("id of {name}"),
            remote_cluster_id: None,
            link_state: Some(LinkState::Active),
            link_error: None,
            tasks: Some(vec![Task {
                task_name: "AclSync".into(),
                state: TaskState::parse(task),
                errors: Vec::new(),
            }]),
            mirror_partitions: None,
        });
        let reports = described.map(|link| LinkReport::new(link.clone(), Ok(link)));
        let report = Report {
            at: at(second),
            took: Duration::ZERO,
            cluster_id: Some("lkc-1".into()),
            outcome: Ok(Listing {
                listed: links.len(),
                links: reports.collect(),
                ..Listing::default()
            }),
            interval: Duration::from_secs(30),
            hold: None,
            requests: Vec::new(),
            credential_expiry: None,
        };
        store.report(&"dr".into(), report)
    }

    /// What a file holds after the changes.
    fn apply(rows: &mut Rows, changes: Changes) -> usize {
        let count = changes.len();
        for (key, row) in changes {
            match row {
                Some(row) => rows.insert(key, row),
                None => rows.remove(&key),
            };
        }
        count
    }

    /// Two links, one of which changed its task's state twice, on disk.
    fn remembered() -> Rows {
        let store = Store::new([unpolled(None)]);
        let mut rows = Rows::new();
        let mut before = store.snapshot();
        let mut written = Vec::new();
        for (second, task) in [
            (0, "ACTIVE"),
            (30, "IN_ERROR"),
            (60, "ACTIVE"),
            (90, "ACTIVE"),
        ] {
            poll(&store, second, &[("a \"b\"\n", "ACTIVE"), ("orders", task)]);
            let after = store.snapshot();
            written.push(apply(&mut rows, changes(&before, &after)));
            before = after;
        }
        assert_eq!(written, [2, 1, 1, 0], "only what changed is written");
        rows
    }

    fn restored(id: &str, rows: &Rows) -> (Store, Changes) {
        let store = Store::new([unpolled(Some(id))]);
        let mut removed = Changes::new();
        store.reconfigure(|snapshot| {
            let mut clusters = snapshot.clusters.clone();
            removed = restore(&mut clusters, rows);
            clusters
        });
        (store, removed)
    }

    fn task(store: &Store, link: usize) -> (i64, u64) {
        let kept = &store.snapshot().clusters[0].links[link].tasks[0];
        (kept.state_since.as_second(), kept.state_transitions)
    }

    #[test]
    fn counting_goes_on_after_a_restart_and_nothing_is_shown_before_a_poll() {
        let (store, removed) = restored("lkc-1", &remembered());
        assert_eq!(removed, Changes::new());
        assert_eq!(store.snapshot().clusters[0].shown_links().count(), 0);
        let events = poll(
            &store,
            900,
            &[("a \"b\"\n", "ACTIVE"), ("orders", "IN_ERROR")],
        );
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!([task(&store, 0), task(&store, 1)], [(0, 0), (900, 3)]);
    }

    #[test]
    fn a_link_that_vanished_while_we_were_down_is_gone() {
        let mut rows = remembered();
        let (store, _) = restored("lkc-1", &rows);
        let before = store.snapshot();
        let events = poll(&store, 900, &[("orders", "ACTIVE")]);
        assert!(
            matches!(&events[..], [Event::LinkGone { link_name, .. }] if link_name.as_str() == "a \"b\"\n")
        );
        apply(&mut rows, changes(&before, &store.snapshot()));
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn rows_of_other_clusters_and_unreadable_ones_are_removed() {
        let mut rows = remembered();
        rows.insert((Table::Links, "[]".into()), b"not a row".to_vec());
        rows.insert((Table::Alerts, "[]".into()), b"somebody else's".to_vec());
        let (store, removed) = restored("lkc-2", &rows);
        assert_eq!(store.snapshot().clusters[0].links.len(), 0);
        apply(&mut rows, removed);
        assert_eq!(
            rows.into_keys().collect::<Vec<_>>(),
            [(Table::Alerts, "[]".to_owned())]
        );
    }

    #[test]
    fn a_cluster_that_left_takes_its_rows_with_it() {
        let mut rows = remembered();
        let (store, _) = restored("lkc-1", &rows);
        let before = store.snapshot();
        store.reconfigure(|_| Vec::new());
        apply(&mut rows, changes(&before, &store.snapshot()));
        assert_eq!(rows, Rows::new());
    }
}
