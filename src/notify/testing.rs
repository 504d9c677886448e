//! Alerts to send.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::receiver::Envelope;
use crate::{
    alert::{Alert, Status},
    web_links::BaseUrl,
};

pub(super) const ENVELOPE: Envelope<'static> = Envelope {
    receiver: "ops",
    external_url: None,
};

/// Where people find the exporter.
pub(super) fn exporter() -> BaseUrl {
    BaseUrl::new(
        &"https://exporter.example/prefix/"
            .parse()
            .expect("it is a URL"),
    )
}

/// When every alert began to fire.
pub(super) const START: Timestamp = Timestamp::constant(1_750_000_000, 0);

/// A link that has failed.
pub(super) fn alert(link: &str) -> Arc<Alert> {
    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        pairs.collect()
    };
    Arc::new(Alert {
        labels: pairs(&[
            ("alertname", "ClusterLinkFailed"),
            ("cluster_id", "lkc-1"),
            ("cluster_name", "dr"),
            ("component", "cluster-link"),
            ("link_name", link),
            ("scope", "link"),
            ("severity", "critical"),
        ]),
        annotations: pairs(&[
            ("summary", &format!("Link `{link}` failed.")),
            ("description", "Nothing is mirrored."),
            ("dashboard_url", "https://grafana.example/d/link"),
            ("runbook_url", "https://wiki.example/runbook"),
        ]),
        starts_at: START,
        ends_at: START + SignedDuration::from_mins(4),
        status: Status::Firing,
    })
}

/// The same with the description of an error, whose message wants to be more than text.
pub(super) fn in_error(link: &str) -> Alert {
    let description = format!(
        "Nothing is mirrored.\nIn its present state since 2025-06-15 15:00:00 +0000 UTC.\n\
         Error code A: Do this. The server says: <!channel> & <https://evil.example|here>\n\
         Next: `confluent kafka link task list {} --cluster lkc-1`",
        link.replace('\n', " ")
    );
    let mut alert = Alert::clone(&alert(link));
    alert.annotations.insert("description".into(), description);
    alert
}

/// The same with a hundred error codes and texts as long as the name.
pub(super) fn monstrous(link: &str) -> Alert {
    let mut alert = in_error(link);
    let name = link.replace('\n', " ");
    let more = format!("\nError code B: Do that. {name}").repeat(99);
    let description = alert.annotations.get_mut("description");
    let description = description.expect("it has one");
    *description = format!("{name}{description}{more}");
    alert
}

/// The same alert when it has ended.
pub(super) fn resolved(alert: &Arc<Alert>) -> Arc<Alert> {
    Arc::new(Alert {
        status: Status::Resolved,
        ends_at: alert.starts_at + SignedDuration::from_mins(10),
        ..Alert::clone(alert)
    })
}

/// The same alert when it fires again, so many minutes later.
pub(super) fn later(alert: &Arc<Alert>, minutes: i64) -> Arc<Alert> {
    let later = SignedDuration::from_mins(minutes);
    Arc::new(Alert {
        starts_at: alert.starts_at + later,
        ends_at: alert.ends_at + later,
        ..Alert::clone(alert)
    })
}
