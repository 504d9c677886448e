//! `discover`: what would be polled, and what a REST API of Confluent Platform knows.

use std::fs;

use cluster_link_exporter::simulator::{Scenario, Simulator};
use serde_json::{Value, json};

use super::run;
use crate::{
    discovery::server::{
        Answer, KEY, SECRET, Server, cluster, environment, list, organisation, page,
    },
    support::program::program,
};

/// The output without the ports of this run.
fn steady(text: &str, servers: &[&Server]) -> String {
    let mut text = text.to_owned();
    for (number, server) in servers.iter().enumerate() {
        let origin = server.url.clone();
        text = text.replace(&origin, &format!("http://server-{number}"));
        text = text.replace(
            origin.trim_start_matches("http://"),
            &format!("server-{number}"),
        );
    }
    text
}

async fn healthy() -> (Simulator, String) {
    super::tasks::simulator(Scenario::named("healthy").unwrap()).await
}

fn written(config: &Value) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), config.to_string()).unwrap();
    file
}

fn discovery(url: &str, cloud: Value) -> Value {
    let mut cloud = cloud;
    cloud["url"] = json!(url);
    cloud["basic_auth"] = json!({ "username": KEY, "password": SECRET });
    json!({
        "confluent_cloud": cloud,
        "template": { "name": "{environment}/{display_name}", "basic_auth": { "username": "a", "password": "canary" } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_polled_is_yaml_and_what_is_left_out_a_comment() {
    let server = Server::new(|asked| {
        if asked.path.starts_with("/org/") {
            return list(&[
                environment("env-1", "prod"),
                environment("env-2", "l\u{1b}ab"),
            ]);
        }
        let mut making = cluster("lkc-3", "making", "https://c.example");
        making["status"]["phase"] = json!("PROVISIONING");
        let mut private = cluster("lkc-4", "private", "https://d.example");
        private["spec"]["http_endpoint"] = json!(null);
        private["spec"]["endpoints"] = json!({ "ap-1": { "http_endpoint": "https://d.example" } });
        list(&[
            cluster("lkc-1", "ord\u{202e}ers", "https://a.example"),
            cluster("lkc-2", "listed", "https://b.example"),
            making,
            private,
            cluster("lkc-5", "lab-5", "https://e.example"),
            cluster("lkc-6", "plain", "http://192.0.2.1"),
        ])
    })
    .await;
    let config = json!({
        "clusters": [{ "name": "by hand", "cluster_id": "lkc-2", "endpoint": "https://b.example" }],
        "discovery": [discovery(&server.url, json!({ "environments": ["prod"], "clusters": { "exclude": ["lab-.*"] } }))],
    });
    let file = written(&config);
    let path = file.path().to_str().unwrap();
    let (status, stdout, stderr) = run(program(&["discover", "--config.file", path]));
    let stdout = regex::Regex::new(":\\d+:\\d+: ")
        .unwrap()
        .replace_all(&stdout, ": ")
        .replace(path, "FILE");
    insta::assert_snapshot!(stdout, @r#"
    clusters:
      - name: "by hand"
        cluster_id: "lkc-2"
        endpoint: "https://b.example/"
      - name: "prod/ord\U0000202Eers"
        cluster_id: "lkc-1"
        endpoint: "https://a.example/"
      - name: "prod/plain"
        cluster_id: "lkc-6"
        endpoint: "http://192.0.2.1/"
        # cannot be polled: FILE: `discovery[0].template.endpoint`: found an `http://` URL, to which the credentials would be sent unencrypted; write `https://`, or set `allow_insecure_http: true` on the cluster in a configuration file
    # 127.0.0.1: 2 polled, 1 excluded, 1 no_endpoint, 1 not_provisioned, 1 overridden
    #   environment env-2 "l\U0000001Bab": excluded
    #   lkc-2 "listed" in "prod": overridden (a cluster before it has its id or name)
    #   lkc-3 "making" in "prod": not_provisioned (phase PROVISIONING)
    #   lkc-4 "private" in "prod": no_endpoint (it has endpoints at ap-1; name one in `access_points`)
    #   lkc-5 "lab-5" in "prod": excluded
    "#);
    assert_eq!((status, stderr.as_str()), (0, ""));
    // It is a configuration: YAML that this program reads.
    let lines = stdout.lines().filter(|line| !line.contains("192.0.2.1"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let again = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        again.path(),
        text.replace("  - name: \"prod/plain\"\n    cluster_id: \"lkc-6\"\n", ""),
    )
    .unwrap();
    let (status, stdout, _) = run(program(&["check-config", again.path().to_str().unwrap()]));
    assert!(
        (status, stdout.ends_with("valid, 2 clusters\n")) == (0, true),
        "{stdout}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discovery_that_cannot_be_asked_hides_nothing_of_the_others() {
    let (_simulator, endpoint) = healthy().await;
    let known = Server::new(organisation(vec![cluster(
        "lkc-east01",
        "found",
        &endpoint,
    )]))
    .await;
    let down = Server::new(|_| Answer::status(401, "")).await;
    let both = [&down, &known].map(|it| discovery(&it.url, json!({})));
    let file = written(&json!({ "discovery": both }));
    let path = file.path().to_str().unwrap();
    let (status, stdout, stderr) = run(program(&["discover", "--config.file", path]));
    assert!(stdout.contains("cluster_id: \"lkc-east01\""), "{stdout}");
    assert_eq!(
        (status, stderr.as_str()),
        (
            2,
            "discovery at `127.0.0.1`: environments: HTTP 401, empty body; check the API key and secret, and that it is a \
             Cloud API key: the key of a Kafka cluster is the wrong kind\n"
        )
    );
    assert!(!stdout.contains("canary") && !stderr.contains("canary"));
    // Commands that ask clusters ask discovered ones too. What could not be asked hides none of the others.
    for (items, expected) in [
        (vec![discovery(&known.url, json!({}))], (0, "")),
        (
            vec![
                discovery(&down.url, json!({})),
                discovery(&known.url, json!({})),
            ],
            (2, stderr.as_str()),
        ),
    ] {
        let file = written(&json!({ "discovery": items }));
        let arguments = ["tasks", "--config.file", file.path().to_str().unwrap()];
        let (status, stdout, stderr) = run(program(&arguments));
        assert!(stdout.contains("orders-dr   AclSync"), "{stdout}{stderr}");
        assert_eq!((status, stderr.as_str()), expected);
    }
    // Where nothing could be asked there is not nothing.
    let file = written(&json!({ "discovery": [discovery(&down.url, json!({}))] }));
    let path = file.path().to_str().unwrap();
    let of = |command| {
        let (status, stdout, _) = run(program(&[command, "--config.file", path]));
        (status, stdout)
    };
    assert_eq!(of("tasks"), (2, String::new()));
    let unknown = "clusters: []\n# 127.0.0.1: not known, it could not be asked\n";
    assert_eq!(of("discover"), (2, unknown.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_platform_says_which_id_to_write() {
    let server = Server::new(|asked| match asked.path.as_str() {
        "/kafka/v3/clusters" => list(&[json!({ "cluster_id": "c-1" })]),
        "/v3/clusters" => page(
            &[json!({ "cluster_id": "c-1" })],
            &json!("/v3/clusters?page_token=2"),
        ),
        "/v3/clusters?page_token=2" => list(&[json!({ "cluster_id": "c-2" })]),
        _ => Answer::status(404, ""),
    })
    .await;
    let discover = |arguments: &[&str]| {
        let (status, stdout, stderr) = run(program(&[&["discover"], arguments].concat()));
        format!(
            "{status}\n{}{}",
            steady(&stdout, &[&server]),
            steady(&stderr, &[&server])
        )
    };
    let url = server.url.as_str();
    let file = written(
        &json!({ "clusters": [{ "name": "lab", "cluster_id": "wrong", "endpoint": url, "base_path": "/v3" }] }),
    );
    let file = ["--config.file", file.path().to_str().unwrap()];
    let told = [
        discover(&["--url", url]),
        discover(&["--url", url, "--base-path", "/v3"]),
        discover(&[&file[..], &["--cluster", "lab"]].concat()),
        discover(&[&file[..], &["--cluster", "other"]].concat()),
        discover(&["--url", url, "--base-path", "/nowhere"]),
        discover(&["--url", "lab"]),
        discover(&["--url", "http://user:canary@lab"]),
        discover(&["--url", &format!("{url}/kafka/v3")]),
        discover(&["--url", url, "--base-path", "v3/"]),
    ]
    .join("\n");
    insta::assert_snapshot!(told, @r#"
    0
    clusters:
      - name: "c-1" # a name of your own
        cluster_id: "c-1"
        endpoint: "http://server-0/"

    0
    # The server knows 2 clusters: keep the item of the one that is meant, with its `cluster_id`, or one of each.
    clusters:
      - name: "c-1" # a name of your own
        cluster_id: "c-1"
        endpoint: "http://server-0/"
        base_path: "/v3"
      - name: "c-2" # a name of your own
        cluster_id: "c-2"
        endpoint: "http://server-0/"
        base_path: "/v3"

    0
    # The server knows 2 clusters: keep the item of the one that is meant, with its `cluster_id`, or one of each.
    clusters:
      - name: "c-1" # a name of your own
        cluster_id: "c-1"
        endpoint: "http://server-0/"
        base_path: "/v3"
      - name: "c-2" # a name of your own
        cluster_id: "c-2"
        endpoint: "http://server-0/"
        base_path: "/v3"

    2
    no cluster is called `other`; the configuration has `lab`

    2
    http://server-0: HTTP 404, empty body; check `cluster_id` and `base_path` (`/kafka/v3`, or `/v3` for a standalone REST Proxy)

    2
    error: invalid value for '--url': write scheme, host and port only, such as `http://kafka-0.example.com:8090`, and a path as `--base-path`; credentials come from CLUSTERLINK_API_KEY and CLUSTERLINK_API_SECRET; try `--help`

    2
    error: invalid value for '--url': write scheme, host and port only, such as `http://kafka-0.example.com:8090`, and a path as `--base-path`; credentials come from CLUSTERLINK_API_KEY and CLUSTERLINK_API_SECRET; try `--help`

    2
    error: invalid value for '--url': write scheme, host and port only, such as `http://kafka-0.example.com:8090`, and a path as `--base-path`; credentials come from CLUSTERLINK_API_KEY and CLUSTERLINK_API_SECRET; try `--help`

    2
    error: invalid value for '--base-path': write a path that begins with `/` and does not end with one, such as `/kafka/v3` or `/v3`; try `--help`
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credentials_of_the_environment_sign_in_and_are_not_sent_unencrypted() {
    let server = Server::new(|_| list(&[json!({ "cluster_id": "c-1" })])).await;
    let signed = |url: &str, key: &str, secret: &str| {
        let mut command = program(&["discover", "--url", url]);
        command
            .env("CLUSTERLINK_API_KEY", key)
            .env("CLUSTERLINK_API_SECRET", secret);
        run(command)
    };
    assert_eq!(signed(&server.url, "key", "canary").0, 0);
    assert!(server.asked()[0].authorization.starts_with("Basic "));
    let (status, _, stderr) = signed("http://192.0.2.1:8090", "key", "canary");
    assert_eq!(
        (status, stderr.as_str()),
        (
            2,
            "`CLUSTERLINK_API_KEY` and `CLUSTERLINK_API_SECRET` would be sent unencrypted to an `http://` URL; write `https://`, \
             or unset them\n"
        )
    );
    let (status, _, stderr) = signed(&server.url, "key", "");
    assert_eq!(
        (status, stderr.as_str()),
        (
            2,
            "environment: `CLUSTERLINK_API_SECRET`: found nothing, while the other half of the credential is set; set it, or \
             `CLUSTERLINK_API_SECRET_FILE`; or neither half\n"
        )
    );
}

/// Which of two is meant nobody may guess, also where the second comes on a page of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_names_two_clusters_is_a_problem_that_says_so() {
    let server = Server::new(|asked| match asked.path.as_str() {
        "/kafka/v3/clusters" => page(
            &[json!({ "cluster_id": "c-1" })],
            &json!("/kafka/v3/clusters?page_token=2"),
        ),
        _ => list(&[json!({ "cluster_id": "c-2" })]),
    })
    .await;
    let mut command = program(&["tasks"]);
    command.env("CLUSTERLINK_ENDPOINT", &server.url);
    let (status, stdout, stderr) = run(command);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert_eq!(
        stderr,
        "cluster `default`: which cluster is meant is not known: `data` holds 2 clusters (`c-1`, `c-2`); write the id of the \
         one that is meant as `cluster_id`, or an item of `clusters` for each\n"
    );
}
