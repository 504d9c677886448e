//! `dr-check`: the verdicts, their reasons, and the exit statuses that gate a failover.

use std::{fs, process::Command};

use cluster_link_exporter::simulator::{
    Cluster, Link, Mirror, Mode, PathKind, Scenario, Simulator, Task, World,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{assert_says, described, described_at, run, tasks::simulator};
use crate::support::program::program;

const EAST: &str = "lkc-east01";
const WEST: &str = "lkc-west01";
const NOBODY: &str = "http://127.0.0.1:1";
const UNREACHABLE: &str = "no connection to `127.0.0.1:1`: tcp connect error: Connection refused \
    (os error 111); check `endpoint`, DNS, firewall and `proxy_url`\n";

/// Asked twice at once: nothing here has to be waited for.
const AT_ONCE: [&str; 3] = ["dr-check", "--wait", "0s"];

/// A link of the east whose mirror topics lack nothing.
fn orders() -> Link {
    Link::new("orders-dr", Mode::Destination, WEST).mirror(Mirror::new("orders", &[0, 0]))
}

fn half(remote: &str) -> Link {
    Link::new("both-ways", Mode::Bidirectional, remote).mirror(Mirror::new("customers", &[0]))
}

async fn east(links: impl Into<Vec<Link>>) -> (Simulator, String) {
    simulator(Scenario::still(World::new([Cluster::new(EAST, links)]))).await
}

/// Two clusters called `east` and `west` at these endpoints, the first with these expectations.
fn two(arguments: &[&str], endpoints: [&str; 2], expect: &str) -> (TempDir, Command) {
    let [east, west] = endpoints;
    let yaml = format!(
        "clusters:\n\
         - {{ name: east, endpoint: '{east}', cluster_id: {EAST}, expect: {expect} }}\n\
         - {{ name: west, endpoint: '{west}', cluster_id: {WEST} }}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.yaml");
    fs::write(&file, yaml).unwrap();
    let with_file = [arguments, &["--config.file", file.to_str().unwrap()]].concat();
    let command = program(&with_file);
    (folder, command)
}

/// What is said of a single cluster, `east`, with these expectations.
fn judged(endpoint: &str, arguments: &[&str], expect: &str) -> (i32, String, String) {
    let only = [arguments, &["--cluster", "east"]].concat();
    let (_folder, command) = two(&only, [endpoint, endpoint], expect);
    let (status, stdout, stderr) = run(command);
    (status, steady(&stdout), stderr)
}

/// Without how long it took here: lower bounds are `N` seconds.
fn steady(stdout: &str) -> String {
    let seconds = regex::Regex::new(r"at least \d+s").unwrap();
    seconds.replace_all(stdout, "at least Ns").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_link_is_status_0_and_was_asked_for_twice() {
    let (simulator, endpoint) = east([orders()]).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &AT_ONCE));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Verdict   Lag   RPO   Reasons
    ────────────────────────────────────────────────────────
    lkc-east01   orders-dr   ready     0s    -
    ");
    assert_eq!((status, stderr.as_str()), (0, ""));
    let requests = simulator.requests();
    let kinds = [
        PathKind::Links,
        PathKind::Link,
        PathKind::Mirrors,
        PathKind::Configs,
    ];
    let asked = kinds.map(|kind| requests.count(EAST, kind));
    assert_eq!(asked, [2, 2, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_comes_with_its_remedy_and_status_1() {
    let broken = Link::new("orders-dr", Mode::Destination, WEST)
        .task(Task::new("ConsumerOffsetSync", "IN_ERROR"))
        .mirror(Mirror::new("orders", &[0]).status("FAILED"))
        .mirror(Mirror::new("sales", &[0]).status("PENDING_STOPPED"))
        .state("PAUSED");
    let (_simulator, endpoint) =
        east([broken, Link::new("sales-dr", Mode::Destination, WEST)]).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &AT_ONCE));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Verdict     Lag   RPO
    ────────────────────────────────────────────────
    lkc-east01   orders-dr   not ready   0s    -
        link_paused: `link_state` is PAUSED
        hint: set `cluster.link.paused` to false, and wait until the mirror topics caught up
        mirrors_failed: 1 of 2 mirror topics
        hint: look at their `mirror_topic_error` with `confluent kafka mirror list --link <link>`; fail over what should keep what it has, delete and mirror anew
        what should follow its source again (our reading)
        mirrors_pending: 1 of 2 mirror topics
        hint: wait until it is finished; if it lasts, ask why with `confluent kafka mirror describe <topic> --link <link>`
    lkc-east01   sales-dr    ready       0s    -
    ");
    assert_eq!((status, stderr.as_str()), (1, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_source_is_gone_is_ready() {
    let gone = Link::new("orders-dr", Mode::Destination, WEST)
        .state("UNAVAILABLE")
        .mirror(Mirror::new("orders", &[40]).status("SOURCE_UNAVAILABLE"));
    let (_simulator, endpoint) = east([gone]).await;
    let expect = "[{ links: [orders-dr], state: ACTIVE, tasks: { AclSync: ACTIVE }, rpo: 5m }]";
    let (status, stdout, stderr) = judged(&endpoint, &AT_ONCE, expect);
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict   Lag           RPO   Reasons
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    east      orders-dr   ready     at least Ns   5m    the source cannot be reached: what was not mirrored before is lost by a failover
    ");
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_without_the_other_is_not_ready() {
    let world = World::new([Cluster::new(EAST, [half(WEST)]), Cluster::new(WEST, [])]);
    let (_simulator, endpoint) = simulator(Scenario::still(world)).await;
    let (_folder, command) = two(&AT_ONCE, [&endpoint, &endpoint], "[]");
    let (status, stdout, stderr) = run(command);
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict     Lag   RPO   Reasons
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    east      both-ways   not ready   0s    -     pair_broken: remote_link_exists: `lkc-west01` has no link of this name
                                                  hint: create the other half under exactly the same link name on the remote cluster, or delete this half
    ");
    assert_eq!((status, stderr.as_str()), (1, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_other_cluster_is_gone_the_one_to_fail_over_to_is_named() {
    let (_simulator, endpoint) = east([half(WEST)]).await;
    let endpoints = [endpoint.as_str(), NOBODY];
    let (_folder, command) = two(&[&AT_ONCE[..], &["both-ways"]].concat(), endpoints, "[]");
    let (status, both, stderr) = run(command);
    assert_eq!(
        (status, stderr),
        (2, format!("cluster `west`: {UNREACHABLE}"))
    );

    let named = [&AT_ONCE[..], &["both-ways", "--cluster", "east"]].concat();
    let (_folder, command) = two(&named, endpoints, "[]");
    let (status, stdout, stderr) = run(command);
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict   Lag   RPO   Reasons
    ─────────────────────────────────────────────────────
    east      both-ways   ready     0s    -
    ");
    assert_eq!((status, stderr.as_str(), stdout), (0, "", both));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lag_above_the_rpo_is_status_1_and_a_lower_bound_within_it_is_not_judged() {
    let behind = orders().mirror(Mirror::new("sales", &[500]));
    let (_simulator, endpoint) = east([behind]).await;
    let expect = |rpo| format!("[{{ links: [orders-dr], rpo: {rpo} }}]");
    let wait = ["dr-check", "--wait", "1100ms"];

    let (status, stdout, stderr) = judged(&endpoint, &wait, &expect("1s"));
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict     Lag           RPO
    ─────────────────────────────────────────────────────
    east      orders-dr   not ready   at least Ns   1s
        lag_above_rpo: the lag is at least Ns, 1s is allowed
        hint: wait until the mirror topics caught up; stop the producers where the failover is planned
        mirrors_stalled: it was not watched for long enough
        hint: watch them for longer: `--wait`, or the running exporter's page; with `global.state_file` a restart forgets nothing
    ");
    assert_eq!((status, stderr.as_str()), (1, ""));

    let (status, stdout, stderr) = judged(&endpoint, &AT_ONCE, &expect("1h"));
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict      Lag           RPO
    ──────────────────────────────────────────────────────
    east      orders-dr   not judged   at least Ns   1h
        mirrors_stalled: it was not watched for long enough
        hint: watch them for longer: `--wait`, or the running exporter's page; with `global.state_file` a restart forgets nothing
        lag: the lag is at least Ns, 1h is allowed
        hint: watch it for longer: `--wait` with a duration above the `rpo`, or the running exporter's page
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));

    let (status, stdout, stderr) = judged(&endpoint, &AT_ONCE, "[]");
    insta::assert_snapshot!(stdout, @"
    Cluster   Link        Verdict      Lag           RPO
    ──────────────────────────────────────────────────────
    east      orders-dr   not judged   at least Ns   -
        mirrors_stalled: it was not watched for long enough
        hint: watch them for longer: `--wait`, or the running exporter's page; with `global.state_file` a restart forgets nothing
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));

    // What was seen to move does not stand still.
    let moving = orders().mirror(Mirror::new("sales", &[500]).traffic(40, 20));
    let (_simulator, endpoint) = east([moving]).await;
    let (status, stdout, stderr) = judged(&endpoint, &wait, "[]");
    insta::assert_snapshot!(steady(&stdout), @"
    Cluster   Link        Verdict   Lag           RPO   Reasons
    ─────────────────────────────────────────────────────────────
    east      orders-dr   ready     at least Ns   -
    ");
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_not_called_ready() {
    let (_simulator, endpoint) = simulator(Scenario::named("details-forbidden").unwrap()).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &AT_ONCE));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Verdict      Lag   RPO   Reasons
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    lkc-east01   orders-dr   not judged   -     -     settings: the answer was: forbidden
                                                      hint: let the exporter's credentials DESCRIBE_CONFIGS the cluster, or set `collect.configs` to false
                                                      mirrors: the answer was: forbidden
                                                      hint: set `collect.mirrors` to `summary`, and let the exporter's credentials DESCRIBE the mirror topics
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));

    let (_simulator, endpoint) = simulator(Scenario::named("old-server").unwrap()).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &["dr-check", "--wait", "1100ms"]));
    insta::assert_snapshot!(stdout, @"
    Cluster      Link        Verdict      Lag   RPO   Reasons
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    lkc-east01   orders-dr   not judged   0s    -     link_state: the server sends no state of the link
                                                      hint: ask Kafka's own tools, such as `kafka-cluster-links --list`
                                                      tasks: the server names no task of the link
                                                      hint: ask the server why with `tasks`; servers of 2022 know no tasks
    ");
    assert_eq!((status, stderr.as_str()), (2, ""));
}

#[test]
fn a_cluster_that_does_not_answer_is_not_waited_for_and_status_2() {
    let stderr = format!("cluster `{EAST}`: {UNREACHABLE}");
    assert_says(described(&["dr-check", "--wait", "1h"]), 2, "", &stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_not_there_is_status_2() {
    let (_simulator, endpoint) = east([orders()]).await;
    let unknown = described_at(&endpoint, &[&AT_ONCE[..], &["orders"]].concat());
    let line = "link `orders` is on none of the clusters that answered\n";
    assert_says(unknown, 2, "", line);

    let expected = judged(&endpoint, &AT_ONCE, "[{ links: ['orders.*', 'sales.*'] }]");
    let line = "cluster `east`: no link has a name that matches `sales.*`, which `expect` says should exist\n";
    assert_eq!((expected.0, expected.2.as_str()), (2, line));

    // Who names the links does not ask about others.
    let named = [&AT_ONCE[..], &["orders-dr"]].concat();
    let named = judged(&endpoint, &named, "[{ links: ['orders.*', 'sales.*'] }]");
    assert_eq!((named.0, named.2.as_str()), (0, ""));

    let (_simulator, endpoint) = east([]).await;
    let nothing = described_at(&endpoint, &AT_ONCE);
    assert_says(nothing, 2, "", "there are no links to judge\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ready_counts_more_than_what_is_not_known() {
    let (_simulator, endpoint) = east([orders().state("FAILED")]).await;
    let (_folder, command) = two(&AT_ONCE, [&endpoint, NOBODY], "[]");
    let (status, _, stderr) = run(command);
    assert_eq!(
        (status, stderr),
        (1, format!("cluster `west`: {UNREACHABLE}"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_the_same_as_the_table() {
    let failing = orders().task(Task::new("ConsumerOffsetSync", "IN_ERROR"));
    let (_simulator, endpoint) = east([failing]).await;
    let expect = "[{ links: ['orders.*', 'sales.*'], rpo: 5m }]";
    let arguments = [&AT_ONCE[..], &["--output", "json"]].concat();
    let (status, stdout, stderr) = judged(&endpoint, &arguments, expect);
    let missing = "cluster `east`: no link has a name that matches `sales.*`, which `expect` says should exist\n";
    assert_eq!((status, stderr.as_str()), (1, missing));
    let remedy = "read the task's errors with `tasks`, and what they mean with `explain CODE`; where it is switched \
        off or has no filters, set `consumer.offset.sync.enable` to true and `consumer.offset.group.filters`";
    let blocker = json!({
        "reason": "offset_sync",
        "detail": "ConsumerOffsetSync is IN_ERROR",
        "remedy": remedy,
    });
    let failover = json!({
        "ready": false, "blockers": [blocker], "unknown": [], "source_gone": false, "rpo_seconds": 300.0,
    });
    let mirrors = json!({
        "topics": { "ACTIVE": 1 }, "lag_messages": 0, "max_lag_messages": 0, "lag_seconds": 0.0,
        "lag_is_lower_bound": false, "stalled_topics": 0,
    });
    let document: Value = serde_json::from_str(&stdout).unwrap();
    let cluster = &document["clusters"][0];
    assert_eq!(document["clusters"].as_array().unwrap().len(), 1);
    assert_eq!(cluster["cluster_name"], "east");
    assert_eq!(cluster["unmatched_expectations"], json!(["sales.*"]));
    let link = &cluster["links"][0];
    assert_eq!(link["link_name"], "orders-dr");
    assert_eq!(link["failover"], failover);
    assert_eq!(link["mirrors"], mirrors);
}

#[test]
fn what_is_asked_wrongly_is_one_line_and_status_2() {
    let (_folder, command) = two(&["dr-check", "--cluster", "north"], [NOBODY; 2], "[]");
    let line = "no cluster is called `north`; the configuration has `east`, `west`\n";
    assert_says(command, 2, "", line);
    let line = "error: invalid value 'soon' for '--wait <DURATION>': write a number and a unit, such as `30s` or \
        `2m`; try `--help`\n";
    assert_says(described(&["dr-check", "--wait", "soon"]), 2, "", line);
}
