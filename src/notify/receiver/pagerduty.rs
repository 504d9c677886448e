//! PagerDuty's Events API v2.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{Envelope, RenderError, one_line};
use crate::{
    alert::{Alert, Status},
    client::Message,
    notify::key::Key,
    secret::{ExposeSecret, Secret},
    text::excerpt,
};

const PATH: &str = "/v2/enqueue";

/// The published limit of `payload.summary`, in characters.
const MAX_SUMMARY: usize = 1024;
/// The other fields hold names; the API shows no longer ones anywhere.
const MAX_NAME: usize = 255;
/// The published limit of an event is 512 KB.
const MAX_EVENT: usize = 512_000;
/// What a text of the details is cut to where the event would be larger.
const MAX_DETAIL: usize = 1024;
/// A link of any use is shorter.
const MAX_LINK: usize = 2048;

/// A service of PagerDuty.
#[derive(Clone, Debug, PartialEq)]
pub struct PagerDuty {
    /// `url`: scheme and host, with or without the API's own path.
    pub url: Url,
    /// `routing_key`, `routing_key_file` or `routing_key_env`: the integration key of the service.
    pub routing_key: Secret,
}

#[derive(Serialize)]
struct Event<'a> {
    routing_key: &'a str,
    #[serde(rename = "event_action")]
    action: &'static str,
    dedup_key: &'a str,
    /// What follows is only in a trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Payload<'a> {
    summary: String,
    source: String,
    severity: &'static str,
    timestamp: Timestamp,
    component: String,
    group: String,
    class: String,
    custom_details: BTreeMap<&'a str, Value>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    text: &'static str,
}

impl PagerDuty {
    /// The default of `url`.
    pub const URL: &str = "https://events.pagerduty.com";
    /// How many characters every routing key has.
    pub const ROUTING_KEY_LENGTH: usize = 32;

    /// The event of one alert.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alert: &Alert,
        key: &Key,
    ) -> Result<Message, RenderError> {
        let routing_key = self.routing_key.read()?;
        let mut event = Event {
            routing_key: routing_key.expose_secret(),
            action: "resolve",
            dedup_key: key.as_str(),
            payload: None,
            client: None,
            client_url: None,
            links: Vec::new(),
        };
        if alert.status == Status::Firing {
            let page = envelope.page_of(alert);
            let page = page.filter(|url| url.len() <= MAX_LINK);
            event.action = "trigger";
            event.payload = Some(payload(alert));
            event.client = Some(env!("CARGO_PKG_NAME"));
            event.links = links(alert, page.as_deref());
            event.client_url = page;
        }
        Ok(Message {
            url: self.endpoint(),
            body: bounded(event),
            secrets: vec![routing_key],
        })
    }

    /// Alertmanager's configuration writes the whole URL, so both are understood.
    fn endpoint(&self) -> Url {
        let mut url = self.url.clone();
        let path = self.url.path().trim_end_matches('/');
        let base = path.strip_suffix(PATH).unwrap_or(path);
        url.set_path(&format!("{base}{PATH}"));
        url
    }
}

fn payload(alert: &Alert) -> Payload<'_> {
    let label = |name: &str| alert.labels.get(name).map(String::as_str);
    let first = |names: &[&str], otherwise: &str| {
        let found = names.iter().find_map(|name| label(name));
        excerpt(&one_line(found.unwrap_or(otherwise)), MAX_NAME).into_owned()
    };
    let name = label("alertname").unwrap_or_default();
    let summary = alert
        .annotations
        .get("summary")
        .map_or(name, String::as_str);
    Payload {
        summary: excerpt(&one_line(summary), MAX_SUMMARY).into_owned(),
        source: first(&["cluster_name", "cluster_id"], env!("CARGO_PKG_NAME")),
        severity: match label("severity") {
            Some("critical") => "critical",
            Some("warning") => "warning",
            _ => "info",
        },
        timestamp: alert.starts_at,
        component: first(&["task_name", "link_name", "component"], "cluster-link"),
        group: first(&["link_name", "cluster_id"], "cluster-link"),
        class: excerpt(&one_line(name), MAX_NAME).into_owned(),
        custom_details: details(alert),
    }
}

