//! Which clusters turn out to have one id at different endpoints. An id is a cluster's own: an endpoint or an id was copied,
//! or one cluster is polled twice.
//!
//! Nothing is joined by the id alone, so that they stay apart by name; what links say of the cluster at their other end, they
//! say by its id.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::{
    api,
    config::ClusterConfig,
    model::{ClusterId, ClusterName},
};

/// The ids of the clusters that are polled, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Ids(Mutex<HashMap<ClusterName, Known>>);

#[derive(Debug)]
struct Known {
    id: ClusterId,
    api: api::Settings,
}

impl Ids {
    /// Takes in the cluster's id and says so in the log where a cluster at another endpoint has it too: once, and not
    /// where the configuration says both, which is warned about when it is read.
    pub(super) fn learn(&self, cluster: &ClusterConfig, id: &ClusterId) {
        for other in self.others(cluster, id) {
            tracing::warn!(
                cluster_name = %cluster.name,
                other_cluster_name = %other,
                cluster_id = %id,
                "two clusters have this id and different endpoints; check `endpoint` and `cluster_id` of both, or remove \
                 one where they are the same cluster"
            );
        }
    }

    /// The cluster is polled no more, or in another way.
    pub(super) fn forget(&self, cluster: &ClusterName) {
        self.0.lock().remove(cluster);
    }

    /// The clusters at other endpoints that have this id, if it is news.
    fn others(&self, cluster: &ClusterConfig, id: &ClusterId) -> Vec<ClusterName> {
        let mut known = self.0.lock();
        if known
            .get(&cluster.name)
            .is_some_and(|before| before.id == *id)
        {
            return Vec::new();
        }
        let is_configured = cluster.api.cluster_id.is_some();
        let is_twin = |other: &Known| {
            let both_configured = is_configured && other.api.cluster_id.is_some();
            other.id == *id && !both_configured && !other.api.is_same_endpoint(&cluster.api)
        };
        let others = known.iter().filter(|(name, _)| **name != cluster.name);
        let mut others: Vec<_> = others
            .filter(|(_, other)| is_twin(other))
            .map(|(name, _)| name.clone())
            .collect();
        others.sort();
        let news = Known {
            id: id.clone(),
            api: cluster.api.clone(),
        };
        known.insert(cluster.name.clone(), news);
        others
    }
}
