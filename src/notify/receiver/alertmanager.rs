//! `POST /api/v2/alerts` of an Alertmanager.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::Envelope;
use crate::{alert::Alert, client::Message};

const PATH: &str = "/api/v2/alerts";

/// One Alertmanager. All of a cluster are sent each alert, each by itself: they agree among themselves on who notifies.
#[derive(Clone, Debug, PartialEq)]
pub struct Alertmanager {
    /// `url`: scheme, host, port and perhaps a path before the API's own.
    pub url: Url,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    labels: &'a BTreeMap<String, String>,
    annotations: &'a BTreeMap<String, String>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    #[serde(rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    generator_url: Option<String>,
}

impl Alertmanager {
    /// The array of alerts. Their `endsAt` goes as it is: while one fires, it says until when silence means nothing. A start
    /// after it, which comes of a clock that was set back, would be refused and goes as the same moment: an end that was
    /// moved into the future instead would leave the alert active.
    pub(super) fn render(&self, envelope: &Envelope, alerts: &[Arc<Alert>]) -> Message {
        let alerts: Vec<_> = alerts.iter().map(|alert| posted(alert, envelope)).collect();
        let mut url = self.url.clone();
        url.set_path(&format!("{}{PATH}", self.url.path().trim_end_matches('/')));
        Message {
            url,
            body: serde_json::to_vec(&alerts).expect("texts and times are JSON"),
            secrets: Vec::new(),
        }
    }
}

fn posted<'a>(alert: &'a Alert, envelope: &Envelope<'a>) -> Posted<'a> {
    let Alert {
        labels,
        annotations,
        starts_at,
        ends_at,
        status: _,
    } = alert;
    Posted {
        labels,
        annotations,
        starts_at: *starts_at.min(ends_at),
        ends_at: *ends_at,
        generator_url: envelope.page_of(alert),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;
    use crate::notify::testing::{ENVELOPE, alert, exporter, resolved};

    #[test]
    fn alerts_are_posted_with_their_times_as_they_are() {
        let alertmanager = Alertmanager {
            url: "http://am.example:9093/prefix/".parse().unwrap(),
        };
        let alerts = [alert("orders"), resolved(&alert("sales"))];
        let Message { url, body, .. } = alertmanager.render(&ENVELOPE, &alerts);
        assert_eq!(url.as_str(), "http://am.example:9093/prefix/api/v2/alerts");
        let expected = |link: &str, ends_at: &str| {
            json!({
                "labels": {
                    "alertname": "ClusterLinkFailed", "cluster_id": "lkc-1", "cluster_name": "dr",
                    "component": "cluster-link", "link_name": link, "scope": "link", "severity": "critical",
                },
                "annotations": {
                    "summary": format!("Link `{link}` failed."),
                    "description": "Nothing is mirrored.",
                    "dashboard_url": "https://grafana.example/d/link",
                    "runbook_url": "https://wiki.example/runbook",
                },
                "startsAt": "2025-06-15T15:06:40Z",
                "endsAt": ends_at,
            })
        };
        let body: Value = serde_json::from_slice(&body).unwrap();
        let alerts = [
            expected("orders", "2025-06-15T15:10:40Z"),
            expected("sales", "2025-06-15T15:16:40Z"),
        ];
        assert_eq!(body, json!(alerts));
    }

    #[test]
    fn no_alert_ends_before_it_starts_though_the_clock_was_set_back() {
        let firing = alert("orders");
        let alertmanager = Alertmanager {
            url: "http://am.example:9093".parse().unwrap(),
        };
        for seconds in [20, 7200] {
            let ends_at = firing.starts_at - SignedDuration::from_secs(seconds);
            for alert in [firing.clone(), resolved(&firing)] {
                let alert = Alert {
                    ends_at,
                    ..Alert::clone(&alert)
                };
                let body = alertmanager.render(&ENVELOPE, &[Arc::new(alert)]).body;
                let body: Value = serde_json::from_slice(&body).unwrap();
                let times = ["startsAt", "endsAt"].map(|key| body[0][key].clone());
                assert_eq!(times, [ends_at.to_string(), ends_at.to_string()]);
            }
        }
    }

    #[test]
    fn an_alert_says_where_it_comes_from_where_that_is_known() {
        let url = exporter();
        let envelope = Envelope {
            external_url: Some(&url),
            ..ENVELOPE
        };
        let alertmanager = Alertmanager {
            url: "http://am.example:9093".parse().unwrap(),
        };
        let body = alertmanager.render(&envelope, &[alert("orders")]).body;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body[0]["generatorURL"],
            "https://exporter.example/prefix/#dr/orders"
        );
    }
}
