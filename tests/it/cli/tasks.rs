//! `tasks`: the table, the document and the three exit statuses.

use std::fs;

use cluster_link_exporter::{
    simulator::{Cluster, Link, Mode, PathKind, Scenario, Simulator, World},
    text::is_unprintable,
};
use serde_json::{Value, json};

use super::{assert_says, described, described_at, run};
use crate::support::{program::program, watcher::serve};

/// Serves the scenario until the test ends: a handle and the endpoint.
pub(super) async fn simulator(scenario: Scenario) -> (Simulator, String) {
    let simulator = Simulator::new(scenario, None);
    let endpoint = serve(&simulator).await;
    (simulator, endpoint)
}

async fn scenario(name: &str) -> (Simulator, String) {
    simulator(Scenario::named(name).unwrap()).await
}

const UNREACHABLE: &str = "cluster `lkc-east01`: no connection to `127.0.0.1:1`: tcp connect error: Connection \
    refused (os error 111); check `endpoint`, DNS, firewall and `proxy_url`\n";

#[tokio::test(flavor = "multi_thread")]
async fn healthy_tasks_are_a_table_and_status_0() {
    let (_simulator, endpoint) = scenario("healthy").await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &["tasks"]));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Task                 State    Since   Errors
    ───────────────────────────────────────────────────────────────────────
    lkc-east01   orders-dr   (link)               ACTIVE   -
    lkc-east01   orders-dr   AclSync              ACTIVE   -
    lkc-east01   orders-dr   AutoCreateMirror     ACTIVE   -
    lkc-east01   orders-dr   ConsumerOffsetSync   ACTIVE   -
    lkc-east01   orders-dr   TopicConfigsSync     ACTIVE   -
    ");
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cluster_names_neither_steers_nor_turns_the_terminal() {
    let name = "o\u{202e}r\u{9b}31m\u{7f}d\u{2066}er\u{645}";
    let link = Link::new(name, Mode::Destination, "lkc-far");
    let world = World::new([Cluster::new("lkc-east01", [link])]);
    let (_simulator, endpoint) = simulator(Scenario::still(world)).await;
    for (command, shown) in [
        (
            &["tasks"][..],
            "o\u{fffd}r\u{fffd}31m\u{fffd}d\u{fffd}er\u{645}",
        ),
        (
            &["dr-check", "--wait=0s"],
            "o\u{fffd}r\u{fffd}31m\u{fffd}d\u{fffd}er\u{645}",
        ),
        (
            &["tasks", "--output=json"],
            r"o\u202er\u009b31m\u007fd\u2066er",
        ),
        (
            &["dr-check", "--wait=0s", "--output=json"],
            r"o\u202er\u009b31m\u007fd\u2066er",
        ),
    ] {
        let (_, stdout, stderr) = run(described_at(&endpoint, command));
        assert!(stdout.contains(shown), "{command:?}: {stdout:?}{stderr}");
        let unseen = |c: char| c != '\n' && is_unprintable(c);
        assert!(
            !stdout.contains(unseen) && !stderr.contains(unseen),
            "{stdout:?}{stderr:?}"
        );
        if command.contains(&"--output=json") {
            let document: Value = serde_json::from_str(&stdout).unwrap();
            assert_eq!(document["clusters"][0]["links"][0]["link_name"], name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_in_error_is_shown_with_every_message_and_status_1() {
    let (_simulator, endpoint) = scenario("several-errors").await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &["tasks"]));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Task                 State      Since
    ────────────────────────────────────────────────────────────────
    lkc-east01   orders-dr   (link)               ACTIVE     -
    lkc-east01   orders-dr   AclSync              ACTIVE     -
    lkc-east01   orders-dr   AutoCreateMirror     ACTIVE     -
    lkc-east01   orders-dr   ConsumerOffsetSync   IN_ERROR   -
        REMOTE_LINK_NOT_FOUND_ERROR: Failed to get remote link config due to link not being found on the remote cluster.
        hint: Create the other half under exactly the same link name on the remote cluster, or delete this half.
        CONSUMER_GROUP_IN_USE_ERROR: Group billing is in use.
        CONSUMER_GROUP_IN_USE_ERROR: Group shipping is in use.
        hint: Stop the group's consumers on this cluster, or leave the group out in consumer.offset.group.filters.
    lkc-east01   orders-dr   TopicConfigsSync     ACTIVE     -
    ");
    assert_eq!((status, stderr.as_str()), (1, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_sends_no_tasks_is_not_called_healthy() {
    let (_simulator, endpoint) = scenario("old-server").await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &["tasks"]));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Task      State   Since   Errors
    ─────────────────────────────────────────────────────────────────────────────────
    lkc-east01   orders-dr   (link)    -       -
    lkc-east01   orders-dr   (tasks)   -       -       the server sent no task list
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));
}

#[test]
fn a_cluster_that_cannot_be_asked_is_status_2_and_shows_no_empty_table() {
    assert_says(described(&["tasks"]), 2, "", UNREACHABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_links_says_so() {
    let mut scenario = Scenario::named("healthy").unwrap();
    scenario.world.clusters[0].links.clear();
    let (_simulator, endpoint) = simulator(scenario).await;
    assert_says(described_at(&endpoint, &["tasks"]), 0, "no links\n", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_error_counts_more_than_what_is_not_known() {
    let (_simulator, endpoint) = scenario("several-errors").await;
    let folder = tempfile::tempdir().unwrap();
    let yaml = format!(
        "clusters:\n  - {{ name: lkc-east01, endpoint: 'http://127.0.0.1:1', cluster_id: lkc-east01 }}\n  \
         - {{ name: dr, endpoint: '{endpoint}', cluster_id: lkc-east01 }}\n"
    );
    let file = folder.path().join("two.yaml");
    fs::write(&file, yaml).unwrap();
    let (status, stdout, stderr) =
        run(program(&["tasks", "--config.file", file.to_str().unwrap()]));
    assert_eq!((status, stderr.as_str()), (1, UNREACHABLE));
    assert!(stdout.contains("REMOTE_LINK_NOT_FOUND_ERROR"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_link_is_asked_for() {
    let (simulator, endpoint) = scenario("paused").await;
    let asked = || {
        let requests = simulator.requests();
        simulator.forget_requests();
        let kinds =
            [PathKind::Links, PathKind::Link].map(|kind| requests.count("lkc-east01", kind));
        (kinds, requests.total())
    };

    let (status, stdout, _) = run(described_at(&endpoint, &["tasks"]));
    assert!(
        stdout.contains("orders-dr") && stdout.contains("sales-dr"),
        "{stdout}"
    );
    assert_eq!((status, asked()), (0, ([1, 2], 3)));

    let (status, stdout, _) = run(described_at(&endpoint, &["tasks", "orders-dr"]));
    assert!(
        stdout.contains("orders-dr") && !stdout.contains("sales-dr"),
        "{stdout}"
    );
    assert_eq!((status, asked()), (0, ([1, 1], 2)));

    let unknown = described_at(&endpoint, &["tasks", "orders"]);
    let line = "link `orders` is on none of the clusters that answered\n";
    assert_says(unknown, 2, "", line);
    assert_eq!(asked(), ([1, 0], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_the_same_as_the_table() {
    let (_simulator, endpoint) = scenario("several-errors").await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &["tasks", "--output", "json"]));
    assert_eq!((status, stderr.as_str()), (1, ""));
    let active = |name| json!({ "task_name": name, "state": "ACTIVE", "raw_state": null, "state_since": null, "errors": [] });
    let create = "Create the other half under exactly the same link name on the remote cluster, or delete this half.";
    let stop = "Stop the group's consumers on this cluster, or leave the group out in consumer.offset.group.filters.";
    let error = |code, message, remedy| json!({ "error_code": code, "error_message": message, "remedy": remedy });
    let failing = json!({
        "task_name": "ConsumerOffsetSync", "state": "IN_ERROR", "raw_state": null, "state_since": null,
        "errors": [
            error("REMOTE_LINK_NOT_FOUND_ERROR",
                "Failed to get remote link config due to link not being found on the remote cluster.", create),
            error("CONSUMER_GROUP_IN_USE_ERROR", "Group billing is in use.", stop),
            error("CONSUMER_GROUP_IN_USE_ERROR", "Group shipping is in use.", stop),
        ],
    });
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    let cluster = &document["clusters"][0];
    assert_eq!(cluster["cluster_name"], "lkc-east01");
    assert_eq!(cluster["poll"]["success"], true);
    let link = &cluster["links"][0];
    let expected = json!({
        "link_name": "orders-dr",
        "cluster_link_id": "l8zQlEGcSlmLmFB5_T59lw",
        "remote_cluster_id": "lkc-west01",
        "link_state": "ACTIVE",
        "raw_state": null,
        "state_since": null,
        "errors": [],
        "failure": null,
        "fresh": true,
        "mirrors": null,
        "tasks": [active("AclSync"), active("AutoCreateMirror"), failing, active("TopicConfigsSync")],
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(link[key], *value, "{key}");
    }
}

#[test]
fn the_document_of_a_cluster_that_cannot_be_asked_holds_the_reason() {
    let (status, stdout, stderr) = run(described(&["tasks", "--output", "json"]));
    assert_eq!((status, stderr.as_str()), (2, UNREACHABLE));
    let document: Value = serde_json::from_str(&stdout).unwrap();
    let message = UNREACHABLE
        .trim_end()
        .strip_prefix("cluster `lkc-east01`: ");
    let cluster = &document["clusters"][0];
    assert_eq!(cluster["links"], json!([]));
    let poll = &cluster["poll"];
    assert_eq!(poll["success"], false);
    assert_eq!(
        poll["failure"],
        json!({ "reason": "connect", "message": message })
    );
}
