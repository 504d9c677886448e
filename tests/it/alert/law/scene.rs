//! An exporter of the two clusters: it polls, judges and alerts, by a time of day that the test moves.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use cluster_link_exporter::{
    alert::{ActiveAlert, Engine, Key, Rule, Value as RowValue, rules},
    clock::Clock,
    journal,
    metrics::{Format, families},
    model::{Cluster, Expect, Intent, LinkPatterns, LinkState, MirrorDetail, Snapshot, TaskState},
    poll::{self, Collect, LinkFilter},
    state_file::Rows,
    store::Store,
};
use jiff::Timestamp;

use super::world::{LINK, Side, serve};
use crate::support::watcher::{api, poller, polling};

/// The clusters by name and id.
pub(crate) const HERE: &str = "lkc-here";
pub(crate) const THERE: &str = "lkc-there";
const INTERVAL: Duration = Duration::from_secs(30);
const STALE_AFTER: Duration = Duration::from_secs(60);

pub(crate) struct Scene {
    pub(crate) here: Arc<Mutex<Side>>,
    pub(crate) there: Arc<Mutex<Side>>,
    pub(crate) collect: Collect,
    endpoints: [String; 2],
    /// Compiled once: a pattern takes longer than a poll.
    links: LinkFilter,
    intent: Arc<Intent>,
    store: Store,
    engine: Engine,
    rows: BTreeMap<Key, RowValue>,
    now: Timestamp,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let here = Arc::new(Mutex::new(Side::healthy(THERE)));
        let there = Arc::new(Mutex::new(Side::healthy(HERE)));
        let endpoints = [
            serve(HERE, here.clone()).await,
            serve(THERE, there.clone()).await,
        ];
        let intent = Arc::new(intent());
        Self {
            links: intent.links.clone(),
            here,
            there,
            collect: Collect {
                configs: true,
                mirrors: MirrorDetail::Summary,
            },
            endpoints,
            store: Store::new(unpolled(&intent)),
            intent,
            engine: Engine::new(at_once()),
            rows: BTreeMap::new(),
            now: Timestamp::from_second(1_750_000_000).unwrap(),
        }
    }

    /// Changes what the cluster here answers.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Side)) {
        change(&mut self.here.lock().unwrap());
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Polls both, one after the other, with an evaluation after each.
    pub(crate) async fn poll(&mut self) {
        self.pass(30);
        for end in [0, 1] {
            self.poll_end(end).await;
            self.evaluate();
        }
    }

    /// Polls one of them; settings are asked for each time, and nothing is left alone because it was refused.
    async fn poll_end(&mut self, end: usize) {
        let id = [HERE, THERE][end];
        let settings = poll::Settings {
            max_concurrent_requests: 4,
            stale_after: STALE_AFTER,
            links: self.links.clone(),
            ..polling(self.collect)
        };
        let api = api(&self.endpoints[end], id);
        let poller = poller(api, settings, Clock::fixed(self.now));
        let before = self.store.snapshot();
        let report = poller.poll_once(before.cluster(id).map(Arc::as_ref)).await;
        self.store.report(&id.into(), report);
    }

    fn evaluate(&mut self) {
        self.store.expire(self.now);
        let evaluation = self.engine.evaluate(&self.store.snapshot(), self.now);
        for (key, row) in evaluation.changes.iter() {
            match row {
                Some(row) => self.rows.insert(key.clone(), row.clone()),
                None => self.rows.remove(key),
            };
        }
    }

    /// Another process with what the state file holds, in which only the cluster here was polled yet.
    pub(crate) async fn restart(&mut self) {
        let (nothing, known) = (Snapshot::default(), self.store.snapshot());
        let links: Rows = journal::changes(&nothing, &known)
            .filter_map(|(key, row)| Some((key, row?)))
            .collect();
        let mut clusters = unpolled(&self.intent).map(Arc::new);
        journal::restore(&mut clusters, &links);
        self.store = Store::new([]);
        self.store.reconfigure(|_| clusters.to_vec());
        self.engine = Engine::restored(at_once(), std::mem::take(&mut self.rows));
        self.rows = self.engine.rows().collect();
        self.evaluate();
        self.pass(30);
        self.poll_end(0).await;
        self.evaluate();
    }

    /// Nobody expects anything any more.
    pub(crate) fn expect_nothing(&mut self) {
        self.store.reconfigure(|snapshot| {
            let clusters = snapshot.clusters.iter().map(|cluster| {
                let mut cluster = Cluster::clone(cluster);
                cluster.intent = Arc::default();
                Arc::new(cluster)
            });
            clusters.collect()
        });
        self.evaluate();
    }

    /// Whether the rule fires for something on the cluster here.
    pub(crate) fn fires(&self, rule: &str) -> bool {
        self.alerts(rule).next().is_some()
    }

    /// Whether it does on what was known last.
    pub(crate) fn is_held(&self, rule: &str) -> bool {
        self.alerts(rule).any(|active| active.is_last_known)
    }

    fn alerts(&self, rule: &str) -> impl Iterator<Item = &ActiveAlert> {
        self.engine.active().filter(move |active| {
            active.rule.name == rule
                && active.state.is_firing()
                && active.identity.cluster_name() == HERE
                // That a pattern matches no link is said of a link that was deleted, and rightly.
                && active.identity.label("expectation") != "exists"
        })
    }

    /// The samples of the cluster here.
    pub(crate) fn samples(&self) -> String {
        let snapshot = self.store.snapshot();
        let cluster = snapshot.cluster(HERE).expect("it is configured");
        families()
            .map(|family| family.text(Format::Text, cluster, &snapshot.vocabulary))
            .collect()
    }

    /// Whether one could fail over, as the metric says it.
    pub(crate) fn says_ready(&self) -> bool {
        let samples = self.samples();
        let mut lines = samples.lines();
        lines.any(|line| line.starts_with("clusterlink_failover_ready{") && line.ends_with(" 1"))
    }

    /// Whether anything says that something is not known, be it here or there.
    pub(crate) fn says_why(&self) -> bool {
        let samples = self.samples();
        let is_telling = |line: &str| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            let is_zero = [
                "clusterlink_poll_success{",
                "clusterlink_link_poll_success{",
                "clusterlink_link_tasks_reported{",
                "clusterlink_details_success{",
            ];
            let is_one = series.starts_with("clusterlink_judgement_unknown{")
                || series.contains(r#"state="UNKNOWN""#)
                || series.contains(r#"mirror_status="UNKNOWN""#);
            let of_alert = ["TaskDisappeared", "TasksNotReported"];
            value == "0" && is_zero.iter().any(|name| series.starts_with(name))
                || value != "0" && is_one
                || of_alert
                    .iter()
                    .any(|rule| self.fires(&format!("ClusterLink{rule}")))
                // No state at all is told by its absence.
                || !samples.contains("clusterlink_link_state{")
        };
        samples.lines().any(is_telling)
    }
}

/// Every rule, as it is without waiting.
fn at_once() -> Vec<Rule> {
    let rules = rules().map(|rule| Rule {
        hold_duration: Duration::ZERO,
        keep_firing_for: Duration::ZERO,
        ..*rule
    });
    rules.collect()
}

fn unpolled(intent: &Arc<Intent>) -> [Cluster; 2] {
    let limits = cluster_link_exporter::model::Limits {
        poll_interval: INTERVAL,
        stale_after: STALE_AFTER,
    };
    [HERE, THERE].map(|id| {
        let mut cluster = Cluster::unpolled(id.into(), Some(id.into()), limits, &[]);
        if id == HERE {
            cluster.intent = intent.clone();
        }
        cluster
    })
}

/// The link is ACTIVE, its offsets are copied, and it lags for a minute at the most.
fn intent() -> Intent {
    let expect = Expect {
        links: LinkPatterns::new(&[LINK.to_owned()]).unwrap(),
        states: vec![LinkState::Active],
        tasks: [("ConsumerOffsetSync".into(), vec![TaskState::Active])].into(),
        rpo: Some(Duration::from_secs(60)),
    };
    Intent {
        expect: vec![expect],
        ..Intent::default()
    }
}
