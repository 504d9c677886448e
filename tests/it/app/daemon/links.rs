//! Where the alerts of Prometheus and of the program lead, through a real Prometheus and a real Alertmanager, and what a reload
//! changes of that.

use std::{fs, path::Path, time::Duration};

use cluster_link_exporter::anchor;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    PATIENCE,
    scene::{CLUSTER, LINK, Scene},
};
use crate::support::{
    self,
    alertmanager::{Alertmanager, MISSING},
    installed,
    program::get,
    prometheus::{Prometheus, scraping_as},
};

const TASK_IN_ERROR: &str = "ClusterLinkTaskInError";
const BOARD: &str = "https://grafana.example.com/d/clusterlink-link?var-cluster_name=cluster+lkc-dr0001&var-link_name=orders";

/// Waits until the alert is there as wanted.
async fn until(alertmanager: &Alertmanager, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let alerts = alertmanager.alerts().await;
        let found = alerts
            .iter()
            .find(|alert| alert["labels"]["alertname"] == TASK_IN_ERROR && is_wanted(alert));
        if let Some(found) = found {
            return found.clone();
        }
        assert!(Instant::now() < deadline, "it stays {alerts:#?}");
        sleep(Duration::from_millis(100)).await;
    }
}

fn has_runbook(alert: &Value) -> bool {
    !text(alert, "runbook_url").is_empty()
}

fn text<'a>(alert: &'a Value, annotation: &str) -> &'a str {
    alert["annotations"][annotation]
        .as_str()
        .unwrap_or_default()
}

/// Prometheus with the rules as they are shipped, but that they do not wait.
fn prometheus(folder: &Path, exporter: &str, alertmanager: &str) -> Option<Prometheus> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/cluster-link.rules.yaml");
    let shipped = fs::read_to_string(shipped).expect("the file is part of the repository");
    let lines = shipped
        .lines()
        .filter(|line| !line.trim_start().starts_with("for: "));
    let file = folder.join("rules.yaml");
    fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    Prometheus::start(&format!(
        "{}rule_files: ['{}']\nalerting: {{alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]}}\n",
        scraping_as(exporter, "{env: test}"),
        file.display(),
    ))
}

/// Every link of the alert leads to this exporter and is answered; without those to Grafana, which is none of ours.
async fn assert_leads_to(alert: &Value, exporter: &str) {
    let runbook = text(alert, "runbook_url");
    assert_eq!(runbook, format!("{exporter}/runbooks/{TASK_IN_ERROR}"));
    let (status, page) = get(runbook).await;
    assert_eq!(status, 200, "{runbook}");
    assert!(page.contains(TASK_IN_ERROR));
    assert!(text(alert, "dashboard_url").starts_with(BOARD), "{alert}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_lead_to_pages_that_are_there_and_a_reload_changes_where() {
    let test = "alerts_lead_to_pages_that_are_there_and_a_reload_changes_where";
    let silent = json!({ "route": { "receiver": "nobody" }, "receivers": [{ "name": "nobody" }] });
    let has_prometheus = installed::command("PROMETHEUS").is_ok();
    // One that Prometheus tells, and one that the program tells.
    let first = Alertmanager::running(&silent)
        .await
        .filter(|_| has_prometheus);
    let Some(of_prometheus) = first else {
        return support::skip(test, MISSING);
    };
    let of_program = Alertmanager::running(&silent)
        .await
        .expect("the other one started");
    let scene = Scene::alerting(json!({
        "alertmanagers": [{ "url": format!("http://{}", of_program.address) }],
        "grafana_url": "https://grafana.example.com",
    }))
    .await;
    scene.fail();
    let (_, daemon) = scene.started(&["--web.enable-lifecycle"], "serving");
    let exporter = format!("http://{}", daemon.address);
    let folder = tempfile::tempdir().unwrap();
    let prometheus = prometheus(folder.path(), &exporter, &of_prometheus.address);
    let _prometheus = prometheus.expect("it is there");
    let has_board = |alert: &Value| !text(alert, "dashboard_url").is_empty();
    let before = [
        until(&of_prometheus, has_board).await,
        until(&of_program, has_board).await,
    ];
    for alert in &before {
        // Prometheus keeps what a template leaves empty.
        assert_eq!(text(alert, "runbook_url"), "", "{alert}");
    }
    let config = fs::read_to_string(scene.config()).unwrap();
    let mut config: Value = serde_json::from_str(&config).unwrap();
    config["alerting"]["external_url"] = format!("{exporter}/").into();
    fs::write(scene.config(), config.to_string()).unwrap();
    daemon.reload().await;

    let theirs = until(&of_prometheus, has_runbook).await;
    assert_leads_to(&theirs, &exporter).await;
    let ours = until(&of_program, has_runbook).await;
    assert_leads_to(&ours, &exporter).await;
    let place = anchor::of_link(&format!("cluster {CLUSTER}"), LINK);
    assert_eq!(ours["generatorURL"], format!("{exporter}/#{place}"));
    let (status, page) = get(ours["generatorURL"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert!(page.contains(&format!("id=\"{place}\"")), "{page}");
    assert!(page.contains(&BOARD.replace('&', "&amp;")), "{page}");

    for (before, after) in before.iter().zip([theirs, ours]) {
        assert_eq!(after["fingerprint"], before["fingerprint"]);
        assert_eq!(after["startsAt"], before["startsAt"]);
    }
}
