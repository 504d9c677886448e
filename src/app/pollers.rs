//! The clusters that are polled, and what a reload makes of them.
//!
//! A cluster whose settings did not change keeps its schedule, history and connections. One that changed restarts alone,
//! one that left takes its series with it.

use std::{collections::HashMap, mem, sync::Arc};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{StartError, ids::Ids, poller, unpolled};
use crate::{
    clock::Clock,
    config::{ClusterConfig, Config},
    file,
    journal::{self, Transitions},
    model::{Cluster, ClusterName, Report, Snapshot},
    poll::{Poller, Schedule, poll},
    state_file::{Changes, Rows},
    store::Store,
};

/// Every cluster that is polled now.
pub(super) struct Pollers {
    store: Arc<Store>,
    clock: Clock,
    shutdown: CancellationToken,
    running: HashMap<ClusterName, Running>,
    ids: Arc<Ids>,
    remembered: Rows,
    history: Arc<Transitions>,
}

/// What is known before the first poll of what a fleet follows.
pub(super) struct Baseline {
    /// What the rows that are left come to.
    pub(super) known: Arc<Snapshot>,
    /// The rows that nobody wants any more.
    pub(super) unwanted: Changes,
}

/// Where what a poll brings is kept.
struct Keeping {
    store: Arc<Store>,
    ids: Arc<Ids>,
    history: Arc<Transitions>,
}

struct Running {
    settings: ClusterConfig,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Pollers {
    /// A fleet without clusters. The first that it follows go on with the history in `remembered`.
    pub(super) fn new(
        store: Arc<Store>,
        clock: Clock,
        remembered: Rows,
        history: Arc<Transitions>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            clock,
            shutdown,
            running: HashMap::new(),
            ids: Arc::default(),
            remembered,
            history,
        }
    }

    /// Polls what the configuration says from now on. On an error nothing has changed.
    pub(super) async fn follow(&mut self, config: &Config) -> Result<Baseline, StartError> {
        let is_new = |cluster: &&ClusterConfig| !self.is_running(cluster);
        let new: Vec<_> = config.clusters.iter().filter(is_new).cloned().collect();
        let clock = self.clock.clone();
        let started = file::unblocked(move || pollers(new, &clock)).await?;

        // A poll that is under way must not report into what its successor begins.
        let leaving: Vec<_> = self
            .running
            .extract_if(|_, running| !config.clusters.contains(&running.settings))
            .collect();
        let mut before = HashMap::new();
        for (name, running) in leaving {
            running.stop.cancel();
            // It is cancelled, or it panicked and is gone as well.
            let _ = running.task.await;
            self.ids.forget(&name);
            before.insert(name, running.settings);
        }
        let remembered = mem::take(&mut self.remembered);
        let mut unwanted = Changes::new();
        self.store.reconfigure(|snapshot| {
            let clusters = config.clusters.iter();
            let kept = clusters.map(|cluster| keep(snapshot, before.get(&cluster.name), cluster));
            let mut clusters: Vec<_> = kept.collect();
            unwanted = journal::restore(&mut clusters, &remembered);
            clusters
        });
        self.history.keep(config.transitions_kept);
        let known = self.store.snapshot();
        for (cluster, poller) in started {
            self.start(cluster, poller);
        }
        Ok(Baseline { known, unwanted })
    }

    /// Waits until every poll has stopped.
    pub(super) async fn stopped(self) {
        for running in self.running.into_values() {
            let _ = running.task.await;
        }
    }

    fn is_running(&self, cluster: &ClusterConfig) -> bool {
        let running = self.running.get(&cluster.name);
        running.is_some_and(|running| running.settings == *cluster)
    }

    fn start(&mut self, settings: ClusterConfig, poller: Poller) {
        let stop = self.shutdown.child_token();
        if let Some(id) = &settings.api.cluster_id {
            self.ids.learn(&settings, id);
        }
        let keeping = Keeping {
            store: self.store.clone(),
            ids: self.ids.clone(),
            history: self.history.clone(),
        };
        let watch = watch(settings.clone(), poller, keeping, stop.clone());
        let name = settings.name.clone();
        let running = Running {
            task: tokio::spawn(watch),
            stop,
            settings,
        };
        self.running.insert(name, running);
    }
}

fn pollers(
    clusters: Vec<ClusterConfig>,
    clock: &Clock,
) -> Result<Vec<(ClusterConfig, Poller)>, StartError> {
    let pollers = clusters.into_iter().map(|cluster| {
        let poller = poller(&cluster, clock)?;
        Ok((cluster, poller))
    });
    pollers.collect()
}

/// What stands of the cluster when its settings become these. New credentials or another interval do not make us forget:
/// only another place does.
fn keep(snapshot: &Snapshot, before: Option<&ClusterConfig>, now: &ClusterConfig) -> Arc<Cluster> {
    let Some(known) = snapshot.cluster(now.name.as_str()) else {
        return Arc::new(unpolled(now));
    };
    match before {
        // It did not leave, so it is as it was.
        None => known.clone(),
        Some(before) if before.api.is_same_place(&now.api) => {
            let mut kept = Cluster::clone(known);
            kept.limits = now.poll.limits();
            kept.is_reselected |= before.poll.links != now.poll.links;
            kept.intent = Arc::new(now.intent());
            // What could not be read may not be asked for any more.
            kept.polls.left_out.clear();
            Arc::new(kept)
        }
        Some(_) => Arc::new(unpolled(now)),
    }
}

/// Polls one cluster by its own schedule, keeps what comes and writes down what is worth telling.
async fn watch(cluster: ClusterConfig, poller: Poller, keeping: Keeping, stop: CancellationToken) {
    let Keeping {
        store,
        ids,
        history,
    } = keeping;
    let schedule = Schedule::jittered(cluster.poll.interval, fastrand::f64());
    let tell = |report: Report| {
        let (took, requests) = (report.took, report.requests.len());
        tracing::debug!(cluster_name = %cluster.name, ?took, requests, "polled");
        if let Some(id) = &report.cluster_id {
            ids.learn(&cluster, id);
        }
        let events = store.report(&cluster.name, report);
        let snapshot = store.snapshot();
        let known = snapshot.cluster(cluster.name.as_str());
        history.record(known.and_then(|known| known.id.as_ref()), &events);
        events.iter().for_each(journal::write);
    };
    let ask = || async {
        let before = store.snapshot();
        poller
            .poll_once(before.cluster(cluster.name.as_str()).map(Arc::as_ref))
            .await
    };
    poll(schedule, ask, tell, stop).await;
}
