//! `--alerting.dry-run`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    PATIENCE,
    scene::{Scene, story, webhook},
};
use crate::support::endpoint::{Seen, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_logs_notifications_and_sends_none() {
    let ops = Server::kind().await;
    let mut alerting = webhook(&ops);
    alerting["alertmanagers"] = serde_json::json!([{ "url": ops.url().as_str() }]);
    let scene = Scene::alerting(alerting).await;
    let (_, daemon) = scene.started(&["--alerting.dry-run"], "serving");
    daemon.until_ready().await;
    let firing = r#"clusterlink_alerts{alertname="ClusterLinkTaskInError",alertstate="firing"} "#;
    for count in [1.0, 0.0, 1.0] {
        match count {
            0.0 => scene.heal(),
            _ => scene.fail(),
        }
        daemon.until(firing, |values| values == [count]).await;
    }
    scene.polls(2).await;
    let sent = daemon.series("clusterlink_notifications_total{").await;
    let log = daemon.kill();
    assert_eq!((ops.seen().len(), sent), (0, Vec::new()));
    let lines = log.lines().filter(|line| line.contains("dry run"));
    let notified: Vec<_> = lines
        .filter(|line| line.contains("ClusterLinkTaskInError"))
        .map(|line| {
            if line.contains("status=firing") {
                "firing"
            } else {
                "resolved"
            }
        })
        .collect();
    assert_eq!(notified, ["firing", "resolved", "firing"], "{log}");

    // What is still firing is sent by the first run that is not dry.
    let _daemon = scene.daemon();
    let is_of_webhook = |seen: &Seen| seen.body["receiver"] == "ops";
    let deadline = Instant::now() + PATIENCE;
    while !ops.seen().iter().any(is_of_webhook) {
        assert!(Instant::now() < deadline, "{:?}", ops.seen());
        sleep(Duration::from_millis(20)).await;
    }
    let mut notified = ops.seen();
    notified.retain(is_of_webhook);
    assert_eq!(story(&notified), ["firing ClusterLinkTaskInError A"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_is_muted_and_until_when() {
    let ops = Server::kind().await;
    let mut alerting = webhook(&ops);
    alerting["mute"] = serde_json::json!([
        { "until": "2999-01-01T01:00:00+01:00", "comment": "failover test" }
    ]);
    let scene = Scene::alerting(alerting).await;
    scene.fail();
    let (_, daemon) = scene.started(&["--alerting.dry-run"], "serving");
    daemon
        .until("clusterlink_muted_alerts ", |values| values == [1.0])
        .await;
    let log = daemon.kill();
    let mut lines = log
        .lines()
        .filter(|line| line.contains("dry run") && line.contains("ClusterLinkTaskInError"));
    let line = lines.next().unwrap_or_else(|| panic!("{log}"));
    let muted = r#"muted="until 2999-01-01T00:00:00Z: failover test""#;
    assert!(line.contains(muted), "{line}");
}
