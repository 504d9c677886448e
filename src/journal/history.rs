//! What is remembered of clusters and links over a restart, as rows of a [`crate::state_file::StateFile`]: ids that a server
//! told, states, since when they stand and how often they changed, settings, and what the lag of mirror topics is compared
//! with. Nothing of a link is shown before the first poll has brought it again: it is what an answer that does not say
//! something leaves standing.

use std::{collections::BTreeMap, iter, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        ByName, Cluster, ClusterId, LagHistory, Link, LinkConfigs, LinkState, ObservedConfigs,
        ObservedLink, ObservedTask, Repeated, ReportedError, SavedLag, Snapshot, Task, TaskState,
        Unknown,
    },
    state_file::{Change, Changes, Place, Rows, Table, TableRow},
};

/// The id that a server told, and where it was asked: at another endpoint there is another cluster.
#[derive(Debug, Deserialize, Serialize)]
struct ClusterRow {
    endpoint: String,
    cluster_id: String,
}

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
    /// Those that are named, and those that were. Null in older rows where the last answer named none.
    tasks: Option<Vec<TaskRow>>,
    /// Absent in rows of 0.1.
    #[serde(default)]
    remote_cluster_id: Option<String>,
    /// The same.
    #[serde(default)]
    configs: Option<Arc<LinkConfigs>>,
    /// The same.
    #[serde(default)]
    configs_failing_since: Option<Timestamp>,
    /// The same.
    #[serde(default)]
    troubled_topics: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct TaskRow {
    name: String,
    state: String,
    since: Timestamp,
    transitions: u64,
    /// What it reports, without messages. Absent in rows of 0.1.
    #[serde(default)]
    error_codes: Vec<String>,
}

