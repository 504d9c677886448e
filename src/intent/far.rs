//! The other ends of links, as far as they are polled too.

use std::collections::BTreeMap;

use crate::model::{Cluster, ClusterId, KeptLink, Snapshot};

/// What is known of the other end of a link.
pub(super) enum Far<'a> {
    /// Nothing, or nothing that the last poll read, here and there: what was before an outage is compared with nothing.
    Unseen,
    /// The cluster there is polled and has no link of this name.
    NoLink(&'a ClusterId),
    /// It has.
    Link(FarLink<'a>),
}

/// A link of the same name on the remote cluster.
pub(super) struct FarLink<'a> {
    pub(super) cluster_id: &'a ClusterId,
    pub(super) link: &'a KeptLink,
    /// Whether it leads to the cluster that asks; `None` where it does not say where it leads.
    pub(super) leads_back: Option<bool>,
}

/// The polled clusters by their ids. Two entries of the configuration may be the same cluster, asked about other links.
pub(super) struct Ends<'a>(BTreeMap<&'a ClusterId, Vec<&'a Cluster>>);

impl<'a> Ends<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut ends = BTreeMap::<_, Vec<_>>::new();
        for cluster in &snapshot.clusters {
            if let Some(id) = &cluster.id {
                ends.entry(id).or_default().push(&**cluster);
            }
        }
        Self(ends)
    }

    /// The other end of the cluster's link.
    pub(super) fn far(&self, cluster: &'a Cluster, link: &'a KeptLink) -> Far<'a> {
        let name = &link.link.link_name;
        let remote = link.link.remote_cluster_id.as_ref();
        let (Some(remote), true, true) = (remote, cluster.is_fresh(), link.is_fresh()) else {
            return Far::Unseen;
        };
        if cluster.id.as_ref() == Some(remote) {
            return Far::Unseen;
        }
        // An entry that is not asked about links of this name cannot say that there is none.
        let asked = self.0.get(remote).into_iter().flatten();
        let mut asked = asked
            .filter(|other| other.is_fresh() && other.intent.links.wants(name))
            .peekable();
        if asked.peek().is_none() {
            return Far::Unseen;
        }
        match asked.find_map(|other| other.link(name)) {
            None => Far::NoLink(remote),
            Some(far) if !far.is_fresh() => Far::Unseen,
            Some(far) => {
                let ids = far.link.remote_cluster_id.as_ref().zip(cluster.id.as_ref());
                Far::Link(FarLink {
                    cluster_id: remote,
                    link: far,
                    leads_back: ids.map(|(there, here)| there == here),
                })
            }
        }
    }
}
