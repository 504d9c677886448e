//! Sending, against servers that answer in every way a receiver can: what they get, what is counted, logged and shown.

mod alertmanager;
mod answers;
mod chat;
mod log;
mod pagerduty;
mod reload;
mod signing;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cluster_link_exporter::{
    alert::{Alert, Status},
    client::{Credential, Transport},
    clock::Clock,
    notify::{Alertmanager, Health, Notified, Notifiers, Receiver, Settings, Webhook},
    secret::Secret,
    telemetry::Telemetry,
};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// The notifiers of receivers, and what they count.
struct Scene {
    notifiers: Notifiers,
    telemetry: Arc<Telemetry>,
    shutdown: CancellationToken,
}

impl Scene {
    /// Notifies these receivers, to which nothing was delivered before.
    fn notifying(receivers: &[Settings]) -> Self {
        Self::restored(Notified::new(), receivers)
    }

    /// The same after a restart, `notified` being what was delivered before.
    fn restored(notified: Notified, receivers: &[Settings]) -> Self {
        let telemetry = Arc::new(Telemetry::new());
        let shutdown = CancellationToken::new();
        let notifiers = Notifiers::new(
            notified,
            telemetry.clone(),
            Clock::system(),
            shutdown.clone(),
        );
        notifiers.follow(receivers).unwrap();
        Self {
            notifiers,
            telemetry,
            shutdown,
        }
    }

    fn notify(&self, alert: &Alert) {
        self.notifiers.notify(vec![alert.clone()]);
    }

    /// Waits until the health of the first receiver is as wanted.
    async fn until(&self, is_wanted: impl Fn(&Health) -> bool) -> Health {
        let waiting = timeout(PATIENCE, async {
            loop {
                let health = self.notifiers.health().remove(0);
                if is_wanted(&health) {
                    return health;
                }
                sleep(Duration::from_millis(5)).await;
            }
        });
        let Ok(health) = waiting.await else {
            panic!("it stays {:?}", self.notifiers.health());
        };
        health
    }

    /// Waits until nothing waits any more.
    async fn until_sent(&self) {
        self.until(|health| health.queued == 0).await;
    }

    /// The counts of a receiver by outcome, those that are zero left out.
    fn counts(&self, receiver: &str) -> String {
        let text = self.telemetry.text();
        let lines = text.lines().filter_map(|line| {
            let labels = line.strip_prefix("clusterlink_notifications_total{outcome=\"")?;
            let (outcome, rest) = labels.split_once('"')?;
            let count = rest.strip_prefix(&format!(",receiver=\"{receiver}\"}} "))?;
            (count != "0").then(|| format!("{outcome} {count}"))
        });
        lines.collect::<Vec<_>>().join(", ")
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.notifiers.stopped().await;
    }
}

fn settings(name: &str, receiver: Receiver) -> Settings {
    Settings {
        name: name.into(),
        receiver,
        credential: Credential::None,
        transport: Transport::default(),
        timeout: Settings::TIMEOUT,
        external_url: None,
    }
}

fn webhook(url: &Url) -> Settings {
    let url = Secret::Literal(url.as_str().into());
    settings("ops", Receiver::Webhook(Webhook { url }))
}

fn alertmanager(url: &Url) -> Settings {
    let url = url.clone();
    settings("am", Receiver::Alertmanager(Alertmanager { url }))
}

/// A link that has failed a minute ago.
fn alert(link: &str) -> Alert {
    let now = Clock::system().now();
    let now = Timestamp::from_second(now.as_second()).unwrap();
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    };
    Alert {
        labels: pairs(&[
            ("alertname", "ClusterLinkFailed"),
            ("cluster_id", "lkc-1"),
            ("cluster_name", "dr"),
            ("link_name", link),
            ("severity", "critical"),
        ]),
        annotations: pairs(&[("summary", "A link failed.")]),
        starts_at: now - SignedDuration::from_mins(1),
        ends_at: now + SignedDuration::from_mins(4),
        status: Status::Firing,
    }
}

/// The same alert, which has just ended.
fn resolved(alert: &Alert) -> Alert {
    Alert {
        status: Status::Resolved,
        ends_at: alert.starts_at + SignedDuration::from_mins(1),
        ..alert.clone()
    }
}
