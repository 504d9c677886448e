//! Prometheus is killed and started again while nobody knows how a link is: what it recorded is in its storage.

use std::{collections::BTreeMap, fs, time::Duration};

use cluster_link_exporter::{
    alert::{Override, Overrides, RuleFile, rules},
    simulator::{Change, LinkRef, Scenario, Simulator, Task},
};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::support::{
    self,
    exporter::Exporter,
    prometheus::{PATIENCE, Prometheus, scraping},
};

const CLUSTER: &str = "lkc-mig003";
const LINK: &str = "datacentre-to-cloud";
const DELETED: &str = "branches-to-cloud";

/// The alerts of the test, which are about what one exporter was last to see.
const ALERTS: [&str; 2] = ["ClusterLinkTaskInError", "ClusterLinkDisappeared"];

/// The rules with waits of a few seconds.
fn impatient() -> String {
    let soon = Override {
        hold_duration: Some(Duration::from_secs(3)),
        keep_firing_for: Some(Duration::ZERO),
        ..Override::default()
    };
    let file = RuleFile {
        overrides: Overrides(rules().map(|rule| (rule.name, soon)).collect()),
        ..RuleFile::default()
    };
    file.yaml()
}

/// What fires of the alerts, and since when, to the second: Prometheus says it from memory, which begins empty.
async fn firing(prometheus: &Prometheus) -> BTreeMap<String, String> {
    let answer = prometheus.get("alerts", &[]).await.unwrap_or_default();
    let alerts = answer["data"]["alerts"].as_array().cloned();
    let of_link = |alert: &Value| {
        let labels = &alert["labels"];
        [LINK, DELETED]
            .iter()
            .any(|link| labels["link_name"] == *link)
    };
    let alerts = alerts.into_iter().flatten().filter(of_link);
    alerts
        .filter(|alert| alert["state"] == "firing")
        .map(|alert| {
            let name = alert["labels"]["alertname"].as_str().unwrap_or_default();
            let since = alert["activeAt"].as_str().unwrap_or_default();
            // After a restart it has no fractions any more.
            let second = since.chars().take("2026-01-01T00:00:00".len());
            (name.to_owned(), second.collect())
        })
        .filter(|(name, _)| ALERTS.contains(&name.as_str()))
        .collect()
}

/// Waits until all of the alerts fire.
async fn all_firing(prometheus: &Prometheus) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let waited = timeout(PATIENCE, async {
        while found.len() < ALERTS.len() {
            sleep(Duration::from_millis(200)).await;
            found = firing(prometheus).await;
        }
    });
    assert!(waited.await.is_ok(), "only these fire: {found:?}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_prometheus_in_an_outage_ends_no_alert_and_forgets_no_time() {
    let test = "a_restart_of_prometheus_in_an_outage_ends_no_alert_and_forgets_no_time";
    let simulator = Simulator::new(Scenario::named("demo").unwrap(), None);
    let exporter = Exporter::watching(&simulator).await;
    let rules = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    fs::write(&rules, impatient()).unwrap();
    let configuration = scraping(&exporter.url);
    let configuration = format!(
        "{configuration}rule_files: ['{}']\n",
        rules.path().display()
    );
    let Some(mut prometheus) = Prometheus::start(&configuration) else {
        return support::skip(
            test,
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    let active = format!(
        r#"clusterlink_task_state{{link_name="{LINK}",task_name="AclSync",state="ACTIVE"}}"#
    );
    prometheus.until(&active, "1").await;
    let failing = Task::new("AclSync", "IN_ERROR").error("AUTHORIZATION_ERROR", "made up");
    simulator.set_task(CLUSTER, LINK, failing).unwrap();
    prometheus.until(&active, "0").await;
    let link = LinkRef::new(CLUSTER, DELETED);
    simulator.apply(&Change::RemoveLink { link }).unwrap();
    all_firing(&prometheus).await;

    // Nobody says anything of links any more.
    drop(exporter);
    prometheus
        .until("absent(clusterlink_task_state)", "1")
        .await;
    prometheus.until("absent(clusterlink_links)", "1").await;
    let before = all_firing(&prometheus).await;
    let times = [
        format!(
            r#"max(clusterlink:task_state:last_seen{{link_name="{LINK}",state="IN_ERROR"}} > 0)"#
        ),
        format!(r#"max(clusterlink:link:gone_since{{link_name="{DELETED}"}} > 0)"#),
    ];
    let mut known = Vec::new();
    for time in &times {
        known.push(prometheus.ask(time).await);
    }

    prometheus.kill_and_start().await;
    assert_eq!(all_firing(&prometheus).await, before);
    // Several evaluations later as well.
    sleep(Duration::from_secs(5)).await;
    assert_eq!(firing(&prometheus).await, before);
    for (time, known) in times.iter().zip(&known) {
        assert_eq!(prometheus.ask(time).await, *known, "{time}");
    }
}
