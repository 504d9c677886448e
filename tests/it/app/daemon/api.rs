//! The alerts of the program over its JSON API.

use serde_json::{Value, json};

use super::scene::{CLUSTER, LINK, Scene, TASK, webhook};
use crate::support::endpoint::Server;

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_has_prometheus_shape_and_what_receivers_get() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;

    let firing = daemon.alerts("?state=firing").await;
    let alert = &firing["alerts"][0];
    let sent = &ops.seen()[0].body["alerts"][0];
    assert_eq!(alert["labels"], sent["labels"]);
    assert_eq!(alert["annotations"], sent["annotations"]);
    let labels = &alert["labels"];
    let expected = [
        ("alertname", "ClusterLinkTaskInError".to_owned()),
        ("cluster_name", format!("cluster {CLUSTER}")),
        ("link_name", LINK.to_owned()),
        ("task_name", TASK.to_owned()),
        ("env", "test".to_owned()),
    ];
    for (name, value) in expected {
        assert_eq!(labels[name], value);
    }
    assert_eq!(
        ["state", "value", "muted"].map(|key| alert[key].clone()),
        [json!("firing"), json!("1e+00"), Value::Null]
    );
    assert!(alert["activeAt"].as_str().unwrap().ends_with('Z'));

    let of = |alerts: &Value| -> Vec<String> {
        let all = alerts["alerts"].as_array().unwrap().iter();
        all.map(|alert| alert["state"].as_str().unwrap().to_owned())
            .collect()
    };
    let (pending, all) = (
        of(&daemon.alerts("?state=pending").await),
        of(&daemon.alerts("").await),
    );
    assert!(
        pending.iter().all(|state| state == "pending"),
        "{pending:?}"
    );
    assert!(of(&firing).iter().all(|state| state == "firing"));
    assert!(all.len() >= of(&firing).len() + pending.len(), "{all:?}");
}
