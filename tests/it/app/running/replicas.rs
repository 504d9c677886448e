//! Two replicas of the program under one Prometheus, whose targets differ in labels that scraping attaches: every rule that
//! can be played in a minute is one alert, through the stop of a replica and through a roll-out. The others are played by
//! promtool in tests/it/alert/replicas.rs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use cluster_link_exporter::{
    alert::rules,
    simulator::{
        self, Change, Cluster, Effect, Fault, Link, LinkRef, Mirror, Mode, PathKind, Scenario,
        Simulator, Task, World,
    },
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    self,
    program::{Running, program, until_ready},
    prometheus::{PATIENCE, Prometheus},
};

const SICK: &str = "lkc-sick";
const BLIND: &str = "lkc-blind";
const REFUSED: &str = "lkc-refused";
const THROTTLED: &str = "lkc-throttled";
const HALF: &str = "lkc-half";
const CLUSTERS: [&str; 5] = [SICK, BLIND, REFUSED, THROTTLED, HALF];

/// What scraping attaches to the series of each replica.
const ATTACHED: [&str; 5] = ["node", "pod_template_hash", "namespace", "endpoint", "pod"];

/// Rules that take hours, or whose condition is a process or a discovery that cannot be had here.
const NOT_PLAYED: [&str; 10] = [
    "ClusterLinkCredentialExpiring",
    "ClusterLinkDisappeared",
    "ClusterLinkDiscoveryFailing",
    "ClusterLinkExporterAbsent",
    "ClusterLinkExporterConfigReloadFailed",
    "ClusterLinkExporterDown",
    "ClusterLinkExporterReplicaDown",
    "ClusterLinkExporterRestarting",
    "ClusterLinkMirrorTopicsStalled",
    "ClusterLinkTaskDisappeared",
];

/// One link for each thing that can be wrong with one, named after it.
fn world() -> World {
    let link = |name: &str| Link::new(name, Mode::Destination, "lkc-far");
    let mirror = |status: &str| Mirror::new(&status.to_lowercase(), &[5]).status(status);
    let sick = [
        link("failed").state("FAILED"),
        link("unavailable").state("UNAVAILABLE"),
        link("paused").state("PAUSED"),
        link("unknown").state("UNKNOWN"),
        link("tasks")
            .task(Task::new("ConsumerOffsetSync", "IN_ERROR"))
            .task(Task::new("AclSync", "UNKNOWN"))
            .task(Task::new("TopicConfigsSync", "LINK_FAILED")),
        link("switched-off"),
        link("silent"),
        link("changes"),
        link("mirrors")
            .mirror(mirror("FAILED"))
            .mirror(mirror("SOURCE_UNAVAILABLE"))
            .mirror(mirror("PENDING_STOPPED"))
            .mirror(mirror("UNKNOWN")),
        link("lags").mirror(
            Mirror::new("late", &[100]).throughput(simulator::Throughput {
                written: 10,
                fetched: 1,
            }),
        ),
        link("settings").config("acl.sync.ms", "500"),
    ];
    let half = Link::new("both-ways", Mode::Bidirectional, SICK);
    World::new([
        Cluster::new(SICK, sick),
        Cluster::new(BLIND, [link("orders")]),
        Cluster::new(REFUSED, [link("orders")]),
        Cluster::new(THROTTLED, [link("orders")]),
        Cluster::new(HALF, [half, link("no-details")]),
    ])
}

/// What must have been well before.
async fn fall_ill(simulator: &Simulator) {
    let at = |link: &str| LinkRef::new(SICK, link);
    let apply = |change: Change| simulator.apply(&change).unwrap();
    apply(Change::Task {
        link: at("switched-off"),
        task: Task::new("AclSync", "NOT_CONFIGURED"),
    });
    apply(Change::Tasks {
        link: at("silent"),
        tasks: Vec::new(),
    });
    let fault = |cluster: &str, fault: Fault| simulator.set_fault(cluster, Some(fault)).unwrap();
    fault(BLIND, Fault::new(Effect::Hang));
    fault(REFUSED, Fault::new(Effect::Unauthorized));
    fault(
        THROTTLED,
        Fault::new(Effect::Throttled { retry_after: None }),
    );
    fault(HALF, Fault::new(Effect::Forbidden).on(PathKind::Mirrors));
    for round in 0..8 {
        let (state, word) = [("ACTIVE", "ACTIVE"), ("UNAVAILABLE", "IN_ERROR")][round % 2];
        apply(Change::Link {
            link: at("changes"),
            state: state.to_owned(),
            error: None,
        });
        apply(Change::Task {
            link: at("changes"),
            task: Task::new("AclSync", word),
        });
        // Each of the polls sees a change.
        sleep(Duration::from_millis(1500)).await;
    }
    apply(Change::Task {
        link: at("changes"),
        task: Task::new("TopicConfigsSync", "DREAMING"),
    });
}