impl TableRow for LinkRow {
    const TABLE: Table = Table::Links;

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("its keys are texts")
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl TableRow for ClusterRow {
    const TABLE: Table = Table::Clusters;

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("its keys are texts")
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl TableRow for SavedLag {
    const TABLE: Table = Table::Lags;

    fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data can be written")
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// The rows that differ between two snapshots, `before` being what is on disk. Clusters and links that did not change
/// cost a comparison of pointers. A row is made when it is asked for: those of 10,000 new links would take 20 MiB.
pub fn changes<'a>(before: &'a Snapshot, after: &'a Snapshot) -> impl Iterator<Item = Change> + 'a {
    let gone = news(before, after)
        .filter(move |cluster| after.cluster(cluster.name.as_str()).is_none())
        .flat_map(|cluster| {
            let links = cluster.links.iter();
            let keys = links.flat_map(|link| keys(cluster, link));
            iter::once(cluster_key(cluster)).chain(keys)
        });
    let changed = news(after, before)
        .map(|cluster| (before.cluster(cluster.name.as_str()), cluster))
        .filter(|(known, cluster)| known.is_none_or(|known| !Arc::ptr_eq(known, cluster)))
        .flat_map(|(known, cluster)| of_cluster(known.map(Arc::as_ref), cluster));
    gone.map(removal).chain(changed)
}

fn removal(place: Place) -> Change {
    (place, None)
}

/// The clusters that are not the same ones at the same place of the other snapshot: of many, mostly one was polled.
fn news<'a>(of: &'a Snapshot, other: &'a Snapshot) -> impl Iterator<Item = &'a Arc<Cluster>> {
    let clusters = of.clusters.iter().enumerate();
    let news = clusters.filter(|(place, cluster)| {
        let same_place = other.clusters.get(*place);
        same_place.is_none_or(|other| !Arc::ptr_eq(other, cluster))
    });
    news.map(|(_, cluster)| cluster)
}

fn of_cluster<'a>(
    before: Option<&'a Cluster>,
    after: &'a Cluster,
) -> impl Iterator<Item = Change> + 'a {
    let links = before.map_or(&[][..], |before| &before.links);
    let same_id = before.is_some_and(|before| before.id == after.id);
    let mut known = ByName::of(links);
    let changed = after.links.iter().flat_map(move |link| {
        let known = known.find(&link.link_name).filter(|_| same_id);
        of_link(after, known, link)
    });
    let mut there = ByName::of(&after.links);
    let gone = links
        .iter()
        .filter(move |link| there.find(&link.link_name).is_none())
        .flat_map(|link| keys(after, link));
    of_id(before, after)
        .into_iter()
        .chain(changed)
        .chain(gone.map(removal))
}

/// The row of the id that the server told. One that is configured is there from the beginning; one that is discovered comes
/// later.
fn of_id(before: Option<&Cluster>, after: &Cluster) -> Option<Change> {
    let id = after.id.as_ref()?;
    if before.is_none_or(|before| before.id == after.id) {
        return None;
    }
    let row = ClusterRow {
        endpoint: after.endpoint.as_ref().to_owned(),
        cluster_id: id.as_str().to_owned(),
    };
    Some((cluster_key(after), Some(row.encode())))
}

fn of_link(
    cluster: &Cluster,
    before: Option<&Arc<ObservedLink>>,
    after: &Arc<ObservedLink>,
) -> impl Iterator<Item = Change> + use<> {
    let lag = &after.lag_history;
    let (has_new_row, has_new_lag) = match before {
        Some(before) => (!is_same(before, after), !before.lag_history.is_same(lag)),
        None => (true, !lag.is_empty()),
    };
    let row = has_new_row.then(|| {
        let row = row(cluster, after).encode();
        (LinkRow::at(key(cluster, after)), Some(row))
    });
    let lag = has_new_lag.then(|| {
        let row = lag.saved().encode();
        (SavedLag::at(key(cluster, after)), Some(row))
    });
    row.into_iter().chain(lag)
}

/// Whether both have the same row.
fn is_same(before: &Arc<ObservedLink>, after: &Arc<ObservedLink>) -> bool {
    let of_task = |observed: &ObservedTask| (observed.state_since, observed.state_transitions);
    let of_link = |observed: &ObservedLink| (observed.state_since, observed.state_transitions);
    Arc::ptr_eq(before, after)
        || before.cluster_link_id == after.cluster_link_id
            && before.remote_cluster_id == after.remote_cluster_id
            && before.last_state == after.last_state
            && of_link(before) == of_link(after)
            && before.configs == after.configs
            && before.troubled_topics == after.troubled_topics
            && before.known_tasks().count() == after.known_tasks().count()
            && before
                .known_tasks()
                .zip(after.known_tasks())
                .all(|(before, after)| {
                    before.task_name == after.task_name
                        && before.state == after.state
                        && codes(before).eq(codes(after))
                        && of_task(before) == of_task(after)
                })
}

/// The codes of the errors that the task reports.
fn codes(observed: &ObservedTask) -> impl Iterator<Item = &str> {
    let errors = observed.errors.iter();
    errors.map(|error| error.error_code.as_str())
}

/// The key of the id that the cluster's server told.
fn cluster_key(cluster: &Cluster) -> Place {
    ClusterRow::at(cluster.name.as_str())
}

/// The places of the link's rows: what is known of it, and the lag of its mirror topics.
fn keys(cluster: &Cluster, link: &ObservedLink) -> [Place; 2] {
    let key = key(cluster, link);
    [LinkRow::at(key.clone()), SavedLag::at(key)]
}

/// A list in JSON: names may hold anything.
fn key(cluster: &Cluster, link: &ObservedLink) -> String {
    let names = [cluster.name.as_str(), link.link_name.as_str()];
    serde_json::to_string(&names).expect("two texts are JSON")
}

fn row(cluster: &Cluster, link: &ObservedLink) -> LinkRow {
    let tasks = link.known_tasks().map(|observed| TaskRow {
        name: observed.task_name.as_str().to_owned(),
        state: observed.state.raw().to_owned(),
        since: observed.state_since,
        transitions: observed.state_transitions,
        error_codes: codes(observed).map(str::to_owned).collect(),
    });
    let remote = link.remote_cluster_id.as_ref();
    let configs = link.configs.as_ref().ok();
    let troubled = link.troubled_topics.iter();
    LinkRow {
        cluster_name: cluster.name.as_str().to_owned(),
        cluster_id: cluster.id.as_ref().map(|id| id.as_str().to_owned()),
        link_name: link.link_name.as_str().to_owned(),
        cluster_link_id: link.cluster_link_id.clone(),
        state: link.last_state.as_ref().map(|state| state.raw().to_owned()),
        since: link.state_since,
        transitions: link.state_transitions,
        tasks: Some(tasks.collect()),
        remote_cluster_id: remote.map(|id| id.as_str().to_owned()),
        configs: configs.map(|observed| observed.configs.clone()),
        configs_failing_since: configs.and_then(|observed| observed.failing_since),
        troubled_topics: troubled.map(|name| name.as_str().to_owned()).collect(),
    }
}

/// Gives clusters that were never polled the ids that their servers told, and the links they had, none of them shown: the
/// next good poll goes on counting where the last one stopped. Returns the removal of the rows that nobody wants any more:
/// of a cluster that is not configured or has another id now, and those that cannot be read.
pub fn restore(clusters: &mut [Arc<Cluster>], rows: &Rows) -> Changes {
    let mut removed = restore_ids(clusters, rows);
    let mut last = Last::default();
    for (key, row) in LinkRow::all(rows) {
        let wanted = row.and_then(|row| Some((find(clusters, &row)?, row)));
        match wanted {
            Some((cluster, row)) => cluster.links.push(Arc::new(link(row, &mut last))),
            None => {
                removed.insert(key.clone(), None);
            }
        }
    }
    for cluster in clusters.iter_mut() {
        Arc::make_mut(cluster)
            .links
            .sort_by(|a, b| a.link_name.cmp(&b.link_name));
    }
    removed.extend(restore_lags(clusters, rows));
    removed
}

/// Gives the clusters whose ids are not configured those that the same endpoints had, so that what is said of them goes on
/// under the same labels. Returns the removal of the rows that are left.
fn restore_ids(clusters: &mut [Arc<Cluster>], rows: &Rows) -> Changes {
    let mut unused: BTreeMap<_, _> = ClusterRow::all(rows).collect();
    for cluster in clusters.iter_mut().filter(|cluster| cluster.id.is_none()) {
        let key = cluster_key(cluster);
        let row = unused.get(&key).and_then(Option::as_ref);
        if let Some(row) = row.filter(|row| *row.endpoint == *cluster.endpoint) {
            Arc::make_mut(cluster).id = Some(row.cluster_id.as_str().into());
            unused.remove(&key);
        }
    }
    unused.into_keys().map(|key| (key.clone(), None)).collect()
}

/// Gives the links what the lag of their mirror topics is compared with. Returns the removal of the rows that are left.
fn restore_lags(clusters: &mut [Arc<Cluster>], rows: &Rows) -> Changes {
    let mut unused: BTreeMap<_, _> = SavedLag::all(rows).collect();
    for cluster in clusters {
        let of_cluster = Cluster::clone(cluster);
        for link in &mut Arc::make_mut(cluster).links {
            let [_, key] = keys(&of_cluster, link);
            if let Some(Some(saved)) = unused.get(&key) {
                Arc::make_mut(link).lag_history = LagHistory::restored(saved);
                unused.remove(&key);
            }
        }
    }
    unused.into_keys().map(|key| (key.clone(), None)).collect()
}

/// The cluster that the row is of.
fn find<'a>(clusters: &'a mut [Arc<Cluster>], row: &LinkRow) -> Option<&'a mut Cluster> {
    let is_same_id = |id: &ClusterId| row.cluster_id.as_deref() == Some(id.as_str());
    let found = clusters.iter_mut().find(|cluster| {
        cluster.name.as_str() == row.cluster_name && cluster.id.as_ref().is_none_or(is_same_id)
    });
    found.map(Arc::make_mut)
}

