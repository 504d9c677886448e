//! An exporter of a fleet, and what it leaves for the one that comes after it.

use std::{collections::BTreeMap, sync::Arc};

use cluster_link_exporter::{
    alert::{ActiveAlert, Engine, Key, Value, rules},
    journal,
    model::Snapshot,
    state_file::Rows,
    store::Store,
};
use jiff::Timestamp;

use super::history::History;

/// The store and the engine, with the rows of their state file.
pub(crate) struct Process {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    /// What the rows say of the links.
    written: Arc<Snapshot>,
    links: Rows,
    alerts: BTreeMap<Key, Value>,
}

impl Process {
    pub(crate) fn first(histories: &[History]) -> Self {
        let store = Store::new(histories.iter().map(History::unpolled));
        Self {
            written: store.snapshot(),
            store,
            engine: Engine::new(rules().copied().collect()),
            links: Rows::new(),
            alerts: BTreeMap::new(),
        }
    }

    /// Another process with the rows of this one, after they were written and read. The last evaluation of the one and the
    /// first of the other are at the same time: the engine's clock stops while no process runs.
    pub(crate) fn restart(&mut self, histories: &[History], now: Timestamp) {
        self.evaluate(now);
        let clusters = histories.iter().map(History::unpolled);
        let mut clusters: Vec<_> = clusters.map(Arc::new).collect();
        for (key, removed) in journal::restore(&mut clusters, &self.links) {
            assert_eq!(removed, None, "restoring only removes rows");
            self.links.remove(&key);
        }
        self.store = Store::new(clusters.into_iter().map(Arc::unwrap_or_clone));
        self.written = self.store.snapshot();

        let rows: Vec<_> = self.alerts.iter().collect();
        let text = serde_json::to_string(&rows).expect("rows can be written");
        let rows: Vec<(Key, Value)> = serde_json::from_str(&text).expect("rows can be read");
        self.engine = Engine::restored(rules().copied().collect(), rows);
        self.evaluate(now);
    }

    /// An evaluation of what the store holds, and the rows that it leaves.
    pub(crate) fn evaluate(&mut self, now: Timestamp) -> Arc<Snapshot> {
        self.store.expire(now);
        let snapshot = self.store.snapshot();
        let evaluation = self.engine.evaluate(&snapshot, now);
        for (key, row) in journal::changes(&self.written, &snapshot) {
            match row {
                Some(row) => self.links.insert(key, row),
                None => self.links.remove(&key),
            };
        }
        self.written = Arc::clone(&snapshot);
        for (key, value) in evaluation.changes.iter() {
            match value {
                Some(value) => self.alerts.insert(key.clone(), value.clone()),
                None => self.alerts.remove(key),
            };
        }
        snapshot
    }

    /// The alerts that fire.
    pub(crate) fn firing(&self) -> Vec<ActiveAlert> {
        let active = self.engine.active();
        let firing = active.filter(|active| active.state.is_firing());
        firing.cloned().collect()
    }
}
