//! A real Prometheus server on loopback, with its data in a folder that goes when the test ends.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::support::installed;

/// Ends with the value.
pub(crate) struct Prometheus {
    process: Child,
    folder: TempDir,
    address: String,
    api: String,
}

/// Far more than anything here takes: a loaded machine is slow, and some rules look back on whole minutes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A configuration that scrapes `http://HOST:PORT/metrics` of the exporter and evaluates rules, both every second.
pub(crate) fn scraping(exporter: &str) -> String {
    scraping_as(exporter, "{}")
}

/// The same with these external labels.
pub(crate) fn scraping_as(exporter: &str, external_labels: &str) -> String {
    let target = exporter.trim_start_matches("http://");
    let job =
        format!("job_name: cluster-link-exporter, static_configs: [{{targets: ['{target}']}}]");
    let global =
        format!("scrape_interval: 1s, evaluation_interval: 1s, external_labels: {external_labels}");
    format!("global: {{{global}}}\nscrape_configs: [{{{job}}}]\n")
}

impl Prometheus {
    /// A server with this configuration, in which `RECEIVER` is where it takes samples itself; `None` where Prometheus is
    /// not installed.
    pub(crate) fn start(configuration: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let address = format!("127.0.0.1:{}", free_port());
        let receiver = format!("http://{address}/api/v1/write");
        fs::write(&config, configuration.replace("RECEIVER", &receiver)).unwrap();
        let process = spawn(folder.path(), &address)?;
        Some(Self {
            process,
            folder,
            api: format!("http://{address}/api/v1"),
            address,
        })
    }

    /// Kills it, which saves nothing, and starts it again with the same data.
    pub(crate) async fn kill_and_start(&mut self) {
        self.process.kill().await.expect("it runs");
        self.process = spawn(self.folder.path(), &self.address).expect("it ran a moment ago");
    }

    /// Waits until the query's only series has this value.
    pub(crate) async fn until(&self, query: &str, value: &str) {
        let mut found = String::new();
        let asked = timeout(PATIENCE, async {
            loop {
                found = self.ask(query).await;
                if found == value {
                    return;
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
        assert!(
            asked.await.is_ok(),
            "`{query}` should have become {value}, and is {found}"
        );
    }

    /// The query's only value, or what came instead.
    pub(crate) async fn ask(&self, query: &str) -> String {
        let Some(json) = self.get("query", &[("query", query)]).await else {
            return "not served yet".into();
        };
        match json["data"]["result"].as_array().map(Vec::as_slice) {
            Some([only]) => only["value"][1].as_str().unwrap_or_default().to_owned(),
            _ => json.to_string(),
        }
    }

    /// What Prometheus' API answers, refusals included; `None` while it does not serve yet.
    pub(crate) async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Option<Value> {
        let url = format!("{}/{path}", self.api);
        let url = url::Url::parse_with_params(&url, parameters).unwrap();
        let answer = reqwest::get(url).await.ok()?;
        let bytes = answer.bytes().await.unwrap_or_default();
        Some(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

/// The server whose configuration and data are in this folder; `None` where Prometheus is not installed.
fn spawn(folder: &Path, address: &str) -> Option<Child> {
    let process = Command::from(installed::command("PROMETHEUS").ok()?)
        .arg("--web.enable-remote-write-receiver")
        .arg(format!(
            "--config.file={}",
            folder.join("prometheus.yml").display()
        ))
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.join("data").display()
        ))
        .arg(format!("--web.listen-address={address}"))
        // What it says before it has found Alertmanager is lost until it is said again.
        .args(["--rules.alert.resend-delay=10s", "--log.level=error"])
        // Alerts that wait for less than this begin to wait anew after a restart; by default those of ten minutes.
        .arg("--rules.alert.for-grace-period=0s")
        .kill_on_drop(true)
        .spawn();
    Some(process.expect("it ran a moment ago"))
}

/// A port that was free a moment ago: Prometheus cannot be asked which one it chose.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