fn reported(code: &str) -> ReportedError {
    ReportedError {
        error_code: code.into(),
        error_message: String::new(),
    }
}

fn task(row: &TaskRow) -> ObservedTask {
    ObservedTask {
        task_name: Task::name(&row.name),
        state: TaskState::parse(&row.state),
        state_since: row.since,
        state_transitions: row.transitions,
        errors: row.error_codes.iter().map(|code| reported(code)).collect(),
    }
}

/// What the link before had.
#[derive(Default)]
struct Last {
    configs: Repeated<LinkConfigs>,
    tasks: Repeated<[ObservedTask]>,
}

fn link(row: LinkRow, last: &mut Last) -> ObservedLink {
    let configs = row.configs.map(|configs| ObservedConfigs {
        configs: last.configs.share(configs),
        failing_since: row.configs_failing_since,
        is_stale: false,
    });
    let known = Link {
        cluster_link_id: row.cluster_link_id,
        remote_cluster_id: row.remote_cluster_id.map(Into::into),
        link_state: row.state.as_deref().map(LinkState::parse),
        ..Link::named(row.link_name)
    };
    let tasks = row.tasks.map(|tasks| {
        let tasks: Vec<_> = tasks.iter().map(task).collect();
        last.tasks.share(tasks)
    });
    ObservedLink {
        state_transitions: row.transitions,
        tasks,
        configs: configs.ok_or(Unknown::Failed),
        mirrors: Err(Unknown::Failed),
        troubled_topics: row.troubled_topics.into_iter().map(Into::into).collect(),
        is_stale: true,
        is_restored: true,
        // It was described once; until it is again, nothing of it is shown.
        ..ObservedLink::described(known, row.since)
    }
}

#[cfg(test)]
mod tests;
