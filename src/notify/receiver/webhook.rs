//! Alertmanager's webhook, version 4: whoever takes its JSON takes ours.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use url::Url;

use super::{Envelope, Group, RenderError};
use crate::{
    alert::{Alert, Status},
    client::Message,
    notify::fingerprint::{fingerprint, label_set},
    secret::{ExposeSecret, Secret, SecretString},
    web_links::BaseUrl,
};

/// Go's zero time, which Alertmanager sends where a firing alert has no end yet.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// What a message is about, in the order of the names: one incident a link. The id alone does not tell clusters apart: two
/// may have one by mistake, and some have none, and the end of the one's alerts must not look like the end of the other's.
const GROUP_BY: [&str; 3] = ["cluster_id", "cluster_name", "link_name"];

/// Parts of a URL from this length on are taken for secrets: words like `hooks` are shorter, tokens longer.
const SECRET_LENGTH: usize = 6;

/// A URL that takes Alertmanager's JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// `url`, `url_file` or `url_env`: whoever knows it may post, so it never prints.
    pub url: Secret,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    receiver: &'a str,
    status: &'static str,
    alerts: Vec<PostedAlert<'a>>,
    group_labels: BTreeMap<&'a str, &'a str>,
    common_labels: BTreeMap<&'a str, &'a str>,
    common_annotations: BTreeMap<&'a str, &'a str>,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: String,
    truncated_alerts: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostedAlert<'a> {
    status: &'static str,
    labels: &'a BTreeMap<String, String>,
    annotations: &'a BTreeMap<String, String>,
    starts_at: Timestamp,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}

impl Webhook {
    pub(super) fn group(alert: &Alert) -> Group {
        Group::by(&GROUP_BY, alert)
    }

    /// The message of one group.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alerts: &[Arc<Alert>],
    ) -> Result<Message, RenderError> {
        let (url, secrets) = destination(&self.url)?;
        let posted = posted(envelope, alerts);
        Ok(Message {
            url,
            body: serde_json::to_vec(&posted).expect("texts and times are JSON"),
            secrets,
        })
    }
}

/// A URL that is a secret, and what of it must not be quoted.
pub(super) fn destination(secret: &Secret) -> Result<(Url, Vec<SecretString>), RenderError> {
    let url: Url = secret
        .read()?
        .expose_secret()
        .trim()
        .parse()
        .map_err(|_| RenderError::Url(format!("{secret:?}")))?;
    let secrets = secrets(&url);
    Ok((url, secrets))
}

fn posted<'a>(envelope: &Envelope<'a>, alerts: &'a [Arc<Alert>]) -> Posted<'a> {
    let first = alerts.first().expect("there is at least one");
    let group = Webhook::group(first);
    let external_url = envelope.external_url.map_or("", BaseUrl::as_str);
    let grouped = GROUP_BY.iter().copied();
    let grouped = grouped.filter_map(|name| Some((name, first.labels.get(name)?.as_str())));
    let is_firing = |alert: &Arc<Alert>| alert.status == Status::Firing;
    let status = if alerts.iter().any(is_firing) {
        Status::Firing
    } else {
        Status::Resolved
    };
    Posted {
        receiver: envelope.receiver,
        status: status.label(),
        alerts: alerts
            .iter()
            .map(|alert| posted_alert(alert, envelope.page_of(alert).unwrap_or_default()))
            .collect(),
        group_labels: grouped.collect(),
        common_labels: common(alerts, |alert| &alert.labels),
        common_annotations: common(alerts, |alert| &alert.annotations),
        external_url,
        version: "4",
        group_key: format!("{{}}:{}", label_set(group.labels())),
        truncated_alerts: 0,
    }
}

