//! Which alert mutes which, asked of a real Alertmanager for every pair of the table.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::{Value, json};

use super::{
    example::rehearsed,
    table::{Named, table},
};
use crate::support::{
    self,
    alertmanager::{Alertmanager, MISSING},
    golden::golden,
};

/// Where the second alert of a pair is, seen from the first, and which labels say so.
const PLACES: [(&str, &[&str]); 4] = [
    ("in the same place", &[]),
    ("on another link of the cluster", &["link_name"]),
    ("on another cluster", &["cluster_name", "cluster_id"]),
    ("on another cluster of the same id", &["cluster_name"]),
];
const NOWHERE: &str = "where both lack what is compared";
/// They mute alerts on every cluster, so that no two pairs could be told apart: each has an Alertmanager of its own.
const WITHOUT_EXPORTER: [&str; 2] = ["ClusterLinkExporterDown", "ClusterLinkExporterAbsent"];

/// Two alerts of which the first may mute the second, which has two labels of the user's own: by what and where. None
/// where the second cannot be in another such place.
fn pair(first: &Named, second: &Named, (place, other): (&str, &[&str])) -> Vec<Value> {
    let has = |label: &&str| second.identity.iter().any(|name| name == label);
    if !other.iter().all(has) {
        return Vec::new();
    }
    let own = format!("for {} and {} {place}", first.name, second.name);
    let mut muting = first.labels(|label| format!("{label} {own}"));
    let mut muted = second.labels(|label| {
        let another = if other.contains(&label) { "other " } else { "" };
        format!("{another}{label} {own}")
    });
    muted["place"] = json!(place);
    muted["by"] = json!(first.name);
    // Of two alerts of one name, one was made worse or less bad.
    if first.name == second.name {
        muting["severity"] = json!("critical");
        muted["severity"] = json!("warning");
        muted["by"] = json!("a critical of the same name");
    }
    vec![muting, muted]
}

/// Every pair in every place, with clusters, links and jobs of its own; then all alerts without any of these.
fn pairs(table: &[Named]) -> Vec<Value> {
    let mut alerts = Vec::new();
    for (first, place) in table
        .iter()
        .flat_map(|first| PLACES.map(|place| (first, place)))
    {
        alerts.extend(table.iter().flat_map(|second| pair(first, second, place)));
    }
    alerts.extend(table.iter().map(|alert| {
        let mut labels = alert.labels(|_| String::new());
        labels["place"] = json!(NOWHERE);
        labels["by"] = json!("some alert");
        labels
    }));
    let alone = |labels: &Value| {
        WITHOUT_EXPORTER
            .iter()
            .any(|name| labels["alertname"] == *name)
    };
    alerts.retain(|labels| !alone(labels));
    alerts
}

/// This alert, and the others on clusters that have nothing to do with it.
fn beside(name: &str, table: &[Named]) -> Vec<Value> {
    let wanted = |alert: &&Named| alert.name == name || !WITHOUT_EXPORTER.contains(&alert.name);
    let alerts = table.iter().filter(wanted).map(|alert| {
        let mut labels = alert.labels(|label| format!("{label} of {}", alert.name));
        labels["place"] = json!("wherever it is");
        labels["by"] = json!(name);
        labels
    });
    alerts.collect()
}

fn firing(all: Vec<Value>) -> Vec<Value> {
    let alerts = all.into_iter().map(|labels| json!({ "labels": labels }));
    alerts.collect()
}

/// Tells a new Alertmanager these alerts, and lists the muted by place and by what mutes them; `None` where there is no
/// Alertmanager.
async fn muted(alerts: Vec<Value>, table: &[Named]) -> Option<String> {
    // Nothing is sent: it is all over before a group has waited long enough.
    let alertmanager = Alertmanager::running(&rehearsed("http://127.0.0.1:9", "1h")).await?;
    alertmanager.post(&firing(alerts)).await;
    // It weighs alerts in the order in which it is sent them: when this one is muted, so are all others that ever will be.
    let last = ["ClusterLinkFailed", "ClusterLinkTaskInError"].map(|name| {
        let alert = table.iter().find(|alert| alert.name == name);
        let mut labels = alert
            .expect("it has a rule")
            .labels(|_| "the last".to_owned());
        labels["place"] = json!("last");
        labels
    });
    alertmanager.post(&firing(last.into())).await;
    let is_last = |labels: &Value| labels["place"] == "last";
    let muted = alertmanager
        .muted_when(|muted| muted.iter().any(is_last))
        .await;

    let mut listed = BTreeMap::<_, Vec<_>>::new();
    for labels in &muted {
        let [by, place, name] = ["by", "place", "alertname"].map(|label| labels[label].as_str());
        // A pair's second alert may mute the first: that is tried where they are the other way round.
        if let (Some(by), Some(place), Some(name)) = (by, place, name) {
            listed.entry((place, by)).or_default().push(name);
        }
    }
    let mut text = String::new();
    for ((place, by), mut names) in listed {
        names.sort_unstable();
        let _ = writeln!(text, "{by} mutes {place}\n  {}", names.join("\n  "));
    }
    Some(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alert_mutes_what_the_example_says_and_nothing_else() {
    let table = table();
    let mut text = String::new();
    let trials = WITHOUT_EXPORTER.map(|name| beside(name, &table));
    for alerts in [pairs(&table)].into_iter().chain(trials) {
        let Some(muted) = muted(alerts, &table).await else {
            return support::skip(
                "each_alert_mutes_what_the_example_says_and_nothing_else",
                MISSING,
            );
        };
        text += &muted;
    }
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/alert/alertmanager/inhibitions.txt");
    golden(&file, &text);
}
