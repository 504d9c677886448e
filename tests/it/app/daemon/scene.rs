//! The program with a state file, the simulated clusters that it watches, and how it is looked at.

use std::{fs, path::PathBuf, time::Duration};

use cluster_link_exporter::simulator::{
    Cluster, Link, Mode, PathKind, Scenario, Simulator, Task, World,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::PATIENCE;
use crate::support::{
    endpoint::{Seen, Server},
    program::{Running, get, program, until_ready},
    watcher::serve,
};

pub(crate) const CLUSTER: &str = "lkc-dr0001";
pub(crate) const LINK: &str = "orders";
pub(crate) const TASK: &str = "AclSync";

/// Outlives the program.
pub(crate) struct Scene {
    pub(crate) simulator: Simulator,
    folder: TempDir,
}

/// The program; killed with the value.
pub(crate) struct Daemon {
    running: Running,
    pub(crate) address: String,
}

impl Scene {
    /// One cluster with a healthy link; `alerting` is that section of the configuration.
    pub(crate) async fn alerting(alerting: Value) -> Self {
        Self::of(&[CLUSTER], alerting).await
    }

    /// Several clusters, each with a healthy link.
    pub(crate) async fn of(clusters: &[&str], mut alerting: Value) -> Self {
        let cluster = |id: &&str| Cluster::new(id, [Link::new(LINK, Mode::Destination, "lkc-far")]);
        let world = World::new(clusters.iter().map(cluster).collect::<Vec<_>>());
        let simulator = Simulator::new(Scenario::still(world), None);
        let endpoint = serve(&simulator).await;

        let folder = tempfile::tempdir().unwrap();
        // The names are those that `support::exporter::Exporter` gives.
        let cluster = |id: &&str| json!({ "name": format!("cluster {id}"), "endpoint": endpoint, "cluster_id": id });
        alerting["external_labels"] = json!({ "env": "test" });
        let rules = &mut alerting["rules"];
        rules["ClusterLinkTaskInError"] = json!({ "for": "0s", "keep_firing_for": "0s" });
        // What is broken so often here is no news.
        rules["ClusterLinkTaskFlapping"] = json!({ "disabled": true });
        let scene = Self { simulator, folder };
        let config = json!({
            "global": {
                "poll_interval": "1s", "request_timeout": "800ms", "state_file": scene.state_file(),
            },
            "clusters": clusters.iter().map(cluster).collect::<Vec<_>>(),
            "alerting": alerting,
        });
        // JSON is YAML.
        fs::write(scene.config(), config.to_string()).unwrap();
        scene
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("exporter.yaml")
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The names of all files beside the state file that begin like it.
    pub(crate) fn state_files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("state")).collect()
    }

    /// Starts the program and waits until it serves.
    pub(crate) fn daemon(&self) -> Daemon {
        self.started(&[], "serving").1
    }

    /// Starts the program with these arguments, waits until it says this, and until it serves.
    pub(crate) fn started(&self, arguments: &[&str], part: &str) -> (String, Daemon) {
        let config = self.config();
        let config = ["--config.file", config.to_str().unwrap()];
        let listen = ["--web.listen-address", "127.0.0.1:0"];
        let arguments = [&config, &listen, arguments].concat();
        let mut running = Running::start(program(&arguments));
        let line = running.until(part);
        let address = match part {
            "serving" => Running::address_in(&line),
            _ => running.address(),
        };
        (line, Daemon { running, address })
    }

    /// The task of the cluster's link goes into error.
    pub(crate) fn fail_in(&self, cluster: &str) {
        let failing = Task::new(TASK, "IN_ERROR").error("AUTHORIZATION_ERROR", "made up");
        self.simulator.set_task(cluster, LINK, failing).unwrap();
    }

    /// The task of the cluster's link works again.
    pub(crate) fn heal_in(&self, cluster: &str) {
        let healthy = Task::new(TASK, "ACTIVE");
        self.simulator.set_task(cluster, LINK, healthy).unwrap();
    }

    pub(crate) fn fail(&self) {
        self.fail_in(CLUSTER);
    }

    pub(crate) fn heal(&self) {
        self.heal_in(CLUSTER);
    }

    /// Waits for so many whole polls, and for the beginning of the next.
    pub(crate) async fn polls(&self, count: u64) {
        let begun = || self.simulator.requests().count(CLUSTER, PathKind::Links);
        let enough = begun() + count + 1;
        let waiting = timeout(PATIENCE, async {
            while begun() < enough {
                sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(waiting.await.is_ok(), "it does not poll");
    }
}

impl Daemon {
    /// Waits until every cluster was polled.
    pub(crate) async fn until_ready(&self) {
        until_ready(&self.address).await;
    }

    /// The lines of `/metrics` that begin so.
    pub(crate) async fn series(&self, beginning: &str) -> Vec<String> {
        let (status, text) = get(&format!("http://{}/metrics", self.address)).await;
        assert_eq!(status, 200);
        let lines = text.lines().filter(|line| line.starts_with(beginning));
        lines.map(str::to_owned).collect()
    }

    /// The data of `/api/v1/alerts`.
    pub(crate) async fn alerts(&self, query: &str) -> Value {
        let url = format!("http://{}/api/v1/alerts{query}", self.address);
        let (status, text) = get(&url).await;
        assert_eq!(status, 200, "{text}");
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        answer["data"].take()
    }

    /// The changes of state that it remembers, the oldest first, as `from>to`.
    pub(crate) async fn transitions(&self) -> Vec<String> {
        let url = format!("http://{}/api/v1/transitions", self.address);
        let (status, text) = get(&url).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(&text).unwrap();
        let all = answer["data"]["transitions"].as_array().unwrap();
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let in_words = |it: &Value| format!("{}>{}", word(&it["from"]), word(&it["to"]));
        all.iter().rev().map(in_words).collect()
    }

    /// Waits until the values of all series that begin so are enough.
    pub(crate) async fn until(&self, beginning: &str, enough: impl Fn(&[f64]) -> bool) {
        let mut found = Vec::new();
        let waiting = timeout(PATIENCE, async {
            loop {
                found = self.series(beginning).await;
                let value = |line: &String| line.rsplit_once(' ')?.1.parse().ok();
                let values: Vec<f64> = found.iter().filter_map(value).collect();
                if enough(&values) {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(waiting.await.is_ok(), "it stays {found:#?}");
    }

    /// Waits until the receiver's notifications with this outcome are at least so many.
    pub(crate) async fn until_outcome(&self, outcome: &str, receiver: &str, count: u32) {
        let labels = format!("{{outcome=\"{outcome}\",receiver=\"{receiver}\"}}");
        let series = format!("clusterlink_notifications_total{labels} ");
        let enough = |values: &[f64]| values.first().is_some_and(|v| *v >= f64::from(count));
        self.until(&series, enough).await;
    }

    /// `POST /-/reload`, which must work.
    pub(crate) async fn reload(&self) {
        let url = format!("http://{}/-/reload", self.address);
        let answer = reqwest::Client::new().post(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// `kill -9`. What it had written to standard error.
    pub(crate) fn kill(self) -> String {
        self.running.stop("KILL").stderr
    }
}

/// The section `alerting` with one webhook.
pub(crate) fn webhook(server: &Server) -> Value {
    json!({ "receivers": [{ "name": "ops", "webhook": { "url": server.url().as_str() } }] })
}

/// What messages say of each alert: its status, its name and, in letters in the order of their first mention, which of its
/// times to fire it is.
pub(crate) fn story(seen: &[Seen]) -> Vec<String> {
    let alerts = seen.iter().flat_map(|seen| {
        let alerts = seen.body["alerts"].as_array();
        alerts.expect("a message has alerts")
    });
    let mut times = Vec::new();
    let notified = alerts.map(|alert| {
        let time = &alert["startsAt"];
        let place = times.iter().position(|known| *known == time);
        let place = place.unwrap_or_else(|| {
            times.push(time);
            times.len() - 1
        });
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let letter = "ABCDEFGH".chars().nth(place).expect("these are enough");
        let name = word(&alert["labels"]["alertname"]);
        format!("{} {name} {letter}", word(&alert["status"]))
    });
    notified.collect()
}