/// Every rule fires at once, and ends at once.
fn config(endpoint: &str, folder: &Path) -> String {
    let at_once = |rule: &'static str| (rule, json!({ "for": "0s", "keep_firing_for": "0s" }));
    let rules: BTreeMap<_, _> = rules().map(|rule| at_once(rule.name)).collect();
    let cluster = |id: &str| {
        // Of a poll that is under way when its cluster falls ill, one replica may have the details and one not.
        let is_whole = [SICK, HALF].contains(&id);
        let mirrors = if is_whole { "summary" } else { "off" };
        json!({
            "collect": { "configs": is_whole, "mirrors": mirrors },
            "name": format!("cluster {id}"), "cluster_id": id, "endpoint": endpoint,
            "expect": [{ "links": [".*"], "tasks": { "AclSync": ["ACTIVE"] }, "rpo": "1s" }],
        })
    };
    let config = json!({
        "global": { "poll_interval": "1s", "request_timeout": "800ms" },
        "clusters": CLUSTERS.map(cluster),
        "alerting": {
            "rules": rules,
            // Nobody listens there.
            "receivers": [{ "name": "nobody", "webhook": { "url": "http://127.0.0.1:1/" } }],
        },
    });
    let path = folder.join("exporter.yaml");
    fs::write(&path, config.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A process and its target.
struct Replica {
    name: &'static str,
    running: Running,
    address: String,
}

impl Replica {
    async fn start(name: &'static str, config: &str) -> Self {
        let arguments = [
            "--config.file",
            config,
            "--web.listen-address",
            "127.0.0.1:0",
        ];
        let mut running = Running::start(program(&arguments));
        let address = running.address();
        until_ready(&address).await;
        Self {
            name,
            running,
            address,
        }
    }
}

/// Prometheus and what it scrapes.
struct Watched {
    prometheus: Prometheus,
    targets: std::path::PathBuf,
}

type Alerts = BTreeMap<String, (String, Value)>;

impl Watched {
    fn start(folder: &Path, config: &str) -> Option<Self> {
        let written = program(&["rules", "--config.file", config])
            .output()
            .unwrap();
        let rules = folder.join("cluster-link.rules.yaml");
        // What was known last is looked back on in whole minutes: a test has none to wait for.
        let text = String::from_utf8(written.stdout).unwrap();
        assert!(text.contains(":1m]"));
        fs::write(&rules, text.replace(":1m]", ":5s]")).unwrap();
        let targets = folder.join("targets.json");
        fs::write(&targets, "[]").unwrap();
        let yaml = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{}']\nscrape_configs:\n  \
             - {{job_name: cluster-link-exporter, file_sd_configs: [{{files: ['{}'], refresh_interval: 1s}}]}}\n",
            rules.display(),
            targets.display()
        );
        let prometheus = Prometheus::start(&yaml)?;
        Some(Self {
            prometheus,
            targets,
        })
    }

    /// Scrapes these from now on, and waits until each was scraped for some seconds.
    async fn scrape(&self, replicas: &[&Replica]) {
        let target = |replica: &&Replica| {
            let label = |label: &str| (label.to_owned(), format!("{label}-{}", replica.name));
            let labels: BTreeMap<_, _> = ATTACHED.map(label).into();
            json!({ "targets": [replica.address], "labels": labels })
        };
        let targets: Vec<_> = replicas.iter().map(target).collect();
        let whole = self.targets.with_extension("new");
        fs::write(&whole, Value::from(targets).to_string()).unwrap();
        fs::rename(whole, &self.targets).unwrap();
        let count = replicas.len().to_string();
        self.prometheus.until("count(up)", &count).await;
        let steady = "count(sum_over_time(up[8s]) >= 3)";
        self.prometheus.until(steady, &count).await;
    }

    /// What fires, by its labels: its name and since when.
    async fn firing(&self) -> Alerts {
        let answer = self.prometheus.get("alerts", &[]).await.unwrap();
        let alerts = answer["data"]["alerts"].as_array().unwrap().clone();
        let alerts = alerts.into_iter().map(|alert| {
            let labels = alert["labels"].as_object().unwrap();
            for label in ATTACHED.iter().filter(|label| **label != "endpoint") {
                assert!(!labels.contains_key(*label), "`{label}` is on {labels:?}");
            }
            let endpoint = labels.get("endpoint").and_then(Value::as_str);
            assert!(
                !endpoint.is_some_and(|it| it.starts_with("endpoint")),
                "{labels:?}"
            );
            let name = labels["alertname"].as_str().unwrap().to_owned();
            (
                alert["labels"].to_string(),
                (name, alert["activeAt"].clone()),
            )
        });
        alerts.collect()
    }

    /// Waits until all that can be played fires and nothing new comes.
    async fn until_all_fire(&self) -> Alerts {
        let wanted = rules().map(|rule| rule.name);
        // Error budgets are in the file only on request.
        let wanted = wanted.filter(|name| !name.ends_with("BudgetBurn"));
        let wanted: BTreeSet<_> = wanted.filter(|name| !NOT_PLAYED.contains(name)).collect();
        let deadline = Instant::now() + PATIENCE;
        let mut before = Alerts::new();
        loop {
            let firing = self.firing().await;
            let names: BTreeSet<_> = firing.values().map(|(name, _)| name.as_str()).collect();
            if names.is_superset(&wanted) && firing == before {
                return firing;
            }
            let missing: Vec<_> = wanted.difference(&names).collect();
            assert!(Instant::now() < deadline, "they do not fire: {missing:?}");
            before = firing;
            sleep(Duration::from_secs(3)).await;
        }
    }

    /// Fails unless the same fires since the same times, and alerts of this name besides.
    async fn still(&self, before: &Alerts, besides: &str) {
        let mut firing = self.firing().await;
        firing.retain(|labels, (name, _)| name != besides || before.contains_key(labels));
        let ended: Vec<_> = before
            .iter()
            .filter(|(labels, alert)| firing.get(*labels) != Some(alert))
            .collect();
        let new: Vec<_> = firing
            .keys()
            .filter(|labels| !before.contains_key(*labels))
            .collect();
        assert!(
            ended.is_empty() && new.is_empty(),
            "ended or begun anew: {ended:#?}\nnew: {new:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every scrape of two replicas and of Prometheus must be done within its second: run it on a machine that does nothing else"]
async fn two_replicas_are_one_exporter_through_a_stop_and_a_roll_out() {
    let simulator = Simulator::new(Scenario::still(world()), None);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = simulator::serve(listener, simulator.clone(), CancellationToken::new());
    tokio::spawn(serving);
    let folder = tempfile::tempdir().unwrap();
    let config = config(&endpoint, folder.path());
    let Some(watched) = Watched::start(folder.path(), &config) else {
        return support::skip(
            "two_replicas_are_one_exporter_through_a_stop_and_a_roll_out",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };
    let a = Replica::start("a", &config).await;
    let b = Replica::start("b", &config).await;
    watched.scrape(&[&a, &b]).await;
    fall_ill(&simulator).await;
    let firing = watched.until_all_fire().await;

    b.running.stop("TERM");
    let down = r#"count(sum_over_time(up{pod="pod-b"}[5s]) == 0)"#;
    watched.prometheus.until(down, "1").await;
    watched
        .still(&firing, "ClusterLinkExporterReplicaDown")
        .await;

    let c = Replica::start("c", &config).await;
    watched.scrape(&[&a, &c]).await;
    watched.scrape(&[&c]).await;
    a.running.stop("TERM");
    // Two looks back at least.
    sleep(Duration::from_secs(12)).await;
    // Who throttles is not polled so often and was not taken for silent; the new replica never had an answer of it.
    watched.still(&firing, "ClusterLinkBlind").await;

    let never = r#"count(count_over_time(ALERTS{alertname=~"ClusterLinkExporterDown|.*Disappeared"}[10m])) or vector(0)"#;
    watched.prometheus.until(never, "0").await;
}
