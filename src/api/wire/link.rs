//! Links and their tasks.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ErrorData, List, WireError, reported};
use crate::model::{
    ClusterId, Link, LinkName, LinkState, PartitionCategory, PartitionCounts, Task, TaskState,
};

/// One page of `GET …/links`.
#[derive(Debug)]
pub struct LinkPage {
    /// The links of this page that have a name.
    pub links: Vec<Link>,
    /// `UNMANAGED_SOURCE` remnants: no name, no URL of their own.
    pub remnants: usize,
    /// Links without a name that say of themselves that they are something else.
    pub nameless: usize,
    /// `metadata.next`, where there is a further page.
    pub next: Option<String>,
}

/// Reads a page of `GET …/links`.
pub fn link_page(body: &[u8]) -> Result<LinkPage, WireError> {
    let list: List<LinkData> = serde_json::from_slice(body)?;
    let (data, next) = list.into_page()?;
    let (remnants, others): (Vec<_>, Vec<_>) = data.into_iter().partition(LinkData::is_remnant);
    let (named, nameless): (Vec<_>, Vec<_>) = others.into_iter().partition(LinkData::is_named);
    Ok(LinkPage {
        links: named.into_iter().map(LinkData::into_link).collect(),
        remnants: remnants.len(),
        nameless: nameless.len(),
        next,
    })
}

/// Reads `GET …/links/{link_name}`, the answer about the link that was asked for.
pub fn link(body: &[u8], asked: &LinkName) -> Result<Link, WireError> {
    let data: LinkData = serde_json::from_slice(body)?;
    if data.link_name.as_deref() != Some(asked.as_str()) {
        return Err(WireError::NotThatLink);
    }
    Ok(data.into_link())
}

/// `ListLinksResponseData`; everything may be absent or null.
#[derive(Deserialize)]
#[serde(expecting = "a link")]
struct LinkData {
    link_name: Option<String>,
    cluster_link_id: Option<String>,
    remote_cluster_id: Option<String>,
    source_cluster_id: Option<String>,
    destination_cluster_id: Option<String>,
    link_state: Option<String>,
    link_error: Option<String>,
    link_error_message: Option<String>,
    tasks: Option<Vec<TaskData>>,
    category_counts: Option<Vec<CategoryData>>,
}

/// `LinkCategory`.
#[derive(Deserialize)]
#[serde(expecting = "a category and its count")]
struct CategoryData {
    state_category: Option<String>,
    count: Option<i64>,
}

/// `LinkTask`.
#[derive(Deserialize)]
#[serde(expecting = "a task")]
struct TaskData {
    task_name: Option<String>,
    state: Option<String>,
    errors: Option<Vec<ErrorData>>,
}

impl LinkData {
    fn is_named(&self) -> bool {
        let name = self.link_name.as_deref();
        name.is_some_and(|name| !name.is_empty())
    }

    /// Whether it is the rest of a deleted source-initiated link. A server that sends no states sends it without a name
    /// alone.
    fn is_remnant(&self) -> bool {
        match self.link_state.as_deref() {
            Some("UNMANAGED_SOURCE") => true,
            None => !self.is_named(),
            Some(_) => false,
        }
    }

    fn into_link(self) -> Link {
        let remote = self
            .remote_cluster_id
            .or(self.source_cluster_id)
            .or(self.destination_cluster_id);
        Link {
            link_name: self.link_name.unwrap_or_default().into(),
            cluster_link_id: self.cluster_link_id.unwrap_or_default(),
            remote_cluster_id: remote.filter(|id| !id.is_empty()).map(ClusterId::from),
            link_state: self.link_state.map(|state| LinkState::parse(&state)),
            link_error: reported(self.link_error, self.link_error_message),
            tasks: self.tasks.map(tasks),
            mirror_partitions: self.category_counts.and_then(partition_counts),
        }
    }
}

/// Tasks by name, each name once: a name sent twice must not become two series. Of two, the worse state stands, with
/// the errors of both, so that no error is lost.
fn tasks(sent: Vec<TaskData>) -> Vec<Task> {
    let mut by_name = BTreeMap::new();
    for task in sent.into_iter().map(TaskData::into_task) {
        match by_name.entry(task.task_name.clone()) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(task);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let kept: &mut Task = slot.get_mut();
                if task.state.health() > kept.state.health() {
                    kept.state = task.state;
                }
                kept.errors.extend(task.errors);
            }
        }
    }
    by_name.into_values().collect()
}

/// Partitions by category; a category sent twice counts twice. One that comes without a number, or with one below zero, is
/// not known, and neither is any where the list is empty: each mirror partition is in a category.
fn partition_counts(sent: Vec<CategoryData>) -> Option<PartitionCounts> {
    if sent.is_empty() {
        return None;
    }
    let mut counts = [Some(0); PartitionCategory::TABLE.len()];
    for CategoryData {
        state_category,
        count,
    } in sent
    {
        let category = PartitionCategory::parse(&state_category.unwrap_or_default());
        let count = count.and_then(|count| u64::try_from(count).ok());
        let slot: &mut Option<u64> = &mut counts[category.index()];
        *slot = slot
            .zip(count)
            .map(|(sum, count)| sum.saturating_add(count));
    }
    Some(counts.into())
}

