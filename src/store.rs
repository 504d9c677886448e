//! Keeps the snapshot, judged: one writer at a time, any number of readers that never wait and never see half a poll.

mod apply;
mod expire;

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

pub use apply::apply;
pub use expire::{Expiries, expire};

use crate::{
    intent::Judge,
    model::{Cluster, ClusterName, Event, Report, Snapshot},
};

/// The one place where the current snapshot stands.
#[derive(Debug)]
pub struct Store {
    current: watch::Sender<Arc<Snapshot>>,
    judge: Mutex<Judge>,
}

impl Store {
    /// A store of clusters that were never polled.
    pub fn new(clusters: impl IntoIterator<Item = Cluster>) -> Self {
        let clusters = clusters.into_iter().map(Arc::new).collect();
        let (current, _) = watch::channel(Arc::new(Snapshot {
            clusters,
            ..Snapshot::default()
        }));
        Self {
            current,
            judge: Mutex::default(),
        }
    }

    /// The current snapshot, and to be told of every later one.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.current.subscribe()
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.borrow().clone()
    }

    /// Keeps what a poll of this cluster brought, and returns what is worth telling.
    pub fn report(&self, cluster: &ClusterName, report: Report) -> Vec<Event> {
        let mut events = Vec::new();
        self.current.send_modify(|current| {
            let (next, found) = apply(current, cluster, report);
            *current = Arc::new(self.judge.lock().judge(current, next));
            events = found;
        });
        events
    }

    /// Replaces the clusters by what `change` makes of them; a cluster that is not among them leaves with all its series.
    pub fn reconfigure(&self, change: impl FnOnce(&Snapshot) -> Vec<Arc<Cluster>>) {
        self.replace(|current| Snapshot {
            clusters: change(current),
            ..current.clone()
        });
    }

    /// Replaces the snapshot by what `change` makes of it.
    pub fn replace(&self, change: impl FnOnce(&Snapshot) -> Snapshot) {
        self.current.send_modify(|current| {
            let next = change(current);
            *current = Arc::new(self.judge.lock().judge(current, next));
        });
    }

    /// Withdraws what is too old at `now`.
    pub fn expire(&self, now: Timestamp) {
        self.current
            .send_if_modified(|current| match expire(current, now) {
                Some(next) => {
                    *current = Arc::new(self.judge.lock().judge(current, next));
                    true
                }
                None => false,
            });
    }
}

#[cfg(test)]
mod tests;
