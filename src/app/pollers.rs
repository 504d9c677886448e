//! The clusters that are polled, and what a reload makes of them.
//!
//! A cluster whose settings did not change keeps its schedule, history and connections. One that changed restarts alone,
//! one that left takes its series with it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    StartError, discoveries::Effective, ids::Ids, poll_thread::PollThread, poller::ClusterPoller,
    retry_after::RetryAfter, unpolled,
};
use crate::{
    clock::Clock,
    config::ClusterConfig,
    file,
    journal::{self, Transitions},
    model::{Cluster, ClusterName, Report, Snapshot},
    poll::{Schedule, poll},
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
    remembered: Remembered,
    history: Arc<Transitions>,
    thread: PollThread,
}

/// The rows of a process before this one that no cluster has taken yet.
struct Remembered(Rows);

/// What polls clusters, by their names.
pub(super) type Ready = HashMap<ClusterName, ClusterPoller>;

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
    retry_after: RetryAfter,
}

struct Running {
    settings: ClusterConfig,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Of the cluster's API, which holds for whoever polls the same cluster next.
    retry_after: RetryAfter,
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
            remembered: Remembered(remembered),
            history,
            thread: PollThread::new(),
        }
    }

    /// What polls those clusters that are listed by hand and are new or changed, or why one of them cannot be polled.
    pub(super) async fn by_hand(&self, clusters: &[ClusterConfig]) -> Result<Ready, StartError> {
        let new = clusters.iter().filter(|cluster| !self.is_running(cluster));
        let (new, clock) = (new.cloned().collect::<Vec<_>>(), self.clock.clone());
        let ready = move || {
            let ready = new.into_iter().map(|cluster| {
                let name = cluster.name.clone();
                Ok((name, ClusterPoller::ready(cluster, &clock)?))
            });
            ready.collect()
        };
        file::unblocked(ready).await
    }

    /// Polls these clusters from now on. The client of one that is not `ready` is made with its first poll: a discovered
    /// cluster that is wrong must not keep the others from being polled.
    pub(super) async fn follow(
        &mut self,
        effective: Effective,
        mut ready: Ready,
        transitions_kept: usize,
    ) -> Baseline {
        let clusters = effective.clusters.iter();
        let new = clusters.filter(|cluster| !self.is_running(cluster));
        let started: Vec<_> = new
            .map(|cluster| {
                let lazy = || ClusterPoller::lazy(cluster.clone(), &self.clock);
                let poller = ready.remove(&cluster.name).unwrap_or_else(lazy);
                (cluster.clone(), poller)
            })
            .collect();
        let before = self.stopped_of(&effective.clusters).await;
        let mut unwanted = Changes::new();
        self.store.replace(|snapshot| {
            let known: HashMap<_, _> = snapshot.clusters.iter().map(|it| (&it.name, it)).collect();
            let mut new = Vec::new();
            let kept = effective.clusters.iter().enumerate();
            let mut clusters: Vec<_> = kept
                .map(|(place, cluster)| {
                    let known = known.get(&cluster.name).copied();
                    new.extend(known.is_none().then_some(place));
                    keep(known, before.get(&cluster.name), cluster)
                })
                .collect();
            unwanted = self.remembered.restore(&mut clusters, &new, &effective);
            Snapshot {
                clusters,
                discoveries: effective.discoveries.clone(),
                awaited: effective.awaited.clone(),
                ..snapshot.clone()
            }
        });
        self.history.keep(transitions_kept);
        let known = self.store.snapshot();
        for (cluster, poller) in started {
            let before = before.get(&cluster.name);
            let same = before.filter(|it| it.settings.api.is_same_place(&cluster.api));
            let retry_after = same.map(|it| it.retry_after.clone());
            self.start(cluster, poller, retry_after.unwrap_or_default());
        }
        Baseline { known, unwanted }
    }

    /// Stops polling what is not among these; what ran. A poll that is under way must not report into what its successor
    /// begins.
    async fn stopped_of(&mut self, clusters: &[ClusterConfig]) -> HashMap<ClusterName, Running> {
        let wanted: HashMap<_, _> = clusters.iter().map(|it| (&it.name, it)).collect();
        let leaving: Vec<_> = self
            .running
            .extract_if(|name, running| {
                wanted.get(name).is_none_or(|now| **now != running.settings)
            })
            .collect();
        for (_, running) in &leaving {
            running.stop.cancel();
        }
        let mut before = HashMap::new();
        for (name, mut running) in leaving {
            // It is cancelled, or it panicked and is gone as well.
            let _ = (&mut running.task).await;
            self.ids.forget(&name);
            before.insert(name, running);
        }
        before
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

    fn start(&mut self, settings: ClusterConfig, poller: ClusterPoller, retry_after: RetryAfter) {
        let stop = self.shutdown.child_token();
        if let Some(id) = &settings.api.cluster_id {
            self.ids.learn(&settings, id);
        }
        let keeping = Keeping {
            store: self.store.clone(),
            ids: self.ids.clone(),
            history: self.history.clone(),
            retry_after: retry_after.clone(),
        };
        let watch = watch(settings.clone(), poller, keeping, stop.clone());
        let name = settings.name.clone();
        let running = Running {
            task: self.thread.spawn(watch),
            stop,
            settings,
            retry_after,
        };
        self.running.insert(name, running);
    }
}

