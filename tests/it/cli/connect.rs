//! `check-config --connect`: which questions are allowed, what grants those that are not, and how little is asked for it.

mod trouble;

use std::process::Command;

use cluster_link_exporter::simulator::{Cluster, Effect, Fault, PathKind, Scenario, Simulator};
use serde_json::{Value, json};

use super::{described_at, run, tasks::simulator};
use crate::support::program::program;

const CONNECT: [&str; 2] = ["check-config", "--connect"];

/// How often each kind of path was asked of the cluster.
fn asked(simulator: &Simulator, cluster: &str) -> [u64; 5] {
    let requests = simulator.requests();
    let kinds = [
        PathKind::Clusters,
        PathKind::Links,
        PathKind::Link,
        PathKind::Configs,
        PathKind::Mirrors,
    ];
    kinds.map(|kind| requests.count(cluster, kind))
}

/// The usual scenario, with what is wrong about its cluster.
fn east(change: impl FnOnce(&mut Cluster)) -> Scenario {
    let mut scenario = Scenario::named("healthy").unwrap();
    change(&mut scenario.world.clusters[0]);
    scenario
}

/// The command, with these clusters in a file whose name is `exporter.yaml`.
fn with_clusters(folder: &tempfile::TempDir, clusters: &str, arguments: &[&str]) -> Command {
    let file = folder.path().join("exporter.yaml");
    std::fs::write(&file, format!("clusters:\n{clusters}")).unwrap();
    let mut command = program(arguments);
    command
        .args(["--config.file", "exporter.yaml"])
        .current_dir(folder.path());
    command
}

