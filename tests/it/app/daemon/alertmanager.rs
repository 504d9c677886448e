//! Two of Debian's Alertmanagers, notified by the program and by Debian's Prometheus.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{PATIENCE, scene::Scene};
use crate::support::{
    self,
    alertmanager::{Alertmanager, MISSING},
    exporter::Exporter,
    installed,
    program::program,
    prometheus::{Prometheus, free_port, scraping_as},
};

const EXTERNAL_URL: &str = "https://exporter.example.com/";
const TASK_IN_ERROR: &str = "ClusterLinkTaskInError";
const WATCHDOG: &str = "ClusterLinkWatchdog";

/// Who sent it last, by fingerprint and name.
type Alerts = BTreeMap<(String, String), String>;

/// One without receivers.
fn silent() -> Value {
    json!({ "route": { "receiver": "nobody" }, "receivers": [{ "name": "nobody" }] })
}

async fn alerts(alertmanager: &Alertmanager) -> Alerts {
    let word = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let alerts = alertmanager.alerts().await.into_iter().map(|alert| {
        let name = word(&alert["labels"]["alertname"]);
        let key = (word(&alert["fingerprint"]), name);
        (key, word(&alert["generatorURL"]))
    });
    alerts.collect()
}

fn names(alerts: &Alerts) -> Vec<&str> {
    let mut names: Vec<_> = alerts.keys().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// Waits until what fires there is as wanted.
async fn until(alertmanager: &Alertmanager, mut is_wanted: impl FnMut(&Alerts) -> bool) -> Alerts {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let alerts = alerts(alertmanager).await;
        if is_wanted(&alerts) {
            return alerts;
        }
        assert!(Instant::now() < deadline, "it stays {alerts:#?}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn two_alertmanagers() -> Option<[Alertmanager; 2]> {
    let first = Alertmanager::running(&silent()).await?;
    Some([first, Alertmanager::running(&silent()).await?])
}

fn sending_to(addresses: [&str; 2]) -> Value {
    let urls = addresses.map(|address| json!({ "url": format!("http://{address}") }));
    json!({ "alertmanagers": urls, "external_url": EXTERNAL_URL })
}

/// With the rules as the program writes them for its own configuration.
fn prometheus(scene: &Scene, exporter: &str, addresses: [&str; 2]) -> Option<Prometheus> {
    let config = scene.config();
    let rules = program(&["rules", "--config.file", config.to_str().unwrap()]).output();
    let rules = rules.expect("cargo has built the program");
    assert!(rules.status.success(), "{rules:?}");
    let file = config.with_file_name("cluster-link.rules.yaml");
    fs::write(&file, rules.stdout).unwrap();
    let targets = json!([{ "static_configs": [{ "targets": addresses }] }]);
    Prometheus::start(&format!(
        "{}rule_files: ['{}']\nalerting: {{alertmanagers: {targets}}}\n",
        scraping_as(exporter, "{env: test}"),
        file.display(),
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_and_prometheus_send_one_alert() {
    let has_prometheus = installed::command("PROMETHEUS").is_ok();
    let both = two_alertmanagers().await.filter(|_| has_prometheus);
    let Some(both) = both else {
        return support::skip("the_program_and_prometheus_send_one_alert", MISSING);
    };
    let addresses = [0, 1].map(|place| both[place].address.as_str());
    let scene = Scene::alerting(sending_to(addresses)).await;
    scene.fail();
    let exporter = Exporter::watching(&scene.simulator).await;
    let _prometheus = prometheus(&scene, &exporter.url, addresses).expect("it is there");

    let expected = [TASK_IN_ERROR, WATCHDOG];
    let mut of_prometheus = Vec::new();
    for alertmanager in &both {
        let alerts = until(alertmanager, |alerts| names(alerts) == expected).await;
        assert!(
            alerts.values().all(|url| !url.starts_with(EXTERNAL_URL)),
            "{alerts:#?}"
        );
        of_prometheus.push(alerts.into_keys().collect::<BTreeSet<_>>());
    }
    assert_eq!(of_prometheus[0], of_prometheus[1]);

    let _daemon = scene.daemon();
    for alertmanager in &both {
        let mut of_daemon = BTreeSet::new();
        until(alertmanager, |alerts| {
            // At any time there is one of each, whoever sent it last.
            assert_eq!(
                alerts.keys().cloned().collect::<BTreeSet<_>>(),
                of_prometheus[0]
            );
            let own = alerts
                .iter()
                .filter(|(_, url)| url.starts_with(EXTERNAL_URL));
            of_daemon.extend(own.map(|(key, _)| key.clone()));
            of_daemon == of_prometheus[0]
        })
        .await;
    }
    scene.heal();
    for alertmanager in &both {
        until(alertmanager, |alerts| names(alerts) == [WATCHDOG]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alertmanager_that_was_down_has_the_alert_when_it_is_back() {
    let test = "an_alertmanager_that_was_down_has_the_alert_when_it_is_back";
    let address = format!("127.0.0.1:{}", free_port());
    let Some(steady) = Alertmanager::running(&silent()).await else {
        return support::skip(test, MISSING);
    };
    let start = async || Alertmanager::at(address.clone(), &silent()).await;
    let scene = Scene::alerting(sending_to([&steady.address, &address])).await;
    let unsteady = start().await.expect("the other one started");
    let daemon = scene.daemon();
    until(&unsteady, |alerts| names(alerts) == [WATCHDOG]).await;

    drop(unsteady);
    scene.fail();
    let notified = until(&steady, |alerts| alerts.len() == 2).await;
    daemon.until_outcome("failed", &address, 3).await;
    let queue = format!("clusterlink_notifications_queue_length{{receiver=\"{address}\"}} ");
    daemon.until(&queue, |values| values == [1.0]).await;

    let unsteady = start().await.expect("it started before");
    let is_sent = |alerts: &Alerts| alerts.keys().any(|(_, name)| name == TASK_IN_ERROR);
    let alerts = until(&unsteady, is_sent).await;
    assert!(
        alerts.keys().all(|key| notified.contains_key(key)),
        "{alerts:#?}"
    );
    daemon.until(&queue, |values| values == [0.0]).await;
}
