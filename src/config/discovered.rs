//! What the lists of discoveries come to: the clusters to poll, and what became of the others. Pure, but for the names of
//! files that templates come to.
//!
//! # Names
//! Clusters that would have one name in common all get their ids behind it. So a name depends on the lists alone and on no
//! order: every refresh, every restart, every replica and every shard comes to the same. The price is paid once: when a
//! second cluster of that name appears, the first is called otherwise from then on, as if somebody had renamed it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{ClusterConfig, Discoveries, Discovery};
use crate::{
    discovery::{List, ListedCluster, Status, judge},
    model::{ClusterId, ClusterName},
};

/// What became of a cluster of a list.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// The cluster.
    pub cluster: &'a ListedCluster,
    /// Whether it is polled, or why not.
    pub status: Status,
}

/// What the lists come to.
#[derive(Clone, Debug)]
pub struct Discovered<'a> {
    /// The clusters to poll, in the order of the lists; their names differ, also from those that are listed by hand.
    pub clusters: Vec<ClusterConfig>,
    /// Of each discovery, what became of each cluster of its list.
    pub outcomes: Vec<Vec<Outcome<'a>>>,
}

/// A cluster that is to be polled unless another one goes before it.
struct Candidate<'a> {
    discovery: usize,
    place: usize,
    cluster: &'a ListedCluster,
    endpoint: &'a str,
    name: ClusterName,
    config: Result<ClusterConfig, String>,
}

impl Discoveries {
    /// These, beside clusters that are listed by hand.
    pub fn beside(clusters: &[ClusterConfig], items: Vec<Discovery>) -> Self {
        let by_hand = clusters.iter();
        let by_hand = by_hand.map(|it| (it.name.clone(), it.api.cluster_id.clone()));
        Self {
            items,
            by_hand: by_hand.collect(),
        }
    }

    /// What these lists come to, one for each discovery where it has one.
    pub fn discovered<'a>(&self, lists: &'a [Option<Arc<List>>]) -> Discovered<'a> {
        let by_hand = ByHand::of(self);
        let mut outcomes: Vec<Vec<Outcome>> = Vec::new();
        let (mut candidates, mut ids) = (Vec::new(), by_hand.ids.clone());
        for (discovery, list) in self.items.iter().zip(lists) {
            let mut of_list = Vec::new();
            for cluster in list.iter().flat_map(|list| &list.clusters) {
                let status = match candidate(discovery, cluster) {
                    Err(status) => status,
                    Ok((endpoint, name, config)) => {
                        if by_hand.names.contains(&name) || !ids.insert(cluster.id.clone()) {
                            Status::Overridden
                        } else {
                            candidates.push(Candidate {
                                discovery: outcomes.len(),
                                place: of_list.len(),
                                cluster,
                                endpoint,
                                name,
                                config,
                            });
                            Status::Polled
                        }
                    }
                };
                of_list.push(Outcome { cluster, status });
            }
            outcomes.push(of_list);
        }
        tell_apart(&mut candidates);
        let mut clusters = Vec::new();
        for candidate in candidates {
            // With its id behind it a name may be one that is listed by hand.
            if by_hand.names.contains(&candidate.name) {
                outcomes[candidate.discovery][candidate.place].status = Status::Overridden;
            } else {
                clusters.push(candidate.settled(self));
            }
        }
        Discovered { clusters, outcomes }
    }
}

/// The names and ids of the clusters that are listed by hand.
struct ByHand {
    names: BTreeSet<ClusterName>,
    ids: BTreeSet<ClusterId>,
}

impl ByHand {
    fn of(discoveries: &Discoveries) -> Self {
        let clusters = discoveries.by_hand.iter();
        let ids = clusters.clone().filter_map(|(_, id)| id.clone());
        Self {
            names: clusters.map(|(name, _)| name.clone()).collect(),
            ids: ids.collect(),
        }
    }
}

type Filled<'a> = (&'a str, ClusterName, Result<ClusterConfig, String>);

fn candidate<'a>(discovery: &Discovery, cluster: &'a ListedCluster) -> Result<Filled<'a>, Status> {
    let endpoint = judge(cluster, &discovery.settings)?;
    let (name, config) = discovery.template.fill(cluster, endpoint);
    Ok((endpoint, name, config))
}

/// Gives those that have a name in common their ids behind it, also where that name is another one's alone.
fn tell_apart(candidates: &mut [Candidate]) {
    let mut is_told = vec![false; candidates.len()];
    loop {
        let mut counts: HashMap<ClusterName, usize> = HashMap::new();
        for candidate in candidates.iter() {
            *counts.entry(candidate.name.clone()).or_default() += 1;
        }
        let mut changed = false;
        for (candidate, is_told) in candidates.iter_mut().zip(&mut is_told) {
            if counts[&candidate.name] > 1 && !*is_told {
                candidate.name = format!("{} ({})", candidate.name, candidate.cluster.id).into();
                (*is_told, changed) = (true, true);
            }
        }
        if !changed {
            return;
        }
    }
}

impl Candidate<'_> {
    /// The cluster under its final name.
    fn settled(self, discoveries: &Discoveries) -> ClusterConfig {
        let Self {
            discovery,
            cluster,
            endpoint,
            name,
            config,
            ..
        } = self;
        let template = &discoveries.items[discovery].template;
        let config = config.unwrap_or_else(|why| template.unusable(cluster, endpoint, &why));
        ClusterConfig { name, ..config }
    }
}
