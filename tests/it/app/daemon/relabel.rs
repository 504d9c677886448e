//! A reload that brings other external labels while an alert fires.

use std::{fs, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    PATIENCE,
    scene::{Scene, webhook},
};
use crate::support::endpoint::Server;

#[tokio::test(flavor = "multi_thread")]
async fn what_fires_under_the_old_labels_ends_and_fires_under_the_new_ones() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;

    let config = fs::read_to_string(scene.config()).unwrap();
    let config = config.replace(r#""env":"test""#, r#""env":"prod""#);
    fs::write(scene.config(), config).unwrap();
    daemon.reload().await;
    daemon.until_outcome("delivered", "ops", 3).await;
    scene.heal();

    let notified = || -> Vec<String> {
        let seen = ops.seen();
        let alerts = seen
            .iter()
            .flat_map(|seen| seen.body["alerts"].as_array().unwrap());
        let notified =
            alerts.map(|alert| format!("{} {}", alert["status"], alert["labels"]["env"]));
        notified.map(|notified| notified.replace('"', "")).collect()
    };
    let deadline = Instant::now() + PATIENCE;
    while notified().len() < 4 {
        assert!(Instant::now() < deadline, "{:?}", notified());
        sleep(Duration::from_millis(20)).await;
    }
    let mut notified = notified();
    // The end of the old and the begin of the new are two alerts, in any order.
    notified[1..3].sort();
    let expected = [
        "firing test",
        "firing prod",
        "resolved test",
        "resolved prod",
    ];
    assert_eq!(notified, expected);
}
