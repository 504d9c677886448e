//! Kills at any moment, and a state file that is none.

use std::{fs, time::Duration};

use tokio::time::sleep;

use super::scene::{CLUSTER, LINK, Scene, TASK, story, webhook};
use crate::support::endpoint::Server;

/// How often it is killed.
const LIVES: u32 = 5;

fn transitions() -> String {
    format!(
        "clusterlink_task_state_transitions_total{{cluster_name=\"cluster {CLUSTER}\",cluster_id=\"{CLUSTER}\",\
         link_name=\"{LINK}\",task_name=\"{TASK}\"}} "
    )
}

/// Each life sees the task fail and is killed about the time when it sees it healed, a little later in the poll each time.
/// Where that was lost, the next life sees it in its first poll: nothing is missed and nothing counted twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_loses_the_last_polls_changes_at_most_and_never_the_file() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    for life in 0..LIVES {
        let daemon = scene.daemon();
        daemon.until_ready().await;
        let counts = async |count: u32| {
            let is_count = |values: &[f64]| values == [f64::from(count)];
            daemon.until(&transitions(), is_count).await;
        };
        counts(2 * life).await;
        scene.fail();
        counts(2 * life + 1).await;
        scene.polls(1).await;
        scene.heal();
        sleep(Duration::from_millis(1100) * life / LIVES).await;
        daemon.kill();
    }
    assert_eq!(scene.state_files(), ["state"], "none was set aside");

    // Whatever was lost in between, in the end receivers know how it stands.
    let daemon = scene.daemon();
    daemon.until_ready().await;
    for status in ["firing", "resolved"] {
        match status {
            "firing" => scene.fail(),
            _ => scene.heal(),
        }
        scene.polls(3).await;
        let queue = "clusterlink_notifications_queue_length{";
        daemon.until(queue, |values| values == [0.0]).await;
        let last = ops.seen().pop().map(|seen| seen.body["status"].clone());
        assert_eq!(last.unwrap(), status);
    }
}

/// What a poll before the last saw is on disk, and what nobody saw is seen by the first poll of the next life.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_no_change_of_state_that_a_poll_before_the_last_had_seen() {
    let scene = Scene::alerting(webhook(&Server::kind().await)).await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let daemon = scene.daemon();
        daemon.until_ready().await;
        // The first poll of the first life shows nothing new; later ones show what the file remembers otherwise.
        assert_eq!(daemon.transitions().await, expected);
        scene.fail();
        scene.polls(2).await;
        expected.push("ACTIVE>IN_ERROR".to_owned());
        assert_eq!(daemon.transitions().await, expected);
        daemon.kill();
        scene.heal();
        expected.push("IN_ERROR>ACTIVE".to_owned());
    }
    let daemon = scene.daemon();
    daemon.until_ready().await;
    assert_eq!(daemon.transitions().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_state_file_is_told_and_monitoring_goes_on() {
    let scene = Scene::alerting(webhook(&Server::kind().await)).await;
    fs::write(scene.state_file(), "").unwrap();
    let (line, daemon) = scene.started(&[], "state file");
    let told = "level=warn msg=\"the state file was empty; what it remembered, if anything, is lost, and history begins \
                anew: look what empties it, such as a full disk, a copy that broke off or a provisioned placeholder\"";
    assert!(line.contains(told), "{line}");
    daemon.until_ready().await;
    scene.polls(2).await;
    daemon.kill();
    assert_eq!(scene.state_files(), ["state"]);
    assert!(fs::metadata(scene.state_file()).unwrap().len() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_foreign_state_file_is_set_aside_and_monitoring_goes_on() {
    let ops = Server::kind().await;
    let scene = Scene::alerting(webhook(&ops)).await;
    let daemon = scene.daemon();
    daemon.until_ready().await;
    scene.polls(2).await;
    daemon.kill();
    let whole = fs::read(scene.state_file()).unwrap();
    let damaged = whole[..whole.len() / 2].to_vec();
    let foreign = b"poll_interval: 30s\n".to_vec();

    for (number, content) in [damaged, foreign].into_iter().enumerate() {
        fs::write(scene.state_file(), &content).unwrap();
        let (line, daemon) = scene.started(&[], "state file");
        let (_, aside) = line.split_once("moved_to=").expect("it says where to");
        let aside = aside.split_whitespace().next().unwrap();
        assert!(line.contains("level=error"), "{line}");
        // Of its own file the database may have begun the recovery; a foreign one is as it was.
        let kept = fs::read(aside).unwrap();
        let is_kept = kept == content || kept.starts_with(b"redb") && content.starts_with(b"redb");
        assert!(is_kept, "what was there can be looked at");
        fs::remove_file(aside).unwrap();

        daemon.until_ready().await;
        scene.fail();
        daemon.until_outcome("delivered", "ops", 1).await;
        scene.heal();
        daemon.until_outcome("delivered", "ops", 2).await;
        let notified = story(&ops.seen().split_off(2 * number));
        let once =
            ["firing", "resolved"].map(|status| format!("{status} ClusterLinkTaskInError A"));
        assert_eq!(notified, once);
        scene.polls(2).await;
        daemon.kill();
        // The new file is good.
        scene.daemon().until_ready().await;
        assert_eq!(scene.state_files(), ["state"]);
    }
}
