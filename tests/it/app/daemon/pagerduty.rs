//! From a task that breaks to PagerDuty's events. `tests/it/notify/pagerduty.rs` holds events against all published limits.

use serde_json::json;

use super::scene::{CLUSTER, LINK, Scene, TASK};
use crate::support::endpoint::{Answer, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_resolve_has_the_key_of_its_trigger_even_after_a_kill() {
    let accepted = json!({ "status": "success", "message": "Event processed" });
    let pager = Server::scripted([Answer::Says(202, accepted.to_string())]).await;
    let routing_key = "0123456789abcdef0123456789abcdef";
    let receiver = json!({ "name": "pager", "pagerduty": { "url": pager.url().as_str(), "routing_key": routing_key } });
    let scene = Scene::alerting(json!({ "receivers": [receiver] })).await;
    let daemon = scene.daemon();
    scene.fail();
    daemon.until_outcome("delivered", "pager", 1).await;
    scene.polls(2).await;
    daemon.kill();
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.heal();
    daemon.until_outcome("delivered", "pager", 1).await;

    let events = pager.seen();
    let [trigger, resolve] = &events[..] else {
        panic!("{events:#?}");
    };
    let action = |event: &serde_json::Value| {
        let keys = ["event_action", "routing_key"];
        keys.map(|key| event[key].as_str().unwrap().to_owned())
    };
    let paths = [&trigger.path, &resolve.path];
    assert_eq!(paths, ["/v2/enqueue", "/v2/enqueue"]);
    assert_eq!(action(&trigger.body), ["trigger", routing_key]);
    assert_eq!(action(&resolve.body), ["resolve", routing_key]);
    assert_eq!(trigger.body["dedup_key"], resolve.body["dedup_key"]);
    let summary = trigger.body["payload"]["summary"].as_str().unwrap();
    assert!(
        [CLUSTER, LINK, TASK]
            .iter()
            .all(|word| summary.contains(word)),
        "{summary}"
    );
}
