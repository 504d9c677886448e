//! A real Alertmanager on loopback, with its data in a folder that goes when the test ends.

use std::{fs, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::{
    installed,
    prometheus::{PATIENCE, free_port},
};

/// Ends with the value.
pub(crate) struct Alertmanager {
    _process: Child,
    _folder: TempDir,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

/// What stands instead of a test where Debian's programs are missing.
pub(crate) const MISSING: &str = "`prometheus-alertmanager` or `prometheus` is not on PATH; install the Debian packages of these names";

impl Alertmanager {
    /// One that is ready for alerts; `None` where Alertmanager is not installed.
    pub(crate) async fn running(config: &Value) -> Option<Self> {
        Self::at(format!("127.0.0.1:{}", free_port()), config).await
    }

    /// The same at this address.
    pub(crate) async fn at(address: String, config: &Value) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("alertmanager.yml");
        // JSON is YAML.
        fs::write(&file, config.to_string()).unwrap();
        let data = folder.path().join("data");
        let process = Command::from(installed::command("ALERTMANAGER").ok()?)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", data.display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--cluster.listen-address=", "--log.level=error"])
            .kill_on_drop(true)
            .spawn()
            .expect("it ran a moment ago");
        let started = Self {
            _process: process,
            _folder: folder,
            address,
        };
        let ready = format!("http://{}/-/ready", started.address);
        let is_ready = async || {
            reqwest::get(&ready)
                .await
                .is_ok_and(|it| it.status() == 200)
        };
        let deadline = Instant::now() + PATIENCE;
        while !is_ready().await {
            assert!(Instant::now() < deadline, "alertmanager does not start");
            sleep(Duration::from_millis(50)).await;
        }
        Some(started)
    }

    /// Tells it of alerts, as `POST /api/v2/alerts` takes them.
    pub(crate) async fn post(&self, alerts: &[Value]) {
        let request = reqwest::Client::new()
            .post(format!("http://{}/api/v2/alerts", self.address))
            .header("content-type", "application/json")
            .body(serde_json::to_vec(alerts).unwrap());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert_eq!(status, 200, "{}", answer.text().await.unwrap());
    }

    /// Waits until what an inhibition mutes is enough: the labels of each such alert.
    pub(crate) async fn muted_when(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let muted = self.muted().await;
            if enough(&muted) {
                return muted;
            }
            assert!(
                Instant::now() < deadline,
                "only these are muted: {muted:#?}"
            );
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What fires there now.
    pub(crate) async fn alerts(&self) -> Vec<Value> {
        let url = format!("http://{}/api/v2/alerts", self.address);
        let body = reqwest::get(url).await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    async fn muted(&self) -> Vec<Value> {
        let alerts = self.alerts().await;
        let is_muted = |alert: &Value| alert["status"]["inhibitedBy"] != json!([]);
        let muted = alerts.into_iter().filter(is_muted);
        muted.map(|mut alert| alert["labels"].take()).collect()
    }
}
