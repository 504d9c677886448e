//! Links and their tasks.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    ErrorData, List, WireError, errors,
    lenient::{Item, Items, Number, Text, Word},
    read, reported, said,
};
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
    let list: List<LinkData> = read(body)?;
    let (data, next) = list.into_page()?;
    let mut page = LinkPage {
        links: Vec::with_capacity(data.len()),
        remnants: 0,
        nameless: 0,
        next,
    };
    for item in data {
        match item {
            Item::Object(link) if link.is_remnant() => page.remnants += 1,
            Item::Object(link) if link.name().is_some() => page.links.push(link.into_link()),
            Item::Object(_) | Item::Other(_) => page.nameless += 1,
        }
    }
    if page.nameless > 0 && page.links.is_empty() && page.remnants == 0 {
        return Err(WireError::NoNames);
    }
    Ok(page)
}

/// Reads `GET …/links/{link_name}`, the answer about the link that was asked for.
pub fn link(body: &[u8], asked: &LinkName) -> Result<Link, WireError> {
    let data: LinkData = read(body)?;
    if data.name() != Some(asked.as_str()) {
        return Err(WireError::NotThatLink);
    }
    Ok(data.into_link())
}

/// `ListLinksResponseData`; everything may be absent or null.
#[derive(Deserialize)]
#[serde(expecting = "a link")]
struct LinkData {
    link_name: Option<Text>,
    cluster_link_id: Option<Text>,
    remote_cluster_id: Option<Text>,
    source_cluster_id: Option<Text>,
    destination_cluster_id: Option<Text>,
    link_state: Option<Word>,
    link_error: Option<Word>,
    link_error_message: Option<Word>,
    tasks: Option<Items<TaskData>>,
    category_counts: Option<Items<CategoryData>>,
}

/// `LinkCategory`.
#[derive(Deserialize, Default)]
struct CategoryData {
    state_category: Option<Text>,
    count: Option<Number>,
}

/// `LinkTask`.
#[derive(Deserialize, Default)]
struct TaskData {
    task_name: Option<Text>,
    state: Option<Word>,
    errors: Option<Items<ErrorData>>,
}

impl LinkData {
    fn name(&self) -> Option<&str> {
        let name = self.link_name.as_ref()?.0.as_deref();
        name.filter(|name| !name.is_empty())
    }

    /// Whether it is the rest of a deleted source-initiated link. A server that sends no states sends it without a name
    /// alone; a name that is no text is one that we do not know.
    fn is_remnant(&self) -> bool {
        let is_not_text = |name: &Text| name.0.is_none();
        match &self.link_state {
            Some(Word(state)) if state == "UNMANAGED_SOURCE" => true,
            None => self.name().is_none() && !self.link_name.as_ref().is_some_and(is_not_text),
            Some(_) => false,
        }
    }

    fn into_link(self) -> Link {
        let remote = said(self.remote_cluster_id)
            .or_else(|| said(self.source_cluster_id))
            .or_else(|| said(self.destination_cluster_id));
        let tasks = self.tasks.filter(Items::is_understood);
        Link {
            link_name: said(self.link_name).unwrap_or_default().into(),
            cluster_link_id: said(self.cluster_link_id).unwrap_or_default(),
            remote_cluster_id: remote.map(ClusterId::from),
            link_state: self.link_state.map(|Word(state)| LinkState::parse(&state)),
            link_error: reported(self.link_error, self.link_error_message),
            tasks: tasks.map(|sent| unique(sent.objects())),
            mirror_partitions: self.category_counts.and_then(partition_counts),
        }
    }
}

