//! Alertmanagers that answer in every way, sent one alert: what the metrics and the log say of each.

use serde_json::json;

use super::scene::Scene;
use crate::support::endpoint::{Answer, Server};

/// The path of an Alertmanager; how its notification ends at first, how many wait then, and what the log says of it.
const CASES: [(&str, &str, f64, &str); 5] = [
    ("takes", "delivered", 0.0, ""),
    (
        "refuses",
        "refused",
        0.0,
        "notification refused; it is not sent again",
    ),
    ("throttles", "failed", 1.0, "HTTP 429"),
    ("fails", "failed", 1.0, "HTTP 500"),
    ("hangs", "failed", 1.0, "notifications not delivered"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_an_alertmanager_is_counted_and_logged_once() {
    let server = Server::answering(|seen, _| match seen.path.split('/').nth(1) {
        Some("takes") => Answer::Says(200, String::new()),
        Some("refuses") => Answer::Says(400, "bad".into()),
        Some("throttles") => Answer::Later(429, 1),
        Some("fails") => Answer::Says(500, "trouble".into()),
        _ => Answer::Hangs,
    });
    let server = server.await;
    let url = server.url();
    let url = |path| json!({ "url": format!("{url}{path}"), "timeout": "300ms" });
    let scene = Scene::alerting(json!({
        "alertmanagers": CASES.map(|(path, ..)| url(path)),
        "rules": { "ClusterLinkWatchdog": { "disabled": true } },
    }));
    let scene = scene.await;
    scene.fail();
    let daemon = scene.daemon();
    let address = server.url().authority().to_owned();
    for (path, outcome, queued, _) in CASES {
        let receiver = format!("{address}/{path}");
        // One that fails is tried again.
        let count = if outcome == "failed" { 3 } else { 1 };
        daemon.until_outcome(outcome, &receiver, count).await;
        let queue = format!("clusterlink_notifications_queue_length{{receiver=\"{receiver}\"}} ");
        daemon.until(&queue, |values| values == [queued]).await;
    }
    let log = daemon.kill();
    for (path, .., says) in CASES {
        let name = format!("{address}/{path}");
        let lines: Vec<_> = log.lines().filter(|line| line.contains(&name)).collect();
        let is_said = match says {
            "" => lines.is_empty(),
            says => lines.len() == 1 && lines[0].contains(says),
        };
        assert!(is_said, "{path}: {lines:#?}");
    }
}
