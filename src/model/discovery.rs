//! What is known of discoveries beside the clusters that they found.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::ClusterId;

/// How the discoveries at one host stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryState {
    /// The host of its `url`; label `discovery`.
    pub name: Arc<str>,
    /// Whether a refresh has ended, well or badly.
    pub was_asked: bool,
    /// Why the last refresh brought no whole list; `None` where it did, or none has ended yet.
    pub failure: Option<String>,
    /// When the last one that brought a whole list ended.
    pub last_success: Option<Timestamp>,
    /// The clusters of the list by what became of them, those of all shards. Every status is there.
    pub clusters: BTreeMap<&'static str, usize>,
}

/// The clusters that are not in a snapshot and of which nobody has said that they are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Awaited {
    /// A discovery has brought no whole list yet: any cluster may be one of its.
    pub any: bool,
    /// Clusters that a list has and that cannot be polled now.
    pub ids: BTreeSet<ClusterId>,
}

impl DiscoveryState {
    /// Whether the last refresh brought a whole list.
    pub fn succeeded(&self) -> bool {
        self.was_asked && self.failure.is_none()
    }
}

impl Awaited {
    /// Whether a cluster of this id, which may be empty, may yet come.
    pub fn has(&self, id: &str) -> bool {
        self.any || self.ids.contains(id)
    }

    /// Whether no cluster is awaited.
    pub fn is_empty(&self) -> bool {
        !self.any && self.ids.is_empty()
    }
}
