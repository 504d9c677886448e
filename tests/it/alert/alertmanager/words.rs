//! What the example's own receivers send, to a server in the place of PagerDuty, Slack and the dead-man's switch.

use std::{fmt::Write as _, path::Path};

use serde_json::{Value, json};

use super::{
    example::redirected,
    receiver::{Posted, Receiver},
    table::table,
};
use crate::support::{
    self,
    alertmanager::{Alertmanager, MISSING},
    golden::golden,
};

/// One for each receiver.
const ALERTS: [&str; 3] = [
    "ClusterLinkTaskInError",
    "ClusterLinkTaskBlocked",
    "ClusterLinkWatchdog",
];
/// What is shown of each message; the rest is Alertmanager's own.
const SHOWN: [(&str, &[&str]); 3] = [
    (
        "pager",
        &[
            "/event_action",
            "/routing_key",
            "/payload/severity",
            "/payload/summary",
        ],
    ),
    ("chat", &["/attachments/0/title", "/attachments/0/text"]),
    ("dead-man", &["/status"]),
];

/// These alerts; over, where they have an end.
fn alerts(ends_at: Option<&str>) -> Vec<Value> {
    let table = table();
    let named = table.iter().filter(|alert| ALERTS.contains(&alert.name));
    let alerts = named.map(|alert| {
        let mut posted = json!({
            "labels": alert.labels(|label| format!("the {label}")),
            "annotations": {
                "summary": format!("Summary of {}.", alert.name),
                "description": "First line.\nError code SOME_ERROR: the remedy.",
            },
            "startsAt": "2026-01-01T00:00:00Z",
        });
        if let Some(ends_at) = ends_at {
            posted["endsAt"] = json!(ends_at);
        }
        posted
    });
    alerts.collect()
}

/// The parts that are shown, one a line.
fn message(posted: &Posted, shown: &[&str]) -> String {
    let Posted {
        receiver,
        authorization,
        body,
    } = posted;
    let mut text = format!("# {receiver}\n");
    if !authorization.is_empty() {
        let _ = writeln!(text, "authorization: {authorization}");
    }
    for pointer in shown {
        let value = body.pointer(pointer).and_then(Value::as_str);
        let line = format!("{pointer}: {}", value.expect("it is sent").trim_end());
        let _ = writeln!(text, "{}", line.trim_end().replace('\n', "\n  "));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_told_codes_and_remedies_and_have_their_secrets_from_files() {
    let receiver = Receiver::start().await;
    let secrets = tempfile::tempdir().unwrap();
    let config = redirected(&receiver.url, secrets.path());
    let Some(alertmanager) = Alertmanager::running(&config).await else {
        return support::skip(
            "receivers_are_told_codes_and_remedies_and_have_their_secrets_from_files",
            MISSING,
        );
    };
    alertmanager.post(&alerts(None)).await;
    for (name, _) in SHOWN {
        receiver.until(name, |posted| !posted.is_empty()).await;
    }
    alertmanager
        .post(&alerts(Some("2026-01-01T01:00:00Z")))
        .await;
    for name in ["pager", "chat"] {
        receiver.until(name, |posted| posted.len() > 1).await;
    }

    let mut messages: Vec<_> = SHOWN
        .into_iter()
        .flat_map(|(name, shown)| {
            let posted = receiver.posted(name).into_iter();
            posted.map(move |posted| message(&posted, shown))
        })
        .collect();
    // The Watchdog is repeated as often as it has time for.
    messages.dedup();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/alert/alertmanager/words.txt");
    golden(&file, &messages.concat());
    assert_what_differs_by_version(&receiver);
    // A resolve names the incident that was triggered, and the key has lost the line break of its file.
    let [trigger, resolve] = [0, 1].map(|at| receiver.posted("pager")[at].body.clone());
    assert_eq!(trigger["dedup_key"], resolve["dedup_key"]);
    assert_eq!(trigger["routing_key"], "key-of-the-file");
}

/// What Alertmanager 0.33 sends in another way than those before it.
fn assert_what_differs_by_version(receiver: &Receiver) {
    for posted in receiver.posted("chat") {
        // It leaves the channel to the webhook.
        let channel = &posted.body["channel"];
        assert!(channel.is_null() || channel == "#kafka", "{channel}");
    }
    // The details were a text and are the alerts as JSON.
    let [firing, over] = [0, 1].map(|at| {
        let posted = &receiver.posted("pager")[at].body;
        posted["payload"]["custom_details"]["firing"].clone()
    });
    for part in ["the task_name", "Error code SOME_ERROR: the remedy."] {
        assert!(firing.to_string().contains(part), "{firing}");
    }
    let is_empty = over.as_str().is_some_and(|text| text.trim().is_empty());
    assert!(is_empty || over == json!([]), "{over}");
}
