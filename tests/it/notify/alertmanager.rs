//! Debian's Alertmanager takes our alerts, and its webhook says of them what ours says.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use cluster_link_exporter::alert::{Alert, Status};
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};
use url::Url;

use super::{PATIENCE, Scene, alert, alertmanager, resolved, webhook};
use crate::support::{
    self,
    endpoint::{Seen, Server},
    installed,
};

/// Ends with the value.
struct Peer {
    _process: Child,
    _folder: TempDir,
    url: Url,
}

impl Peer {
    /// An Alertmanager that sends everything to this webhook at once; `None` where it is not installed.
    fn forwarding_to(hook: &Url) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("alertmanager.yml");
        let route = "{ receiver: ops, group_by: [cluster_name, cluster_id, link_name], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }";
        fs::write(
            &config,
            format!("route: {route}\nreceivers: [{{ name: ops, webhook_configs: [{{ url: '{hook}' }}] }}]\n"),
        )
        .unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let process = Command::from(installed::command("ALERTMANAGER").ok()?)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.path().display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--cluster.listen-address=", "--log.level=error"])
            .kill_on_drop(true)
            .spawn()
            .expect("it ran a moment ago");
        Some(Self {
            _process: process,
            _folder: folder,
            url: format!("http://{address}").parse().unwrap(),
        })
    }

    /// Waits until it knows so many alerts that are not resolved.
    async fn until(&self, count: usize) -> Vec<Value> {
        let url = self.url.join("/api/v2/alerts").unwrap();
        let mut known = Value::Null;
        let asked = timeout(PATIENCE, async {
            loop {
                if let Ok(answer) = reqwest::get(url.clone()).await {
                    let body = answer.bytes().await.unwrap_or_default();
                    known = serde_json::from_slice(&body).unwrap_or_default();
                }
                match known.as_array() {
                    Some(alerts) if alerts.len() == count => return alerts.clone(),
                    _ => sleep(Duration::from_millis(50)).await,
                }
            }
        });
        asked
            .await
            .unwrap_or_else(|_| panic!("it should know {count} alerts"))
    }
}

/// A port that was free a moment ago: Alertmanager cannot be asked which one it chose.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A message without what names the sender, and what only newer versions say.
fn notified(Seen { body, .. }: &Seen) -> Value {
    let mut body = body.clone();
    body["externalURL"] = Value::Null;
    // Alertmanager 0.33 has it, 0.28 does not.
    body.as_object_mut().unwrap().remove("notification_reason");
    for alert in body["alerts"].as_array_mut().unwrap() {
        alert["generatorURL"] = Value::Null;
    }
    body
}

#[tokio::test]
async fn an_alertmanager_takes_our_alerts_and_sends_what_our_webhook_sends() {
    let (theirs, ours) = (Server::kind().await, Server::kind().await);
    let Some(peer) = Peer::forwarding_to(&theirs.url()) else {
        return support::skip(
            "an_alertmanager_takes_our_alerts_and_sends_what_our_webhook_sends",
            "`prometheus-alertmanager` is not on PATH; install the Debian package prometheus-alertmanager",
        );
    };
    peer.until(0).await;
    let scene = Scene::notifying(&[alertmanager(&peer.url), webhook(&ours.url())]);
    let odd = alert("a \"b\"\\\nü");
    scene.notify(&odd);
    let (their, our) = (theirs.until(1).await, ours.until(1).await);
    assert_eq!(notified(&their[0]), notified(&our[0]));
    let known = peer.until(1).await;
    assert_eq!(
        known[0]["fingerprint"],
        our[0].body["alerts"][0]["fingerprint"]
    );
    assert_eq!(
        known[0]["startsAt"].as_str().unwrap()[..19],
        odd.starts_at.to_string()[..19]
    );
    assert_eq!(
        known[0]["endsAt"].as_str().unwrap()[..19],
        odd.ends_at.to_string()[..19]
    );

    scene.notify(&resolved(&odd));
    let (their, our) = (theirs.until(2).await, ours.until(2).await);
    assert_eq!(notified(&their[1]), notified(&our[1]));
    assert_eq!(our[1].body["status"], "resolved");
    peer.until(0).await;

    let many: Vec<_> = (0..130)
        .map(|number| alert(&format!("link-{number}")))
        .collect();
    for alert in &many {
        scene.notify(alert);
    }
    peer.until(130).await;
    assert_eq!(scene.counts("am"), "delivered 132");
}

#[tokio::test]
async fn an_alert_ends_there_though_the_clock_was_set_back_meanwhile() {
    let theirs = Server::kind().await;
    let Some(peer) = Peer::forwarding_to(&theirs.url()) else {
        return support::skip(
            "an_alert_ends_there_though_the_clock_was_set_back_meanwhile",
            "`prometheus-alertmanager` is not on PATH; install the Debian package prometheus-alertmanager",
        );
    };
    peer.until(0).await;
    let scene = Scene::notifying(&[alertmanager(&peer.url)]);
    let set_back = SignedDuration::from_secs(20);
    let before = alert("orders");
    let firing = Alert {
        starts_at: before.starts_at + SignedDuration::from_mins(1) + set_back,
        ..before
    };
    scene.notify(&firing);
    peer.until(1).await;
    let ended = Alert {
        status: Status::Resolved,
        ends_at: firing.starts_at - set_back,
        ..firing
    };
    scene.notify(&ended);
    peer.until(0).await;
    assert_eq!(scene.counts("am"), "delivered 2");
}
