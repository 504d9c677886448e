//! How long it takes from a task's change to the notification, measured.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant, time::sleep};

use super::scene::{Scene, webhook};
use crate::support::endpoint::{Seen, Server};

const CLUSTERS: [&str; 5] = ["lkc-1", "lkc-2", "lkc-3", "lkc-4", "lkc-5"];
const FLIPS: u32 = 10;

/// Of one cluster.
fn notified(server: &Server, cluster: &str) -> Vec<Seen> {
    let mut seen = server.seen();
    seen.retain(|seen| seen.body["commonLabels"]["cluster_id"] == cluster);
    seen
}

/// The time of each message after the change that it is about. Changes come at moments spread over the poll interval: one
/// that always followed a poll would always wait for a whole one.
async fn flips(scene: &Scene, server: &Server, cluster: &str) -> Vec<Duration> {
    let mut changed = Vec::new();
    for flip in 0..FLIPS {
        sleep(Duration::from_secs(1) * (flip * 7 % FLIPS) / FLIPS).await;
        let expected = if flip % 2 == 0 {
            scene.fail_in(cluster);
            "firing"
        } else {
            scene.heal_in(cluster);
            "resolved"
        };
        changed.push(Instant::now());
        let deadline = Instant::now() + super::PATIENCE;
        while notified(server, cluster).len() < changed.len() {
            assert!(
                Instant::now() < deadline,
                "flip {flip} of {cluster} is not sent"
            );
            sleep(Duration::from_millis(5)).await;
        }
        let last = notified(server, cluster).pop();
        assert_eq!(last.unwrap().body["status"], expected, "flip {flip}");
    }
    let notified = notified(server, cluster);
    assert_eq!(notified.len(), changed.len(), "each is sent once");
    let pairs = notified.iter().zip(changed);
    pairs
        .map(|(notified, at)| notified.at.duration_since(at))
        .collect()
}

/// Prints what `cargo test --release --test it -- app::daemon::latency --nocapture` shows.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_flips_are_sent_in_their_order_and_the_latency_is_printed() {
    let ops = Server::kind().await;
    let scene = std::sync::Arc::new(Scene::of(&CLUSTERS, webhook(&ops)).await);
    let daemon = scene.daemon();
    daemon.until_ready().await;
    let mut all = JoinSet::new();
    for cluster in CLUSTERS {
        let (scene, ops) = (scene.clone(), ops.clone());
        all.spawn(async move { flips(&scene, &ops, cluster).await });
    }
    let mut latencies = all.join_all().await.concat();
    latencies.sort();
    let [median, p99] =
        [50, 99].map(|percent| latencies[(latencies.len() * percent).div_ceil(100) - 1]);
    println!(
        "from the flip to the notification, {} flips, polls every 1s: median {median:.0?}, p99 {p99:.0?}",
        latencies.len(),
    );
}
