//! What receivers hear while `alerting.mute` covers it: through a kill in the window, and reloads that begin and end one.

use std::{fs, time::Duration};

use cluster_link_exporter::clock::Clock;
use serde_json::{Value, json};

use super::scene::{CLUSTER, Daemon, Scene, story, webhook};
use crate::support::endpoint::Server;

const OTHER: &str = "lkc-dr0002";
const MUTED: &str = "clusterlink_muted_alerts ";

/// Writes the configuration anew with these windows.
fn mute(scene: &Scene, windows: Value) {
    let text = fs::read_to_string(scene.config()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    config["alerting"]["mute"] = windows;
    fs::write(scene.config(), config.to_string()).unwrap();
}

/// What the JSON API says of the task in error.
async fn comments(daemon: &Daemon) -> Vec<Value> {
    let alerts = daemon.alerts("?state=firing").await;
    let alerts = alerts["alerts"].as_array().unwrap().iter();
    let of_task = alerts.filter(|it| it["labels"]["alertname"] == "ClusterLinkTaskInError");
    of_task.map(|alert| alert["muted"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_still_fires_at_the_end_is_told_then_also_after_a_kill_and_what_healed_is_not() {
    let ops = Server::kind().await;
    let scene = Scene::of(&[CLUSTER, OTHER], webhook(&ops)).await;
    let until = Clock::system().now() + Duration::from_secs(20);
    mute(
        &scene,
        json!([{ "until": until.to_string(), "comment": "failover test" }]),
    );
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    scene.fail_in(OTHER);
    daemon.until(MUTED, |values| values == [2.0]).await;
    scene.heal_in(OTHER);
    daemon.until(MUTED, |values| values == [1.0]).await;
    scene.polls(2).await;
    daemon.kill();

    let daemon = scene.daemon();
    daemon.until(MUTED, |values| values == [1.0]).await;
    assert_eq!(story(&ops.seen()), [""; 0]);
    assert_eq!(
        story(&ops.until(1).await),
        ["firing ClusterLinkTaskInError A"]
    );
    assert!(Clock::system().now() >= until);
    daemon.until(MUTED, |values| values == [0.0]).await;
    scene.polls(2).await;
    let seen = ops.seen();
    assert_eq!(seen.len(), 1, "what healed in the window is not told");
    let alert = &seen[0].body["alerts"][0];
    assert_eq!(alert["labels"]["cluster_id"], CLUSTER);
    assert_eq!(alert["annotations"]["muted"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_begins_a_window_in_which_resolves_are_told_and_another_ends_it_early() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    daemon.until_ready().await;
    scene.fail();
    ops.until(1).await;
    assert_eq!(comments(&daemon).await, [Value::Null]);
    mute(
        &scene,
        json!([{ "links": ["orders"], "until": "2999-01-01T00:00:00Z", "comment": "failover test" }]),
    );
    daemon.reload().await;
    daemon.until(MUTED, |values| values == [1.0]).await;
    assert_eq!(comments(&daemon).await, ["failover test"]);
    scene.heal();
    let resolved = [
        "firing ClusterLinkTaskInError A",
        "resolved ClusterLinkTaskInError A",
    ];
    assert_eq!(story(&ops.until(2).await), resolved);
    scene.fail();
    daemon.until(MUTED, |values| values == [1.0]).await;
    scene.polls(2).await;
    assert_eq!(ops.seen().len(), 2);

    mute(&scene, json!([]));
    daemon.reload().await;
    assert_eq!(comments(&daemon).await, [Value::Null]);
    let story = story(&ops.until(3).await);
    assert_eq!(story[2..], ["firing ClusterLinkTaskInError B"]);
}
