//! An exporter of one cluster with the links `orders` and `payments`, at times of day that the test decides.

use std::time::Duration;

use cluster_link_exporter::{
    api,
    client::{Tls, Transport},
    model::Report,
    poll::{self, Collect, Poller},
    simulator::{Cluster, Link, Mode, Scenario, Simulator, Task, World},
};

use super::server::{Door, Server};
use crate::support::watcher::{self, Time, Watcher, polling};
use crate::targets::exposition::{self, Sample};

pub(crate) const CLUSTER: &str = "lkc-dr0001";
pub(crate) const LINKS: [&str; 2] = ["orders", "payments"];
/// How many seconds values outlive the last good poll.
pub(crate) const STALE_AFTER: u64 = 120;

const START: i64 = 1_750_000_000;

/// A world in which all is well.
pub(crate) fn world() -> World {
    let links = LINKS.map(|name| Link::new(name, Mode::Destination, "lkc-far"));
    World::new([Cluster::new(CLUSTER, links)])
}

/// A surveyor of the cluster at this endpoint.
pub(crate) fn poller(endpoint: &str, request_timeout: Duration, wide: usize) -> Poller {
    let api = api(endpoint, request_timeout);
    watcher::poller(api, settings(wide), Time::at(START).clock())
}

/// The API of the cluster at this endpoint, whatever its certificate.
fn api(endpoint: &str, request_timeout: Duration) -> api::Settings {
    let tls = Tls {
        insecure_skip_verify: true,
        ..Tls::default()
    };
    api::Settings {
        transport: Transport {
            tls,
            ..Transport::default()
        },
        request_timeout,
        ..watcher::api(endpoint, CLUSTER)
    }
}

fn settings(wide: usize) -> poll::Settings {
    poll::Settings {
        timeout: Duration::from_secs(25),
        max_concurrent_requests: wide,
        stale_after: Duration::from_secs(STALE_AFTER),
        // What these tests count are lists and describes.
        ..polling(Collect::NOTHING)
    }
}

/// The exporter and what it watches.
pub(crate) struct Scene {
    pub(crate) server: Server,
    watcher: Watcher,
}

impl Scene {
    pub(crate) async fn new(door: Door, request_timeout: Duration) -> Self {
        let simulator = Simulator::new(Scenario::still(world()), None);
        let server = Server::open(simulator, door).await;
        let scheme = if door == Door::Tls { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", server.address);
        let api = api(&endpoint, request_timeout);
        Self {
            server,
            watcher: Watcher::new(api, settings(8), START),
        }
    }

    /// From now on a task of each link is in error: whoever shows it as ACTIVE shows an old value.
    pub(crate) fn change_the_truth(&self) {
        for link in LINKS {
            let task = Task::new("AclSync", "IN_ERROR");
            let simulator = &self.server.simulator;
            simulator.set_task(CLUSTER, link, task).unwrap();
        }
    }

    /// Polls at this second and brings what the poll asked and found.
    pub(crate) async fn poll(&mut self, second: i64) -> Report {
        self.watcher.time().turn_to(START + second);
        self.watcher.poll().await.0
    }

    /// Why the last poll failed, in the words of the log.
    pub(crate) fn message(&self) -> String {
        let snapshot = self.watcher.snapshot();
        let failure = snapshot.clusters[0].polls.last_failure.as_ref();
        failure.map_or_else(String::new, |failure| failure.message.clone())
    }

    /// Everything that is exposed.
    pub(crate) fn samples(&mut self) -> Vec<Sample> {
        exposition::read(&self.watcher.exposition())
    }

    /// The reasons that were counted.
    pub(crate) fn reasons(&mut self) -> String {
        let mut counted = self.samples();
        counted.retain(|s| s.name == "clusterlink_poll_failures_total" && s.value > 0.0);
        let reasons: Vec<_> = counted.iter().map(|s| s.label("reason")).collect();
        reasons.join("+")
    }

    /// What is exposed, in short: `success=1 since=30 links=2 orders=fresh payments=fresh`.
    pub(crate) fn exposed(&mut self) -> String {
        let samples = self.samples();
        let only = |name: &str| {
            let sample = samples.iter().find(|sample| sample.name == name);
            sample.map(|sample| sample.value)
        };
        let shown = |value: Option<f64>| value.map_or("none".to_owned(), |v| v.to_string());
        let since = match only("clusterlink_poll_last_success_timestamp_seconds") {
            Some(0.0) => "never".to_owned(),
            since => shown(since.map(|since| since - START as f64)),
        };
        format!(
            "success={} since={since} links={} orders={} payments={}",
            shown(only("clusterlink_poll_success")),
            shown(only("clusterlink_links")),
            link(&samples, "orders"),
            link(&samples, "payments"),
        )
    }
}

/// `none`; `listed` without tasks; `old` or `fresh` with tasks; and `?` behind it where the describe failed.
fn link(samples: &[Sample], name: &str) -> String {
    let of_link = |sample: &&Sample| has(sample, "link_name", name);
    let samples: Vec<_> = samples.iter().filter(of_link).collect();
    if samples.is_empty() {
        return "none".to_owned();
    }
    let is = |sample: &&&Sample| {
        sample.name == "clusterlink_task_state"
            && has(sample, "task_name", "AclSync")
            && sample.value > 0.0
    };
    let shown = match samples.iter().find(is).map(|sample| sample.label("state")) {
        None => "listed",
        Some("ACTIVE") => "old",
        Some(_) => "fresh",
    };
    let described = samples
        .iter()
        .find(|sample| sample.name == "clusterlink_link_poll_success");
    let doubt = if described.is_some_and(|sample| sample.value > 0.0) {
        ""
    } else {
        "?"
    };
    format!("{shown}{doubt}")
}

fn has(sample: &Sample, label: &str, value: &str) -> bool {
    sample.labels.get(label).is_some_and(|found| found == value)
}