impl Remembered {
    /// Gives the clusters at these places, which are new, what is remembered of them. Returns the removal of the rows that
    /// nobody can want any more: none while clusters are awaited.
    fn restore(
        &mut self,
        clusters: &mut [Arc<Cluster>],
        new: &[usize],
        effective: &Effective,
    ) -> Changes {
        if self.0.is_empty() {
            return Changes::new();
        }
        let mut restored: Vec<_> = new.iter().map(|place| clusters[*place].clone()).collect();
        let unused = journal::restore(&mut restored, &self.0);
        for (place, cluster) in new.iter().zip(restored) {
            clusters[*place] = cluster;
        }
        let is_unused: HashSet<_> = unused.keys().collect();
        self.0.retain(|key, _| is_unused.contains(key));
        if !effective.awaited.is_empty() {
            return Changes::new();
        }
        self.0.clear();
        unused
    }
}

/// What stands of the cluster when its settings become these. New credentials or another interval do not make us forget:
/// only another place does.
fn keep(
    known: Option<&Arc<Cluster>>,
    before: Option<&Running>,
    now: &ClusterConfig,
) -> Arc<Cluster> {
    let Some(known) = known else {
        return Arc::new(unpolled(now));
    };
    match before {
        // It did not leave, so it is as it was.
        None => known.clone(),
        Some(before) if before.settings.api.is_same_place(&now.api) => {
            let mut kept = Cluster::clone(known);
            let stretched = kept.limits.poll_interval;
            kept.limits = now.poll.limits();
            if before.retry_after.holds() {
                // That it is not polled meanwhile is as it should be, and neither a hanging poll nor an alert.
                kept.limits.poll_interval = stretched.max(kept.limits.poll_interval);
            }
            kept.is_reselected |= before.settings.poll.links != now.poll.links;
            kept.intent = Arc::new(now.intent());
            // What could not be read may not be asked for any more.
            kept.polls.left_out.clear();
            Arc::new(kept)
        }
        Some(_) => Arc::new(unpolled(now)),
    }
}

/// Polls one cluster by its own schedule, keeps what comes and writes down what is worth telling.
async fn watch(
    cluster: ClusterConfig,
    poller: ClusterPoller,
    keeping: Keeping,
    stop: CancellationToken,
) {
    let Keeping {
        store,
        ids,
        history,
        retry_after,
    } = keeping;
    let schedule = Schedule::jittered(cluster.poll.interval, fastrand::f64());
    let tell = |report: Report| {
        retry_after.said(report.retry_after);
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
    // What a poll needs while it runs takes no memory between two of them.
    let ask = || {
        let ask = async {
            let before = store.snapshot();
            let known = before.cluster(cluster.name.as_str());
            poller.poll_once(known.map(Arc::as_ref)).await
        };
        Box::pin(ask)
    };
    stop.run_until_cancelled(retry_after.is_over()).await;
    poll(schedule, ask, tell, stop).await;
}