impl TaskData {
    fn into_task(self) -> Task {
        let errors = self.errors.unwrap_or_default().into_iter();
        Task {
            task_name: self.task_name.unwrap_or_default().into(),
            state: self
                .state
                .map_or(TaskState::Unknown, |state| TaskState::parse(&state)),
            errors: errors
                .filter_map(|e| reported(e.error_code, e.error_message))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bytes(value: &serde_json::Value) -> Vec<u8> {
        serde_json::to_vec(value).unwrap()
    }

    fn describe(value: &serde_json::Value) -> Result<Link, WireError> {
        link(&bytes(value), &"dr".into())
    }

    #[test]
    fn absent_and_null_are_the_same_link() {
        let absent = describe(&json!({"link_name": "dr"})).unwrap();
        let null = describe(&json!({
            "link_name": "dr", "cluster_link_id": null, "source_cluster_id": null, "destination_cluster_id": null,
            "remote_cluster_id": null, "link_state": null, "link_error": null, "link_error_message": null,
            "tasks": null, "topic_names": null, "category_counts": null, "never_heard_of": {"a": [1]},
        }))
        .unwrap();
        assert_eq!(absent, null);
        assert_eq!((absent.link_state, absent.tasks), (None, None));
    }

    #[test]
    fn the_peer_is_the_remote_or_source_or_destination_cluster() {
        let peer = |value| {
            describe(&value)
                .unwrap()
                .remote_cluster_id
                .unwrap()
                .to_string()
        };
        assert_eq!(
            [
                peer(
                    json!({"link_name": "dr", "remote_cluster_id": "r", "source_cluster_id": "s"})
                ),
                peer(
                    json!({"link_name": "dr", "source_cluster_id": "s", "destination_cluster_id": "d"})
                ),
                peer(json!({"link_name": "dr", "destination_cluster_id": "d"})),
            ],
            ["r", "s", "d"]
        );
    }

    #[test]
    fn healthy_sentinels_are_no_error_and_a_message_alone_is_kept() {
        let errors = describe(&json!({"link_name": "dr", "link_error": "NO_ERROR", "link_error_message": "",
            "tasks": [{"task_name": "AclSync", "state": "IN_ERROR", "errors": [
                {"error_code": "NO_ERROR"}, {"error_code": "NOT_SET", "error_message": "x"}, {"error_code": ""}, {},
                {"error_message": "only words"},
                {"error_code": "AUTHORIZATION_ERROR", "error_message": "a"},
                {"error_code": "AUTHORIZATION_ERROR", "error_message": "b"},
            ]}]}))
        .unwrap();
        let shown: Vec<_> = errors.tasks.unwrap()[0]
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(errors.link_error, None);
        assert_eq!(
            shown,
            [
                "only words",
                "AUTHORIZATION_ERROR: a",
                "AUTHORIZATION_ERROR: b"
            ]
        );
    }

    #[test]
    fn a_task_sent_twice_is_one_task_in_the_worse_state_with_all_errors() {
        let tasks = describe(&json!({"link_name": "dr", "tasks": [
            {"task_name": "B", "state": "ACTIVE", "errors": [{"error_code": "ONE"}]},
            {"task_name": "A", "state": "ACTIVE"},
            {"task_name": "B", "state": "IN_ERROR", "errors": [{"error_code": "TWO"}]},
        ]}))
        .unwrap()
        .tasks
        .unwrap();
        let shown: Vec<_> = tasks
            .iter()
            .map(|task| format!("{} {} {:?}", task.task_name, task.state, task.errors.len()))
            .collect();
        assert_eq!(shown, ["A ACTIVE 0", "B IN_ERROR 2"]);
    }

    fn counts(sent: &serde_json::Value) -> Option<Vec<String>> {
        let link = describe(&json!({"link_name": "dr", "category_counts": sent})).unwrap();
        let rows = PartitionCategory::TABLE
            .iter()
            .zip(*link.mirror_partitions?);
        let shown = rows.filter_map(|(row, count)| Some(format!("{} {}", row.name, count?)));
        Some(shown.collect())
    }

    #[test]
    fn partitions_are_counted_by_category_and_an_unheard_of_one_is_unknown() {
        let shown = counts(&json!([
            {"state_category": "ACTIVE", "count": 7}, {"state_category": "ACTIVE", "count": 2},
            {"state_category": "DREAMING", "count": 2}, {"count": 1},
        ]));
        let expected = "PAUSED 0, IN_ERROR 0, PENDING 0, ACTIVE 9, NOT_APPLICABLE 0, UNKNOWN 3";
        assert_eq!(shown.unwrap().join(", "), expected);
    }

    #[test]
    fn a_category_without_a_number_is_not_known_and_neither_is_any_of_an_empty_list() {
        let shown = counts(&json!([
            {"state_category": "ACTIVE", "count": 7}, {"state_category": "IN_ERROR", "count": -1},
            {"state_category": "IN_ERROR", "count": 2}, {"state_category": "PENDING", "count": null},
            {"state_category": "PAUSED"}, {},
        ]));
        assert_eq!(shown.unwrap(), ["ACTIVE 7", "NOT_APPLICABLE 0"]);
        assert_eq!(counts(&json!([])), None);
    }

    #[test]
    fn nameless_and_unmanaged_entries_are_counted_and_not_kept() {
        let page = link_page(&bytes(&json!({"data": [
            {"link_name": "", "link_state": "UNMANAGED_SOURCE"}, {"link_name": "", "link_state": "UNMANAGED_SOURCE"},
            {"link_name": "dr", "link_state": "ACTIVE"}, {"link_state": "ACTIVE"}, {"link_name": null}, {},
            {"link_name": null, "link_state": "FAILED"}, {"link_name": "old", "link_state": "UNMANAGED_SOURCE"},
        ], "metadata": {"next": ""}})))
        .unwrap();
        let counts = (page.links.len(), page.remnants, page.nameless);
        assert_eq!((counts, page.next), ((1, 5, 2), None));
    }
}
