//! Receivers that come, change and go while the exporter runs, and what is known after a restart.

use cluster_link_exporter::notify::{Notifiers, Settings};

use super::{Scene, alert, alertmanager, resolved, webhook};
use crate::support::endpoint::{Answer, Server};

fn names(notifiers: &Notifiers) -> Vec<String> {
    let health = notifiers.health().into_iter();
    health.map(|health| health.receiver).collect()
}

#[tokio::test]
async fn a_receiver_that_changes_keeps_what_waits_for_it() {
    let (wrong, right) = (
        Server::scripted([Answer::Says(404, String::new())]).await,
        Server::kind().await,
    );
    let scene = Scene::notifying(&[webhook(&wrong.url())]);
    scene.notify(&alert("orders"));
    wrong.until(1).await;
    scene.notifiers.follow(&[webhook(&right.url())]).unwrap();
    scene.notify(&resolved(&alert("orders")));
    let seen = right.until(2).await;
    let statuses = seen
        .iter()
        .map(|seen| seen.body["status"].as_str().unwrap());
    assert_eq!(statuses.collect::<Vec<_>>(), ["firing", "resolved"]);
}

#[tokio::test]
async fn a_receiver_that_leaves_takes_its_series_with_it_and_the_others_go_on() {
    let (server, other) = (Server::kind().await, Server::kind().await);
    let both = [webhook(&server.url()), alertmanager(&other.url())];
    let scene = Scene::notifying(&both);
    scene.notify(&alert("orders"));
    scene.until_sent().await;
    other.until(1).await;
    scene.notifiers.follow(&both[1..]).unwrap();
    assert_eq!(names(&scene.notifiers), ["am"]);
    assert!(!scene.telemetry.text().contains("receiver=\"ops\""));
    assert!(scene.notifiers.notified().borrow().is_empty());
    scene.notify(&alert("orders"));
    other.until(2).await;
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_comes_is_notified_of_what_fires_already() {
    let server = Server::kind().await;
    let scene = Scene::notifying(&[]);
    scene.notify(&alert("orders"));
    scene.notifiers.follow(&[webhook(&server.url())]).unwrap();
    assert_eq!(scene.counts("ops"), "");
    assert!(
        scene
            .telemetry
            .text()
            .contains("outcome=\"delivered\",receiver=\"ops\"} 0")
    );
    scene.notify(&alert("orders"));
    server.until(1).await;
}

#[tokio::test]
async fn a_receiver_whose_files_cannot_be_used_changes_nothing() {
    let server = Server::kind().await;
    let scene = Scene::notifying(&[webhook(&server.url())]);
    let mut broken = alertmanager(&server.url());
    broken.transport.tls.ca_file = Some("/nonexistent/ca.pem".into());
    let refused = scene.notifiers.follow(&[broken]).unwrap_err().to_string();
    assert_eq!(
        refused,
        "receiver `am`: `tls_config.ca_file`: `/nonexistent/ca.pem` cannot be read (No such file or directory (os error 2)); \
         mend the file, or name another"
    );
    assert_eq!(names(&scene.notifiers), ["ops"]);
}

/// The page must still be sent after a `kill -9` between firing and delivery, and one that was delivered not again.
#[tokio::test]
async fn after_a_restart_only_what_was_not_delivered_is_sent() {
    let server = Server::kind().await;
    let receivers: [Settings; 1] = [webhook(&server.url())];
    let scene = Scene::notifying(&receivers);
    scene.notify(&alert("delivered"));
    scene.until_sent().await;
    // What the state file holds when the process is killed.
    let mut notified = scene.notifiers.notified().borrow().clone();
    scene.notify(&alert("lost"));
    drop(scene);

    let (delivered, lost) = (alert("delivered"), alert("lost"));
    let started = server.seen()[0].body["alerts"][0]["startsAt"].clone();
    let delivered = cluster_link_exporter::alert::Alert {
        starts_at: started.as_str().unwrap().parse().unwrap(),
        ..delivered
    };
    let seen = server.seen().len();
    let gone = notified["ops"].clone();
    notified.insert("gone".into(), gone);
    let scene = Scene::restored(notified, &receivers);
    assert_eq!(
        scene.notifiers.notified().borrow().len(),
        1,
        "only who is configured is remembered"
    );
    for repeated in [&delivered, &lost] {
        scene.notify(repeated);
    }
    scene.notify(&resolved(&delivered));
    scene.until_sent().await;
    let notified = server.seen().split_off(seen);
    let notified = notified.iter().map(|seen| {
        (
            seen.body["commonLabels"]["link_name"].as_str().unwrap(),
            seen.body["status"].as_str().unwrap(),
        )
    });
    let notified: Vec<_> = notified.collect();
    assert_eq!(notified, [("lost", "firing"), ("delivered", "resolved")]);
}
