//! The program with clusters that it discovers: they come, go, and are like any other; what discovery does not know ends no
//! page.

mod restart;

use std::fs;

use serde_json::{Value, json};

use super::scene::{CLUSTER, Daemon, Scene, story, webhook};
use crate::{
    discovery::server::{Answer, KEY, SECRET, Server, cluster, organisation},
    support::{endpoint, program::get},
};

const FIRING: &str = "firing ClusterLinkTaskInError A";
const RESOLVED: &str = "resolved ClusterLinkTaskInError A";
const ALERT: &str =
    r#"clusterlink_alerts{alertname="ClusterLinkTaskInError",alertstate="firing"} "#;
const SUCCESS: &str = r#"clusterlink_discovery_success{discovery="127.0.0.1"} "#;
const POLLED: &str = "clusterlink_poll_success{";

fn down() -> impl Fn(&crate::discovery::server::Asked) -> Answer + Send + Sync {
    |_| Answer::status(503, "")
}

/// The scene's configuration with `discovery` in the place of its clusters; where the simulator is.
fn discovering(scene: &Scene, organisation: &Server) -> String {
    let text = fs::read_to_string(scene.config()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    let endpoint = config["clusters"][0]["endpoint"]
        .as_str()
        .unwrap()
        .to_owned();
    config.as_object_mut().unwrap().remove("clusters");
    config["discovery"] = json!([{
        "confluent_cloud": {
            "url": organisation.url, "refresh_interval": "1s",
            "basic_auth": { "username": KEY, "password": SECRET },
        },
        "template": {
            "name": "{environment}/{display_name}",
            "basic_auth": { "username": "KAFKAKEY", "password": "canary-of-the-cluster" },
        },
    }]);
    fs::write(scene.config(), config.to_string()).unwrap();
    endpoint
}

/// A cluster that pages and an organisation that knows it; where the simulator is.
async fn paging() -> (endpoint::Server, Scene, Server, String) {
    let ops = endpoint::Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let organisation = Server::new(down()).await;
    let endpoint = discovering(&scene, &organisation);
    organisation.says(knowing(&[(CLUSTER, "orders")], &endpoint));
    (ops, scene, organisation, endpoint)
}

fn knowing(
    clusters: &[(&str, &str)],
    endpoint: &str,
) -> impl Fn(&crate::discovery::server::Asked) -> Answer + Send + Sync + use<> {
    let clusters = clusters.iter();
    organisation(
        clusters
            .map(|(id, name)| cluster(id, name, endpoint))
            .collect(),
    )
}

async fn names(daemon: &Daemon) -> Vec<String> {
    let lines = daemon.series(POLLED).await;
    let name = |line: &String| line.split('"').nth(1).unwrap().to_owned();
    lines.iter().map(name).collect()
}

async fn until_failed(daemon: &Daemon) {
    daemon.until(SUCCESS, |values| values == [0.0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovered_clusters_come_and_go_and_a_refresh_that_changes_nothing_restarts_nothing() {
    let (_ops, scene, organisation, endpoint) = paging().await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    daemon.until(SUCCESS, |values| values == [1.0]).await;
    daemon.until(POLLED, |values| values == [1.0]).await;
    assert_eq!(names(&daemon).await, ["prod/orders"]);
    let since = "clusterlink_link_state_since_timestamp_seconds{";
    let before = daemon.series(since).await;
    let asked = organisation.asked().len();
    scene.polls(4).await;
    assert!(organisation.asked().len() >= asked + 4, "it refreshes");
    assert_eq!(daemon.series(since).await, before);
    let lists = r#"clusterlink_api_requests_total{cluster_name="prod/orders",cluster_id="lkc-dr0001",endpoint="links",code="200"} "#;
    daemon
        .until(lists, |values| values.iter().all(|it| *it >= 4.0))
        .await;

    let mut failed = cluster("lkc-failed", "failed", &endpoint);
    failed["status"]["phase"] = json!("FAILED");
    let mut bare = cluster("lkc-bare", "bare", &endpoint);
    bare["spec"]["endpoints"] = json!({});
    bare["spec"]["http_endpoint"] = json!(null);
    let known = cluster(CLUSTER, "orders", &endpoint);
    let second = cluster("lkc-second", "second", &endpoint);
    organisation.says(crate::discovery::server::organisation(vec![
        known, second, failed, bare,
    ]));
    let count = |status: &str| {
        format!(r#"clusterlink_discovery_clusters{{discovery="127.0.0.1",status="{status}"}} "#)
    };
    daemon
        .until(&count("polled"), |values| values == [2.0])
        .await;
    daemon
        .until(&count("not_provisioned"), |values| values == [1.0])
        .await;
    daemon
        .until(&count("no_endpoint"), |values| values == [1.0])
        .await;
    daemon
        .until(&count("excluded"), |values| values == [0.0])
        .await;
    daemon.until(POLLED, |values| values.len() == 2).await;
    // Nothing is there at the endpoint of the second: it alone fails.
    daemon.until(POLLED, |values| values == [1.0, 0.0]).await;
    assert_eq!(daemon.series(since).await, before);

    organisation.says(knowing(&[("lkc-second", "second")], &endpoint));
    daemon.until(POLLED, |values| values == [0.0]).await;
    assert_eq!(names(&daemon).await, ["prod/second"]);
    assert_eq!(daemon.series(since).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_discovery_does_not_know_ends_no_page_and_a_good_list_without_the_cluster_does() {
    let (ops, scene, organisation, endpoint) = paging().await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    daemon.until(ALERT, |values| values == [1.0]).await;
    let good = || knowing(&[(CLUSTER, "orders")], &endpoint);
    let lost = |answer: Answer| {
        let first = good();
        move |asked: &crate::discovery::server::Asked| {
            if asked.path.starts_with("/org/") {
                first(asked)
            } else {
                answer.clone()
            }
        }
    };
    let nameless = json!({ "data": [{ "id": CLUSTER, "spec": null }], "metadata": {} });
    let html = Answer::status(200, "<html>");
    for answer in [
        Answer::status(500, ""),
        Answer::status(401, ""),
        html,
        Answer::json(&json!({ "data": [] })).cut(),
        Answer::json(&nameless),
    ] {
        organisation.says(lost(answer));
        until_failed(&daemon).await;
        scene.polls(2).await;
        daemon.until(ALERT, |values| values == [1.0]).await;
        organisation.says(good());
        daemon.until(SUCCESS, |values| values == [1.0]).await;
    }
    // Neither is it gone when it is only not reachable any more by the word of the list.
    let mut failed = cluster(CLUSTER, "orders", "");
    failed["status"]["phase"] = json!("FAILED");
    organisation.says(crate::discovery::server::organisation(vec![failed]));
    let asked = organisation.asked().len();
    while organisation.asked().len() < asked + 4 {
        scene.polls(1).await;
    }
    daemon.until(ALERT, |values| values == [1.0]).await;
    assert_eq!(story(&ops.seen()), [FIRING]);

    organisation.says(knowing(&[("lkc-other", "other")], &endpoint));
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_for_which_the_template_is_no_good_fails_alone_and_says_why() {
    let (_ops, scene, organisation, endpoint) = paging().await;
    let text = fs::read_to_string(scene.config()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    let basic = &mut config["discovery"][0]["template"]["basic_auth"];
    *basic = json!({ "username": "KAFKAKEY", "password_file": "secrets/{display_name}" });
    fs::write(scene.config(), config.to_string()).unwrap();
    let folder = scene.config().parent().unwrap().join("secrets");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("orders"), "canary-of-the-cluster").unwrap();

    let mut insecure = cluster("lkc-plain", "orders2", "http://192.0.2.1");
    insecure["spec"]["endpoints"]["PUBLIC"]["http_endpoint"] = json!("http://192.0.2.1");
    organisation.says(crate::discovery::server::organisation(vec![
        cluster(CLUSTER, "orders", &endpoint),
        cluster("lkc-later", "later", &endpoint),
        cluster("lkc-evil", "../../etc/passwd", &endpoint),
        insecure,
    ]));
    let daemon = scene.daemon();
    daemon.until_ready().await;
    daemon
        .until(POLLED, |values| values == [1.0, 0.0, 0.0, 0.0])
        .await;
    let (_, page) = get(&format!("http://{}/api/v1/status", daemon.address)).await;
    let status: Value = serde_json::from_str(&page).unwrap();
    let failures: Vec<_> = status["data"]["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let failure = &it["poll"]["failure"];
            let message = failure["message"].as_str().unwrap_or("-");
            let file = scene.config().display().to_string();
            format!(
                "{}: {}",
                it["cluster_name"].as_str().unwrap(),
                message.replace(&file, "FILE")
            )
        })
        .collect();
    let position = regex::Regex::new(r"FILE:\d+:\d+").unwrap();
    let failures = position
        .replace_all(&failures.join("\n"), "FILE")
        .into_owned();
    let missing = folder.join("later").display().to_string();
    assert_eq!(
        failures.replace(&missing, "SECRET"),
        "prod/orders: -\n\
         prod/later: secret file `SECRET` cannot be read: No such file or directory (os error 2)\n\
         prod/../../etc/passwd: the template of `discovery` comes to no cluster that can be \
         polled: FILE: `discovery[0].template.basic_auth.password_file`: found a path that a name filled in would lead to \
         another folder; use `{cluster_id}` and `{environment_id}` in paths\n\
         prod/orders2: the template of `discovery` comes to no cluster that can be polled: FILE: \
         `discovery[0].template.endpoint`: found an `http://` URL, to which the credentials would be sent unencrypted; write \
         `https://`, or set `allow_insecure_http: true` on the cluster in a configuration file"
    );
    // It heals by itself when the file comes.
    fs::write(folder.join("later"), "canary-of-the-cluster").unwrap();
    let told = "secret file";
    for _ in 0..200 {
        let (_, page) = get(&format!("http://{}/api/v1/status", daemon.address)).await;
        if !page.contains(told) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it does not heal");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credentials_of_each_side_go_there_alone_and_nowhere_into_print() {
    let (_ops, scene, organisation, _) = paging().await;
    let kafka = Server::new(|_| Answer::json(&json!({ "data": [], "metadata": {} }))).await;
    organisation.says(knowing(&[(CLUSTER, "orders")], &kafka.url));
    let (_, daemon) = scene.started(&["--log.level", "debug"], "serving");
    daemon.until_ready().await;
    daemon.until(POLLED, |values| values == [1.0]).await;
    organisation.says(down());
    until_failed(&daemon).await;
    let basic = |user: &str, secret: &str| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        format!("Basic {}", STANDARD.encode(format!("{user}:{secret}")))
    };
    let (ours, theirs) = (
        basic(KEY, SECRET),
        basic("KAFKAKEY", "canary-of-the-cluster"),
    );
    let of = |server: &Server| {
        server
            .asked()
            .into_iter()
            .map(|it| it.authorization)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(of(&organisation), [ours.clone()].into());
    assert_eq!(of(&kafka), [theirs.clone()].into());
    let mut printed = String::new();
    for path in [
        "/",
        "/metrics",
        "/api/v1/status",
        "/api/v1/alerts",
        "/-/ready",
    ] {
        printed += &get(&format!("http://{}{path}", daemon.address)).await.1;
    }
    printed += &daemon.kill();
    for secret in ["canary", &ours[6..], &theirs[6..]] {
        assert!(!printed.contains(secret), "`{secret}` is printed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discovered_cluster_falls_to_one_shard_and_what_another_shard_has_by_hand_to_none() {
    let (_ops, scene, organisation, endpoint) = paging().await;
    let text = fs::read_to_string(scene.config()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    // Of two shards `third` falls to the second.
    config["clusters"] =
        json!([{ "name": "third", "cluster_id": "lkc-by-hand", "endpoint": endpoint }]);
    config["global"]
        .as_object_mut()
        .unwrap()
        .remove("state_file");
    fs::write(scene.config(), config.to_string()).unwrap();
    let ids = ["lkc-by-hand", "lkc-1", "lkc-2", "lkc-3", "lkc-4", "lkc-5"];
    organisation.says(knowing(&ids.map(|id| (id, id)), &endpoint));
    let mut polled = Vec::new();
    for shard in ["0/2", "1/2"] {
        let (_, daemon) = scene.started(&["--shard", shard], "serving");
        daemon.until(SUCCESS, |values| values == [1.0]).await;
        let expected = usize::from(shard == "1/2");
        daemon.until(POLLED, |values| values.len() > expected).await;
        polled.extend(names(&daemon).await);
    }
    polled.sort();
    let expected: Vec<_> = ids[1..].iter().map(|id| format!("prod/{id}")).collect();
    assert_eq!(polled, [expected, vec!["third".to_owned()]].concat());
}
