//! Clusters that are not discovered yet, after a start or a reload: what fired on them fires on.

use std::{fs, time::Duration};

use serde_json::json;
use tokio::time::sleep;

use super::{
    ALERT, FIRING, POLLED, RESOLVED, SUCCESS, discovering, down, knowing, names, paging,
    until_failed,
};
use crate::{
    app::daemon::scene::{CLUSTER, Scene, story, webhook},
    discovery::server::{Answer, KEY, Server, cluster, organisation as answering},
    support::{endpoint, program::get},
};

/// That the cluster is polled again ends nothing; that its task is well again does.
async fn ends_when_it_heals(ops: &endpoint::Server, scene: &Scene) {
    scene.polls(2).await;
    assert_eq!(story(&ops.seen()), [FIRING]);
    scene.heal();
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_what_fired_on_a_cluster_that_is_not_discovered_yet_fires_on() {
    let (ops, scene, organisation, endpoint) = paging().await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    let history = "clusterlink_task_state_since_timestamp_seconds{";
    let before = daemon.series(history).await;
    daemon.kill();

    organisation.says(down());
    let daemon = scene.daemon();
    daemon.until_ready().await;
    until_failed(&daemon).await;
    let asked = organisation.asked().len();
    while organisation.asked().len() < asked + 3 {
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(names(&daemon).await, Vec::<String>::new());
    daemon.until(ALERT, |values| values == [1.0]).await;
    daemon.kill();

    // Once more, so that nothing of it was lost by the process that saw no cluster.
    let daemon = scene.daemon();
    until_failed(&daemon).await;
    daemon.until(ALERT, |values| values == [1.0]).await;
    organisation.says(knowing(&[(CLUSTER, "orders")], &endpoint));
    daemon.until(POLLED, |values| values == [1.0]).await;
    daemon
        .until(history, |values| values.len() == before.len())
        .await;
    assert_eq!(daemon.series(history).await, before);
    ends_when_it_heals(&ops, &scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_list_that_has_the_cluster_no_more_ends_what_fired_on_it() {
    let (ops, scene, organisation, endpoint) = paging().await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    daemon.kill();
    // It is listed and cannot be polled: nobody said that it is gone.
    let mut failed = cluster(CLUSTER, "orders", &endpoint);
    failed["status"]["phase"] = json!("PROVISIONING");
    organisation.says(answering(vec![failed]));
    let daemon = scene.daemon();
    daemon.until(SUCCESS, |values| values == [1.0]).await;
    let asked = organisation.asked().len();
    while organisation.asked().len() < asked + 4 {
        sleep(Duration::from_millis(50)).await;
    }
    daemon.until(ALERT, |values| values == [1.0]).await;
    assert_eq!(story(&ops.seen()), [FIRING]);
    organisation.says(knowing(&[], &endpoint));
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_discovered_and_no_longer_listed_by_hand_keeps_its_page() {
    let ops = endpoint::Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let organisation = Server::new(down()).await;
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;
    let endpoint = discovering(&scene, &organisation);
    // The name that it had.
    let text = fs::read_to_string(scene.config()).unwrap();
    let text = text.replace("{environment}/{display_name}", "cluster {cluster_id}");
    fs::write(scene.config(), text).unwrap();
    daemon.reload().await;
    until_failed(&daemon).await;
    daemon.until(ALERT, |values| values == [1.0]).await;
    organisation.says(knowing(&[(CLUSTER, "orders")], &endpoint));
    daemon.until(POLLED, |values| values == [1.0]).await;
    ends_when_it_heals(&ops, &scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_credential_may_see_another_organisation_and_begins_without_its_list() {
    let (ops, scene, organisation, endpoint) = paging().await;
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;
    organisation.says(down());
    let text = fs::read_to_string(scene.config()).unwrap();
    fs::write(scene.config(), text.replace(KEY, "ANOTHERKEY")).unwrap();
    daemon.reload().await;
    until_failed(&daemon).await;
    assert_eq!(names(&daemon).await, Vec::<String>::new());

    // Nobody said that it healed, and the page leads to no cluster that it does not show.
    daemon.until(ALERT, |values| values == [1.0]).await;
    let (_, page) = get(&format!("http://{}/", daemon.address)).await;
    assert!(page.contains("ClusterLinkTaskInError"), "{page}");
    assert!(!page.contains("?cluster="), "{page}");
    organisation.says(knowing(&[(CLUSTER, "orders")], &endpoint));
    daemon.until(POLLED, |values| values == [1.0]).await;
    ends_when_it_heals(&ops, &scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_asks_to_be_left_alone_is_so_by_whoever_a_reload_starts() {
    let (_ops, scene, organisation, _endpoint) = paging().await;
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    daemon.until(SUCCESS, |values| values == [1.0]).await;
    organisation.says(|_| Answer::status(429, "").header("retry-after", 100));
    until_failed(&daemon).await;
    let asked = organisation.asked().len();
    let text = fs::read_to_string(scene.config()).unwrap();
    let changed = text.replace(r#""refresh_interval":"1s""#, r#""refresh_interval":"2s""#);
    assert_ne!(changed, text);
    fs::write(scene.config(), changed).unwrap();
    daemon.reload().await;
    // Whoever is new asks at once.
    sleep(Duration::from_secs(1)).await;
    assert_eq!(organisation.asked().len(), asked);

    // Another credential may be of another organisation, which asked for nothing.
    fs::write(scene.config(), text.replace(KEY, "ANOTHERKEY")).unwrap();
    daemon.reload().await;
    while organisation.asked().len() == asked {
        sleep(Duration::from_millis(50)).await;
    }
}
