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
            peer(json!({"link_name": "dr", "remote_cluster_id": "r", "source_cluster_id": "s"})),
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
fn a_link_listed_twice_is_one_link_in_the_worse_state() {
    let listed =
        |name: &str, state: serde_json::Value| json!({"link_name": name, "link_state": state});
    let sent = json!({"data": [
        listed("b", json!("ACTIVE")), listed("a", json!(null)), listed("b", json!("FAILED")), listed("a", json!("ACTIVE")),
    ]});
    let links = unique_links(link_page(&bytes(&sent)).unwrap().links);
    let shown = links.iter().map(|link| {
        (
            link.link_name.as_str(),
            link.link_state.as_ref().unwrap().raw(),
        )
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [("a", "ACTIVE"), ("b", "FAILED")]
    );
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
