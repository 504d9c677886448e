//! From a task that breaks to the text in a page: simulator, exporter, Prometheus with the shipped rules, Alertmanager
//! with the example, and a server that receives notifications.

use std::{collections::BTreeMap, fs, process::Command, time::Duration};

use cluster_link_exporter::simulator::{
    Change, Cluster, Effect, Fault, Link, LinkRef, Mode, Scenario, Simulator, Task, TaskError,
    World,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    example::rehearsed,
    receiver::{Posted, Receiver},
};
use crate::support::{
    alertmanager::Alertmanager,
    exporter::Exporter,
    prometheus::{Prometheus, scraping},
};

/// What a deployment writes that cannot wait. The order of the shipped waits stays: a link's alert comes before those of
/// its tasks, refused credentials before blindness, blindness before the warning that polls fail. A link's alert also
/// outlasts those of its tasks, and blindness the warning: shipped, both fire on for as long, and where Alertmanager looks
/// between the two ends, what was muted is in a page once more.
const OVERRIDES: &str = "
clusters: [{name: east, endpoint: 'http://localhost'}]
alerting:
  rules:
    ClusterLinkTaskInError: {for: 4s, keep_firing_for: 1s}
    ClusterLinkTaskBlocked: {for: 4s}
    ClusterLinkFailed: {for: 1s, keep_firing_for: 5s}
    ClusterLinkPaused: {for: 1s}
    ClusterLinkApiAuthFailing: {for: 1s}
    ClusterLinkBlind: {for: 5s, keep_firing_for: 5s}
    ClusterLinkPollFailing: {for: 15s}
    ClusterLinkExporterDown: {for: 1s}
";
/// The only link of each cluster.
const LINK: &str = "orders";

/// Each part ends with the value.
pub(crate) struct Chain {
    simulator: Simulator,
    exporter: Option<Exporter>,
    pub(crate) prometheus: Prometheus,
    alertmanager: Alertmanager,
    pub(crate) receiver: Receiver,
    _rules: TempDir,
}

impl Chain {
    /// Watches clusters of these ids, each with one healthy link; `None` where Debian's programs are missing.
    pub(crate) async fn watching(clusters: &[&str]) -> Option<Self> {
        let cluster = |id: &&str| Cluster::new(id, [Link::new(LINK, Mode::Destination, "lkc-far")]);
        let clusters: Vec<_> = clusters.iter().map(cluster).collect();
        let simulator = Simulator::new(Scenario::still(World::new(clusters)), None);
        let receiver = Receiver::start().await;
        // It is there before Prometheus says anything.
        let alertmanager = Alertmanager::running(&rehearsed(&receiver.url, "2s")).await?;
        let exporter = Exporter::watching(&simulator).await;

        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("cluster-link.rules.yaml");
        fs::write(&rules, rules_with_overrides(&folder)).unwrap();
        let targets = format!(
            "static_configs: [{{targets: ['{}']}}]",
            alertmanager.address
        );
        let prometheus = Prometheus::start(&format!(
            "{}rule_files: ['{}']\nalerting: {{alertmanagers: [{{{targets}}}]}}\n",
            scraping(&exporter.url),
            rules.display(),
        ))?;
        Some(Self {
            simulator,
            exporter: Some(exporter),
            prometheus,
            alertmanager,
            receiver,
            _rules: folder,
        })
    }

    /// The task becomes this one.
    pub(crate) fn task(&self, cluster: &str, task: Task) {
        self.simulator.set_task(cluster, LINK, task).unwrap();
    }

    /// The link has this state, the code as its error, and these tasks, all at once.
    pub(crate) fn link(
        &self,
        cluster: &str,
        (state, code): (&str, Option<&str>),
        tasks: Vec<Task>,
    ) {
        let error = code.map(|code| TaskError::new(code, "made up"));
        let (link, state) = (LinkRef::new(cluster, LINK), state.to_owned());
        let tasks = Change::Tasks {
            link: link.clone(),
            tasks,
        };
        let change = Change::Link { link, state, error };
        self.simulator.update(|world| {
            for change in [tasks, change] {
                change.apply(world, Duration::ZERO).unwrap();
            }
        });
    }

    /// Every answer about the cluster is this one; without an effect they are right again.
    pub(crate) fn api(&self, cluster: &str, effect: Option<Effect>) {
        self.simulator
            .set_fault(cluster, effect.map(Fault::new))
            .unwrap();
    }

    pub(crate) fn stop_the_exporter(&mut self) {
        self.exporter = None;
    }

    /// Waits until this is the last that a receiver was sent about a group.
    pub(crate) async fn until(&self, receiver: &str, group: &str, last: &str) {
        let is_last = |posted: &[Posted]| {
            let story = story(posted);
            let of_group = story.get(group).and_then(|all| all.last());
            of_group.is_some_and(|found| found == last)
        };
        self.receiver.until(receiver, is_last).await;
    }

    /// What a receiver was sent so far: a line for each group, with its notifications in their order.
    pub(crate) fn story(&self, receiver: &str) -> String {
        let story = story(&self.receiver.posted(receiver)).into_iter();
        let lines = story.map(|(group, all)| format!("{group}: {}\n", all.join("; ")));
        lines.collect()
    }

    /// Waits until these are muted: the name of each alert and its cluster.
    pub(crate) async fn until_muted(&self, expected: &[&str]) {
        let is_so = |muted: &[Value]| {
            let names = muted
                .iter()
                .map(|labels| words(labels, &["alertname", "cluster_id"]));
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            names == expected
        };
        self.alertmanager.muted_when(is_so).await;
    }
}

/// The rules as the program writes them for a deployment.
fn rules_with_overrides(folder: &TempDir) -> Vec<u8> {
    let file = folder.path().join("exporter.yaml");
    fs::write(&file, OVERRIDES).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cluster-link-exporter"))
        .args(["rules", "--config.file"])
        .arg(&file)
        .output()
        .expect("cargo has built the program");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    output.stdout
}

/// The notifications by group: the alerts of each with their status and, where they have one, their task.
fn story(posted: &[Posted]) -> BTreeMap<String, Vec<String>> {
    let mut story = BTreeMap::<_, Vec<_>>::new();
    for Posted { body, .. } in posted {
        let group = words(&body["groupLabels"], &["cluster_id", "link_name"]);
        let alerts = body["alerts"].as_array().expect("it is a list");
        let mut alerts: Vec<_> = alerts
            .iter()
            .map(|alert| {
                let what = words(&alert["labels"], &["alertname", "task_name"]);
                format!("{} {what}", words(alert, &["status"]))
            })
            .collect();
        alerts.sort_unstable();
        story.entry(group).or_default().push(alerts.join(", "));
    }
    story
}

/// The values under these keys, of those that are there.
fn words(map: &Value, keys: &[&str]) -> String {
    let values = keys.iter().filter_map(|key| map[key].as_str());
    values.collect::<Vec<_>>().join(" ")
}