/// All that has no place of its own in an event: the texts, and the labels together.
fn details(alert: &Alert) -> BTreeMap<&str, Value> {
    let has_place = |name: &str| name == "summary" || LINKED.iter().any(|(key, _)| *key == name);
    let texts = alert
        .annotations
        .iter()
        .filter(|(name, _)| !has_place(name));
    let texts = texts.map(|(name, text)| (name.as_str(), text.as_str().into()));
    let labels = alert
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()));
    let labels = Value::Object(labels.collect());
    texts.chain([("labels", labels)]).collect()
}

/// The annotations that are links, and what the event calls them.
const LINKED: [(&str, &str); 2] = [("runbook_url", "Runbook"), ("dashboard_url", "Dashboard")];

/// The place on the exporter's page and the links of the annotations. They lead somewhere only where they are absolute.
fn links(alert: &Alert, page: Option<&str>) -> Vec<Link> {
    let is_absolute = |href: &str| {
        let url = Url::parse(href);
        href.len() <= MAX_LINK && url.is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
    };
    let of_alert = |(name, text): (&str, &'static str)| {
        let href = alert.annotations.get(name)?;
        Some((href.clone(), text)).filter(|(href, _)| is_absolute(href))
    };
    let page = page.map(|href| (href.to_owned(), "Exporter"));
    let links = page
        .into_iter()
        .chain(LINKED.into_iter().filter_map(of_alert));
    links.map(|(href, text)| Link { href, text }).collect()
}

/// The event in JSON, its details cut where it would be too large: an event without them is better than none.
fn bounded(mut event: Event) -> Vec<u8> {
    let cuts: [fn(&mut BTreeMap<&str, Value>); 2] = [
        |details| details.values_mut().for_each(cut_texts),
        |details| {
            let said = "left out, because the event would have been larger than PagerDuty takes";
            *details = BTreeMap::from([("details", said.into())]);
        },
    ];
    let json = |event: &Event| serde_json::to_vec(event).expect("texts and times are JSON");
    let mut body = json(&event);
    for shorten in cuts {
        let details = event
            .payload
            .as_mut()
            .map(|payload| &mut payload.custom_details);
        if let Some(details) = details.filter(|_| body.len() > MAX_EVENT) {
            shorten(details);
            body = json(&event);
        }
    }
    body
}

