//! A simulated server and an exporter that polls it every 30 s, by a clock that only the test moves.

use std::sync::Arc;

use cluster_link_exporter::{
    model::{Event, MirrorDetail, Report, Snapshot},
    poll::Collect,
    simulator::{Cluster, Link, PathKind, Scenario, Simulator, World},
};

use crate::support::watcher::{Watcher, api, polling, serve};

pub(crate) const CLUSTER: &str = "lkc-east01";
pub(crate) const START: i64 = 1_800_000_000;

pub(crate) struct Scene {
    pub(crate) simulator: Simulator,
    watcher: Watcher,
}

pub(crate) const ALL: Collect = Collect {
    configs: true,
    mirrors: MirrorDetail::All,
};

impl Scene {
    pub(crate) async fn new(links: impl Into<Vec<Link>>, collect: Collect) -> Self {
        let world = World::new([Cluster::new(CLUSTER, links)]);
        let simulator = Simulator::new(Scenario::still(world), None);
        let endpoint = serve(&simulator).await;
        Self {
            watcher: Watcher::new(api(&endpoint, CLUSTER), polling(collect), START),
            simulator,
        }
    }

    /// Polls and keeps the report, then lets 30 s pass.
    pub(crate) async fn poll(&mut self) -> (Report, Vec<Event>) {
        let brought = self.watcher.poll().await;
        self.watcher.time().pass(30);
        brought
    }

    /// The requests of one poll: list, describes, settings, mirror topics, single mirror topics.
    pub(crate) async fn cost(&mut self) -> [u64; 5] {
        self.simulator.forget_requests();
        self.poll().await;
        let requests = self.simulator.requests();
        let kinds = [
            PathKind::Links,
            PathKind::Link,
            PathKind::Configs,
            PathKind::Mirrors,
            PathKind::Mirror,
        ];
        let counts = kinds.map(|kind| requests.count(CLUSTER, kind));
        assert_eq!(
            counts.iter().sum::<u64>(),
            requests.total(),
            "nothing else is asked for"
        );
        counts
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.watcher.snapshot()
    }

    /// The lines of the exposition that hold all of these parts.
    pub(crate) fn lines(&mut self, parts: &[&str]) -> Vec<String> {
        let text = self.watcher.exposition();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples
            .filter(|line| parts.iter().all(|part| line.contains(part)))
            .map(str::to_owned)
            .collect()
    }

    /// The value of the only sample that holds all of these parts; `None` where there is none.
    pub(crate) fn value(&mut self, parts: &[&str]) -> Option<f64> {
        let lines = self.lines(parts);
        assert!(lines.len() < 2, "{lines:?}");
        let (_, value) = lines.first()?.rsplit_once(' ').expect("a sample");
        Some(value.parse().expect("a number"))
    }
}
