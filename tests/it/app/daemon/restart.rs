//! What receivers hear after the program was killed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use cluster_link_exporter::simulator::{Effect, Fault};

use super::scene::{CLUSTER, Daemon, Scene, story, webhook};
use crate::support::endpoint::{Answer, Server};

const FIRING: &str = "firing ClusterLinkTaskInError A";
const RESOLVED: &str = "resolved ClusterLinkTaskInError A";

/// Since when every link and task is as it is, and how often that changed.
async fn history(daemon: &Daemon) -> Vec<String> {
    let mut history = Vec::new();
    for subject in ["link", "task"] {
        for what in ["since_timestamp_seconds", "transitions_total"] {
            let family = format!("clusterlink_{subject}_state_{what}{{");
            // Ready is said a moment before the page is rendered.
            daemon.until(&family, |values| !values.is_empty()).await;
            history.extend(daemon.series(&family).await);
        }
    }
    history
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_nothing_is_sent_twice_nothing_is_forgotten_and_the_resolve_is_sent() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.fail();
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    let before = history(&daemon).await;
    daemon.kill();

    let daemon = scene.daemon();
    daemon.until_ready().await;
    assert_eq!(history(&daemon).await, before);
    let changed: Vec<_> = before.iter().filter(|line| line.ends_with("} 1")).collect();
    assert_eq!(changed.len(), 1, "{before:#?}");
    scene.polls(2).await;
    assert_eq!(story(&ops.seen()), [FIRING]);
    scene.heal();
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_healed_while_the_program_was_down_is_resolved() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    scene.fail();
    let daemon = scene.daemon();
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    daemon.kill();

    scene.heal();
    let daemon = scene.daemon();
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    daemon.kill();

    // And that once.
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.polls(2).await;
    assert_eq!(ops.seen().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_of_an_outage_resolves_nothing_and_pages_nobody() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    scene.fail();
    let daemon = scene.daemon();
    daemon.until_outcome("delivered", "ops", 1).await;
    scene.polls(2).await;
    daemon.kill();

    let refused = |fault| scene.simulator.set_fault(CLUSTER, fault).unwrap();
    refused(Some(Fault::new(Effect::Forbidden)));
    let daemon = scene.daemon();
    scene.polls(3).await;
    let firing = r#"clusterlink_alerts{alertname="ClusterLinkTaskInError",alertstate="firing"} "#;
    daemon.until(firing, |values| values == [1.0]).await;
    assert_eq!(story(&ops.seen()), [FIRING]);
    scene.heal();
    refused(None);
    assert_eq!(story(&ops.until(2).await), [FIRING, RESOLVED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_before_a_kill_is_delivered_after_it() {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = is_up.clone();
    let ops = Server::answering(move |_, _| {
        let status = if up.load(Ordering::SeqCst) { 200 } else { 503 };
        Answer::Says(status, String::new())
    });
    let ops = ops.await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let mut tries = Vec::new();
    for expected in [FIRING, RESOLVED] {
        is_up.store(false, Ordering::SeqCst);
        let daemon = scene.daemon();
        daemon.until_ready().await;
        match expected {
            FIRING => scene.fail(),
            _ => scene.heal(),
        }
        daemon.until_outcome("failed", "ops", 1).await;
        scene.polls(2).await;
        daemon.kill();

        let before = ops.seen().len();
        is_up.store(true, Ordering::SeqCst);
        let daemon = scene.daemon();
        daemon.until_outcome("delivered", "ops", 1).await;
        scene.polls(2).await;
        assert_eq!(ops.seen().len(), before + 1, "it is delivered once");
        daemon.kill();
        tries.push(expected);
        let mut notified = story(&ops.seen());
        notified.dedup();
        // All tries and all lives speak of the same time that it fired.
        assert_eq!(notified, tries);
    }
}