fn cut_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = excerpt(text, MAX_DETAIL).into_owned(),
        Value::Object(values) => values.values_mut().for_each(cut_texts),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::notify::testing::{ENVELOPE, alert, exporter, resolved};

    fn pagerduty(url: &str) -> PagerDuty {
        PagerDuty {
            url: url.parse().unwrap(),
            routing_key: Secret::Literal("R0".into()),
        }
    }

    fn rendered(alert: &Alert) -> (String, Value, usize) {
        let external = exporter();
        let envelope = Envelope {
            external_url: Some(&external),
            ..ENVELOPE
        };
        let key = Key::of_subject(&alert.labels);
        let message = pagerduty(PagerDuty::URL)
            .render(&envelope, alert, &key)
            .unwrap();
        let body = serde_json::from_slice(&message.body).unwrap();
        (message.url.into(), body, message.body.len())
    }

    #[test]
    fn a_firing_alert_is_a_trigger() {
        let (url, body, _) = rendered(&alert("orders"));
        assert_eq!(url, "https://events.pagerduty.com/v2/enqueue");
        let labels = json!({
            "alertname": "ClusterLinkFailed", "cluster_id": "lkc-1", "cluster_name": "dr",
            "component": "cluster-link", "link_name": "orders", "scope": "link", "severity": "critical",
        });
        let expected = json!({
            "routing_key": "R0",
            "event_action": "trigger",
            "dedup_key": Key::of_subject(&alert("orders").labels).as_str(),
            "client": "cluster-link-exporter",
            "client_url": "https://exporter.example/prefix/#dr/orders",
            "links": [
                { "href": "https://exporter.example/prefix/#dr/orders", "text": "Exporter" },
                { "href": "https://wiki.example/runbook", "text": "Runbook" },
                { "href": "https://grafana.example/d/link", "text": "Dashboard" },
            ],
            "payload": {
                "summary": "Link `orders` failed.",
                "source": "dr",
                "severity": "critical",
                "timestamp": "2025-06-15T15:06:40Z",
                "component": "orders",
                "group": "orders",
                "class": "ClusterLinkFailed",
                "custom_details": { "description": "Nothing is mirrored.", "labels": labels },
            },
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_resolved_alert_needs_no_more_than_the_key_of_its_trigger() {
        let firing = alert("orders");
        let mut changed = Alert::clone(&resolved(&firing));
        changed.labels.insert("severity".into(), "warning".into());
        let expected = json!({
            "routing_key": "R0", "event_action": "resolve", "dedup_key": Key::of_subject(&firing.labels).as_str(),
        });
        assert_eq!(rendered(&changed).1, expected);
    }

    #[test]
    fn every_event_keeps_to_the_limits() {
        let mut large = Alert::clone(&alert(&"ü".repeat(2000)));
        large.annotations.insert("summary".into(), "ü".repeat(2000));
        large.annotations.insert(
            "runbook_url".into(),
            format!("https://a/{}", "b".repeat(2048)),
        );
        let (_, body, _) = rendered(&large);
        let length = |field: &str| body["payload"][field].as_str().unwrap().chars().count();
        assert_eq!(
            [length("summary"), length("component"), length("group")],
            [1024, 255, 255]
        );
        assert_eq!(body["links"].as_array().unwrap().len(), 1);
        assert_eq!(
            body["payload"]["custom_details"]["labels"]["link_name"],
            "ü".repeat(2000)
        );

        large
            .annotations
            .insert("description".into(), "d".repeat(MAX_EVENT));
        let (_, body, size) = rendered(&large);
        let details = &body["payload"]["custom_details"];
        assert_eq!(
            details["description"].as_str().unwrap().chars().count(),
            1024
        );
        assert!(size <= MAX_EVENT);

        for number in 0..1000 {
            large
                .annotations
                .insert(format!("text{number}"), "t".repeat(1024));
        }
        let (_, body, size) = rendered(&large);
        assert_eq!(
            body["payload"]["custom_details"].as_object().unwrap().len(),
            1
        );
        assert!(size <= MAX_EVENT);
    }

    #[test]
    fn what_is_shown_on_one_line_is_one_line_and_the_labels_stay_as_they_are() {
        let name = "or\r\nders\u{2028}of \tall\u{85}\u{202e}\u{2066}\u{1b}[2J";
        let mut broken = Alert::clone(&alert(name));
        let summary = format!("Link `{name}` failed.\n");
        broken.annotations.insert("summary".into(), summary);
        let (_, body, _) = rendered(&broken);
        let shown = ["summary", "component", "group"].map(|field| body["payload"][field].clone());
        let one_line = "or ders of all ���[2J";
        let summary = "Link `or ders of all ���[2J` failed.";
        assert_eq!(shown, [summary, one_line, one_line]);
        let labels = &body["payload"]["custom_details"]["labels"];
        assert_eq!(labels["link_name"], name);
    }

    #[test]
    fn an_alert_about_no_cluster_has_a_source_too() {
        let mut test = Alert::clone(&alert("orders"));
        test.labels = BTreeMap::from([
            ("alertname".into(), "Test".into()),
            ("severity".into(), "none".into()),
        ]);
        test.annotations.clear();
        let (_, body, _) = rendered(&test);
        let shown = ["summary", "source", "severity"].map(|field| body["payload"][field].clone());
        assert_eq!(shown, ["Test", "cluster-link-exporter", "info"]);
    }

    #[test]
    fn the_path_of_the_api_may_be_written_or_not() {
        let endpoint = |url: &str| pagerduty(url).endpoint().to_string();
        let expected = "https://pd.example/v2/enqueue";
        for url in [
            "https://pd.example",
            "https://pd.example/",
            "https://pd.example/v2/enqueue",
        ] {
            assert_eq!(endpoint(url), expected);
        }
        assert_eq!(endpoint("https://a/drill"), "https://a/drill/v2/enqueue");
    }
}