fn posted_alert(alert: &Alert, generator_url: String) -> PostedAlert<'_> {
    let Alert {
        labels,
        annotations,
        starts_at,
        ends_at,
        status,
    } = alert;
    PostedAlert {
        status: status.label(),
        labels,
        annotations,
        starts_at: *starts_at,
        ends_at: match status {
            Status::Firing => NO_TIME.to_owned(),
            // The start is what its trigger said; a clock that was set back since must not end it before.
            Status::Resolved => ends_at.max(starts_at).to_string(),
        },
        generator_url,
        fingerprint: fingerprint(labels),
    }
}

/// The pairs that all alerts have.
fn common(
    alerts: &[Arc<Alert>],
    of: impl Fn(&Alert) -> &BTreeMap<String, String>,
) -> BTreeMap<&str, &str> {
    let [first, others @ ..] = alerts else {
        return BTreeMap::new();
    };
    let is_common = |(name, value): &(&String, &String)| {
        others
            .iter()
            .all(|alert| of(alert).get(*name) == Some(value))
    };
    let pairs = of(first).iter().filter(is_common);
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// What of the URL must not be quoted: its path and query, and what of them could be a token.
fn secrets(url: &Url) -> Vec<SecretString> {
    let whole = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let parts = whole.split(['/', '?', '&', '=', ';']).flat_map(|part| {
        let decoded = percent_decode_str(part).decode_utf8_lossy().into_owned();
        [part.to_owned(), decoded]
    });
    let parts = parts.filter(|part| part.len() >= SECRET_LENGTH);
    let whole = Some(&whole).filter(|whole| *whole != "/");
    whole
        .cloned()
        .into_iter()
        .chain(parts)
        .map(SecretString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;
    use crate::notify::testing::{ENVELOPE, alert, exporter, resolved};

    fn webhook(url: &str) -> Webhook {
        Webhook {
            url: Secret::Literal(url.into()),
        }
    }

    fn rendered(envelope: &Envelope, alerts: &[Arc<Alert>]) -> Value {
        let message = webhook("https://hooks.example/").render(envelope, alerts);
        serde_json::from_slice(&message.unwrap().body).unwrap()
    }

    #[test]
    fn a_message_is_what_alertmanager_would_send_of_the_group() {
        let external = exporter();
        let envelope = Envelope {
            external_url: Some(&external),
            ..ENVELOPE
        };
        let firing = alert("orders");
        let mut other = Alert::clone(&alert("orders"));
        other
            .labels
            .insert("alertname".into(), "ClusterLinkUnavailable".into());
        other
            .annotations
            .insert("summary".into(), "Another.".into());
        let alerts = [firing.clone(), resolved(&Arc::new(other))];
        let common = json!({
            "cluster_id": "lkc-1", "cluster_name": "dr", "component": "cluster-link", "link_name": "orders",
            "scope": "link", "severity": "critical",
        });
        let annotations = json!({
            "description": "Nothing is mirrored.", "dashboard_url": "https://grafana.example/d/link",
            "runbook_url": "https://wiki.example/runbook",
        });
        let with = |common: &Value, name: &str, value: &str| {
            let mut all = common.clone();
            all[name] = value.into();
            all
        };
        let expected = json!({
            "version": "4",
            "groupKey": r#"{}:{cluster_id="lkc-1", cluster_name="dr", link_name="orders"}"#,
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "ops",
            "groupLabels": { "cluster_id": "lkc-1", "cluster_name": "dr", "link_name": "orders" },
            "commonLabels": common,
            "commonAnnotations": annotations,
            "externalURL": "https://exporter.example/prefix",
            "alerts": [
                {
                    "status": "firing",
                    "labels": with(&common, "alertname", "ClusterLinkFailed"),
                    "annotations": with(&annotations, "summary", "Link `orders` failed."),
                    "startsAt": "2025-06-15T15:06:40Z",
                    "endsAt": "0001-01-01T00:00:00Z",
                    "generatorURL": "https://exporter.example/prefix/#dr/orders",
                    "fingerprint": fingerprint(&firing.labels),
                },
                {
                    "status": "resolved",
                    "labels": with(&common, "alertname", "ClusterLinkUnavailable"),
                    "annotations": with(&annotations, "summary", "Another."),
                    "startsAt": "2025-06-15T15:06:40Z",
                    "endsAt": "2025-06-15T15:16:40Z",
                    "generatorURL": "https://exporter.example/prefix/#dr/orders",
                    "fingerprint": fingerprint(&alerts[1].labels),
                },
            ],
        });
        assert_eq!(rendered(&envelope, &alerts), expected);
    }

    #[test]
    fn a_group_that_has_ended_is_resolved_and_one_without_a_link_has_fewer_labels() {
        let mut blind = Alert::clone(&alert("orders"));
        blind.labels.remove("link_name");
        let body = rendered(&ENVELOPE, &[resolved(&Arc::new(blind))]);
        let shown = ["status", "groupKey", "externalURL"].map(|key| body[key].as_str().unwrap());
        assert_eq!(
            shown,
            [
                "resolved",
                r#"{}:{cluster_id="lkc-1", cluster_name="dr"}"#,
                ""
            ]
        );
        assert_eq!(
            body["groupLabels"],
            json!({ "cluster_id": "lkc-1", "cluster_name": "dr" })
        );
    }

    #[test]
    fn clusters_with_one_id_or_none_are_groups_of_their_own() {
        let of = |cluster: &str, id: Option<&str>| {
            let mut alert = Alert::clone(&alert("orders"));
            alert.labels.insert("cluster_name".into(), cluster.into());
            alert.labels.remove("cluster_id");
            let id = id.map(|id| ("cluster_id".to_owned(), id.to_owned()));
            alert.labels.extend(id);
            alert
        };
        let ids = [Some("lkc-1"), None];
        let alerts = ids.map(|id| [of("site-a", id), of("site-b", id)]);
        let alerts = alerts.as_flattened();
        let groups: Vec<_> = alerts.iter().map(Webhook::group).collect();
        let is_new = |place: usize| !groups[..place].contains(&groups[place]);
        let keys: BTreeSet<_> = alerts
            .iter()
            .map(|alert| rendered(&ENVELOPE, &[Arc::new(alert.clone())])["groupKey"].to_string())
            .collect();
        assert!((0..groups.len()).all(is_new), "{groups:?}");
        assert_eq!((groups.len(), keys.len()), (4, 4));
    }

    #[test]
    fn no_alert_ends_before_it_starts_though_the_clock_was_set_back() {
        let ended = resolved(&alert("orders"));
        let set_back = Alert {
            ends_at: ended.starts_at - SignedDuration::from_secs(20),
            ..Alert::clone(&ended)
        };
        let body = rendered(&ENVELOPE, &[Arc::new(set_back)]);
        let times = ["startsAt", "endsAt"].map(|key| body["alerts"][0][key].clone());
        assert_eq!(times, ["2025-06-15T15:06:40Z", "2025-06-15T15:06:40Z"]);
    }

    #[test]
    fn what_could_be_a_token_in_the_url_is_a_secret() {
        let secrets = |url: &str| {
            let secrets = secrets(&url.parse().unwrap());
            let mut texts: Vec<_> = secrets
                .iter()
                .map(|secret| secret.expose_secret().to_owned())
                .collect();
            texts.dedup();
            texts
        };
        assert_eq!(
            secrets("https://hooks.example/T0/token%2Fone?key=token-two"),
            [
                "/T0/token%2Fone?key=token-two",
                "token%2Fone",
                "token/one",
                "token-two"
            ]
        );
        assert!(secrets("https://hooks.example").is_empty());
    }

    #[test]
    fn a_secret_that_holds_no_url_is_named_by_its_source() {
        let unreadable = webhook("canary").render(&ENVELOPE, &[alert("orders")]);
        let problem = unreadable.err().unwrap().to_string();
        assert_eq!(
            problem,
            "literal secret holds no URL; write one that begins with `https://`"
        );
    }
}
