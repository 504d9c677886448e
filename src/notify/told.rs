//! Who was told what: the part of delivery that has to survive a restart.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tokio::sync::watch;

use super::key::Key;

/// The alerts that each receiver of changes knows to fire, by its name, and since when they fire. An alert is entered when
/// its trigger was delivered and leaves when its resolve was.
pub type Told = BTreeMap<String, BTreeMap<Key, Timestamp>>;

/// Where couriers write down what they delivered.
#[derive(Clone, Debug)]
pub(super) struct Ledger(Arc<watch::Sender<Told>>);

impl Ledger {
    /// A ledger that holds this already.
    pub(super) fn new(told: Told) -> Self {
        Self(Arc::new(watch::Sender::new(told)))
    }

    /// What one receiver knows.
    pub(super) fn of(&self, receiver: &str) -> BTreeMap<Key, Timestamp> {
        self.0.borrow().get(receiver).cloned().unwrap_or_default()
    }

    /// Replaces what one receiver knows.
    pub(super) fn write(&self, receiver: &str, told: BTreeMap<Key, Timestamp>) {
        self.0.send_if_modified(|all| {
            let is_new = all.get(receiver) != Some(&told);
            if is_new {
                all.insert(receiver.to_owned(), told);
            }
            is_new
        });
    }

    /// Forgets a receiver.
    pub(super) fn strike(&self, receiver: &str) {
        self.0
            .send_if_modified(|all| all.remove(receiver).is_some());
    }

    /// Shows every change.
    pub(super) fn subscribe(&self) -> watch::Receiver<Told> {
        self.0.subscribe()
    }
}