/// Tasks by name, each name once: a name sent twice must not become two series. Of two, the worse state stands, with
/// the errors of both, so that no error is lost.
fn unique(sent: impl Iterator<Item = TaskData>) -> Vec<Task> {
    let mut by_name = BTreeMap::new();
    for task in sent.map(TaskData::into_task) {
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
/// not known. None is known where an entry does not say its category, which may be any, nor where the list is empty: each
/// mirror partition is in a category.
fn partition_counts(sent: Items<CategoryData>) -> Option<PartitionCounts> {
    let mut counts = [Some(0); PartitionCategory::TABLE.len()];
    let mut is_empty = true;
    for entry in sent.objects() {
        let category = PartitionCategory::parse(&said(entry.state_category)?);
        let count = entry
            .count
            .and_then(|Number(count)| u64::try_from(count).ok());
        let slot: &mut Option<u64> = &mut counts[category.index()];
        *slot = slot
            .zip(count)
            .map(|(sum, count)| sum.saturating_add(count));
        is_empty = false;
    }
    (!is_empty).then(|| counts.into())
}

impl TaskData {
    fn into_task(self) -> Task {
        let state = self.state.map(|Word(state)| TaskState::parse(&state));
        Task {
            task_name: said(self.task_name).unwrap_or_default().into(),
            state: state.unwrap_or(TaskState::Unknown),
            errors: errors(self.errors).collect(),
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
            {"state_category": "DREAMING", "count": 2},
        ]));
        let expected = "PAUSED 0, IN_ERROR 0, PENDING 0, ACTIVE 9, NOT_APPLICABLE 0, UNKNOWN 2";
        assert_eq!(shown.unwrap().join(", "), expected);
    }

    #[test]
    fn a_category_without_a_number_is_not_known() {
        let shown = counts(&json!([
            {"state_category": "ACTIVE", "count": 7}, {"state_category": "IN_ERROR", "count": -1},
            {"state_category": "IN_ERROR", "count": 2}, {"state_category": "PENDING", "count": null},
            {"state_category": "PAUSED"}, {"state_category": "UNKNOWN", "count": 0.5},
        ]));
        assert_eq!(shown.unwrap(), ["ACTIVE 7", "NOT_APPLICABLE 0"]);
    }

    #[test]
    fn no_category_is_known_where_an_entry_may_be_of_any_or_there_is_none() {
        let active = json!({"state_category": "ACTIVE", "count": 7});
        for other in [
            json!({"count": 1}),
            json!({"state_category": "", "count": 1}),
            json!({"state_category": 7, "count": 1}),
            json!({}),
            json!("IN_ERROR"),
            json!(null),
        ] {
            assert_eq!(counts(&json!([active, other])), None, "{other}");
        }
        for list in [json!([]), json!(7), json!("ACTIVE"), json!({})] {
            assert_eq!(counts(&list), None, "{list}");
        }
    }

    #[test]
    fn a_value_of_another_type_hides_nothing_beside_it() {
        let sent = json!({"data": [
            {"link_name": "dr", "link_state": 7, "link_error": false, "link_error_message": ["x"],
             "cluster_link_id": 1, "remote_cluster_id": {}, "source_cluster_id": "lkc-1",
             "tasks": [
                {"task_name": "AclSync", "state": "IN_ERROR", "errors": "AUTHORIZATION_ERROR"},
                {"task_name": "B", "state": ["ACTIVE"], "errors": [7, null, {"error_code": 1, "error_message": 2}, [], "X"]},
                {"task_name": 3, "state": "ACTIVE"}, "ACTIVE", null,
             ]},
            7, null, "x", [], {"link_name": 7, "link_state": "ACTIVE"}, {"link_name": false},
            {"link_name": "orders", "link_state": "ACTIVE", "tasks": 7},
        ]});
        let page = link_page(&bytes(&sent)).unwrap();
        assert_eq!((page.remnants, page.nameless), (0, 6));
        let shown = page.links.iter().map(|link| {
            let tasks = link.tasks.iter().flatten().map(|task| {
                let errors: Vec<_> = task.errors.iter().map(ToString::to_string).collect();
                format!(
                    "\n  {:?} {} {errors:?}",
                    task.task_name.as_str(),
                    task.state
                )
            });
            let state = link.link_state.as_ref().map(LinkState::raw);
            let error = link.link_error.as_ref().map(ToString::to_string);
            let remote = link.remote_cluster_id.as_ref();
            let tasks: String = tasks.collect();
            format!(
                "{} {state:?} {error:?} {:?} {remote:?}{tasks}",
                link.link_name, link.cluster_link_id
            )
        });
        let shown: Vec<_> = shown.collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        dr Some("7") Some("false: […]") "" Some("lkc-1")
          "" UNKNOWN []
          "AclSync" IN_ERROR ["AUTHORIZATION_ERROR"]
          "B" […] ["7", "1: 2", "[…]", "X"]
        orders Some("ACTIVE") None "" None
        "#);
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
