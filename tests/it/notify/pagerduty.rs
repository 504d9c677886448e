//! A PagerDuty that holds every event against the limits that the Events API v2 publishes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use cluster_link_exporter::{
    notify::{PagerDuty, Receiver},
    secret::Secret,
};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::{Scene, alert, resolved, settings};
use crate::support::endpoint::{Answer, Seen, Server};

const ROUTING_KEY: &str = "0123456789abcdef0123456789abcdef";
const MAX_EVENT: usize = 512_000;

/// What the API takes, and nothing else.
fn schema() -> Validator {
    let name = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    let url = json!({ "type": "string", "pattern": "^https?://" });
    let link = json!({
        "type": "object", "required": ["href"], "additionalProperties": false,
        "properties": { "href": url, "text": name },
    });
    let payload = json!({
        "type": "object", "required": ["summary", "source", "severity"], "additionalProperties": false,
        "properties": {
            "summary": { "type": "string", "minLength": 1, "maxLength": 1024 },
            "source": name, "component": name, "group": name, "class": name,
            "severity": { "enum": ["critical", "error", "warning", "info"] },
            "timestamp": { "type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$" },
            "custom_details": { "type": "object" },
        },
    });
    let event = json!({
        "type": "object", "required": ["routing_key", "event_action", "dedup_key"], "additionalProperties": false,
        "properties": {
            "routing_key": { "type": "string", "minLength": 32, "maxLength": 32 },
            "event_action": { "enum": ["trigger", "acknowledge", "resolve"] },
            "dedup_key": name, "client": name, "client_url": url,
            "links": { "type": "array", "items": link },
            "payload": payload,
        },
        "if": { "properties": { "event_action": { "const": "trigger" } } },
        "then": { "required": ["payload"] },
    });
    jsonschema::validator_for(&event).unwrap()
}

/// The open incidents: how often each was triggered, by its key.
type Incidents = Arc<Mutex<BTreeMap<String, usize>>>;

async fn pagerduty() -> (Server, Incidents) {
    let incidents = Incidents::default();
    let (schema, open) = (schema(), incidents.clone());
    let server = Server::answering(move |seen, _| receive(&schema, &open, seen)).await;
    (server, incidents)
}

fn receive(schema: &Validator, open: &Incidents, Seen { path, body, .. }: &Seen) -> Answer {
    let mut errors: Vec<_> = schema
        .iter_errors(body)
        .map(|error| error.to_string())
        .collect();
    if path != "/v2/enqueue" || body["routing_key"] != ROUTING_KEY {
        errors.push("Invalid routing key".into());
    }
    if body.to_string().len() > MAX_EVENT {
        errors.push("too large".into());
    }
    if !errors.is_empty() {
        let refusal = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
        return Answer::Says(400, refusal.to_string());
    }
    let key = body["dedup_key"].as_str().unwrap().to_owned();
    if body["event_action"] == "trigger" {
        *open.lock().unwrap().entry(key).or_default() += 1;
    } else {
        open.lock()
            .unwrap()
            .remove(&key)
            .expect("a resolve meets its trigger");
    }
    Answer::Says(
        202,
        json!({ "status": "success", "message": "Event processed" }).to_string(),
    )
}

#[tokio::test]
async fn pagerduty_takes_every_event_and_every_resolve_meets_its_trigger() {
    let (server, incidents) = pagerduty().await;
    let receiver = PagerDuty {
        url: server.url(),
        routing_key: Secret::Literal(ROUTING_KEY.into()),
    };
    let scene = Scene::notifying(&[settings("pager", Receiver::PagerDuty(receiver))]);
    let names = [
        "orders".to_owned(),
        "a\n\"b\"\\\u{0}/ü".to_owned(),
        "ü".repeat(3000),
    ];
    let mut alerts: Vec<_> = names.iter().map(|name| alert(name)).collect();
    for (length, alert) in [(10, 0), (5000, 1), (700_000, 2)] {
        let text = "\u{1F517}".repeat(length);
        let annotations = &mut alerts[alert].annotations;
        annotations.insert("summary".into(), text.clone());
        annotations.insert("description".into(), text);
        annotations.insert("dashboard_url".into(), "/d/relative".into());
        annotations.insert("runbook_url".into(), "https://runbooks.example/x".into());
    }
    for alert in &alerts {
        scene.notify(alert);
        scene.notify(alert);
    }
    scene.until_sent().await;
    assert_eq!(scene.counts("pager"), "delivered 3");
    assert_eq!(
        incidents
            .lock()
            .unwrap()
            .values()
            .copied()
            .collect::<Vec<_>>(),
        [1, 1, 1]
    );

    for alert in &mut alerts {
        alert.labels.insert("severity".into(), "warning".into());
        scene.notify(&resolved(alert));
    }
    scene.until_sent().await;
    assert_eq!(scene.counts("pager"), "delivered 6");
    assert!(incidents.lock().unwrap().is_empty());
    let links: Vec<Value> = server
        .seen()
        .iter()
        .map(|seen| seen.body["links"].clone())
        .collect();
    assert_eq!(
        links[0],
        json!([{ "href": "https://runbooks.example/x", "text": "Runbook" }])
    );
}