fn cluster(id: &str, endpoint: &str) -> String {
    format!("  - {{ name: {id}, cluster_id: {id}, endpoint: '{endpoint}' }}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_asked_once_and_status_0() {
    let (simulator, endpoint) = simulator(Scenario::named("healthy").unwrap()).await;
    let (status, stdout, stderr) = run(described_at(&endpoint, &CONNECT));
    insta::assert_snapshot!(stdout, @"
    environment: valid, 1 cluster
    Cluster      Question                        Answer    Details
    ────────────────────────────────────────────────────────────────────────────────
    lkc-east01   list links                      allowed
    lkc-east01   describe a link and its tasks   allowed   asked about `orders-dr`
    lkc-east01   read a link's settings          allowed
    lkc-east01   list mirror topics              allowed
    ");
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(asked(&simulator, "lkc-east01"), [0, 1, 1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_comes_with_the_commands_that_end_it_and_status_1() {
    let (simulator, endpoint) = simulator(Scenario::named("rights-missing").unwrap()).await;
    let ids = simulator.cluster_ids();
    let folder = tempfile::tempdir().unwrap();
    let clusters: String = ids.iter().map(|id| cluster(id, &endpoint)).collect();
    let (status, stdout, stderr) = run(with_clusters(&folder, &clusters, &CONNECT));
    insta::assert_snapshot!(stdout, @r#"
    exporter.yaml: valid, 5 clusters
    Cluster      Question                        Answer      Details
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    lkc-nolist   list links                      forbidden   HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`
    lkc-nolist   describe a link and its tasks   not tried   no link is known by its name while the list is refused
    lkc-nolist   read a link's settings          not tried   no link is known by its name while the list is refused
    lkc-nolist   list mirror topics              allowed
    lkc-nolink   list links                      allowed
    lkc-nolink   describe a link and its tasks   forbidden   asked about `orders-dr`
                                                             HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`
    lkc-nolink   read a link's settings          allowed
    lkc-nolink   list mirror topics              allowed
    lkc-nosets   list links                      allowed
    lkc-nosets   describe a link and its tasks   allowed     asked about `orders-dr`
    lkc-nosets   read a link's settings          forbidden   HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`
    lkc-nosets   list mirror topics              allowed
    lkc-nomirr   list links                      allowed
    lkc-nomirr   describe a link and its tasks   allowed     asked about `orders-dr`
    lkc-nomirr   read a link's settings          allowed
    lkc-nomirr   list mirror topics              forbidden   HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`
    lkc-norole   list links                      forbidden   HTTP 401: `{"error_code":40101,"message":"Cluster authorization failed"}`
    lkc-norole   describe a link and its tasks   not tried   no link is known by its name while the list is refused
    lkc-norole   read a link's settings          not tried   no link is known by its name while the list is refused
    lkc-norole   list mirror topics              forbidden   HTTP 401: `{"error_code":40101,"message":"Cluster authorization failed"}`

    cluster `lkc-nolist`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-nolist
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-nolist --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe-configs --cluster-scope --cluster lkc-nolist --environment <env-id>
    (our reading) Confluent does not publish which rights it takes to list links, or to describe a link and its tasks, or to read a link's settings

    cluster `lkc-nolink`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-nolink
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-nolink --environment <env-id>
    (our reading) Confluent does not publish which rights it takes to describe a link and its tasks

    cluster `lkc-nosets`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-nosets
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-nosets --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe-configs --cluster-scope --cluster lkc-nosets --environment <env-id>
    or set `collect.configs` to false
    (our reading) Confluent does not publish which rights it takes to read a link's settings

    cluster `lkc-nomirr`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-nomirr
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-nomirr --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --topic "*" --cluster lkc-nomirr --environment <env-id>
    or set `collect.mirrors` to `off`

    cluster `lkc-norole`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-norole
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-norole --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe-configs --cluster-scope --cluster lkc-norole --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --topic "*" --cluster lkc-norole --environment <env-id>
    (our reading) Confluent does not publish which rights it takes to list links, or to describe a link and its tasks, or to read a link's settings

    `<sa-id>` is the service account that owns the API key, `<env-id>` the cluster's environment
    the role Operator is called ClusterOperator on Confluent's page on the security of Cluster Linking
    "#);
    assert_eq!((status, stderr.as_str()), (1, ""));
    let asked: Vec<_> = ids.iter().map(|id| asked(&simulator, id)).collect();
    let expected = [
        [0, 1, 0, 0, 1],
        [0, 1, 1, 1, 1],
        [0, 1, 1, 1, 1],
        [0, 1, 1, 1, 1],
        [0, 1, 0, 0, 1],
    ];
    assert_eq!(asked, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_polls_do_not_ask_is_not_asked_here() {
    let (simulator, endpoint) = simulator(Scenario::named("rights-missing").unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let clusters = format!(
        "  - {{ name: dr, cluster_id: lkc-nosets, endpoint: '{endpoint}', collect: {{ configs: false, mirrors: off }} }}\n"
    );
    let (status, stdout, stderr) = run(with_clusters(&folder, &clusters, &CONNECT));
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert_eq!(asked(&simulator, "lkc-nosets"), [0, 1, 1, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lists_mirrors_link_by_link_is_asked_so() {
    let (simulator, endpoint) = simulator(Scenario::named("mirrors-link-by-link").unwrap()).await;
    let (status, stdout, _) = run(described_at(&endpoint, &CONNECT));
    assert_eq!(status, 0, "{stdout}");
    assert_eq!(asked(&simulator, "lkc-east01"), [0, 1, 1, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_not_read_to_their_ends() {
    let (simulator, endpoint) = simulator(Scenario::named("paged").unwrap()).await;
    let (status, stdout, _) = run(described_at(&endpoint, &CONNECT));
    assert_eq!(status, 0, "{stdout}");
    assert_eq!(asked(&simulator, "lkc-east01"), [0, 1, 1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_confluent_platform_other_commands_grant_and_the_id_is_asked_for() {
    let refusal = Fault::new(Effect::Forbidden).on(PathKind::Mirrors);
    let (_simulator, endpoint) = simulator(east(|cluster| {
        cluster.cluster_id = "vHCgQyIrRHG8Jv27qI2h3Q".to_owned();
        cluster.faults.push(refusal);
    }))
    .await;
    let folder = tempfile::tempdir().unwrap();
    let clusters = format!("  - {{ name: dr, endpoint: '{endpoint}' }}\n");
    let (status, stdout, stderr) = run(with_clusters(&folder, &clusters, &CONNECT));
    insta::assert_snapshot!(stdout, @r#"
    exporter.yaml: valid, 1 cluster
    Cluster   Question                        Answer      Details
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    dr        find the cluster's id           allowed
    dr        list links                      allowed
    dr        describe a link and its tasks   allowed     asked about `orders-dr`
    dr        read a link's settings          allowed
    dr        list mirror topics              forbidden   HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`

    cluster `dr`, on Confluent Platform: grant the role
      confluent iam rbac role-binding create --principal User:<user> --role Operator --kafka-cluster vHCgQyIrRHG8Jv27qI2h3Q
    or the ACLs
      kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal User:<user> --operation Describe --cluster
      kafka-acls --bootstrap-server <broker> --command-config <file> --add --allow-principal User:<user> --operation Describe --topic '*'
    or set `collect.mirrors` to `off`
    (our reading) Confluent does not publish which rights it takes to list mirror topics

    `<user>` is whom the server takes the credentials for, `<broker>` a host and port of the cluster, `<file>` the settings of a client that may grant
    the role Operator is called ClusterOperator on Confluent's page on the security of Cluster Linking
    "#);
    assert_eq!((status, stderr.as_str()), (1, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_the_same() {
    let (_simulator, endpoint) = simulator(Scenario::named("rights-missing").unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let json = ["check-config", "--connect", "--output", "json"];
    let clusters = cluster("lkc-nomirr", &endpoint);
    let (status, stdout, stderr) = run(with_clusters(&folder, &clusters, &json));
    assert_eq!((status, stderr.as_str()), (1, ""));
    let document: Value = serde_json::from_str(&stdout).unwrap();
    let question = |endpoint, question, answer, detail: Option<&str>| json!({ "endpoint": endpoint, "question": question, "answer": answer, "reason": null, "detail": detail });
    let refusal = "HTTP 403: `{\"error_code\":40301,\"message\":\"Request is not authorized\"}`";
    let acl = |what| {
        format!(
            "confluent kafka acl create --allow --service-account <sa-id> {what} --cluster lkc-nomirr --environment <env-id>"
        )
    };
    let expected = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "clusters": [{
            "cluster_name": "lkc-nomirr",
            "cluster_id": "lkc-nomirr",
            "product": "Confluent Cloud",
            "link_name": "orders-dr",
            "questions": [
                question("links", "list links", "allowed", None),
                question("link", "describe a link and its tasks", "allowed", None),
                question("configs", "read a link's settings", "allowed", None),
                question("mirrors", "list mirror topics", "forbidden", Some(refusal)),
            ],
            "grants": {
                "role": "confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment \
                    <env-id> --cloud-cluster lkc-nomirr",
                "acls": [
                    acl("--operations describe --cluster-scope"),
                    acl("--operations describe --topic \"*\""),
                ],
                "instead": "set `collect.mirrors` to `off`",
                "places": "`<sa-id>` is the service account that owns the API key, `<env-id>` the cluster's environment",
                "our_reading": [],
            },
        }],
    });
    assert_eq!(document, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_says_it_too_where_a_right_is_missing() {
    let (simulator, endpoint) = simulator(Scenario::named("rights-missing").unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let clusters = [
        cluster("lkc-nolink", &endpoint),
        cluster("lkc-nosets", &endpoint),
        cluster("lkc-norole", &endpoint),
    ];
    let (status, _, stderr) = run(with_clusters(&folder, &clusters.concat(), &["tasks"]));
    insta::assert_snapshot!(stderr, @r#"
    cluster `lkc-nolink`: link `orders-dr`: HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`; grant the role Operator, or the ACL DESCRIBE on the cluster
    cluster `lkc-norole`: HTTP 401: `{"error_code":40101,"message":"Cluster authorization failed"}`; check the API key and secret, that the key is a cluster key of this cluster (a Cloud key is the wrong kind), and that its owner has the role Operator: a missing role is answered like this too
    Cluster      Question                        Answer      Details
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    lkc-nolink   list links                      allowed
    lkc-nolink   describe a link and its tasks   forbidden   asked about `orders-dr`
                                                             HTTP 403: `{"error_code":40301,"message":"Request is not authorized"}`
    lkc-nolink   read a link's settings          allowed
    lkc-nolink   list mirror topics              allowed
    lkc-norole   list links                      forbidden   HTTP 401: `{"error_code":40101,"message":"Cluster authorization failed"}`
    lkc-norole   describe a link and its tasks   not tried   no link is known by its name while the list is refused
    lkc-norole   read a link's settings          not tried   no link is known by its name while the list is refused
    lkc-norole   list mirror topics              forbidden   HTTP 401: `{"error_code":40101,"message":"Cluster authorization failed"}`

    cluster `lkc-nolink`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-nolink
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-nolink --environment <env-id>
    (our reading) Confluent does not publish which rights it takes to describe a link and its tasks

    cluster `lkc-norole`, on Confluent Cloud: grant the role
      confluent iam rbac role-binding create --principal User:<sa-id> --role Operator --environment <env-id> --cloud-cluster lkc-norole
    or the ACLs
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --cluster-scope --cluster lkc-norole --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe-configs --cluster-scope --cluster lkc-norole --environment <env-id>
      confluent kafka acl create --allow --service-account <sa-id> --operations describe --topic "*" --cluster lkc-norole --environment <env-id>
    (our reading) Confluent does not publish which rights it takes to list links, or to describe a link and its tasks, or to read a link's settings

    `<sa-id>` is the service account that owns the API key, `<env-id>` the cluster's environment
    the role Operator is called ClusterOperator on Confluent's page on the security of Cluster Linking
    "#);
    assert_eq!(status, 2);
    assert_eq!(asked(&simulator, "lkc-nosets"), [0, 1, 1, 0, 0]);
}
